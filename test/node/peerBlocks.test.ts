// Blocks from peers: small ones are asked for ahead, large ones one by one, so that a peer's blocks take bounded memory; the largest record that a
// log can hold is taken.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { makeLogger } from "../../src/base/logging.js";
import { PeerBlocks } from "../../src/peerBlocks.js";
import { PeerList } from "../../src/peerList.js";

const MIB = 1024 * 1024;
let server: Server | undefined;

afterEach(() => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())));

/** A peer whose blocks have these bytes; tells which heights were asked for. */
async function peerOf(bytes: number): Promise<{ blocks: PeerBlocks; asked: number[] }> {
  const asked: number[] = [];
  const body = Buffer.alloc(bytes);
  server = createServer((request, response) => {
    asked.push(Number(/blocks\/(\d+)\//.exec(request.url ?? "")?.[1]));
    response.end(body);
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { blocks: new PeerBlocks(new PeerList([`http://127.0.0.1:${port}`]), makeLogger({ level: "silent" })), asked };
}

test("small blocks are asked for ahead, ever more of them", async () => {
  const { blocks, asked } = await peerOf(100);
  for (let height = 1; height <= 4; height++) {
    expect(await blocks.read(height)).toHaveLength(100);
  }
  // One, three, seven, eight above the one that was read.
  await Promise.all([5, 6, 7, 8, 9, 10, 11, 12].map((height) => blocks.read(height)));
  expect(Math.max(...asked)).toBeGreaterThanOrEqual(12);
});

test("a block larger than most is taken, and none is asked for ahead of it", async () => {
  const { blocks, asked } = await peerOf(80 * MIB);
  expect(await blocks.read(7)).toHaveLength(80 * MIB);
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toEqual([7]);
}, 30_000);

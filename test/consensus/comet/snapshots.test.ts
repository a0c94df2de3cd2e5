// Snapshots from one chain's shelf to a home that joins: what is kept, what is handed out, and what is refused.

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeLogger } from "../../../src/base/logging.js";
import type { RequestName } from "../../../src/consensus/comet/abciMessages.js";
import { CHUNK, OFFER, type SnapshotName } from "../../../src/consensus/comet/snapshotMessages.js";
import { SnapshotReceiver } from "../../../src/consensus/comet/snapshotReceiver.js";
import { ProtobufReader, ProtobufWriter } from "../../../src/protocol/protobuf.js";
import { restoreSnapshot } from "../../../src/restoreSnapshot.js";
import { SnapshotShelf } from "../../../src/snapshotShelf.js";
import {
  decodePieceHashes,
  manifestPieces,
  PIECE_BYTES_MAX,
  PIECES_MAX,
} from "../../../src/state/snapshot/manifestPieces.js";
import { SnapshotWriter } from "../../../src/state/snapshot/snapshotFile.js";
import { person, TestChain } from "../../support/testChain.js";

const TTC = 100_000_000n;

let directory: string;
let chain: TestChain;
let shelf: SnapshotShelf;
let joined: number;
let receiver: SnapshotReceiver;

function openShelf(): Promise<SnapshotShelf> {
  const { state, genesis, genesisHash } = chain;
  const onFailure = (_height: number, error: unknown): void => {
    throw error;
  };
  return SnapshotShelf.open(state, {
    directory: join(directory, "snapshots"),
    every: 2,
    keep: 2,
    genesis,
    genesisHash,
    onFailure,
  });
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-shelf-"));
  chain = await TestChain.start();
  await chain.engine.start();
  shelf = await openShelf();
  for (let height = 1; height <= 7; height++) {
    await chain.submit(chain.payment(person(`payee ${height}`).address, TTC, height - 1));
    await chain.clock.advance(2_000);
    shelf.onCommitted(chain.committed.at(-1)!);
    // The chain goes on while one is made.
    await chain.clock.advance(2_000);
    await shelf.settle();
  }
  await chain.engine.stop();
  joined = 0;
  const file = join(directory, "fetched");
  receiver = new SnapshotReceiver({
    genesisHash: chain.genesisHash,
    version: "test",
    logger: makeLogger({ level: "silent" }),
    openFile: async () => {
      await rm(file, { force: true });
      return SnapshotWriter.create(file);
    },
    restore: async () => {
      await restoreSnapshot({ file, dataDirectory: join(directory, "restored") });
    },
    onJoined: () => joined++,
  });
});

afterEach(() => rm(directory, { recursive: true, force: true }));

async function ask(name: RequestName, body: ProtobufWriter): Promise<number> {
  const answer = new ProtobufReader(await receiver.handle({ name, responseField: 0, body: body.finish() }));
  answer.next();
  return answer.varint();
}

function offer({ height, format, chunks, hash }: SnapshotName, root: Uint8Array): Promise<number> {
  const name = new ProtobufWriter().varint(1, height).varint(2, format).varint(3, chunks).bytes(4, hash).finish();
  return ask("offerSnapshot", new ProtobufWriter().message(1, name).bytes(2, root));
}

function apply(index: number, chunk: Uint8Array): Promise<number> {
  return ask("applySnapshotChunk", new ProtobufWriter().varint(1, index).bytes(2, chunk));
}

/** Hands all chunks over; the last verdict. */
async function applyAll(name: SnapshotName): Promise<number> {
  let verdict = 0;
  for (let index = 0; index < name.chunks; index++) {
    verdict = await apply(index, (await shelf.chunk(name.height, index))!);
  }
  return verdict;
}

test("a shelf keeps the latest ones, finds them again, and clears away halves", async () => {
  const heights = shelf.list().map(({ height }) => height);
  expect(heights).toHaveLength(2);
  expect(heights[1] - heights[0]).toBeGreaterThanOrEqual(2);
  await SnapshotWriter.create(join(directory, "snapshots", "99.snapshot.partial")).then((writer) => writer.close());
  const again = await openShelf();
  expect(again.list()).toEqual(shelf.list());
  expect(await readdir(join(directory, "snapshots"))).toHaveLength(2);
  expect(await again.chunk(heights[0], shelf.list()[0].chunks)).toBeUndefined();
  expect(await again.chunk(heights[0] - 1, 0)).toBeUndefined();
});

test("a snapshot made while blocks went on is the state of its height, and makes a chain that begins there", async () => {
  const name = shelf.list()[1];
  expect(await offer(name, chain.state.rootAt(name.height))).toBe(OFFER.accept);
  expect(await applyAll(name)).toBe(CHUNK.accept);
  const info = new ProtobufReader(await receiver.handle({ name: "info", responseField: 0, body: new Uint8Array(0) }));
  const fields = new Map<number, unknown>();
  while (info.next()) {
    fields.set(info.field, info.field === 3 || info.field === 4 ? info.varint() : info.bytes());
  }
  expect([fields.get(4), fields.get(5)]).toEqual([name.height, chain.state.rootAt(name.height)]);
  void receiver.handle({ name: "finalizeBlock", responseField: 0, body: new Uint8Array(0) });
  expect(joined).toBe(1);
});

test("a chunk that does not match its hash is asked for again, and the right one is taken", async () => {
  const name = shelf.list()[0];
  await offer(name, chain.state.rootAt(name.height));
  expect(name.chunks).toBe(3);
  // Hashes of the manifest's pieces, the manifest, leaves.
  for (let index = 0; index < name.chunks; index++) {
    const chunk = (await shelf.chunk(name.height, index))!;
    expect(await apply(index, chunk.with(9, chunk[9] ^ 1))).toBe(CHUNK.retry);
    expect(await apply(index, chunk)).toBe(CHUNK.accept);
  }
});

test("a genesis of any size fits into chunks that engines carry, and is put together again", async () => {
  const allocations = Array.from({ length: 160_000 }, (_, i) => ({
    address: i.toString(16).padStart(64, "0"),
    amount: "6666666666666",
  }));
  chain.genesis.allocations = [...chain.genesis.allocations, ...allocations];
  await rm(join(directory, "snapshots"), { recursive: true });
  shelf = await openShelf();
  shelf.onCommitted(chain.committed.at(-1)!);
  await shelf.settle();
  const [name] = shelf.list();
  const sizes: number[] = [];
  for (let index = 0; index < name.chunks; index++) {
    sizes.push((await shelf.chunk(name.height, index))!.length);
  }
  expect(Math.max(...sizes)).toBeLessThanOrEqual(16_000_000);
  expect(sizes.reduce((sum, size) => sum + size)).toBeGreaterThan(16_000_000);
  expect(await offer(name, chain.state.rootAt(name.height))).toBe(OFFER.accept);
  for (let index = 0; index < name.chunks - 1; index++) {
    expect(await apply(index, (await shelf.chunk(name.height, index))!)).toBe(CHUNK.accept);
  }
}, 60_000);

test("what says of the manifest's pieces that they are none, too many or halves is refused, and so is a manifest that is too large", () => {
  for (const length of [0, 31, 33, 32 * (PIECES_MAX + 1)]) {
    expect(() => decodePieceHashes(new Uint8Array(length))).toThrow(/expected 1 to 32 hashes/);
  }
  expect(() => manifestPieces({ length: PIECES_MAX * PIECE_BYTES_MAX + 1 } as Uint8Array)).toThrow(
    /too many allocations/,
  );
});

test("a snapshot of another root, another format or of nothing is refused", async () => {
  const [older, name] = shelf.list();
  expect(await offer({ ...name, format: 1 }, chain.state.root)).toBe(OFFER.rejectFormat);
  expect(await offer({ ...name, chunks: 2 }, chain.state.root)).toBe(OFFER.reject);
  expect(await offer(name, chain.state.rootAt(older.height))).toBe(OFFER.accept);
  expect(await apply(0, (await shelf.chunk(name.height, 0))!)).toBe(CHUNK.accept);
  expect(await apply(1, (await shelf.chunk(name.height, 1))!)).toBe(CHUNK.rejectSnapshot);
  expect(await offer({ ...name, chunks: name.chunks + 1 }, chain.state.rootAt(name.height))).toBe(OFFER.accept);
  expect(await apply(0, (await shelf.chunk(name.height, 0))!)).toBe(CHUNK.accept);
  expect(await apply(1, (await shelf.chunk(name.height, 1))!)).toBe(CHUNK.rejectSnapshot);
});

// Settlement begins with block 1. Where a node let go of its first blocks it says so, and what to do, instead of making books of a part.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nodeDisk } from "../../src/base/disk.js";
import { makeProgram } from "../../src/cli/program.js";
import { readGenesis } from "../../src/consensus/solo/chainFiles.js";
import { genesisHash } from "../../src/protocol/genesis.js";
import { BlockLog } from "../../src/storage/blockLog.js";
import { ApiChain } from "../api/apiChain.js";
import { makeChain } from "../restore/madeChain.js";

const DAY = "2023-11-15";
const SEGMENT_BYTES = 1 << 20;
const REFUSAL = {
  code: "HEIGHT_NOT_KEPT",
  message:
    "expected every block from 1 on, got the first at 2: settle from a node that keeps all (without --retain-blocks)",
};
let folder: string;
let store: string;
let chain: ApiChain;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ttchain-pruned-"));
  store = join(folder, "store.json");
  chain = await ApiChain.start({ accounts: 1 });
  const [shop] = chain.accounts;
  await writeFile(store, JSON.stringify({ name: "Shop", address: shop.addressText, timeZone: "Asia/Seoul" }));
}, 60_000);

afterAll(async () => {
  await chain.stop();
  await rm(folder, { recursive: true });
});

const settle = (...words: string[]): Promise<unknown> =>
  makeProgram().parseAsync(["node", "ttchain", "settle", "statement", store, DAY, ...words]);

test("a running node's", async () => {
  await chain.produceTo(3);
  chain.blocks.prune(2);
  await expect(settle("--url", chain.url)).rejects.toMatchObject(REFUSAL);
});

test("a stopped node's", async () => {
  const directory = join(folder, "chain");
  await makeChain(directory, 40_001, SEGMENT_BYTES);
  const hash = genesisHash(await readGenesis(directory));
  const options = { genesisHash: hash, segmentBytes: SEGMENT_BYTES };
  const log = await BlockLog.open(nodeDisk, join(directory, "blocks"), options);
  await log.dropBelow(2);
  expect(log.firstHeight).toBe(2);
  await log.close();
  await expect(settle("--data", directory)).rejects.toMatchObject(REFUSAL);
});

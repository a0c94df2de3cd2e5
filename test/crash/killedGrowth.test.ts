// The chain that the bench of growth kills: what its log held comes back into stores that had followed a part of it.

import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fundAccounts } from "../../bench/support/growthAccounts.js";
import { GrowthChain } from "../../bench/support/growthChain.js";
import { killGrowing } from "../../bench/support/killGrowing.js";

const OPTIONS = { accounts: 3_000, stateCacheBytes: 8 << 20 };
const TRANSACTIONS = 100;
/** The stores follow every 15 s: here every 30 blocks, however long those take. */
const MS_PER_BLOCK = 500;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-killed-"));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

test("a chain killed while its stores lag comes back with the roots of one that executed the same blocks in peace", async () => {
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.bench.json"]);
  const script = new URL("../../build/bench/bench/growthChild.js", import.meta.url);
  const home = join(directory, "killed");
  await fundAccounts(home, OPTIONS);
  const bounds = { transactions: TRANSACTIONS, blocksMost: 1_000, msPerBlock: MS_PER_BLOCK };
  const killed = await killGrowing(script, { directory: home, ...bounds, ...OPTIONS }, { flushes: 2, blocks: 800 });
  expect(killed.flushes).toBeGreaterThanOrEqual(2);

  const back = await GrowthChain.open(home, OPTIONS);
  const peaceHome = join(directory, "peace");
  await fundAccounts(peaceHome, OPTIONS);
  const peace = await GrowthChain.open(peaceHome, OPTIONS);
  try {
    const { height } = back.state;
    expect(height).toBeGreaterThanOrEqual(killed.progress.height);
    expect(back.recoveredBlocks).toBeGreaterThan(0);
    expect(back.recoveredBlocks).toBeLessThan(height);
    for (let at = 1; at <= height; at++) {
      const block = await back.blocks.read(at);
      await peace.commitBlock(block!.transactions);
      expect(peace.blocks.latest!.hash).toEqual(block!.hash);
    }
    expect(back.state.root).toEqual(peace.state.root);
    // And it goes on where it was killed.
    await back.commitBlock(back.transfers(TRANSACTIONS));
    await back.settle();
    expect(back.progress).toEqual({ height: height + 1, stateHeight: height + 1, historyHeight: height + 1 });
    const { leaves } = back.state.verify();
    expect(leaves).toBeGreaterThan(OPTIONS.accounts);
  } finally {
    await back.close();
    await peace.close();
  }
});

test("a process that ends by itself was not killed", async () => {
  const script = join(directory, "ends.mjs");
  await writeFile(script, "process.exit(3);");
  const task = { directory: join(directory, "none"), transactions: 1, blocksMost: 1, ...OPTIONS };
  const ended = killGrowing(pathToFileURL(script), task, { flushes: 1, blocks: 1 });
  await expect(ended).rejects.toThrow("expected the chain's process to live until it is killed, got its end with 3");
});

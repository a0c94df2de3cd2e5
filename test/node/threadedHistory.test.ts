// The history written by its own thread answers like one that is not, before, while and after its rows are written and merged.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { KeyValueHistory } from "../../src/history/keyValueHistory.js";
import type { CommittedBlock } from "../../src/storage/committedBlock.js";
import { openLmdbStore } from "../../src/storage/lmdbStore.js";
import { ThreadedHistory } from "../../src/threadedHistory.js";
import { pagedEntries } from "../history/historyChecks.js";
import { MemoryStore } from "../support/memoryStore.js";
import { payees, paymentBlocks } from "../support/paymentBlocks.js";
import { TestChain } from "../support/testChain.js";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-history-"));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

/** What a history says of these blocks and accounts. */
function answersOf(history: KeyValueHistory, blocks: CommittedBlock[], people: Uint8Array[]): unknown {
  return {
    height: history.height,
    entries: people.map((address) => pagedEntries(history, address, 7)),
    heights: people.map((address) => history.accountHeights(address, 3, 9)),
    places: blocks.flatMap(({ transactions }) => transactions.map(({ id }) => history.transaction(id))),
    blocks: blocks.map(({ hash, height }) => [history.blockHeight(hash), history.blockSummary(height)]),
  };
}

test("a history on a thread answers the same whatever is written, and begins again where it ended", async () => {
  const chain = await TestChain.start();
  const people = [chain.faucet.address, ...payees];
  const blocks = await paymentBlocks(chain, 40);
  const store = openLmdbStore(directory);
  const history = ThreadedHistory.start(store, directory);
  const other = KeyValueHistory.open(new MemoryStore());
  let writing: Promise<void> = Promise.resolve();
  for (const [i, block] of blocks.entries()) {
    history.add(block);
    other.add(block);
    // Sixteen runs and more, so that merges happen under way.
    if (i % 2 === 0) {
      writing = history.flush();
    }
    if (i % 7 === 0) {
      await writing;
    }
    const known = blocks.slice(0, i + 1);
    expect(answersOf(history, known, people)).toEqual(answersOf(other, known, people));
  }
  await history.flush();
  expect(history.checkpoint).toBe(blocks.length);
  expect(history.pendingTransactions).toBe(0);
  const expected = answersOf(other, blocks, people);
  expect(answersOf(history, blocks, people)).toEqual(expected);
  await history.close();
  const again = ThreadedHistory.start(store, directory);
  expect(answersOf(again, blocks, people)).toEqual(expected);
  await again.close();
  await expect(again.flush()).rejects.toThrow("has ended");
  await store.close();
});

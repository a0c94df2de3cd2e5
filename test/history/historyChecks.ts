// What a history must answer, worked out from the blocks themselves.

import { expect } from "vitest";
import { toHex } from "../../src/base/bytes.js";
import { accountEntries } from "../../src/history/accountEntries.js";
import type { HistoryEntry } from "../../src/history/history.js";
import type { KeyValueHistory } from "../../src/history/keyValueHistory.js";
import type { CommittedBlock } from "../../src/storage/committedBlock.js";
import type { KeyValueChange } from "../../src/storage/keyValueStore.js";
import { MemoryStore } from "../support/memoryStore.js";
import { named } from "./madeBlock.js";

/** A store whose writes fail after a number of them. */
export class FailingStore extends MemoryStore {
  writesLeft = Number.POSITIVE_INFINITY;

  override async write(changes: KeyValueChange[]): Promise<void> {
    if (this.writesLeft-- <= 0) {
      throw new Error("the disk is gone");
    }
    await super.write(changes);
  }
}

export function addAll(history: KeyValueHistory, blocks: CommittedBlock[]): void {
  for (const block of blocks) {
    history.add(block);
  }
}

/** Every entry of an account, newest first, as the blocks tell it. */
export function expectedEntries(blocks: CommittedBlock[], address: Uint8Array): HistoryEntry[] {
  return blocks
    .flatMap(accountEntries)
    .filter((entry) => toHex(entry.account) === toHex(address))
    .reverse();
}

export function pagedEntries(history: KeyValueHistory, address: Uint8Array, limit: number): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  let before: string | undefined;
  do {
    const page = history.account(address, { before, limit });
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    entries.push(...page.entries);
    before = page.next;
  } while (before !== undefined);
  return entries;
}

/** Checks every kind of look-up about these accounts and blocks, which are all there are. */
export function expectAnswers(
  history: KeyValueHistory,
  blocks: CommittedBlock[],
  people: Uint8Array[],
  limit: number,
): void {
  expect(history.height).toBe(blocks.length);
  for (const address of people) {
    const expected = expectedEntries(blocks, address);
    expect(pagedEntries(history, address, limit)).toEqual(expected);
    const heights = [...new Set(expected.map((entry) => entry.height))].reverse();
    expect(history.accountHeights(address, 1, 10_000)).toEqual(heights);
    expect(history.accountHeights(address, 3, 2)).toEqual(heights.filter((height) => height >= 3).slice(0, 2));
  }
  for (const block of blocks) {
    expect(history.blockHeight(block.hash)).toBe(block.height);
    expect(history.blockSummary(block.height)).toEqual({
      height: block.height,
      hash: block.hash,
      timeMs: block.block.header.timeMs,
      proposer: block.block.header.proposer,
      transactionCount: block.transactions.length,
      stateRoot: named(`state ${block.height}`),
    });
    for (const [index, { id }] of block.transactions.entries()) {
      expect(history.transaction(id)).toEqual({ height: block.height, index });
    }
  }
  expect(history.transaction(named("nothing"))).toBeUndefined();
  expect(history.blockSummary(blocks.length + 1)).toBeUndefined();
}

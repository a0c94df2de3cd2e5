// The history over a key-value store: it answers the same whether a block is pending, half written, durable or replayed.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex } from "../../src/base/bytes.js";
import { accountEntries } from "../../src/history/accountEntries.js";
import type { HistoryEntry } from "../../src/history/history.js";
import { KeyValueHistory } from "../../src/history/keyValueHistory.js";
import { CodedError } from "../../src/protocol/errors.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { EVENT_KINDS } from "../../src/protocol/receipt.js";
import type { CommittedBlock } from "../../src/storage/committedBlock.js";
import type { KeyValueChange, KeyValueStore } from "../../src/storage/keyValueStore.js";
import { MemoryStore } from "../support/memoryStore.js";
import { type MadeTransaction, makeBlock, named } from "./madeBlock.js";

const people = ["alice", "bob", "carol"].map(named);
const tokens = ["gold", "silver"].map((name) => toHex(named(name)));

/** A store whose writes fail after a number of them. */
class FailingStore extends MemoryStore {
  writesLeft = Number.POSITIVE_INFINITY;

  override async write(changes: KeyValueChange[]): Promise<void> {
    if (this.writesLeft-- <= 0) {
      throw new Error("the disk is gone");
    }
    await super.write(changes);
  }
}

const person = fc.nat(people.length - 1);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    kind: fc.constant("transfer" as const),
    account: fc.constant(0),
    to: person.map((i) => people[i]),
    token: fc.constantFrom("TTC", ...tokens),
    amount: fc.bigInt(1n, 100n),
  }),
  fc.record({
    kind: fc.constant("setFrozen" as const),
    account: fc.constant(0),
    token: fc.constantFrom(...tokens),
    target: person.map((i) => people[i]),
    frozen: fc.boolean(),
  }),
);

const transaction: fc.Arbitrary<MadeTransaction> = fc.record({
  signers: person.map((i) => [people[i]]),
  operations: fc.array(operation, { minLength: 1, maxLength: 3 }),
  code: fc.constantFrom(0, 0, 0, 300),
  memo: fc.constant(Uint8Array.of(7)),
});

const chain: fc.Arbitrary<CommittedBlock[]> = fc
  .array(fc.array(transaction, { maxLength: 4 }), { minLength: 1, maxLength: 12 })
  .map((blocks) => blocks.map((made, i) => makeBlock(i + 1, made)));

function addAll(history: KeyValueHistory, blocks: CommittedBlock[]): void {
  for (const block of blocks) {
    history.add(block);
  }
}

/** Every entry of an account, newest first, as the blocks tell it. */
function expectedEntries(blocks: CommittedBlock[], address: Uint8Array): HistoryEntry[] {
  return blocks
    .flatMap(accountEntries)
    .filter((entry) => toHex(entry.address) === toHex(address))
    .map(({ entry }) => entry)
    .reverse();
}

function pagedEntries(history: KeyValueHistory, address: Uint8Array, limit: number): HistoryEntry[] {
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

function expectAnswers(history: KeyValueHistory, blocks: CommittedBlock[], limit: number): void {
  expect(history.height).toBe(blocks.length);
  for (const address of people) {
    const expected = expectedEntries(blocks, address);
    expect(pagedEntries(history, address, limit)).toEqual(expected);
    const heights = [...new Set(expected.map((entry) => entry.height))].reverse();
    expect(history.accountHeights(address, 1, 100)).toEqual(heights);
    expect(history.accountHeights(address, 3, 2)).toEqual(heights.filter((height) => height >= 3).slice(0, 2));
  }
  for (const block of blocks) {
    expect(history.blockHeight(block.hash)).toBe(block.height);
    for (const [index, { id }] of block.transactions.entries()) {
      expect(history.transaction(id)).toEqual({ height: block.height, index });
    }
  }
  expect(history.transaction(named("nothing"))).toBeUndefined();
}

test("answers are the same before, during and after writing, and after a replay", async () => {
  await fc.assert(
    fc.asyncProperty(chain, fc.array(fc.nat(3)), fc.integer({ min: 1, max: 5 }), async (blocks, flushes, limit) => {
      const store = new MemoryStore();
      const history = KeyValueHistory.open(store);
      const writing: Promise<void>[] = [];
      for (const [i, block] of blocks.entries()) {
        history.add(block);
        history.add(block);
        if (flushes[i] === 1) {
          writing.push(history.flush());
        } else if (flushes[i] === 2) {
          await history.flush();
        }
      }
      expectAnswers(history, blocks, limit);
      await Promise.all(writing);
      expectAnswers(history, blocks, limit);
      await history.flush();
      expect(history.checkpoint).toBe(blocks.length);
      expectAnswers(history, blocks, limit);
      expectAnswers(KeyValueHistory.open(store), blocks, limit);
    }),
    { numRuns: 60 },
  );
});

test("a flush that fails half way loses nothing: the blocks above the checkpoint are added again", async () => {
  await fc.assert(
    fc.asyncProperty(chain, fc.nat(3), async (blocks, writesLeft) => {
      const store = new FailingStore();
      const history = KeyValueHistory.open(store);
      const half = Math.floor(blocks.length / 2);
      addAll(history, blocks.slice(0, half));
      await history.flush();
      addAll(history, blocks.slice(half));
      store.writesLeft = writesLeft;
      await history.flush().catch(() => undefined);
      expectAnswers(history, blocks, 3);
      store.writesLeft = Number.POSITIVE_INFINITY;
      const reopened = KeyValueHistory.open(store);
      expect([half, blocks.length]).toContain(reopened.checkpoint);
      addAll(
        reopened,
        blocks.filter((block) => block.height > reopened.checkpoint),
      );
      expectAnswers(reopened, blocks, 3);
      await reopened.flush();
      await history.flush();
      expectAnswers(KeyValueHistory.open(store), blocks, 3);
    }),
    { numRuns: 40 },
  );
});

describe("tokens", () => {
  const face = {
    symbol: "GOLD",
    name: "Gold",
    decimals: 0,
    supply: 5n,
    mintable: false,
    burnable: false,
    freezable: false,
  };

  function creating(name: string): MadeTransaction {
    return {
      signers: [people[0]],
      operations: [{ kind: "createToken", account: 0, ...face }],
      events: [{ kind: EVENT_KINDS.tokenCreated, data: named(name) }],
    };
  }

  async function filled(store: KeyValueStore): Promise<KeyValueHistory> {
    const history = KeyValueHistory.open(store);
    history.add(makeBlock(1, [creating("a"), creating("b"), { ...creating("failed"), code: 300, events: [] }]));
    await history.flush();
    history.add(makeBlock(2, [creating("c")]));
    return history;
  }

  test("are listed in the order of their ids, durable or not", async () => {
    const history = await filled(new MemoryStore());
    const ids = ["a", "b", "c"].map((name) => toHex(named(name))).sort();
    expect(history.tokens({ limit: 10 })).toEqual(ids);
    expect(history.tokens({ limit: 2 })).toEqual(ids.slice(0, 2));
    expect(history.tokens({ after: ids[0], limit: 10 })).toEqual(ids.slice(1));
  });

  test("that an account was ever credited with are known", async () => {
    const history = await filled(new MemoryStore());
    const [gold] = tokens;
    const operation: Operation = { kind: "transfer", account: 0, to: people[1], token: gold, amount: 1n };
    history.add(makeBlock(3, [{ signers: [people[0]], operations: [operation] }]));
    history.add(makeBlock(4, [{ signers: [people[2]], operations: [{ ...operation, token: "TTC" }] }]));
    for (let round = 0; round < 2; round++) {
      expect(history.heldTokens(people[1], { limit: 10 })).toEqual([gold]);
      expect(history.heldTokens(people[0], { limit: 10 })).toHaveLength(3);
      expect(history.heldTokens(people[2], { limit: 10 })).toEqual([]);
      await history.flush();
    }
  });
});

test("a gap between blocks is a broken invariant", () => {
  const history = KeyValueHistory.open(new MemoryStore());
  expect(() => history.add(makeBlock(2, []))).toThrow(/expected block 1/);
});

test("a cursor that is none is refused", () => {
  const history = KeyValueHistory.open(new MemoryStore());
  for (const before of ["", "zz".repeat(13), "00", "0".repeat(100)]) {
    expect(() => history.account(people[0], { before, limit: 1 })).toThrow(CodedError);
  }
});

test("a large flush is written in parts, and all of it is found", async () => {
  const store = new FailingStore();
  const history = KeyValueHistory.open(store);
  const operations: Operation[] = [{ kind: "transfer", account: 0, to: people[1], token: "TTC", amount: 1n }];
  const made = Array.from({ length: 5_000 }, () => ({ signers: [people[0]], operations }));
  const block = makeBlock(1, made);
  history.add(block);
  expect(history.pendingTransactions).toBe(5_000);
  await history.flush();
  expect(history.pendingTransactions).toBe(0);
  expect(pagedEntries(history, people[1], 1_000)).toHaveLength(5_000);
  expect(history.transaction(block.transactions[4_999].id)).toEqual({ height: 1, index: 4_999 });
});

// The history over a key-value store: it answers the same whether a block is pending, half written, durable or replayed.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex } from "../../src/base/bytes.js";
import { KeyValueHistory } from "../../src/history/keyValueHistory.js";
import { CodedError } from "../../src/protocol/errors.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { EVENT_KINDS } from "../../src/protocol/receipt.js";
import type { CommittedBlock } from "../../src/storage/committedBlock.js";
import type { KeyValueStore } from "../../src/storage/keyValueStore.js";
import { MemoryStore } from "../support/memoryStore.js";
import { addAll, expectAnswers, FailingStore, pagedEntries } from "./historyChecks.js";
import { type MadeTransaction, makeBlock, named } from "./madeBlock.js";

const people = ["alice", "bob", "carol"].map(named);

const tokens = ["gold", "silver"].map((name) => toHex(named(name)));

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
      expectAnswers(history, blocks, people, limit);
      await Promise.all(writing);
      expectAnswers(history, blocks, people, limit);
      await history.flush();
      expect(history.checkpoint).toBe(blocks.length);
      expectAnswers(history, blocks, people, limit);
      expectAnswers(KeyValueHistory.open(store), blocks, people, limit);
    }),
    { numRuns: 20 },
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
      expectAnswers(history, blocks, people, 3);
      store.writesLeft = Number.POSITIVE_INFINITY;
      const reopened = KeyValueHistory.open(store);
      expect([half, blocks.length]).toContain(reopened.checkpoint);
      addAll(
        reopened,
        blocks.filter((block) => block.height > reopened.checkpoint),
      );
      expectAnswers(reopened, blocks, people, 3);
      await reopened.flush();
      await history.flush();
      expectAnswers(KeyValueHistory.open(store), blocks, people, 3);
    }),
    { numRuns: 20 },
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
      expect(history.holders(gold, { limit: 10 })).toEqual([people[1]]);
      expect(history.holders(gold, { after: people[1], limit: 10 })).toEqual([]);
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

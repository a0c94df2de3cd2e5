// What the history counts of contracts: the same whether blocks are pending, half written, durable or replayed, and in any span of time.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, toHex } from "../../src/base/bytes.js";
import { contractActivity } from "../../src/history/contractActivity.js";
import type { ContractTotals } from "../../src/history/history.js";
import { KeyValueHistory } from "../../src/history/keyValueHistory.js";
import { ERROR_CODES } from "../../src/protocol/errors.js";
import type { CallContract, Operation, RegisterContract } from "../../src/protocol/operations/operation.js";
import { EVENT_KINDS, type ReceiptEvent } from "../../src/protocol/receipt.js";
import { tokenBytes } from "../../src/protocol/tokens.js";
import { Writer } from "../../src/protocol/wire.js";
import type { CommittedBlock } from "../../src/storage/committedBlock.js";
import { MemoryStore } from "../support/memoryStore.js";
import { addAll, FailingStore } from "./historyChecks.js";
import { type MadeTransaction, makeBlock, named } from "./madeBlock.js";

const ALICE = named("alice");
const CONTRACTS = ["jar", "shop", "club"].map(named);
const NOTHING = new Uint8Array(0);
const GAS_LIMITS = { gasLimit: 1_000, depositLimit: 0n };
/** Blocks of a test are a second apart: minutes 0 to 4. */
const MINUTES = [0, 1, 2, 3, 4];

function calling(contract: Uint8Array): CallContract {
  return { kind: "callContract", account: 0, contract, functionName: "f", args: NOTHING, ...GAS_LIMITS };
}

const REGISTERING: RegisterContract = {
  kind: "registerContract",
  account: 0,
  source: NOTHING,
  tests: NOTHING,
  args: NOTHING,
  upgradePolicy: "never",
  upgradeDelayHeights: 0,
  ...GAS_LIMITS,
};

function ended(kind: number, operation: number, gasUsed: number): ReceiptEvent {
  return { kind, data: new Writer(9).u8(operation).u32(gasUsed).u32(0).finish() };
}

function moved(from: Uint8Array, to: Uint8Array, amount: bigint, token = "TTC"): ReceiptEvent {
  const units = new Writer(8).u64(amount).finish();
  return { kind: EVENT_KINDS.contractTransfer, data: concatBytes(from, to, tokenBytes(token), units) };
}

function registered(contract: Uint8Array): ReceiptEvent {
  return { kind: EVENT_KINDS.contractRegistered, data: concatBytes(contract, named("code")) };
}

function transaction(operations: Operation[], events: ReceiptEvent[], code = 0): MadeTransaction {
  return { signers: [ALICE], operations, events, code };
}

function totals(calls: number, failures: number, gasUsed: number, ttcIn = 0n, ttcOut = 0n): ContractTotals {
  return { calls, failures, gasUsed, valueIn: [ttcIn, 0n, 0n], valueOut: [ttcOut, 0n, 0n] };
}

const ALL = [Number.POSITIVE_INFINITY];

describe("a block's contract transactions", () => {
  const [jar, shop, club] = CONTRACTS;
  const done = (gas: number, at = 0) => ended(EVENT_KINDS.contractResult, at, gas);

  function changeOf(made: MadeTransaction[], contract: Uint8Array): unknown {
    const history = KeyValueHistory.open(new MemoryStore());
    history.add(makeBlock(1, made));
    return history.contractTotals(contract, ALL)[0];
  }

  test("count calls with their gas, what they pay in, and what contracts pay out and to one another", () => {
    const made = [
      transaction([calling(jar), calling(jar)], [done(10), done(20, 1), moved(ALICE, jar, 5n)]),
      transaction([calling(shop)], [done(7), moved(ALICE, shop, 9n), moved(shop, jar, 4n), moved(jar, ALICE, 3n)]),
    ];
    expect(changeOf(made, jar)).toEqual(totals(2, 0, 30, 9n, 3n));
    expect(changeOf(made, shop)).toEqual(totals(1, 0, 7, 9n, 4n));
    expect(changeOf(made, ALICE)).toEqual(totals(0, 0, 0));
  });

  test("count a failed call where the receipt names it, but not a call of what is no contract", () => {
    const failed = ended(EVENT_KINDS.contractFailure, 0, 50);
    const [noContract] = ERROR_CODES.LVM_NO_CONTRACT;
    const [paused] = ERROR_CODES.CONTRACT_STATUS;
    expect(changeOf([transaction([calling(jar), calling(shop)], [failed], 330)], jar)).toEqual(totals(1, 1, 50));
    expect(changeOf([transaction([calling(jar), calling(shop)], [failed], 330)], shop)).toEqual(totals(0, 0, 0));
    expect(changeOf([transaction([calling(jar)], [], paused)], jar)).toEqual(totals(1, 1, 0));
    expect(changeOf([transaction([calling(jar)], [], noContract)], jar)).toEqual(totals(0, 0, 0));
    expect(changeOf([transaction([calling(jar)], [failed], noContract)], jar)).toEqual(totals(1, 1, 50));
  });

  test("tell of registrations, which are no calls, and leave created tokens and failed registrations out", () => {
    const token = toHex(named("gold"));
    const block = makeBlock(1, [
      transaction([REGISTERING], [registered(shop), done(1_000_000)]),
      transaction([REGISTERING], [], 330),
      transaction(
        [calling(jar)],
        [done(1), registered(club), moved(ALICE, jar, 5n, token), moved(ALICE, jar, 6n, "TTM")],
      ),
    ]);
    const { registered: made, changes, runs } = contractActivity(block);
    expect(made).toEqual([
      { index: 0, ordinal: 0, contract: shop },
      { index: 2, ordinal: 0, contract: club },
    ]);
    expect([...changes.values()].map(({ calls, isContract }) => [calls, isContract])).toEqual([
      [0, true],
      [1, true],
      [0, true],
    ]);
    expect([...changes.values()][1].valueIn).toEqual([0n, 6n, 0n]);
    expect(runs).toEqual({ succeeded: 2, failed: 0, gasUsed: 1_000_001 });
  });
});

const contract = fc.nat(CONTRACTS.length - 1).map((i) => CONTRACTS[i]);

const madeTransaction: fc.Arbitrary<MadeTransaction> = fc.oneof(
  fc.tuple(contract, contract, fc.nat(100)).map(([called, paid, gas]) => {
    const events = [ended(EVENT_KINDS.contractResult, 0, gas), moved(ALICE, called, 2n), moved(called, paid, 1n)];
    return transaction([calling(called)], events);
  }),
  contract.map((called) => transaction([calling(called)], [ended(EVENT_KINDS.contractFailure, 0, 9)], 330)),
  contract.map((made) => transaction([REGISTERING], [registered(made)])),
);

/** Up to 12 blocks, with empty ones between, over five minutes. */
const chain: fc.Arbitrary<CommittedBlock[]> = fc
  .array(
    fc.oneof(
      { weight: 24, arbitrary: fc.constant<MadeTransaction[]>([]) },
      fc.array(madeTransaction, { maxLength: 3 }),
    ),
    {
      minLength: 200,
      maxLength: 299,
    },
  )
  .map((blocks) => blocks.map((made, i) => makeBlock(i + 1, made)));

/** Everything that can be asked, for comparison. */
function answers(history: KeyValueHistory, limit: number): unknown {
  const listed: unknown[] = [];
  let before: string | undefined;
  do {
    const page = history.contracts({ before, limit });
    listed.push(...page.contracts.map(({ address, height }) => [toHex(address), height]));
    before = page.next;
  } while (before !== undefined);
  return { listed, totals: CONTRACTS.map((address) => history.contractTotals(address, [...ALL, ...MINUTES])) };
}

test("answers are those of blocks in memory, whatever was written, failed, or was added again", async () => {
  await fc.assert(
    fc.asyncProperty(chain, fc.nat(299), fc.nat(299), fc.nat(3), async (blocks, first, second, writesLeft) => {
      const unwritten = KeyValueHistory.open(new MemoryStore());
      addAll(unwritten, blocks);
      const expected = answers(unwritten, 100);
      const store = new FailingStore();
      const history = KeyValueHistory.open(store);
      addAll(history, blocks.slice(0, first));
      await history.flush();
      addAll(history, blocks.slice(first, first + second));
      store.writesLeft = writesLeft;
      await history.flush().catch(() => undefined);
      store.writesLeft = Number.POSITIVE_INFINITY;
      addAll(history, blocks.slice(first + second));
      expect(answers(history, 2)).toEqual(expected);
      const reopened = KeyValueHistory.open(store);
      addAll(
        reopened,
        blocks.filter(({ height }) => height > reopened.height),
      );
      expect(answers(reopened, 3)).toEqual(expected);
      await reopened.flush();
      expect(answers(KeyValueHistory.open(store), 1)).toEqual(expected);
    }),
    { numRuns: 15 },
  );
});

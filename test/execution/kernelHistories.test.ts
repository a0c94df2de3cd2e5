// The kernel's ledger beside its twin, on random histories of every kind of operation: the same bytes, whatever blocks are dropped,
// executed again, or executed elsewhere in between, and whoever asks for accounts.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesKey } from "../../src/base/bytes.js";
import { SeededRandom } from "../../src/base/random.js";
import { type BlockOptions, type BlockResult, executeBlock } from "../../src/execution/executeBlock.js";
import { KernelLedger, type Ledger, twinLedger } from "../../src/execution/kernel/kernelLedger.js";
import {
  LEDGER_ACCOUNTS_DEFAULT,
  LEDGER_ACCOUNTS_LEAST,
  LEDGER_ACCOUNTS_MOST,
} from "../../src/execution/kernel/ledgerCapacity.js";
import type { Transaction } from "../../src/protocol/transaction.js";
import { GENESIS_HASH, LedgerChain, type MapState, person } from "./ledgerChain.js";
import { History, type Intention, intentions, PEOPLE } from "./randomHistory.js";

const histories = fc.array(fc.array(intentions, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 8 });
const DROP: BlockOptions = { onInvalid: "drop" };

function smallLedger(seed: number): KernelLedger {
  return new KernelLedger({ accounts: 4_100, blockBytes: 1 << 17, random: new SeededRandom(seed) });
}

function fundedHistory(): History {
  const chain = new LedgerChain();
  const [alice, bank, ...others] = PEOPLE;
  const operations = others.map(({ address }) => ({
    kind: "transfer" as const,
    account: 0,
    to: address,
    token: "TTC",
    amount: 100_000_000_000n,
  }));
  expect(chain.outcome({ signers: [alice], operations })).toBe("OK");
  const minted = PEOPLE.slice(0, 3).map(({ address }) => ({
    kind: "mint" as const,
    account: 0,
    token: "TTM",
    to: address,
    amount: 10_000n,
  }));
  expect(chain.outcome({ signers: [bank, PEOPLE[4]], operations: minted })).toBe("OK");
  return new History(chain);
}

function execute(ledger: Ledger, state: MapState, height: number, transactions: Transaction[]): BlockResult {
  return ledger.executeBlock(state, { height, timeMs: 0, genesisHash: GENESIS_HASH }, transactions, DROP);
}

/** The wishes as transactions of one block, made against the state before it, so that some of them don't fit. */
function blockOf(history: History, wishes: Intention[]): Transaction[] {
  return wishes.map((wish) => history.transaction(wish));
}

function expectSame(found: BlockResult, expected: BlockResult): void {
  expect(found.receipts).toEqual(expected.receipts);
  expect([...found.changes]).toEqual([...expected.changes]);
  expect(found.included).toEqual(expected.included);
  expect(found.dropped.map(({ error }) => [error.code, error.message, error.details])).toEqual(
    expected.dropped.map(({ error }) => [error.code, error.message, error.details]),
  );
}

/** People of the histories, and two who never get an account. */
const ADDRESSES = [...PEOPLE, person("stranger 0"), person("stranger 1")].map(({ address }) => bytesKey(address));

/** Asks for the accounts that the bits of `which` choose. */
function ask(ledger: Ledger, { state, height }: LedgerChain, which: number): (boolean | undefined)[] {
  return ADDRESSES.map((address, index) =>
    (which >> index) & 1 ? ledger.hasAccount(state, height, address) : undefined,
  );
}

describe("the kernel's ledger on random histories", () => {
  test("gives what its twin gives, block after block, and after blocks that were dropped", () => {
    const ledger = smallLedger(1);
    fc.assert(
      fc.property(histories, (blocks) => {
        const history = fundedHistory();
        const { chain } = history;
        for (const wishes of blocks) {
          const transactions = blockOf(history, wishes);
          const height = chain.height + 1;
          const expected = execute(twinLedger, chain.state, height, transactions);
          execute(ledger, chain.state, height, [...transactions].reverse());
          const found = execute(ledger, chain.state, height, transactions);
          expectSame(found, expected);
          chain.block(transactions, "drop");
          ledger.committed(height, found.changes);
          for (const transaction of expected.included) {
            history.learn(transaction);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  test("follows blocks that were executed elsewhere, and passes of time", () => {
    const ledger = smallLedger(2);
    fc.assert(
      fc.property(histories, fc.infiniteStream(fc.nat({ max: 9 })), (blocks, chances) => {
        const history = fundedHistory();
        const { chain } = history;
        for (const wishes of blocks) {
          const chance = chances.next().value;
          const pause = chance === 0 ? 110 : chance;
          for (let i = 0; i < pause; i++) {
            chain.pass(1);
            ledger.committed(chain.height, chain.result.changes);
          }
          const transactions = blockOf(history, wishes);
          const height = chain.height + 1;
          if (chance > 2) {
            expectSame(
              execute(ledger, chain.state, height, transactions),
              executeBlock(chain.state, { height, timeMs: 0, genesisHash: GENESIS_HASH }, transactions, DROP),
            );
          }
          chain.block(transactions, "drop");
          ledger.committed(height, chain.result.changes);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("knows which accounts the state has, and takes them in without harm to any block", () => {
    const choices = fc.infiniteStream(fc.nat({ max: (1 << ADDRESSES.length) - 1 }));
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(histories, choices, fc.nat({ max: 9 }), (blocks, which, room) => {
        const ledger = new KernelLedger({ accounts: 4_097 + room, blockBytes: 1 << 17, random: new SeededRandom(7) });
        const history = fundedHistory();
        const { chain } = history;
        const expectAnswers = (): void => {
          const chosen = which.next().value;
          expect(ask(ledger, chain, chosen)).toEqual(ask(twinLedger, chain, chosen));
        };
        for (const wishes of blocks) {
          const transactions = blockOf(history, wishes);
          const height = chain.height + 1;
          const expected = execute(twinLedger, chain.state, height, transactions);
          expectAnswers();
          execute(ledger, chain.state, height, [...transactions].reverse());
          ask(ledger, chain, which.next().value);
          const found = execute(ledger, chain.state, height, transactions);
          const chosen = which.next().value;
          const [before, meanwhile] = [twinLedger, ledger].map((one) => ask(one, chain, chosen));
          expectSame(found, expected);
          chain.block(transactions, "drop");
          const after = ask(twinLedger, chain, chosen);
          meanwhile.forEach((answer, index) => {
            expect([before[index], after[index]]).toContain(answer);
            outcomes.add(`${before[index]} ${after[index]}`);
          });
          ledger.committed(height, which.next().value % 3 === 0 ? chain.result.changes : found.changes);
          expectAnswers();
          for (const transaction of expected.included) {
            history.learn(transaction);
          }
        }
      }),
      { numRuns: 150 },
    );
    expect(outcomes).toEqual(new Set(["undefined undefined", "true true", "false false", "true false", "false true"]));
  });
});

test.each([LEDGER_ACCOUNTS_LEAST, LEDGER_ACCOUNTS_DEFAULT, LEDGER_ACCOUNTS_MOST])(
  "the kernel takes a capacity of %d accounts, and no memory before they come",
  (accounts) => {
    const before = process.memoryUsage().rss;
    expect(new KernelLedger({ accounts }).held).toEqual({ accounts: 0, lanes: 0 });
    expect(process.memoryUsage().rss - before).toBeLessThan(100 << 20);
  },
);

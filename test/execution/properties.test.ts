// What holds for every history, drawn at random. Each block's supplies are checked over all leaves by the chain itself.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesKey, keyBytes, toHex } from "../../src/base/bytes.js";
import { executeBlock } from "../../src/execution/executeBlock.js";
import { FEE_POOL_ADDRESS } from "../../src/execution/feePool.js";
import { decodeReceipt, type Receipt } from "../../src/protocol/receipt.js";
import {
  accountKey,
  balanceKey,
  decodeAccountLeaf,
  decodeBalanceLeaf,
  decodeLaneLeaf,
  decodeTokenLeaf,
  LEAF_KINDS,
  laneKey,
  referenceKey,
} from "../../src/protocol/stateLeaves.js";
import { nativeIndex } from "../../src/protocol/tokens.js";
import type { Transaction } from "../../src/protocol/transaction.js";
import { State } from "../../src/state/state.js";
import { readToken } from "../../src/state/views.js";
import { MemoryStore } from "../support/memoryStore.js";
import { GENESIS_HASH, LedgerChain, type MapState } from "./ledgerChain.js";
import { History, type Intention, intentions, PEOPLE } from "./randomHistory.js";

const histories = fc.array(intentions, { minLength: 1, maxLength: 30 });
const RUNS = { numRuns: 60 };

interface Step {
  transaction: Transaction;
  receipt: Receipt | undefined;
  changedKeys: Set<string>;
}

/** The chain starts with everybody holding something, so that histories get going. */
function fundedHistory(): History {
  const chain = new LedgerChain();
  const [alice, bank, ...others] = PEOPLE;
  const gifts = others.map(({ address }) => ({ address, amount: 100_000_000_000n }));
  const operations = gifts.map(({ address, amount }) => ({
    kind: "transfer" as const,
    account: 0,
    to: address,
    token: "TTC",
    amount,
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

/** Each intention in a block of its own. */
function play(history: History, wishes: Intention[]): Step[] {
  return wishes.map((wish) => {
    const transaction = history.transaction(wish);
    const [receipt] = history.chain.block([transaction], "drop") as (Receipt | undefined)[];
    if (receipt?.code === 0) {
      history.learn(transaction);
    }
    const changedKeys = new Set([...history.chain.result.changes].map(({ key }) => bytesKey(key)));
    return { transaction, receipt, changedKeys };
  });
}

/** Leaves without what depends on the heights of the blocks, by key. */
function essence(state: MapState): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [key, value] of state.leaves) {
    switch (value[0]) {
      case LEAF_KINDS.account:
        found.set(key, decodeAccountLeaf(value));
        break;
      case LEAF_KINDS.balance:
        found.set(key, decodeBalanceLeaf(value));
        break;
      case LEAF_KINDS.lane:
        found.set(key, decodeLaneLeaf(value).sequenceNext);
        break;
      case LEAF_KINDS.token:
        found.set(key, { ...decodeTokenLeaf(value), heightCreated: 0 });
        break;
      case LEAF_KINDS.reference:
        found.set(key, "paid");
        break;
    }
  }
  return found;
}

describe("every history", () => {
  test("keeps each created token's supply, and counts each account's balances", () => {
    fc.assert(
      fc.property(histories, (wishes) => {
        const history = fundedHistory();
        play(history, wishes);
        const { state } = history.chain;
        const holders = [...PEOPLE.map(({ address }) => address), FEE_POOL_ADDRESS];
        for (const token of history.tokens.filter((id) => nativeIndex(id) < 0)) {
          const held = holders.reduce((sum, address) => sum + history.chain.balance(address, token), 0n);
          expect(readToken(state, token)?.supply).toBe(held);
        }
        for (const address of holders) {
          const leaves = history.tokens.filter((id) => nativeIndex(id) < 0 && state.get(balanceKey(address, id)));
          const account = state.get(accountKey(address));
          expect(account === undefined ? 0 : decodeAccountLeaf(account).tokenCount).toBe(leaves.length);
        }
        for (const value of state.leaves.values()) {
          if (value[0] === LEAF_KINDS.balance) {
            const leaf = decodeBalanceLeaf(value);
            expect(leaf.amount > 0n || leaf.frozen).toBe(true);
          }
        }
      }),
      RUNS,
    );
  });

  test("never charges more than the limit, and a failure changes only lane, fee payer and fee pool", () => {
    fc.assert(
      fc.property(histories, (wishes) => {
        for (const { transaction, receipt, changedKeys } of play(fundedHistory(), wishes)) {
          if (receipt === undefined) {
            expect(changedKeys.size).toBe(0);
            continue;
          }
          expect(receipt.fee <= transaction.feeLimit).toBe(true);
          if (receipt.code !== 0) {
            const allowed = [
              laneKey(transaction.signers[0].address, transaction.lane),
              accountKey(transaction.signers[transaction.feePayer].address),
              accountKey(FEE_POOL_ADDRESS),
            ].map(bytesKey);
            expect([...changedKeys].filter((key) => !allowed.includes(key))).toEqual([]);
            expect(receipt.events).toEqual([]);
          }
        }
      }),
      RUNS,
    );
  });

  test("comes to the same in one block as in many, and executing twice gives the same bytes", () => {
    fc.assert(
      fc.property(histories, (wishes) => {
        const many = fundedHistory();
        const one = many.chain.copy();
        const steps = play(many, wishes);
        const transactions = steps.map(({ transaction }) => transaction);
        const context = { height: one.height + 1, timeMs: 0, genesisHash: GENESIS_HASH };
        const first = executeBlock(one.state, context, transactions, { onInvalid: "drop" });
        const second = executeBlock(one.state, context, transactions, { onInvalid: "drop" });
        expect(second).toEqual(first);
        one.block(transactions, "drop");
        expect(one.result.receipts.map(decodeReceipt)).toEqual(
          steps.map(({ receipt }) => receipt).filter((receipt) => receipt !== undefined),
        );
        expect(essence(one.state)).toEqual(essence(many.chain.state));
      }),
      RUNS,
    );
  });

  test("refuses every replay, at once and after the lanes are gone", () => {
    fc.assert(
      fc.property(histories, (wishes) => {
        const history = fundedHistory();
        const { chain } = history;
        const steps = play(history, wishes);
        const executed = steps.filter(({ receipt }) => receipt !== undefined).map(({ transaction }) => transaction);
        for (const height of [chain.height, 60, 61, 160, 161, 170]) {
          chain.pass(Math.max(0, height - chain.height));
          const context = { height: chain.height + 1, timeMs: 0, genesisHash: GENESIS_HASH };
          const result = executeBlock(chain.state, context, executed, { onInvalid: "drop" });
          expect(result.included).toEqual([]);
        }
        const lanes = [...chain.state.leaves.values()].filter((value) => value[0] === LEAF_KINDS.lane);
        expect(lanes).toEqual([]);
      }),
      RUNS,
    );
  });

  test("pays no reference twice", () => {
    fc.assert(
      fc.property(histories, (wishes) => {
        const paid = new Set<string>();
        for (const { transaction, receipt } of play(fundedHistory(), wishes)) {
          for (const operation of receipt?.code === 0 ? transaction.operations : []) {
            if (operation.kind === "transfer" && operation.reference !== undefined) {
              const { to, token, amount, reference } = operation;
              const key = toHex(referenceKey(to, token, amount, reference));
              expect(paid.has(key)).toBe(false);
              paid.add(key);
            }
          }
        }
      }),
      RUNS,
    );
  });

  test("comes to the same on the real state as on a map, expiry included", async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (wishes) => {
        const history = fundedHistory();
        const { chain } = history;
        const state = State.open(new MemoryStore(), { pageCacheBytes: 1 << 20, historyHeights: 2 });
        const leaves = [...chain.state.leaves].map(([key, value]) => ({ key: keyBytes(key), value }));
        state.commit(chain.height, state.prepare(leaves));
        const follow = (transactions: Transaction[]): void => {
          const context = { height: chain.height, timeMs: 0, genesisHash: GENESIS_HASH };
          const result = executeBlock(state, context, transactions, { onInvalid: "drop" });
          expect(result).toEqual(chain.result);
          state.commit(chain.height, state.prepare(result.changes));
        };
        for (const wish of wishes) {
          const [{ transaction }] = play(history, [wish]);
          follow([transaction]);
          if (chain.height % 5 === 0) {
            await state.flush();
          }
        }
        while (chain.height < 170) {
          chain.pass(1);
          follow([]);
        }
      }),
      { numRuns: 20 },
    );
  });
});

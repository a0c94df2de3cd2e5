// The kernel's ledger beside its twin, on blocks of payments that it executes by itself: success and every failure, thousands of
// payments, on chains with different fees; and the same payments in other blocks.

import { describe, expect, test } from "vitest";
import { bytesKey } from "../../src/base/bytes.js";
import { SeededRandom } from "../../src/base/random.js";
import { type BlockResult, executeBlock } from "../../src/execution/executeBlock.js";
import { KernelLedger } from "../../src/execution/kernel/kernelLedger.js";
import { errorName } from "../../src/protocol/errors.js";
import { decodeReceipt } from "../../src/protocol/receipt.js";
import {
  accountKey,
  decodeAccountLeaf,
  decodeLaneLeaf,
  encodeAccountLeaf,
  LEAF_KINDS,
} from "../../src/protocol/stateLeaves.js";
import type { Transaction } from "../../src/protocol/transaction.js";
import { ledgerNeeds } from "../../src/wasm/ledgerKernel.js";
import { sha256 } from "../../src/wasm/sha256.js";
import { bob, GENESIS_HASH, LedgerChain, MapState, PARAMETERS, person, transfer } from "./ledgerChain.js";
import { CHAINS, PaymentMaker, paymentState } from "./randomPayments.js";

const DROP = { onInvalid: "drop" } as const;

function smallLedger(seed: number): KernelLedger {
  return new KernelLedger({ accounts: 33_000, blockBytes: 1 << 20, random: new SeededRandom(seed) });
}

function contextOf(height: number): { height: number; timeMs: number; genesisHash: Uint8Array } {
  return { height, timeMs: 0, genesisHash: GENESIS_HASH };
}

/** Executes the block with both, expects the same, and gives it. */
function executeBoth(ledger: KernelLedger, state: MapState, height: number, block: Transaction[]): BlockResult {
  const expected = executeBlock(state, contextOf(height), block, DROP);
  const found = ledger.executeBlock(state, contextOf(height), block, DROP);
  expect(found.receipts).toEqual(expected.receipts);
  expect([...found.changes]).toEqual([...expected.changes]);
  expect(found.included.length).toBe(expected.included.length);
  expect(found.dropped.map(({ error }) => error.message)).toEqual(expected.dropped.map(({ error }) => error.message));
  return found;
}

/** Balances, next sequences and paid references: what must not hang on which block a payment stands in. */
function essence(state: MapState): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [key, value] of state.leaves) {
    if (value[0] === LEAF_KINDS.account) {
      found.set(key, decodeAccountLeaf(value));
    } else {
      found.set(key, value[0] === LEAF_KINDS.lane ? decodeLaneLeaf(value).sequenceNext : value[0]);
    }
  }
  return found;
}

/** Gives the state `count` accounts that none of the payments name. */
function addPeople(state: MapState, count: number): Uint8Array[] {
  const value = encodeAccountLeaf({ balances: [1n, 2n, 3n], deposit: 0n, tokenCount: 0 });
  const people = Array.from({ length: count }, (_, index) => person(`asked ${index}`).address);
  state.apply(people.map((address) => ({ key: accountKey(address), value })));
  return people;
}

/** The payments in blocks of `size`, all of one height's window, on a state of its own. */
function play(state: MapState, payments: Transaction[], size: number): void {
  const ledger = smallLedger(3);
  for (let first = 0, height = 1; first < payments.length; first += size, height++) {
    const { changes } = ledger.executeBlock(state, contextOf(height), payments.slice(first, first + size), DROP);
    state.apply([...changes]);
    ledger.committed(height, changes);
  }
}

describe("the kernel's ledger on payments", () => {
  test.each(CHAINS.map((parameters, index) => [index, parameters] as const))(
    "gives what its twin gives, to the byte, on chain %i",
    (index, parameters) => {
      const ledger = smallLedger(index);
      const codes = new Set<string | undefined>();
      for (let seed = 0; seed < 12; seed++) {
        const maker = new PaymentMaker(new SeededRandom(1_000 * index + seed));
        const state = paymentState(maker.random, parameters);
        for (let height = 1; height <= 12; height++) {
          const result = executeBoth(ledger, state, height, maker.block(height, 60));
          state.apply([...result.changes]);
          if (height % 3 !== 0) {
            ledger.committed(height, result.changes);
          }
          for (const receipt of result.receipts) {
            codes.add(errorName(decodeReceipt(receipt).code));
          }
          for (const { error } of result.dropped) {
            codes.add(error.code);
          }
        }
      }
      if (index === 0) {
        // The blocks would be worth little if they didn't come to all of these.
        const names = [
          "OK",
          "INSUFFICIENT_BALANCE",
          "REFERENCE_PAID",
          "REFERENCE_EXPIRED",
          "REFERENCE_TOO_FAR",
          "DEPOSIT_UNPAID",
          "AMOUNT_OVERFLOW",
          "FEE_ABOVE_LIMIT",
          "WRONG_CHAIN",
          "EXPIRED",
          "VALID_UNTIL_TOO_FAR",
          "SEQUENCE_USED",
          "SEQUENCE_GAP",
          "WRONG_KEY",
          "FEE_TOKEN_NOT_ALLOWED",
          "FEE_LIMIT_TOO_LOW",
          "FEE_UNPAYABLE",
        ];
        expect(names.filter((name) => !codes.has(name))).toEqual([]);
      }
    },
  );

  test("rounds every share as the protocol does", () => {
    const ledger = new KernelLedger({ accounts: 70_000, blockBytes: 1 << 21, random: new SeededRandom(8) });
    const chain = new LedgerChain({ feeRateBasisPoints: 37, feeMinTtcUnits: 1n });
    // All remainders of a division into basis points, each with a quotient of its own.
    const transfers = Array.from({ length: 10_000 }, (_, index) =>
      chain.ask({ operations: [transfer(bob, BigInt(index * 10_001 + 1))] }, index),
    );
    const { receipts } = executeBoth(ledger, chain.state, 1, transfers);
    expect(receipts.every((receipt) => decodeReceipt(receipt).code === 0)).toBe(true);
  });

  test("counts a lane up to its expiry and not after it", () => {
    const expiry = 1 + PARAMETERS.validUntilHeightsMax;
    for (const height of [expiry - 1, expiry, expiry + 1]) {
      const chain = new LedgerChain();
      const ledger = smallLedger(height);
      const pay = (sequence: number): Transaction =>
        chain.ask({ operations: [transfer(bob, 1n)], validUntil: Math.max(1, chain.height), sequence });
      const first = executeBoth(ledger, chain.state, 1, [pay(0)]);
      chain.state.apply([...first.changes]);
      ledger.committed(1, first.changes);
      for (chain.height = 2; chain.height < height; chain.height++) {
        ledger.committed(chain.height, []);
      }
      const { included, dropped } = executeBoth(ledger, chain.state, height, [pay(0), pay(1)]);
      expect(included.map(({ sequence }) => sequence)).toEqual(height > expiry ? [0, 1] : [1]);
      expect(dropped.map(({ error }) => error.code)).toEqual(height > expiry ? [] : ["SEQUENCE_USED"]);
    }
  });

  test("gives what its twin gives in blocks of several batches", () => {
    const ledger = smallLedger(9);
    const maker = new PaymentMaker(new SeededRandom(77));
    const state = paymentState(maker.random, {});
    for (let height = 1; height <= 2; height++) {
      const result = executeBoth(ledger, state, height, maker.block(height, 2_600));
      state.apply([...result.changes]);
      ledger.committed(height, result.changes);
    }
  });

  test("comes to the same balances, lanes and references in blocks of any size", () => {
    for (let seed = 0; seed < 4; seed++) {
      const maker = new PaymentMaker(new SeededRandom(500 + seed));
      const start = paymentState(maker.random, {});
      // Only what any block may hold: whether a payment is still valid must not hang on its block's height.
      const payments = maker.block(30, 400).filter(({ operations, validUntil }) => {
        const lasting = operations.every(
          ({ kind, ...rest }) => kind === "transfer" && !("reference" in rest && lapses(rest)),
        );
        return lasting && validUntil >= 30 && validUntil <= 90;
      });
      const states = [400, 61, 17].map((size) => {
        const state = start.copy();
        play(state, payments, size);
        return essence(state);
      });
      expect(states[1]).toEqual(states[0]);
      expect(states[2]).toEqual(states[0]);
    }
  });

  test("executes by the twin what is larger than its blocks, and follows it", () => {
    const ledger = new KernelLedger({ accounts: 1_000, blockBytes: 1 << 14, random: new SeededRandom(4) });
    const maker = new PaymentMaker(new SeededRandom(41));
    const state = paymentState(maker.random, {});
    for (let height = 1; height <= 9; height++) {
      const result = executeBoth(ledger, state, height, maker.block(height, height % 3 === 0 ? 150 : 30));
      state.apply([...result.changes]);
      ledger.committed(height, result.changes);
    }
    expect(ledger.held.accounts).toBeGreaterThan(0);
  });

  test("forgets what it holds when it is full, and goes on", () => {
    const ledger = new KernelLedger({ accounts: 520, blockBytes: 1 << 14, random: new SeededRandom(5) });
    const maker = new PaymentMaker(new SeededRandom(43));
    const state = paymentState(maker.random, {});
    let isDropped = false;
    for (let height = 1; height <= 80; height++) {
      const before = ledger.held.accounts;
      const result = executeBoth(ledger, state, height, maker.block(height, 35));
      isDropped ||= ledger.held.accounts < before;
      state.apply([...result.changes]);
      ledger.committed(height, result.changes);
    }
    expect(isDropped).toBe(true);
  });

  test("takes in the accounts that it is asked for and that the state has, no others", () => {
    const ledger = smallLedger(12);
    const maker = new PaymentMaker(new SeededRandom(46));
    const state = paymentState(maker.random, {});
    const people = addPeople(state, 100);
    const addresses = [...people, ...people.map(sha256)].map(bytesKey);
    const ask = (height: number, of: MapState = state): boolean[] =>
      addresses.map((address) => ledger.hasAccount(of, height, address));
    const expected = addresses.map((_, index) => index < people.length);
    expect(ask(0)).toEqual(expected);
    expect(ledger.held.accounts).toBe(0);
    const first = executeBoth(ledger, state, 1, maker.block(1, 20));
    const before = ledger.held.accounts;
    expect(ask(0)).toEqual(expected);
    expect(ask(0)).toEqual(expected);
    expect(ledger.held.accounts).toBe(before + people.length);
    state.apply([...first.changes]);
    ledger.committed(1, first.changes);
    // What it holds is of one state and height.
    expect(ask(1, new MapState())).toEqual(addresses.map(() => false));
    state.apply([{ key: accountKey(people[7]), value: undefined }]);
    expect(ask(1)).toEqual(expected);
    expect(ask(2)).toEqual(expected.map((answer, index) => answer && index !== 7));
    expect(ledger.held.accounts).toBe(before + people.length);
  });

  test("takes in no more accounts than leave room for the largest block, and forgets them when it is full", () => {
    const ledger = new KernelLedger({ accounts: 560, blockBytes: 1 << 14, random: new SeededRandom(11) });
    const maker = new PaymentMaker(new SeededRandom(47));
    const state = paymentState(maker.random, {});
    const people = addPeople(state, 200);
    const askedMax = 560 - ledgerNeeds(1 << 14).accounts;
    let isDropped = false;
    for (let height = 1; height <= 80; height++) {
      const before = ledger.held.accounts;
      const result = executeBoth(ledger, state, height, maker.block(height, 35));
      isDropped ||= ledger.held.accounts < before;
      state.apply([...result.changes]);
      ledger.committed(height, result.changes);
      const held = Math.max(askedMax, ledger.held.accounts);
      for (const address of people) {
        expect(ledger.hasAccount(state, height, bytesKey(address))).toBe(true);
      }
      expect(ledger.held.accounts).toBe(held);
    }
    expect(isDropped).toBe(true);
  });

  test("names the transaction that may not stand in a block, and leaves no trace of the block", () => {
    const ledger = smallLedger(6);
    const maker = new PaymentMaker(new SeededRandom(45));
    const state = paymentState(maker.random, {});
    const block = maker.block(1, 200);
    const throwing = (run: typeof executeBlock): unknown => {
      try {
        return run(state, contextOf(1), block, { onInvalid: "throw" });
      } catch (error) {
        return error;
      }
    };
    const expected = throwing(executeBlock) as Error & { details: unknown };
    const found = throwing(ledger.executeBlock.bind(ledger)) as Error & { details: unknown };
    expect(expected).toBeInstanceOf(Error);
    expect([found.message, found.details]).toEqual([expected.message, expected.details]);
    executeBoth(ledger, state, 1, block);
  });
});

/** Whether a transfer's reference may be payable at one of the first 60 heights and not at another. */
function lapses({ reference }: { reference?: Uint8Array | undefined }): boolean {
  return reference !== undefined && (reference[0] < 30 || reference[1] > 0);
}

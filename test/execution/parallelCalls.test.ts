// Contracts on a chain, whoever runs them: the same blocks give the same bytes one after another, on workers, and by the ledger kernel.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bytesKey, toHex } from "../../src/base/bytes.js";
import { SeededRandom } from "../../src/base/random.js";
import type { SpeculativeCall, SpeculativeResult } from "../../src/execution/contracts/parallel/callMessages.js";
import { CallPool } from "../../src/execution/contracts/parallel/callPool.js";
import { ParallelCalls } from "../../src/execution/contracts/parallel/parallelCalls.js";
import { executeBlock } from "../../src/execution/executeBlock.js";
import { KernelLedger } from "../../src/execution/kernel/kernelLedger.js";
import { defaultGasSchedule } from "../../src/protocol/gasSchedule.js";
import { TTC_UNIT } from "../../src/protocol/tokens.js";
import type { Transaction } from "../../src/protocol/transaction.js";
import { readParameters } from "../../src/state/views.js";
import { callOf } from "./contractChain.js";
import { expectSupplies, GENESIS, GENESIS_HASH, type LedgerChain } from "./ledgerChain.js";
import { funded, PEOPLE, randomBlock } from "./randomCalls.js";

describe("blocks of contract calls", () => {
  const pools = new Map<number, CallPool>();
  beforeAll(() => {
    pools.set(1, CallPool.start(1));
    pools.set(2, CallPool.start(2));
  });
  afterAll(async () => {
    await Promise.all([...pools.values()].map((pool) => pool.close()));
  });

  test("that find no gas left are not run by workers either", () => {
    const { chain, mixers } = funded();
    const { ledger, parallel } = ledgerOf(1);
    const gasLimit = readParameters(chain.state).blockGasMax;
    const spins = PEOPLE.map((who) => {
      const operation = callOf(mixers[0], "spin", [1n << 60n], { gasLimit });
      return chain.ask({ operations: [operation], signers: [who], feeLimit: 900n * TTC_UNIT });
    });
    const context = { height: chain.height + 1, timeMs: GENESIS.timeMs + chain.height + 1, genesisHash: GENESIS_HASH };
    const onKernel = ledger.executeBlock(chain.state, context, spins, { onInvalid: "drop" });
    const twin = executeBlock(chain.state, context, spins, { onInvalid: "drop" });
    expect([...onKernel.changes]).toEqual([...twin.changes]);
    expect(onKernel.included).toEqual(spins.slice(0, 1));
    // The block is full with the first: those after the second are passed over without a word.
    expect(onKernel.dropped.map(({ error }) => error.code)).toEqual(["BLOCK_GAS_USED"]);
    expect(parallel?.counts.passed).toBeGreaterThan(0);
  });

  /** The kernel's ledger with calls on so many workers, however small the calls. */
  function ledgerOf(workers: number): { ledger: KernelLedger; parallel: ParallelCalls | undefined } {
    const pool = pools.get(workers);
    const parallel = pool && new ParallelCalls(pool, 0);
    const capacity = { accounts: 33_000, blockBytes: 1 << 20, random: new SeededRandom(workers) };
    return { ledger: new KernelLedger({ ...capacity, ...(parallel && { parallelCalls: parallel }) }), parallel };
  }

  function expectSame(chain: LedgerChain, transactions: Transaction[], ledgers: KernelLedger[]): void {
    const context = { height: chain.height + 1, timeMs: GENESIS.timeMs + chain.height + 1, genesisHash: GENESIS_HASH };
    const twin = executeBlock(chain.state, context, transactions);
    const show = ({ receipts, changes }: typeof twin) => ({
      receipts: receipts.map(toHex),
      changes: [...changes].map(({ key, value }) => `${bytesKey(key)} ${value && toHex(value)}`),
    });
    for (const ledger of ledgers) {
      const other = ledger.executeBlock(chain.state, context, transactions);
      expect(show(other)).toEqual(show(twin));
      ledger.committed(context.height, other.changes);
    }
    chain.height++;
    chain.state.apply([...twin.changes]);
    expectSupplies(chain.state);
  }

  test("give the same receipts and changes on no, one and two workers, with conflicts of all sorts", () => {
    const seeds = fc.record({ seed: fc.integer({ min: 0, max: 1 << 30 }), count: fc.integer({ min: 1, max: 25 }) });
    fc.assert(
      fc.property(fc.array(seeds, { minLength: 2, maxLength: 4 }), (blocks) => {
        const { chain, mixers } = funded();
        const ledgers = [0, 1, 2].map((workers) => ledgerOf(workers).ledger);
        for (const { seed, count } of blocks) {
          chain.setParameters({ gas: { ...defaultGasSchedule, storageWrite: 1_000 + (seed % 3) * 400 } });
          expectSame(chain, randomBlock(chain, mixers, new SeededRandom(seed), count), ledgers);
        }
      }),
      { numRuns: 6 },
    );
  });

  test("keep what workers ran ahead where nothing came between, and repeat the rest", () => {
    const { chain, mixers } = funded();
    const { ledger, parallel } = ledgerOf(2);
    const mine = (i: number) => chain.ask({ operations: [callOf(mixers[0], "mine")], signers: [PEOPLE[i]] });
    expectSame(
      chain,
      PEOPLE.map((_, i) => mine(i)),
      [ledger],
    );
    expect(parallel?.counts).toEqual({ serial: 0, kept: PEOPLE.length, repeated: 0, passed: 0 });
    const add = (i: number) => chain.ask({ operations: [callOf(mixers[0], "put", [1n, 1n])], signers: [PEOPLE[i]] });
    expectSame(
      chain,
      PEOPLE.map((_, i) => add(i)),
      [ledger],
    );
    expect(parallel?.counts.repeated).toBeGreaterThan(0);
  });

  test("end with one root over 10,000 random calls, on every run and worker count", () => {
    const { chain, mixers } = funded();
    const random = new SeededRandom(5);
    const ledgers = [ledgerOf(0).ledger, ledgerOf(2).ledger];
    for (let block = 0; block < 40; block++) {
      expectSame(chain, randomBlock(chain, mixers, random, 250), ledgers);
    }
  });
});

test("every call that workers were given has ended with its block, also where a refused one names a transaction twice", () => {
  const { chain, mixers } = funded();
  let underWay: number[] = [];
  // Stands for workers that say one thing at a time.
  const pool = {
    begin(calls: readonly SpeculativeCall[]): void {
      underWay = calls.map(({ index }) => index);
    },
    passTo(): void {},
    wait(_answer: unknown, done: (result: SpeculativeResult) => void): void {
      const index = underWay.pop() as number;
      done({ index, result: undefined, reads: { storage: [], balances: [], contracts: [] } });
    },
  } as unknown as CallPool;
  const twice = chain.ask({ operations: [callOf(mixers[0], "mine")], signers: [PEOPLE[0]] });
  const capacity = { accounts: 33_000, blockBytes: 1 << 20, random: new SeededRandom(1) };
  const ledger = new KernelLedger({ ...capacity, parallelCalls: new ParallelCalls(pool, 0) });
  const context = { height: chain.height + 1, timeMs: GENESIS.timeMs, genesisHash: GENESIS_HASH };
  expect(() => ledger.executeBlock(chain.state, context, [twice, twice])).toThrow("SEQUENCE_USED");
  expect(underWay).toEqual([]);
});

// executeBlock on the WebAssembly kernel, with the same result to the byte as its twin, src/execution/executeBlock.ts. The kernel runs
// the payments in order; at a transaction of another kind, or one that may not stand in the block, the twin's own code takes over
// for that one, on the leaves as they are then. Between blocks the kernel keeps what it has read of the state, within its
// capacity; a block that is executed and not committed is taken back when the next one begins.

import { keyBytes } from "../../base/bytes.js";
import { type Random, systemRandom } from "../../base/random.js";
import { CodedError } from "../../protocol/errors.js";
import { runsContracts } from "../../protocol/readTransaction.js";
import { accountKey, leafExpiry } from "../../protocol/stateLeaves.js";
import { NATIVE_TOKENS, type TokenId } from "../../protocol/tokens.js";
import type { Transaction } from "../../protocol/transaction.js";
import type { StateChange } from "../../protocol/writeSet.js";
import { readParameters, type StateReader } from "../../state/views.js";
import { type LedgerCapacity, LedgerKernel, ledgerNeeds } from "../../wasm/ledgerKernel.js";
import type { BlockScope } from "../blockScope.js";
import { endBlock } from "../blockSteps.js";
import type { ContractCalls } from "../contracts/contractUsage.js";
import type { ParallelCalls } from "../contracts/parallel/parallelCalls.js";
import { serialCalls } from "../contracts/serialCalls.js";
import {
  type BlockContext,
  type BlockOptions,
  type BlockResult,
  type BlockState,
  executeBlock,
  executeNext,
  leavesToRemove,
} from "../executeBlock.js";
import { LedgerFailure } from "../ledger/ledgerFailure.js";
import { WorkingState } from "../workingState.js";
import { BlockLeaves } from "./blockLeaves.js";
import { encodeKernelParameters } from "./kernelParameters.js";
import { LEDGER_ACCOUNTS_DEFAULT } from "./ledgerCapacity.js";

const MIB = 1 << 20;
const HASH_KEY_BYTES = 16;
/** Leaves of another's block written in one go: fewer than any block may touch. */
const APPLIED_MAX = 1_000;

export interface KernelLedgerOptions extends LedgerCapacity {
  /** Where the key of the kernel's tables comes from. */
  random: Random;
  /** Runs calls of contracts ahead on workers; undefined: all on this thread. */
  parallelCalls?: ParallelCalls;
}

/** What executes blocks: the kernel, or its twin. */
export interface Ledger {
  executeBlock(
    state: BlockState,
    context: BlockContext,
    transactions: Transaction[],
    options?: BlockOptions,
  ): BlockResult;
  /** To be told when the state has become that of `height` by these changes (the very list, where the block is this ledger's own). */
  committed(height: number, changes: Iterable<StateChange>): void;
  /**
   * Whether an address, given as its `bytesKey`, has an account in `state`, which is of `height`. While a block is executed and not
   * committed, the answer may be as that block leaves it.
   */
  hasAccount(state: StateReader, height: number, address: string): boolean;
}

/** The twin: it keeps nothing from block to block. */
export const twinLedger: Ledger = {
  executeBlock,
  committed: () => {},
  hasAccount: (state, _height, address) => state.get(accountKey(keyBytes(address))) !== undefined,
};

/** One block while it is executed. */
interface BlockRun {
  scope: Omit<BlockScope, "state">;
  state: BlockState;
  leaves: BlockLeaves;
  options: BlockOptions;
  result: BlockResult;
}

export class KernelLedger implements Ledger {
  readonly #options: KernelLedgerOptions;
  /** How many accounts may be held for questions alone: the largest block finds room beside them. */
  readonly #askedMax: number;
  #kernel: LedgerKernel;
  /** Whose leaves the kernel holds, as of this height. */
  #state: BlockState | undefined;
  #height = -1;
  /** The block that stands in the kernel and is neither committed nor taken back. */
  #pending: BlockRun | undefined;

  constructor(options: Partial<KernelLedgerOptions> = {}) {
    this.#options = { accounts: LEDGER_ACCOUNTS_DEFAULT, blockBytes: 8 * MIB, random: systemRandom, ...options };
    this.#askedMax = this.#options.accounts - ledgerNeeds(this.#options.blockBytes).accounts;
    this.#kernel = this.#makeKernel();
  }

  #makeKernel(): LedgerKernel {
    return new LedgerKernel(this.#options, this.#options.random.bytes(HASH_KEY_BYTES));
  }

  /** How many accounts and lanes are held. */
  get held(): { accounts: number; lanes: number } {
    return { accounts: this.#kernel.accountCount, lanes: this.#kernel.laneCount };
  }

  /** As the twin's function of this name: see src/execution/executeBlock.ts. */
  executeBlock(
    state: BlockState,
    context: BlockContext,
    transactions: Transaction[],
    options: BlockOptions = { onInvalid: "throw" },
  ): BlockResult {
    this.#takeBack();
    const bytes = transactions.reduce((sum, transaction) => sum + transaction.bytes.length, 0);
    if (bytes > this.#options.blockBytes) {
      return executeBlock(state, context, transactions, options);
    }
    this.#makeRoom(state, context.height, bytes);
    const parameters = readParameters(state);
    const { height, timeMs, genesisHash } = context;
    this.#kernel.setParameters(encodeKernelParameters(parameters, context));
    const fees = new Map<TokenId, bigint>();
    const run: BlockRun = {
      scope: {
        height,
        timeMs,
        genesisHash,
        parameters,
        fees,
        revivedLanes: new Set(),
        gas: { calls: 0, packages: 0, hasBegun: false, isFull: false },
        calls: serialCalls(parameters.gas),
      },
      state,
      leaves: new BlockLeaves(this.#kernel, state),
      options,
      result: { receipts: [], changes: [], included: [], dropped: [] },
    };
    this.#kernel.beginBlock();
    this.#pending = run;
    try {
      this.#runAll(run, transactions, context);
    } catch (error) {
      this.#recover(error);
      throw error;
    }
    return run.result;
  }

  committed(height: number, changes: Iterable<StateChange>): void {
    if (changes === this.#pending?.result.changes && height === this.#height + 1) {
      this.#kernel.endBlock(true);
      this.#pending = undefined;
      this.#height = height;
      return;
    }
    this.#takeBack();
    if (height === this.#height + 1) {
      this.#adopt(changes);
      this.#height = height;
    } else {
      this.#state = undefined;
    }
  }

  /** Takes the changes of a block that was executed elsewhere, for the leaves that are held. */
  #adopt(changes: Iterable<StateChange>): void {
    let written = 0;
    this.#kernel.beginBlock();
    for (const { key, value } of changes) {
      if (++written % APPLIED_MAX === 0) {
        this.#kernel.endBlock(true);
        this.#kernel.beginBlock();
      }
      this.#kernel.write(key, value);
    }
    this.#kernel.endBlock(true);
  }

  #takeBack(): void {
    if (this.#pending !== undefined) {
      this.#kernel.endBlock(false);
      this.#pending = undefined;
    }
  }

  /**
   * As the interface says. An account that is not held is taken in, so that the block that pays it need not read it again; not where it
   * has no leaf: strangers can name any number of those.
   */
  hasAccount(state: StateReader, height: number, address: string): boolean {
    if (state !== this.#state || height !== this.#height) {
      return twinLedger.hasAccount(state, height, address);
    }
    const known = this.#kernel.hasAccount(address);
    if (known !== undefined) {
      return known;
    }
    const key = accountKey(keyBytes(address));
    const value = state.get(key);
    // What the host changed of it in a block that may yet count stands beside the kernel.
    if (value !== undefined && this.#kernel.accountCount < this.#askedMax && !this.#pending?.leaves.overlays(key)) {
      this.#takeIn(key, value);
    }
    return value !== undefined;
  }

  #takeIn(key: Uint8Array, value: Uint8Array): void {
    try {
      this.#kernel.addAccount(key, value);
    } catch (error) {
      this.#recover(error);
      throw error;
    }
  }

  /** After a failure: bad input leaves the kernel sound, anything else may not have. */
  #recover(error: unknown): void {
    if (error instanceof CodedError || error instanceof LedgerFailure) {
      this.#takeBack();
      return;
    }
    this.#kernel = this.#makeKernel();
    this.#pending = undefined;
    this.#state = undefined;
  }

  /** Forgets leaves of another state or height, and all where the block's might not find room. */
  #makeRoom(state: BlockState, height: number, blockBytes: number): void {
    const needs = ledgerNeeds(blockBytes);
    const { accounts } = this.#options;
    const isFull =
      this.#kernel.accountCount + needs.accounts > accounts || this.#kernel.laneCount + needs.lanes > accounts;
    if (state !== this.#state || height !== this.#height + 1 || isFull) {
      this.#kernel.dropAll();
    }
    this.#state = state;
    this.#height = height - 1;
  }

  #runAll(run: BlockRun, transactions: Transaction[], block: BlockContext): void {
    const kernel = this.#kernel;
    const contractsFrom = transactions.findIndex(runsContracts);
    const payments = contractsFrom < 0 ? transactions.length : contractsFrom;
    for (let first = 0; first < payments; ) {
      kernel.beginBatch();
      let next = first;
      while (next < payments && kernel.add(transactions[next].bytes)) {
        next++;
      }
      this.#runBatch(run, transactions, first, next);
      first = next;
    }
    this.#runContracts(run, transactions, payments);
    const { leaves, result, state } = run;
    const { fees, height } = run.scope;
    kernel.fees().forEach((units, index) => {
      const token = NATIVE_TOKENS[index];
      fees.set(token, (fees.get(token) ?? 0n) + units);
    });
    const working = new WorkingState(leaves);
    endBlock({ ...run.scope, state: working }, block, result);
    leaves.apply(working.changes([]));
    // An expired lane that the block used again has another expiry now.
    const isRevived = (key: Uint8Array): boolean => {
      const value = leaves.get(key);
      return value !== undefined && (leafExpiry(value) ?? height) >= height;
    };
    const changes = leaves.changes();
    for (const key of leavesToRemove(state, height, isRevived)) {
      changes.add(key, 0, key, 0, 0);
    }
    result.changes = changes.seal();
  }

  /** Transactions `first` to `end` of the block, which stand in the kernel as one batch. */
  #runBatch(run: BlockRun, transactions: Transaction[], first: number, end: number): void {
    const kernel = this.#kernel;
    const { result, state, leaves } = run;
    kernel.prepare(state, (index) => transactions[first + index].id);
    leaves.handOver();
    for (let at = 0; at < end - first; ) {
      const stop = kernel.execute(at);
      kernel.takeReceipts(at, stop, result.receipts);
      for (; at < stop; at++) {
        result.included.push(transactions[first + at]);
      }
      if (at < end - first) {
        this.#runByHost(run, transactions[first + at], first + at);
        at++;
      }
    }
  }

  /** Transactions from number `first` on, which stand behind the block's payments: all on one working state. */
  #runContracts(run: BlockRun, transactions: Transaction[], first: number): void {
    if (first === transactions.length) {
      return;
    }
    const state = new WorkingState(run.leaves);
    const runThem = (calls: ContractCalls): void => {
      const scope = { ...run.scope, state, calls };
      for (let index = first; index < transactions.length; index++) {
        executeNext(scope, transactions[index], index, run.options, run.result);
      }
    };
    const { parallelCalls } = this.#options;
    if (parallelCalls === undefined) {
      runThem(run.scope.calls);
    } else {
      parallelCalls.within(state, run.scope, transactions.slice(first), runThem);
    }
    run.leaves.apply(state.changes([]));
  }

  #runByHost(run: BlockRun, transaction: Transaction, index: number): void {
    const working = new WorkingState(run.leaves);
    executeNext({ ...run.scope, state: working }, transaction, index, run.options, run.result);
    run.leaves.apply(working.changes([]));
  }
}

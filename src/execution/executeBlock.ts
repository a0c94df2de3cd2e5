// A block's transactions, in their order, on the state before it: receipts, and the changes that make the state after it. A pure
// function: the same block on the same state gives the same bytes everywhere.

import { bytesKey } from "../base/bytes.js";
import { CodedError } from "../protocol/errors.js";
import { gasLimitsOf, isContractTransaction } from "../protocol/operations/contracts.js";
import type { ChainParameters } from "../protocol/parameters.js";
import { encodeReceipt } from "../protocol/receipt.js";
import type { TokenId } from "../protocol/tokens.js";
import type { Transaction } from "../protocol/transaction.js";
import type { StateChanges } from "../state/state.js";
import { readParameters, type StateReader } from "../state/views.js";
import type { BlockScope } from "./blockScope.js";
import { type BlockEnd, endBlock } from "./blockSteps.js";
import { serialCalls } from "./contracts/serialCalls.js";
import { executeTransaction } from "./executeTransaction.js";
import { type Admission, admit } from "./verifyAdmissible.js";
import { WorkingState } from "./workingState.js";

/** Removals of expired leaves in one block; the rest waits for the next, and counts as absent meanwhile. */
export const EXPIRED_LEAVES_PER_BLOCK_MAX = 10_000;

/** The state before the block. */
export interface BlockState extends StateReader {
  /** Keys of lanes and references that expired before `height`, in the order of (expiry, key). */
  expiredLeaves(height: number): Iterable<Uint8Array>;
}

/** The block that the transactions are to stand in. */
export interface BlockContext extends BlockEnd {
  height: number;
  /** The block's time: milliseconds since 1970 UTC. */
  timeMs: number;
  genesisHash: Uint8Array;
}

export interface BlockOptions {
  /** What to do with a transaction that may not stand in this block: "throw" BAD_BLOCK, or "drop" it and go on. */
  onInvalid: "throw" | "drop";
}

export interface BlockResult {
  /** Encoded, one for each of `included`. */
  receipts: Uint8Array[];
  /** In ascending order of the keys; leaves whose value stays are not among them. */
  changes: StateChanges;
  included: Transaction[];
  /** Those that may not stand in this block, and why, up to where its gas ran out; always empty where they throw. */
  dropped: { transaction: Transaction; error: CodedError }[];
}

/** A block that is being made is full when one finds no gas and less than this part of it is left. */
const FULL_PART = 64;
/** For all that a block being made leaves out: an error for each would be most of what a crowd of them costs. */
const NO_GAS_LEFT = new CodedError("BLOCK_GAS_USED", "the block has no gas left for what the transaction may use");

/** Throws BLOCK_GAS_USED where the block might not have the gas that the transaction may use. */
function expectGasLeft({ gas, parameters }: BlockScope, transaction: Transaction, { onInvalid }: BlockOptions): void {
  const { calls, packages } = gasLimitsOf(transaction.operations);
  const { blockGasMax, blockPackageGasMax } = parameters;
  if (calls > blockGasMax || packages > blockPackageGasMax) {
    // No block has as much: admission says so.
    return;
  }
  const left = { calls: blockGasMax - gas.calls, packages: blockPackageGasMax - gas.packages };
  if (calls > left.calls || packages > left.packages) {
    if (onInvalid === "drop") {
      gas.isFull = calls > left.calls && left.calls * FULL_PART < blockGasMax;
      throw NO_GAS_LEFT;
    }
    throw new CodedError(
      "BLOCK_GAS_USED",
      `expected ${calls} and ${packages} gas left, got ${left.calls} and ${left.packages}`,
    );
  }
}

/** What keeps the transaction out of the block, or its admission. */
function tryAdmit(scope: BlockScope, transaction: Transaction, options: BlockOptions): Admission | CodedError {
  try {
    const isContract = isContractTransaction(transaction.operations);
    if (scope.gas.hasBegun && !isContract) {
      return new CodedError("BAD_BLOCK", "expected payments before the transactions of contracts, got one after");
    }
    if (isContract) {
      // First, as it is cheap: most of what waits may find no gas.
      expectGasLeft(scope, transaction, options);
    }
    return admit(scope.state, scope.parameters, scope, transaction);
  } catch (error) {
    if (error instanceof CodedError) {
      return error;
    }
    throw error;
  }
}

/**
 * Executes the block's transaction number `index` and adds what became of it to `result`: a receipt where it succeeds or fails, none
 * where it may not stand in the block. One that a block being made has no gas for may be passed over without a word: it goes on waiting.
 */
export function executeNext(
  scope: BlockScope,
  transaction: Transaction,
  index: number,
  options: BlockOptions,
  result: BlockResult,
): void {
  if (scope.gas.isFull) {
    return;
  }
  const admission = tryAdmit(scope, transaction, options);
  if (!(admission instanceof CodedError)) {
    result.receipts.push(encodeReceipt(executeTransaction(scope, transaction, admission)));
    result.included.push(transaction);
  } else if (options.onInvalid === "drop") {
    result.dropped.push({ transaction, error: admission });
  } else {
    const reason = `transaction ${index}: ${admission.code}: ${admission.message}`;
    throw new CodedError("BAD_BLOCK", reason, { transaction: index, reason: admission.code });
  }
}

/** Keys of the expired leaves that the block removes; `isRevived` tells of lanes that it used again. */
export function leavesToRemove(
  state: BlockState,
  height: number,
  isRevived: (key: Uint8Array) => boolean,
): Uint8Array[] {
  const keys: Uint8Array[] = [];
  for (const key of state.expiredLeaves(height)) {
    if (keys.length === EXPIRED_LEAVES_PER_BLOCK_MAX) {
      break;
    }
    if (!isRevived(key)) {
      keys.push(key);
    }
  }
  return keys;
}

/**
 * Executes `transactions`, whose signatures have been verified, as the block of `context` on the state of the height before.
 * Changes nothing but its own working state. Throws BAD_BLOCK where `options` say so.
 */
export function executeBlock(
  state: BlockState,
  context: BlockContext,
  transactions: Transaction[],
  options: BlockOptions = { onInvalid: "throw" },
): BlockResult {
  const parameters: ChainParameters = readParameters(state);
  const { height, timeMs, genesisHash } = context;
  const working = new WorkingState(state);
  const fees = new Map<TokenId, bigint>();
  const revivedLanes = new Set<string>();
  const gas = { calls: 0, packages: 0, hasBegun: false, isFull: false };
  const place = { height, timeMs, genesisHash, parameters };
  const scope: BlockScope = { ...place, state: working, fees, revivedLanes, gas, calls: serialCalls(parameters.gas) };
  const result: BlockResult = { receipts: [], changes: [], included: [], dropped: [] };
  transactions.forEach((transaction, index) => {
    executeNext(scope, transaction, index, options, result);
  });
  endBlock(scope, context, result);
  result.changes = working.changes(leavesToRemove(state, height, (key) => revivedLanes.has(bytesKey(key))));
  return result;
}

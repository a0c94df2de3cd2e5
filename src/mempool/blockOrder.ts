// The order of waiting transactions in a block: payments first, then what runs contracts. A lane keeps its own order: what waits behind
// one of the other sort stays for a later block.

import type { CodedError } from "../protocol/errors.js";
import { gasLimitsOf, isContractTransaction } from "../protocol/operations/contracts.js";
import type { ChainParameters } from "../protocol/parameters.js";
import type { Transaction } from "../protocol/transaction.js";
import { laneMapKey } from "./lanes.js";

/** Blocks count gas that is used, the pool knows limits alone: so many times what a block has is offered to it. */
const GAS_OFFERED_TIMES = 16;

interface Ready {
  transaction: Transaction;
  laneKey: string;
}

/** The ready transactions that the next block may hold, as it may hold them. */
export function* inBlockOrder(ready: Iterable<Ready>, parameters: ChainParameters): Generator<Transaction> {
  const contracts: Transaction[] = [];
  /** Lanes in which a contract transaction comes next, and those in which a payment waits behind one. */
  const contractLanes = new Set<string>();
  const endedLanes = new Set<string>();
  for (const { transaction, laneKey } of ready) {
    if (!isContractTransaction(transaction.operations)) {
      if (!contractLanes.has(laneKey)) {
        yield transaction;
      } else {
        endedLanes.add(laneKey);
      }
    } else if (!endedLanes.has(laneKey)) {
      contractLanes.add(laneKey);
      contracts.push(transaction);
    }
  }
  const left = {
    calls: parameters.blockGasMax * GAS_OFFERED_TIMES,
    packages: parameters.blockPackageGasMax * GAS_OFFERED_TIMES,
  };
  for (const transaction of contracts) {
    const { calls, packages } = gasLimitsOf(transaction.operations);
    left.calls -= calls;
    left.packages -= packages;
    if (left.calls < 0 || left.packages < 0) {
      return;
    }
    yield transaction;
  }
}

function laneOf({ signers, lane }: Transaction): string {
  return laneMapKey(signers[0].address, lane);
}

/** Of what a block left out, what no later one may hold either: not the transactions, and their lanes, that only found no gas left. */
export function lostTransactions<T extends { transaction: Transaction; error: CodedError }>(
  leftOut: readonly T[],
): T[] {
  const waiting = new Set<string>();
  for (const { transaction, error } of leftOut) {
    if (error.code === "BLOCK_GAS_USED") {
      waiting.add(laneOf(transaction));
    }
  }
  return leftOut.filter(({ transaction }) => !waiting.has(laneOf(transaction)));
}

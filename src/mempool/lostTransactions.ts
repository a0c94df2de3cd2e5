// What becomes of transactions that a block left out.

import { bytesKey } from "../base/bytes.js";
import type { CodedError } from "../protocol/errors.js";
import type { Transaction } from "../protocol/transaction.js";

function laneOf({ signers, lane }: Transaction): string {
  return `${bytesKey(signers[0].address)}${lane}`;
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

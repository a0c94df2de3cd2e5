// A transaction in memory of its own. Those of one bundle share pieces of memory, which one that waits long would keep.

import { ReadTransaction } from "../protocol/readTransaction.js";
import { decodeTransaction, type Transaction } from "../protocol/transaction.js";
import type { ArrivedPayment } from "../wasm/intakeKernel.js";

/** The same transaction over a copy of its bytes; `payment` is what was read of it, where it is a plain payment. */
export function withOwnBytes({ bytes }: Transaction, payment: ArrivedPayment | undefined): Transaction {
  const own = bytes.slice();
  return payment === undefined ? decodeTransaction(own) : new ReadTransaction(own, payment);
}

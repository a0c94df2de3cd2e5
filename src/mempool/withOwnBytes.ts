// A transaction in memory of its own. Those of one bundle share pieces of memory, which one that waits long would keep.

import { ReadTransaction } from "../protocol/readTransaction.js";

/** The same transaction over a copy of its bytes. */
export function withOwnBytes(transaction: ReadTransaction): ReadTransaction {
  return new ReadTransaction(transaction.bytes.slice(), transaction);
}

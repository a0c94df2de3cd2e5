// Bundles of transactions, as nodes hand them on to each other: a length and the bytes of each, one after another.

import type { ByteSlab } from "../../base/byteSlab.js";
import { CodedError } from "../../protocol/errors.js";
import { PACKAGE_TRANSACTION_BYTES_MAX } from "../../protocol/limits.js";
import { Reader, Writer } from "../../protocol/wire.js";

/** Transactions of one bundle: what a peer may make a node verify at once. */
export const BUNDLE_TRANSACTIONS_MAX = 2_048;
/** Bytes of one bundle of more than one transaction: half of the engine's limit for what it hands on. */
export const BUNDLE_BYTES_MAX = 512 * 1024;
/** The most that a transaction's length takes. */
export const LENGTH_BYTES = 6;

export function encodeBundle(transactions: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer(transactions.reduce((sum, bytes) => sum + LENGTH_BYTES + bytes.length, 0));
  for (const bytes of transactions) {
    writer.long(bytes);
  }
  return writer.finish();
}

/** The bundle's transactions, as copies in pieces of `slab`. Throws MALFORMED or TOO_LARGE. */
export function decodeBundle(bytes: Uint8Array, slab: ByteSlab): Uint8Array[] {
  const reader = new Reader(bytes);
  const transactions: Uint8Array[] = [];
  while (reader.remaining > 0) {
    if (transactions.length >= BUNDLE_TRANSACTIONS_MAX) {
      throw new CodedError("TOO_LARGE", `expected up to ${BUNDLE_TRANSACTIONS_MAX} transactions`);
    }
    const view = reader.longView(PACKAGE_TRANSACTION_BYTES_MAX, "transaction");
    const transaction = slab.take(view.length);
    transaction.set(view);
    transactions.push(transaction);
  }
  return transactions;
}

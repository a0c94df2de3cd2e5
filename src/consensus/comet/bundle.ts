// Bundles of transactions, as nodes hand them on to each other: a u16 length and the bytes of each, one after another.

import { CodedError } from "../../protocol/errors.js";
import { TRANSACTION_BYTES_MAX } from "../../protocol/limits.js";
import { Reader, Writer } from "../../protocol/wire.js";

/** Transactions of one bundle: what a peer may make a node verify at once. */
export const BUNDLE_TRANSACTIONS_MAX = 2_048;
/** Bytes of one bundle: half of the engine's limit for what it hands on. */
export const BUNDLE_BYTES_MAX = 512 * 1024;
export const LENGTH_BYTES = 2;

export function encodeBundle(transactions: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer(transactions.reduce((sum, bytes) => sum + LENGTH_BYTES + bytes.length, 0));
  for (const bytes of transactions) {
    writer.u16(bytes.length).raw(bytes);
  }
  return writer.finish();
}

/** The bundle's transactions, as copies. Throws MALFORMED or TOO_LARGE. */
export function decodeBundle(bytes: Uint8Array): Uint8Array[] {
  const reader = new Reader(bytes);
  const transactions: Uint8Array[] = [];
  while (reader.remaining > 0) {
    const length = reader.u16();
    if (length > TRANSACTION_BYTES_MAX || transactions.length >= BUNDLE_TRANSACTIONS_MAX) {
      const message = `expected up to ${BUNDLE_TRANSACTIONS_MAX} transactions of up to ${TRANSACTION_BYTES_MAX} bytes`;
      throw new CodedError("TOO_LARGE", message);
    }
    transactions.push(reader.raw(length));
  }
  return transactions;
}

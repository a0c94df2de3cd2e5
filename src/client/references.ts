// Unique references: what lets an invoice be paid once only. The first 8 bytes are the height after which the chain refuses
// it, the other 24 are random, so that nobody can guess or occupy it.

import { concatBytes } from "../base/bytes.js";
import { type Random, systemRandom } from "../base/random.js";
import { CodedError } from "../protocol/errors.js";
import { REFERENCE_BYTES, referenceExpiryHeight } from "../protocol/operations/transfer.js";
import { Writer } from "../protocol/wire.js";

const EXPIRY_BYTES = 8;

/** A fresh reference of 32 bytes that can be paid up to and including `expiryHeight`. */
export function makeReference(expiryHeight: number, random: Random = systemRandom): Uint8Array {
  if (!Number.isSafeInteger(expiryHeight) || expiryHeight < 0) {
    throw new CodedError("MALFORMED", `expected an expiry height from 0 to 2^53 - 1, got ${expiryHeight}`);
  }
  const expiry = new Writer(EXPIRY_BYTES).u64(BigInt(expiryHeight)).finish();
  return concatBytes(expiry, random.bytes(REFERENCE_BYTES - EXPIRY_BYTES));
}

/** The last height at which a reference can be paid. */
export function expiryHeightOf(reference: Uint8Array): bigint {
  return referenceExpiryHeight(reference);
}

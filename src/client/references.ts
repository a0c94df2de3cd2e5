// Unique references: what lets an invoice be paid once only. The first 8 bytes are the height after which the chain refuses
// it; then, where a till is named, who sold (saleReference.ts); the rest is random, so that nobody can guess or occupy it.

import { concatBytes } from "../base/bytes.js";
import { type Random, systemRandom } from "../base/random.js";
import { CodedError } from "../protocol/errors.js";
import { REFERENCE_BYTES, referenceExpiryHeight } from "../protocol/operations/transfer.js";
import { encodeSaleFace, type SaleFace } from "../protocol/saleReference.js";
import { Writer } from "../protocol/wire.js";

const EXPIRY_BYTES = 8;

/** A fresh reference of 32 bytes that can be paid up to and including `expiryHeight`; of a till where `sale` is given. */
export function makeReference(expiryHeight: number, random: Random = systemRandom, sale?: SaleFace): Uint8Array {
  if (!Number.isSafeInteger(expiryHeight) || expiryHeight < 0) {
    throw new CodedError("MALFORMED", `expected an expiry height from 0 to 2^53 - 1, got ${expiryHeight}`);
  }
  const expiry = new Writer(EXPIRY_BYTES).u64(BigInt(expiryHeight)).finish();
  const face = sale === undefined ? new Uint8Array(0) : encodeSaleFace(sale);
  return concatBytes(expiry, face, random.bytes(REFERENCE_BYTES - EXPIRY_BYTES - face.length));
}

/** The last height at which a reference can be paid. */
export function expiryHeightOf(reference: Uint8Array): bigint {
  return referenceExpiryHeight(reference);
}

// What a gateway writes into the 24 bytes of a reference that the chain leaves free: till (4), staff (2), and 18 that are random, all
// behind the expiry height (8). So a sale's till is known from the block alone. A refund's reference follows from the sale's:
// the chain refuses to refund a sale twice in one amount.

import { concatBytes, utf8Bytes } from "../base/bytes.js";
import { sha256 } from "../wasm/sha256.js";
import { REFERENCE_BYTES, referenceExpiryHeight } from "./operations/transfer.js";

const EXPIRY_BYTES = 8;
const TILL_OFFSET = EXPIRY_BYTES;
const STAFF_OFFSET = TILL_OFFSET + 4;
export const SALE_FACE_BYTES = 6;
/** How much later than its sale a refund's reference expires. */
const REFUND_HEIGHTS = 1_000_000n;
const REFUND_TAG = utf8Bytes("refund");

export interface SaleFace {
  /** The till's number, which is also the lane that it pays from. */
  till: number;
  /** Who was at the till; 0 where nobody is named. */
  staff: number;
}

/** Bytes 8 to 13 of a sale's reference. */
export function encodeSaleFace({ till, staff }: SaleFace): Uint8Array {
  const bytes = new Uint8Array(SALE_FACE_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, till, true);
  view.setUint16(4, staff, true);
  return bytes;
}

/** Till and staff of a reference. One that no gateway made names some number by chance. */
export function saleFaceOf(reference: Uint8Array): SaleFace {
  const view = new DataView(reference.buffer, reference.byteOffset, REFERENCE_BYTES);
  return { till: view.getUint32(TILL_OFFSET, true), staff: view.getUint16(STAFF_OFFSET, true) };
}

/** The reference under which a sale is given back as a whole. */
export function refundReferenceOf(reference: Uint8Array): Uint8Array {
  const expiry = new Uint8Array(EXPIRY_BYTES);
  new DataView(expiry.buffer).setBigUint64(
    0,
    BigInt.asUintN(64, referenceExpiryHeight(reference) + REFUND_HEIGHTS),
    true,
  );
  return concatBytes(expiry, sha256(concatBytes(REFUND_TAG, reference)).subarray(EXPIRY_BYTES));
}

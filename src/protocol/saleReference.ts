// What a gateway writes into the 24 bytes of a reference that the chain leaves free: till (4), staff (2), purpose (1), and 17 that are
// random, all behind the expiry height (8). So a sale's till is known from the block alone. A till without a gateway makes the
// reference of a refund from the sale's: the chain then refuses to refund the sale twice in one amount.

import { concatBytes, utf8Bytes } from "../base/bytes.js";
import { sha256 } from "../wasm/sha256.js";
import { REFERENCE_BYTES, referenceExpiryHeight } from "./operations/transfer.js";

const EXPIRY_BYTES = 8;
const TILL_OFFSET = EXPIRY_BYTES;
const STAFF_OFFSET = TILL_OFFSET + 4;
const PURPOSE_OFFSET = STAFF_OFFSET + 2;
const SALE_FACE_BYTES = 7;
/** Letters, so that one sees them in the bytes: S, R. */
const PURPOSE_BYTES = { sale: 0x53, refund: 0x52 } as const;
/** How much later than its sale a refund's reference expires. */
const REFUND_HEIGHTS = 1_000_000n;
const REFUND_TAG = utf8Bytes("refund");

export interface SaleFace {
  /** The till's number, which is also the lane that it pays from. */
  till: number;
  /** Who was at the till; 0 where nobody is named. */
  staff: number;
  /** Undefined for bytes that mean neither. */
  purpose: "sale" | "refund" | undefined;
}

/** Bytes 8 to 14 of a reference. */
export function encodeSaleFace({ till, staff, purpose }: SaleFace): Uint8Array {
  const bytes = new Uint8Array(SALE_FACE_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, till, true);
  view.setUint16(4, staff, true);
  view.setUint8(6, purpose === undefined ? 0 : PURPOSE_BYTES[purpose]);
  return bytes;
}

/** Till, staff and purpose of a reference. One that no gateway made names some number by chance. */
export function saleFaceOf(reference: Uint8Array): SaleFace {
  const view = new DataView(reference.buffer, reference.byteOffset, REFERENCE_BYTES);
  const purpose = view.getUint8(PURPOSE_OFFSET);
  return {
    till: view.getUint32(TILL_OFFSET, true),
    staff: view.getUint16(STAFF_OFFSET, true),
    purpose: purpose === PURPOSE_BYTES.sale ? "sale" : purpose === PURPOSE_BYTES.refund ? "refund" : undefined,
  };
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

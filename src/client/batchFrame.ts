// The binary frame that carries a batch of transactions to a node, over WebSocket or HTTP (docs/api.md).

import { CodedError } from "../protocol/errors.js";
import { BATCH_TRANSACTIONS_MAX, PACKAGE_TRANSACTION_BYTES_MAX } from "../protocol/limits.js";
import { longBytes, Writer } from "../protocol/wire.js";

const FRAME_VERSION = 1;
const FLAG_FINAL = 1;
/** Version, flags, request number and count. */
const FRAME_HEADER_BYTES = 8;
/** The largest frame that a node takes. */
export const FRAME_BYTES_MAX = 1_048_576;

/** The bytes that `transactions` take in a frame, its header included. */
export function batchFrameBytes(transactions: Uint8Array[]): number {
  return transactions.reduce((sum, bytes) => sum + longBytes(bytes), FRAME_HEADER_BYTES);
}

/** One frame. `request`: a u32 that answers repeat; `final`: tell when each transaction is committed, failed or expired. */
export function encodeBatchFrame(request: number, transactions: Uint8Array[], final: boolean): Uint8Array {
  if (transactions.length < 1 || transactions.length > BATCH_TRANSACTIONS_MAX) {
    throw new CodedError(
      "TOO_LARGE",
      `expected 1 to ${BATCH_TRANSACTIONS_MAX} transactions in a batch, got ${transactions.length}`,
    );
  }
  const frameBytes = batchFrameBytes(transactions);
  if (frameBytes > FRAME_BYTES_MAX) {
    throw new CodedError("TOO_LARGE", `expected a frame of at most ${FRAME_BYTES_MAX} bytes, got ${frameBytes}`);
  }
  const writer = new Writer(frameBytes);
  writer
    .u8(FRAME_VERSION)
    .u8(final ? FLAG_FINAL : 0)
    .u32(request)
    .u16(transactions.length);
  for (const bytes of transactions) {
    if (bytes.length > PACKAGE_TRANSACTION_BYTES_MAX) {
      throw new CodedError("TOO_LARGE", `expected at most ${PACKAGE_TRANSACTION_BYTES_MAX} bytes, got ${bytes.length}`);
    }
    writer.long(bytes);
  }
  return writer.finish();
}

/** Splits transactions into batches that each fit a frame, keeping their order. */
export function splitBatches(transactions: Uint8Array[]): Uint8Array[][] {
  const batches: Uint8Array[][] = [];
  let batch: Uint8Array[] = [];
  let frameBytes = FRAME_HEADER_BYTES;
  for (const bytes of transactions) {
    if (batch.length === BATCH_TRANSACTIONS_MAX || frameBytes + longBytes(bytes) > FRAME_BYTES_MAX) {
      batches.push(batch);
      batch = [];
      frameBytes = FRAME_HEADER_BYTES;
    }
    batch.push(bytes);
    frameBytes += longBytes(bytes);
  }
  if (batch.length > 0) {
    batches.push(batch);
  }
  return batches;
}

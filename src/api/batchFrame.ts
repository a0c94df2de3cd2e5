// The frame that carries a batch of transactions: a WebSocket's binary message or a POST's body (docs/api.md).

import { fromHex } from "../base/bytes.js";
import { CodedError } from "../protocol/errors.js";
import { BATCH_TRANSACTIONS_MAX, PACKAGE_TRANSACTION_BYTES_MAX } from "../protocol/limits.js";
import { Reader } from "../protocol/wire.js";

const FRAME_VERSION = 1;
const FLAG_FINAL = 1;
const REQUEST_OFFSET = 2;
const REQUEST_END = 6;
/** Transactions are copied together up to this size: a buffer for each costs the collector of garbage more than all else that is done to it. */
const PIECE_BYTES = 4_096;

export interface BatchFrame {
  /** Whether the sender wants to hear when each is final. */
  final: boolean;
  request: number;
  /** Copies, so that no buffer that the network takes back is held; one that is kept keeps no more than a piece alive. */
  transactions: Uint8Array[];
}

/** Copies `bytes`, which are transactions with their lengths, and appends views of the copy. */
function takeCopies(bytes: Uint8Array, transactions: Uint8Array[]): void {
  const reader = new Reader(new Uint8Array(bytes));
  while (reader.remaining > 0) {
    transactions.push(reader.longView(PACKAGE_TRANSACTION_BYTES_MAX, "transaction"));
  }
}

/** The transactions of a frame, not decoded yet. Throws UNKNOWN_VERSION, NON_CANONICAL, MALFORMED or TOO_LARGE. */
export function decodeBatchFrame(bytes: Uint8Array): BatchFrame {
  const reader = new Reader(bytes);
  const version = reader.u8();
  if (version !== FRAME_VERSION) {
    throw new CodedError("UNKNOWN_VERSION", `expected a frame of version ${FRAME_VERSION}, got ${version}`);
  }
  const flags = reader.u8();
  if (flags > FLAG_FINAL) {
    throw new CodedError("NON_CANONICAL", `expected frame flags of 0 or 1, got ${flags}`);
  }
  const request = reader.u32();
  const count = reader.u16();
  if (count < 1 || count > BATCH_TRANSACTIONS_MAX) {
    throw new CodedError("TOO_LARGE", `expected 1 to ${BATCH_TRANSACTIONS_MAX} transactions in a batch, got ${count}`);
  }
  const transactions: Uint8Array[] = [];
  let first = reader.offset;
  for (let i = 0; i < count; i++) {
    const { offset } = reader;
    reader.skip(reader.longLength(PACKAGE_TRANSACTION_BYTES_MAX, "transaction"));
    if (reader.offset - first > PIECE_BYTES) {
      takeCopies(bytes.subarray(first, offset), transactions);
      first = offset;
    }
  }
  reader.end();
  takeCopies(bytes.subarray(first), transactions);
  return { final: flags === FLAG_FINAL, request, transactions };
}

/** The request number of a frame that may be no frame, for the answer that says so. */
export function requestOfFrame(bytes: Uint8Array): number | undefined {
  return bytes.length >= REQUEST_END ? new Reader(bytes, REQUEST_OFFSET).u32() : undefined;
}

/** The transactions of a JSON message's list of hex texts. Throws BAD_REQUEST, MALFORMED or TOO_LARGE. */
export function decodeHexBatch(value: unknown): Uint8Array[] {
  if (!Array.isArray(value) || value.some((item) => typeof item !== "string")) {
    throw new CodedError("BAD_REQUEST", `expected "transactions" to be a list of hex texts, got something else`);
  }
  if (value.length < 1 || value.length > BATCH_TRANSACTIONS_MAX) {
    throw new CodedError(
      "TOO_LARGE",
      `expected 1 to ${BATCH_TRANSACTIONS_MAX} transactions in a batch, got ${value.length}`,
    );
  }
  return (value as string[]).map((text, index) => {
    if (text.length > 2 * PACKAGE_TRANSACTION_BYTES_MAX) {
      throw new CodedError(
        "TOO_LARGE",
        `expected at most ${PACKAGE_TRANSACTION_BYTES_MAX} bytes, got ${text.length / 2}`,
      );
    }
    const bytes = fromHex(text);
    if (bytes === undefined) {
      throw new CodedError("MALFORMED", `expected transaction ${index} as hex, got another text`, { index });
    }
    return bytes;
  });
}

// Receipts: what became of one transaction. Their RFC 6962 root stands in the block's result record, in the order of the
// block's transactions.

import { merkleRoot } from "../wasm/sha256.js";
import { CodedError } from "./errors.js";
import { EVENT_BYTES_MAX } from "./limits.js";
import { Reader, Writer } from "./wire.js";

/** What an operation tells beyond its own fields. Data: see docs/protocol.md. */
export interface ReceiptEvent {
  kind: number;
  data: Uint8Array;
}

export const EVENT_KINDS = {
  /** A leaf was made and its deposit taken: address, u64 TTC units. */
  depositTaken: 1,
  /** A leaf was removed and its deposit given back: address, u64 TTC units. */
  depositReturned: 2,
  /** A token was made: 32-byte id. */
  tokenCreated: 3,
  /** A contract was registered or upgraded: address, code hash. */
  contractRegistered: 4,
  /** What a contract's call came to: u8 operation, u32 gas used, the returned value's encoding (nothing where that is long). */
  contractResult: 5,
  /** What a contract tells: address, u8 length and name, the encoded arguments as an array. */
  contractEvent: 6,
  /** A contract's transfer: from, to, token (32 bytes each), u64 amount. */
  contractTransfer: 7,
  /** Deposits that contracts' storage took and gave back: u64 taken, u64 returned. */
  storageDeposit: 8,
  /** Why a contract failed: u8 operation, u32 gas used, u32 line (0: unknown), message in UTF-8. */
  contractFailure: 9,
  /** A test of a package that was run: u8 passed, u32 gas used, u8 length and name, message in UTF-8. */
  contractTest: 10,
  /** A contract asks for outside data: key of the request (32), contract, u32 gas of the callback, u8 length and feed. */
  oracleRequest: 11,
} as const;

/** `code` 0 is success; else the number of an error code, and `operationIndex` names the operation that failed (255: none). */
export interface Receipt {
  code: number;
  operationIndex: number;
  /** Units of the transaction's fee token. */
  fee: bigint;
  events: ReceiptEvent[];
}

export const NO_OPERATION = 255;
/** Behind code, operation and fee. */
const EVENT_COUNT_OFFSET = 11;

export function encodeReceipt(receipt: Receipt): Uint8Array {
  const writer = new Writer(32);
  writer.u16(receipt.code).u8(receipt.operationIndex).u64(receipt.fee).u8(receipt.events.length);
  for (const event of receipt.events) {
    writer.u8(event.kind).u16(event.data.length).raw(event.data);
  }
  return writer.finish();
}

export function decodeReceipt(bytes: Uint8Array): Receipt {
  const reader = new Reader(bytes);
  const receipt: Receipt = { code: reader.u16(), operationIndex: reader.u8(), fee: reader.amountOrZero(), events: [] };
  for (let count = reader.u8(); count > 0; count--) {
    const kind = reader.u8();
    const length = reader.u16();
    if (length > EVENT_BYTES_MAX) {
      throw new CodedError("TOO_LARGE", `expected at most ${EVENT_BYTES_MAX} bytes of event data, got ${length}`);
    }
    receipt.events.push({ kind, data: reader.raw(length) });
  }
  reader.end();
  return receipt;
}

/** How many events an encoded receipt has. */
export function receiptEventCount(bytes: Uint8Array): number {
  return bytes[EVENT_COUNT_OFFSET];
}

/** Whether an encoded receipt has an event of this kind, read from its bytes. */
export function hasEvent(bytes: Uint8Array, kind: number): boolean {
  let offset = EVENT_COUNT_OFFSET + 1;
  for (let left = bytes[EVENT_COUNT_OFFSET]; left > 0; left--) {
    if (bytes[offset] === kind) {
      return true;
    }
    offset += 3 + (bytes[offset + 1] | (bytes[offset + 2] << 8));
  }
  return false;
}

/** RFC 6962 root over the encoded receipts. */
export function receiptsRoot(receipts: Uint8Array[]): Uint8Array {
  return merkleRoot(receipts);
}

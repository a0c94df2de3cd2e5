// An account's entry as a row of the key-value store. The key orders an account's entries by height, transaction and
// operation; what follows the address in it is also the cursor that pages are read by.

import { concatBytes, fromHex, toHex } from "../base/bytes.js";
import type { HistoryKind } from "../protocol/apiTypes.js";
import { CodedError } from "../protocol/errors.js";
import { decodeToken, encodeToken } from "../protocol/tokens.js";
import { Reader, Writer } from "../protocol/wire.js";
import type { HistoryEntry } from "./history.js";

/** Height (8), transaction (4) and operation (1), big-endian. */
const PLACE_BYTES = 13;
const ADDRESS_BYTES = 32;
const HEIGHT_HIGH_UNIT = 2 ** 32;

const DIRECTIONS = ["in", "out", "self"] as const;
/** Rows hold the place in this list: new kinds go to its end. */
const KINDS: readonly HistoryKind[] = [
  "transfer",
  "createToken",
  "mint",
  "burn",
  "replaceKey",
  "setFrozen",
  "closeAccount",
  "fee",
  "signature",
];

const HAS = { counterparty: 1, token: 2, amount: 4, fee: 8, reference: 16, memo: 32, frozen: 64 } as const;

function placeBytes(height: number, index: number, operationIndex: number): Uint8Array {
  const bytes = new Uint8Array(PLACE_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(height / HEIGHT_HIGH_UNIT));
  view.setUint32(4, height % HEIGHT_HIGH_UNIT);
  view.setUint32(8, index);
  bytes[12] = operationIndex;
  return bytes;
}

/** The place that follows everything below `height`. */
export function heightPlace(height: number): Uint8Array {
  return placeBytes(height, 0, 0);
}

export function entryPlace(entry: Pick<HistoryEntry, "height" | "index" | "operationIndex">): Uint8Array {
  return placeBytes(entry.height, entry.index, entry.operationIndex);
}

export function entryKey(address: Uint8Array, place: Uint8Array): Uint8Array {
  return concatBytes(address, place);
}

/** The height in an entry's key. */
export function heightOfKey(key: Uint8Array): number {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  return view.getUint32(ADDRESS_BYTES) * HEIGHT_HIGH_UNIT + view.getUint32(ADDRESS_BYTES + 4);
}

export function formatCursor(place: Uint8Array): string {
  return toHex(place);
}

/** The place that a cursor names; throws BAD_REQUEST for other texts. */
export function parseCursor(text: string): Uint8Array {
  const bytes = text.length === 2 * PLACE_BYTES ? fromHex(text) : undefined;
  if (bytes === undefined) {
    throw new CodedError(
      "BAD_REQUEST",
      `expected a cursor of ${2 * PLACE_BYTES} hex digits, got "${text.slice(0, 40)}"`,
    );
  }
  return bytes;
}

export function encodeEntry(entry: HistoryEntry): Uint8Array {
  const { counterparty, token, amount, fee, feeToken, reference, memo, frozen } = entry;
  let has = 0;
  for (const field of Object.keys(HAS) as (keyof typeof HAS)[]) {
    has |= entry[field] === undefined ? 0 : HAS[field];
  }
  const writer = new Writer(192).raw(entry.id).u64(BigInt(entry.timeMs)).u16(entry.code);
  writer.u8(DIRECTIONS.indexOf(entry.direction)).u8(KINDS.indexOf(entry.kind)).u8(has);
  if (counterparty !== undefined) {
    writer.raw(counterparty);
  }
  if (token !== undefined) {
    encodeToken(writer, token);
  }
  if (amount !== undefined) {
    writer.u64(amount);
  }
  if (fee !== undefined && feeToken !== undefined) {
    writer.u64(fee);
    encodeToken(writer, feeToken);
  }
  if (reference !== undefined) {
    writer.raw(reference);
  }
  if (memo !== undefined) {
    writer.u16(memo.length).raw(memo);
  }
  if (frozen !== undefined) {
    writer.u8(frozen ? 1 : 0);
  }
  return writer.finish();
}

/** The inverse of `encodeEntry`, with the row's key; throws a coded error for other bytes. */
export function decodeEntry(key: Uint8Array, value: Uint8Array): HistoryEntry {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  const reader = new Reader(value);
  const entry: HistoryEntry = {
    height: heightOfKey(key),
    index: view.getUint32(ADDRESS_BYTES + 8),
    operationIndex: key[ADDRESS_BYTES + 12],
    id: reader.raw(32),
    timeMs: reader.safe(),
    code: reader.u16(),
    direction: DIRECTIONS[reader.u8()],
    kind: KINDS[reader.u8()],
  };
  const has = reader.u8();
  if (has & HAS.counterparty) {
    entry.counterparty = reader.raw(32);
  }
  if (has & HAS.token) {
    entry.token = decodeToken(reader);
  }
  if (has & HAS.amount) {
    entry.amount = reader.u64();
  }
  if (has & HAS.fee) {
    entry.fee = reader.u64();
    entry.feeToken = decodeToken(reader);
  }
  if (has & HAS.reference) {
    entry.reference = reader.raw(32);
  }
  if (has & HAS.memo) {
    entry.memo = reader.raw(reader.u16());
  }
  if (has & HAS.frozen) {
    entry.frozen = reader.flag();
  }
  reader.end();
  return entry;
}

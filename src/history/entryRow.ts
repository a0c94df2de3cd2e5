// An account's entry as bytes: account (32), place (13), u16 length of the rest, then the rest. Ordered by their bytes, rows of an
// account follow one another by height, transaction and operation; the place is also the cursor that pages are read by.

import { assert } from "../base/assert.js";
import { fromHex, toHex } from "../base/bytes.js";
import type { HistoryKind } from "../protocol/apiTypes.js";
import { CodedError } from "../protocol/errors.js";
import { NATIVE_TOKENS, nativeIndex, type TokenId, tokenBytes } from "../protocol/tokens.js";
import type { HistoryEntry } from "./history.js";
import { copyWords } from "./runs/copyWords.js";
import type { RowArena } from "./runs/rowArena.js";

export const ACCOUNT_BYTES = 32;
/** Height (8), transaction (4) and operation (1), big-endian. */
export const PLACE_BYTES = 13;
/** Where a row's account and place end. */
export const ROW_KEY_BYTES = ACCOUNT_BYTES + PLACE_BYTES;
/** Where what a row says begins. */
export const ROW_HEAD_BYTES = ROW_KEY_BYTES + 2;
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
  "registerContract",
  "callContract",
  "publishContract",
  "upgradeContract",
  "setContractPaused",
  "destroyContract",
  "contractTransfer",
  "delegation",
  "name",
];
const KIND_BITS = 6;
const TRANSFER_KIND = KINDS.indexOf("transfer");
const ID_BYTES = 32;
const AMOUNT_BYTES = 8;

/** Bits of the byte that says which fields follow; `freeze` and `thaw` are the two values of `frozen`. */
const HAS = { counterparty: 1, token: 2, amount: 4, fee: 8, reference: 16, memo: 32, freeze: 64, thaw: 128 } as const;

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

/** The height of the place. */
export function placeHeight(place: Uint8Array): number {
  const view = new DataView(place.buffer, place.byteOffset, 8);
  return view.getUint32(0) * HEIGHT_HIGH_UNIT + view.getUint32(4);
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

function fieldBits(entry: HistoryEntry): number {
  return (
    (entry.counterparty === undefined ? 0 : HAS.counterparty) |
    (entry.token === undefined ? 0 : HAS.token) |
    (entry.amount === undefined ? 0 : HAS.amount) |
    (entry.fee === undefined ? 0 : HAS.fee) |
    (entry.reference === undefined ? 0 : HAS.reference) |
    (entry.memo === undefined ? 0 : HAS.memo) |
    (entry.frozen === undefined ? 0 : entry.frozen ? HAS.freeze : HAS.thaw)
  );
}

export function appendToken(arena: RowArena, token: TokenId): void {
  const native = nativeIndex(token);
  arena.u8(native + 1);
  if (native < 0) {
    arena.raw(tokenBytes(token));
  }
}

/** Appends an entry's row. Its time is not in it: the block of its height knows it. */
export function appendEntryRow(arena: RowArena, entry: HistoryEntry): void {
  const start = arena.length;
  arena.raw(entry.account);
  arena.u32BigEndian(Math.floor(entry.height / HEIGHT_HIGH_UNIT));
  arena.u32BigEndian(entry.height % HEIGHT_HIGH_UNIT);
  arena.u32BigEndian(entry.index);
  arena.u8(entry.operationIndex);
  arena.u16(0);
  arena.raw(entry.id);
  arena.u16(entry.code);
  arena.u8(KINDS.indexOf(entry.kind) | (DIRECTIONS.indexOf(entry.direction) << KIND_BITS));
  arena.u8(fieldBits(entry));
  if (entry.counterparty !== undefined) {
    arena.raw(entry.counterparty);
  }
  if (entry.token !== undefined) {
    appendToken(arena, entry.token);
  }
  if (entry.amount !== undefined) {
    arena.u64(entry.amount);
  }
  if (entry.fee !== undefined) {
    assert(entry.feeToken !== undefined, "a fee is counted in some token");
    arena.u64(entry.fee);
    appendToken(arena, entry.feeToken);
  }
  if (entry.reference !== undefined) {
    arena.raw(entry.reference);
  }
  if (entry.memo !== undefined) {
    arena.u16(entry.memo.length);
    arena.raw(entry.memo);
  }
  arena.setU16(start + ROW_KEY_BYTES, arena.length - start - ROW_HEAD_BYTES);
}

/** What the rows of a plain payment are made of; addresses, id and amount (8 bytes) are named by where they lie in `bytes`. */
export interface PlainPayment {
  bytes: Uint8Array;
  /** Of the same memory. */
  source: DataView;
  payer: number;
  payee: number;
  id: number;
  amount: number;
  /** Numbers of the chain's own tokens. */
  token: number;
  feeToken: number;
  lane: number;
  height: number;
  index: number;
  /** Code, operation and fee are its first bytes. */
  receipt: Uint8Array;
  /** The transaction, and where in it the reference begins; 0: it has none. */
  transaction: Uint8Array;
  reference: number;
}

export const RECEIPT_FEE_OFFSET = 3;
const REFERENCE_BYTES = 32;
/** Head, id, code, kind and fields, counterparty, token and amount, fee and its token, reference. */
const PLAIN_ROW_BYTES_MAX = ROW_HEAD_BYTES + ID_BYTES + 4 + ACCOUNT_BYTES + 2 * (1 + AMOUNT_BYTES) + REFERENCE_BYTES;

/** Appends the row of one side of a payment as `appendEntryRow` does, without making an entry of it first. */
export function appendPlainRow(arena: RowArena, payment: PlainPayment, direction: HistoryEntry["direction"]): void {
  const { source, receipt, reference } = payment;
  const isPayee = direction === "in";
  const account = isPayee ? payment.payee : payment.payer;
  const counterparty = isPayee ? payment.payer : payment.payee;
  const has =
    (direction === "self" ? 0 : HAS.counterparty) |
    HAS.token |
    HAS.amount |
    (isPayee ? 0 : HAS.fee) |
    (reference > 0 ? HAS.reference : 0);
  const start = arena.reserve(PLAIN_ROW_BYTES_MAX);
  const row = arena.view;
  copyWords(row, start, source, account, account + ACCOUNT_BYTES);
  row.setUint32(start + ACCOUNT_BYTES, Math.floor(payment.height / HEIGHT_HIGH_UNIT));
  row.setUint32(start + ACCOUNT_BYTES + 4, payment.height % HEIGHT_HIGH_UNIT);
  row.setUint32(start + ACCOUNT_BYTES + 8, payment.index);
  row.setUint8(start + ACCOUNT_BYTES + 12, 0);
  let at = start + ROW_HEAD_BYTES;
  copyWords(row, at, source, payment.id, payment.id + ID_BYTES);
  at += ID_BYTES;
  row.setUint8(at, receipt[0]);
  row.setUint8(at + 1, receipt[1]);
  row.setUint8(at + 2, TRANSFER_KIND | (DIRECTIONS.indexOf(direction) << KIND_BITS));
  row.setUint8(at + 3, has);
  at += 4;
  if (direction !== "self") {
    copyWords(row, at, source, counterparty, counterparty + ACCOUNT_BYTES);
    at += ACCOUNT_BYTES;
  }
  row.setUint8(at, payment.token + 1);
  copyWords(row, at + 1, source, payment.amount, payment.amount + AMOUNT_BYTES);
  at += 1 + AMOUNT_BYTES;
  if (!isPayee) {
    for (let i = 0; i < AMOUNT_BYTES; i++) {
      row.setUint8(at + i, receipt[RECEIPT_FEE_OFFSET + i]);
    }
    row.setUint8(at + AMOUNT_BYTES, payment.feeToken + 1);
    at += AMOUNT_BYTES + 1;
  }
  if (reference > 0) {
    for (let i = 0; i < REFERENCE_BYTES; i++) {
      row.setUint8(at + i, payment.transaction[reference + i]);
    }
    at += REFERENCE_BYTES;
  }
  row.setUint16(start + ROW_KEY_BYTES, at - start - ROW_HEAD_BYTES, true);
  arena.shorten(at);
}

/** The offset behind the row that begins at `offset`. */
export function rowEnd(rows: Uint8Array, offset: number): number {
  return offset + ROW_HEAD_BYTES + (rows[offset + ROW_KEY_BYTES] | (rows[offset + ROW_KEY_BYTES + 1] << 8));
}

/** The height of the row that begins at `offset`. */
export function rowHeight(rows: Uint8Array, offset: number): number {
  const view = new DataView(rows.buffer, rows.byteOffset + offset + ACCOUNT_BYTES, 8);
  return view.getUint32(0) * HEIGHT_HIGH_UNIT + view.getUint32(4);
}

/** Reads a row's fields in their order; the bytes that it gives are copies. */
export class EntryReader {
  private readonly view: DataView;

  constructor(
    private readonly rows: Uint8Array,
    private offset: number,
  ) {
    this.view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
  }

  raw(length: number): Uint8Array {
    this.offset += length;
    return this.rows.slice(this.offset - length, this.offset);
  }

  u8(): number {
    return this.rows[this.offset++];
  }

  u16(): number {
    this.offset += 2;
    return this.view.getUint16(this.offset - 2, true);
  }

  u32BigEndian(): number {
    this.offset += 4;
    return this.view.getUint32(this.offset - 4);
  }

  u64(): bigint {
    this.offset += 8;
    return this.view.getBigUint64(this.offset - 8, true);
  }

  token(): TokenId {
    const code = this.u8();
    return code === 0 ? toHex(this.raw(32)) : NATIVE_TOKENS[code - 1];
  }
}

/** The entry whose row begins at `offset`, of a block of this time. */
export function decodeEntryRow(rows: Uint8Array, offset: number, timeMs: number): HistoryEntry {
  const reader = new EntryReader(rows, offset);
  const account = reader.raw(ACCOUNT_BYTES);
  const height = reader.u32BigEndian() * HEIGHT_HIGH_UNIT + reader.u32BigEndian();
  const index = reader.u32BigEndian();
  const operationIndex = reader.u8();
  reader.u16();
  const id = reader.raw(32);
  const code = reader.u16();
  const face = reader.u8();
  const has = reader.u8();
  const kind = KINDS[face & ((1 << KIND_BITS) - 1)];
  const direction = DIRECTIONS[face >> KIND_BITS];
  return {
    account,
    height,
    index,
    operationIndex,
    id,
    timeMs,
    code,
    direction,
    kind,
    counterparty: has & HAS.counterparty ? reader.raw(32) : undefined,
    token: has & HAS.token ? reader.token() : undefined,
    amount: has & HAS.amount ? reader.u64() : undefined,
    fee: has & HAS.fee ? reader.u64() : undefined,
    feeToken: has & HAS.fee ? reader.token() : undefined,
    reference: has & HAS.reference ? reader.raw(32) : undefined,
    memo: has & HAS.memo ? reader.raw(reader.u16()) : undefined,
    frozen: has & (HAS.freeze | HAS.thaw) ? (has & HAS.freeze) !== 0 : undefined,
  };
}

/** Kind, place of the operation and code of the row that begins at `offset`, without reading the rest. */
export function entryFace(
  rows: Uint8Array,
  offset: number,
): { kind: HistoryKind; index: number; operationIndex: number; code: number } {
  const view = new DataView(rows.buffer, rows.byteOffset + offset, ROW_HEAD_BYTES + 35);
  return {
    kind: KINDS[view.getUint8(ROW_HEAD_BYTES + 34) & ((1 << KIND_BITS) - 1)],
    index: view.getUint32(ACCOUNT_BYTES + 8),
    operationIndex: view.getUint8(ACCOUNT_BYTES + 12),
    code: view.getUint16(ROW_HEAD_BYTES + 32, true),
  };
}

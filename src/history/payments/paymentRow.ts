// A payment as bytes in a run: place (14), u16 length of the rest, then the rest. Its time is not in it: the block of its height knows it.
// A subject's row names payments of one block: subject (32), place of the first (13), u16 length, then index (4) and part (2) of each.

import { equalBytes } from "../../base/bytes.js";
import { appendToken, EntryReader, type PlainPayment, RECEIPT_FEE_OFFSET } from "../entryRow.js";
import { copyWords } from "../runs/copyWords.js";
import type { RowArena } from "../runs/rowArena.js";
import { PAYMENT_KINDS, type Payment } from "./payment.js";

/** Height (8), transaction (4) and part (2), big-endian. */
export const PAYMENT_PLACE_BYTES = 14;
const HEAD_BYTES = PAYMENT_PLACE_BYTES + 2;
const HIGH_UNIT = 2 ** 32;
const HAS = { to: 1, reference: 2, memo: 4, lane: 8, fee: 16, feePayer: 32 } as const;
const TRANSFER_KIND = PAYMENT_KINDS.indexOf("transfer");
/** Head, id, code, kind and fields, both sides, token and amount, reference, lane, fee and its token. */
const PLAIN_ROW_BYTES_MAX = HEAD_BYTES + 36 + 32 + 9 + 32 + 32 + 4 + 9;

export function paymentPlaceBytes({ height, index, part }: Pick<Payment, "height" | "index" | "part">): Uint8Array {
  const bytes = new Uint8Array(PAYMENT_PLACE_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(height / HIGH_UNIT));
  view.setUint32(4, height % HIGH_UNIT);
  view.setUint32(8, index);
  view.setUint16(12, part);
  return bytes;
}

export function appendPaymentRow(arena: RowArena, payment: Payment): void {
  const start = arena.length;
  const { height, from, to, reference, memo, lane, fee } = payment;
  const paysItself = fee !== undefined && equalBytes(fee.payer, from);
  arena.u32BigEndian(Math.floor(height / HIGH_UNIT));
  arena.u32BigEndian(height % HIGH_UNIT);
  arena.u32BigEndian(payment.index);
  arena.u8(payment.part >>> 8);
  arena.u8(payment.part & 255);
  arena.u16(0);
  arena.raw(payment.id);
  arena.u16(payment.code);
  arena.u8(PAYMENT_KINDS.indexOf(payment.kind));
  arena.u8(
    (to === undefined ? 0 : HAS.to) |
      (reference === undefined ? 0 : HAS.reference) |
      (memo === undefined ? 0 : HAS.memo) |
      (lane === 0 ? 0 : HAS.lane) |
      (fee === undefined ? 0 : HAS.fee | (paysItself ? 0 : HAS.feePayer)),
  );
  arena.raw(from);
  appendToken(arena, payment.token);
  arena.u64(payment.amount);
  if (to !== undefined) {
    arena.raw(to);
  }
  if (reference !== undefined) {
    arena.raw(reference);
  }
  if (memo !== undefined) {
    arena.u16(memo.length);
    arena.raw(memo);
  }
  if (lane !== 0) {
    arena.u32BigEndian(lane);
  }
  if (fee !== undefined) {
    arena.u64(fee.amount);
    appendToken(arena, fee.token);
    if (!paysItself) {
      arena.raw(fee.payer);
    }
  }
  arena.setU16(start + PAYMENT_PLACE_BYTES, arena.length - start - HEAD_BYTES);
}

/** Appends the row of a payment by its transaction's only signer as `appendPaymentRow` does. */
export function appendPlainPaymentRow(arena: RowArena, payment: PlainPayment): void {
  const { source, receipt, reference, lane, height } = payment;
  const start = arena.reserve(PLAIN_ROW_BYTES_MAX);
  const row = arena.view;
  row.setUint32(start, Math.floor(height / HIGH_UNIT));
  row.setUint32(start + 4, height % HIGH_UNIT);
  row.setUint32(start + 8, payment.index);
  row.setUint16(start + 12, 0);
  let at = start + HEAD_BYTES;
  copyWords(row, at, source, payment.id, payment.id + 32);
  row.setUint8(at + 32, receipt[0]);
  row.setUint8(at + 33, receipt[1]);
  row.setUint8(at + 34, TRANSFER_KIND);
  row.setUint8(at + 35, HAS.to | HAS.fee | (reference > 0 ? HAS.reference : 0) | (lane === 0 ? 0 : HAS.lane));
  copyWords(row, at + 36, source, payment.payer, payment.payer + 32);
  row.setUint8(at + 68, payment.token + 1);
  copyWords(row, at + 69, source, payment.amount, payment.amount + 8);
  copyWords(row, at + 77, source, payment.payee, payment.payee + 32);
  at += 109;
  if (reference > 0) {
    for (let i = 0; i < 32; i++) {
      row.setUint8(at + i, payment.transaction[reference + i]);
    }
    at += 32;
  }
  if (lane !== 0) {
    row.setUint32(at, lane);
    at += 4;
  }
  for (let i = 0; i < 8; i++) {
    row.setUint8(at + i, receipt[RECEIPT_FEE_OFFSET + i]);
  }
  row.setUint8(at + 8, payment.feeToken + 1);
  at += 9;
  row.setUint16(start + PAYMENT_PLACE_BYTES, at - start - HEAD_BYTES, true);
  arena.shorten(at);
}

/** The offset behind the row that begins at `offset`. */
export function paymentRowEnd(rows: Uint8Array, offset: number): number {
  return offset + HEAD_BYTES + (rows[offset + PAYMENT_PLACE_BYTES] | (rows[offset + PAYMENT_PLACE_BYTES + 1] << 8));
}

/** The payment whose row begins at `offset`, of a block of this time. */
export function decodePaymentRow(rows: Uint8Array, offset: number, timeMs: number): Payment {
  const reader = new EntryReader(rows, offset);
  const height = reader.u32BigEndian() * HIGH_UNIT + reader.u32BigEndian();
  const index = reader.u32BigEndian();
  const part = reader.u8() * 256 + reader.u8();
  reader.u16();
  const id = reader.raw(32);
  const code = reader.u16();
  const kind = PAYMENT_KINDS[reader.u8()];
  const has = reader.u8();
  const from = reader.raw(32);
  const token = reader.token();
  const amount = reader.u64();
  const to = has & HAS.to ? reader.raw(32) : undefined;
  const reference = has & HAS.reference ? reader.raw(32) : undefined;
  const memo = has & HAS.memo ? reader.raw(reader.u16()) : undefined;
  const lane = has & HAS.lane ? reader.u32BigEndian() : 0;
  let fee: Payment["fee"];
  if (has & HAS.fee) {
    const [amount, feeToken] = [reader.u64(), reader.token()];
    fee = { amount, token: feeToken, payer: has & HAS.feePayer ? reader.raw(32) : from };
  }
  return { height, index, part, id, timeMs, code, kind, from, to, token, amount, reference, memo, lane, fee };
}

/** Payments that one subject's row names at most: its length is 16 bits. */
export const NAMED_MAX = 512;
const NAMED_BYTES = 6;

/** Appends the row that names payments of one block, given as index and part one after another. */
export function appendSubjectRow(arena: RowArena, subject: Uint8Array, height: number, named: readonly number[]): void {
  arena.raw(subject);
  arena.u32BigEndian(Math.floor(height / HIGH_UNIT));
  arena.u32BigEndian(height % HIGH_UNIT);
  arena.u32BigEndian(named[0]);
  arena.u8(0);
  arena.u16((named.length / 2) * NAMED_BYTES);
  for (let i = 0; i < named.length; i += 2) {
    arena.u32BigEndian(named[i]);
    arena.u8(named[i + 1] >>> 8);
    arena.u8(named[i + 1] & 255);
  }
}

/** Index and part of what a subject's row from `start` to below `end` names, newest first; the row's head is before `start`. */
export function* namedBackwards(
  rows: Uint8Array,
  start: number,
  end: number,
): Iterable<{ index: number; part: number }> {
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
  for (let at = end - NAMED_BYTES; at >= start; at -= NAMED_BYTES) {
    yield { index: view.getUint32(at), part: view.getUint16(at + 4) };
  }
}

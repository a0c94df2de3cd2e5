// Puts rows of one run in the order of their accounts, and those of one account in the order of their making, however many they are.

import { ACCOUNT_BYTES } from "../entryRow.js";

const WORD_BITS = 32;
const WORD_BYTES = 4;
/** A digit's counts fit into the processor's nearest memory. */
const DIGIT_BITS = 11;
const DIGITS = 2 ** DIGIT_BITS;

/**
 * Row numbers in order; row i lies at `offsets[i]`, its account first. They are sorted by digits of the account's first `bitsMost` bits,
 * each pass keeping the order of the one before; accounts that are equal in those bits are told apart afterwards.
 */
export function sortByAccount(rows: DataView, offsets: Uint32Array, bitsMost = WORD_BITS): Uint32Array {
  const { length } = offsets;
  let [keys, order] = [new Uint32Array(length), new Uint32Array(length)];
  let [keysNext, orderNext] = [new Uint32Array(length), new Uint32Array(length)];
  for (let i = 0; i < length; i++) {
    // A shift by 32 would be one by 0.
    keys[i] = bitsMost === 0 ? 0 : rows.getUint32(offsets[i]) >>> (WORD_BITS - bitsMost);
    order[i] = i;
  }
  for (let shift = 0; shift < bitsMost; shift += DIGIT_BITS) {
    sortByDigit(keys, order, keysNext, orderNext, shift);
    [keys, keysNext] = [keysNext, keys];
    [order, orderNext] = [orderNext, order];
  }
  for (let start = 0; start < length; ) {
    let end = start + 1;
    while (end < length && keys[end] === keys[start]) {
      end++;
    }
    if (end > start + 1) {
      sortSameBits(rows, offsets, order, start, end);
    }
    start = end;
  }
  return order;
}

/** Writes keys, and row numbers along with them, in the order of the digit at `shift`; equal ones stay in their order. */
function sortByDigit(
  keys: Uint32Array,
  order: Uint32Array,
  keysNext: Uint32Array,
  orderNext: Uint32Array,
  shift: number,
): void {
  const starts = new Uint32Array(DIGITS);
  for (let i = 0; i < keys.length; i++) {
    starts[(keys[i] >>> shift) & (DIGITS - 1)]++;
  }
  let start = 0;
  for (let digit = 0; digit < DIGITS; digit++) {
    const count = starts[digit];
    starts[digit] = start;
    start += count;
  }
  for (let i = 0; i < keys.length; i++) {
    const to = starts[(keys[i] >>> shift) & (DIGITS - 1)]++;
    keysNext[to] = keys[i];
    orderNext[to] = order[i];
  }
}

/** Puts rows whose accounts begin with the same bits, mostly one account's, in order. */
function sortSameBits(rows: DataView, offsets: Uint32Array, order: Uint32Array, start: number, end: number): void {
  const first = offsets[order[start]];
  let mixed = false;
  for (let i = start + 1; i < end && !mixed; i++) {
    mixed = compareAccounts(rows, first, offsets[order[i]]) !== 0;
  }
  if (mixed) {
    order.subarray(start, end).sort((a, b) => compareAccounts(rows, offsets[a], offsets[b]) || a - b);
  }
}

function compareAccounts(rows: DataView, a: number, b: number): number {
  for (let at = 0; at < ACCOUNT_BYTES; at += WORD_BYTES) {
    const difference = rows.getUint32(a + at) - rows.getUint32(b + at);
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}

// Puts rows of one run in the order of their accounts, and those of one account in the order of their making, however many they are.

import { equalBytes } from "../../base/bytes.js";
import { ACCOUNT_BYTES } from "../entryRow.js";

/** Bits of a sort key: all whole numbers below are exact in a float. */
const KEY_BITS = 52;
const WORD_BITS = 32;

function accountWord(rows: Uint8Array, offset: number): number {
  return ((rows[offset] << 24) | (rows[offset + 1] << 16) | (rows[offset + 2] << 8) | rows[offset + 3]) >>> 0;
}

/**
 * Row numbers in order; row i lies at `offsets[i]`, its account first. Sort keys are the account's first bits and the row's number:
 * 32 of them beside up to 2^20 rows, fewer beside more. Accounts that are equal in those are told apart afterwards.
 */
export function sortByAccount(rows: Uint8Array, offsets: readonly number[], bitsMost = WORD_BITS): number[] {
  const numberBits = WORD_BITS - Math.clz32(Math.max(1, offsets.length - 1));
  const accountBits = Math.min(bitsMost, KEY_BITS - numberBits);
  const numbers = 2 ** numberBits;
  const wordsPerKey = 2 ** (WORD_BITS - accountBits);
  // Floats sort at the engine's full speed; comparing bytes row by row takes ten times as long.
  const keys = new Float64Array(offsets.length);
  for (let i = 0; i < keys.length; i++) {
    keys[i] = Math.floor(accountWord(rows, offsets[i]) / wordsPerKey) * numbers + i;
  }
  keys.sort();
  const order = Array.from(keys, (key) => key % numbers);
  for (let start = 0; start < order.length; ) {
    const bits = Math.floor(keys[start] / numbers);
    let end = start + 1;
    while (end < order.length && Math.floor(keys[end] / numbers) === bits) {
      end++;
    }
    sortSameBits(rows, offsets, order, start, end);
    start = end;
  }
  return order;
}

/** Puts rows whose accounts begin with the same bits, mostly one account's, in order. */
function sortSameBits(rows: Uint8Array, offsets: readonly number[], order: number[], start: number, end: number): void {
  const accountOf = (row: number): Uint8Array => rows.subarray(offsets[row], offsets[row] + ACCOUNT_BYTES);
  const first = accountOf(order[start]);
  let mixed = false;
  for (let i = start + 1; i < end && !mixed; i++) {
    mixed = !equalBytes(first, accountOf(order[i]));
  }
  if (mixed) {
    const sorted = order.slice(start, end).sort((a, b) => Buffer.compare(accountOf(a), accountOf(b)) || a - b);
    for (let i = start; i < end; i++) {
      order[i] = sorted[i - start];
    }
  }
}

// Sums of multiples that tables hold (ed25519Tables.ts): additions alone, no doublings. Not for secrets: digits are addresses.
import { PACKED } from "./field";
import { addPrepared, gatherPrepared } from "./point";
import { recode } from "./scalar";
import { windowBytes, windowsOf } from "./ed25519Tables";
import { digitsOf, temporary } from "./workspace";

/** Digits lie as [window][lane], 8 bytes a window. */
export const STRIDE: usize = 8;

/** point += for each window the entries that the digits choose from four tables, whose starts are t0 to t3. */
export function addFromTables(point: usize, digits: usize, windows: i32, bytes: usize, t0: usize, t1: usize, t2: usize, t3: usize): void {
  const prepared = temporary(16);
  const zero = i32x4.splat(0);
  for (let window = 0; window < windows; window++) {
    const signed = v128.load16x4_s(digits);
    const negative = i32x4.lt_s(signed, zero);
    const digit = i32x4.shl(i32x4.abs(signed), 7);
    // 40 where negative: the opposite point's first coordinate is the other one.
    const swap = v128.and(negative, i32x4.splat(<i32>PACKED));
    gatherPrepared(
      prepared,
      t0 + <usize>i32x4.extract_lane(digit, 0),
      t1 + <usize>i32x4.extract_lane(digit, 1),
      t2 + <usize>i32x4.extract_lane(digit, 2),
      t3 + <usize>i32x4.extract_lane(digit, 3),
      <usize>i32x4.extract_lane(swap, 0),
      <usize>i32x4.extract_lane(swap, 1),
      <usize>i32x4.extract_lane(swap, 2),
      <usize>i32x4.extract_lane(swap, 3),
    );
    addPrepared(point, prepared, negative);
    digits += STRIDE;
    t0 += bytes;
    t1 += bytes;
    t2 += bytes;
    t3 += bytes;
  }
}

/**
 * point += scalar times the table's point (or its opposite), spread over the four lanes: each takes every fourth window, so
 * that the sum of the four lanes is the multiple.
 */
export function addSpread(point: usize, scalar: usize, table: usize, bits: u32, negative: bool): void {
  const digits = digitsOf(0);
  const windows = windowsOf(bits);
  const bytes = windowBytes(bits);
  recode(digits, 2, scalar, 32, bits, windows, negative);
  store<u64>(digits + 2 * <usize>windows, 0);
  const full = windows >> 2;
  addFromTables(point, digits, full, 4 * bytes, table, table + bytes, table + 2 * bytes, table + 3 * bytes);
  const left = windows & 3;
  if (left > 0) {
    // A lane without a window has the digit 0, for which any window serves.
    const rest = table + 4 * bytes * <usize>full;
    const second = left > 1 ? rest + bytes : table;
    const third = left > 2 ? rest + 2 * bytes : table;
    addFromTables(point, digits + 8 * <usize>full, 1, bytes, rest, second, third, table);
  }
}

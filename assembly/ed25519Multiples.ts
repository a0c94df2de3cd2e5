// Sums of multiples that tables hold (ed25519Tables.ts): additions alone, no doublings. Not for secrets: digits are addresses.
import { PACKED } from "./field";
import { addPrepared, gatherPrepared } from "./point";
import { recode } from "./scalar";
import { windowBytes, windowsOf } from "./ed25519Tables";
import { digitsOf, temporary } from "./workspace";

/** Digits lie as [window][lane], 8 bytes a window. */
export const STRIDE: usize = 8;

/** Windows whose entries are fetched at once: 128 lines of cache, a quarter of a first-level cache. */
const FETCHED_WINDOWS: i32 = 16;

/** The offset of a lane's entry within its window. */
// @ts-ignore: decorator
@inline
function entryOffset(digits: usize, lane: usize): usize {
  return <usize>abs(<i32>load<i16>(digits + 2 * lane)) << 7;
}

/**
 * Reads a word of every cache line that the next windows need, so that their misses overlap: tables of many keys lie in
 * memory, and waiting for them window by window makes 256 signatures by 256 keys a tenth slower. The sum keeps the reads alive.
 */
function fetchEntries(digits: usize, windows: i32, bytes: usize, t0: usize, t1: usize, t2: usize, t3: usize): void {
  let sum: u32 = 0;
  for (let window = 0; window < windows; window++) {
    const e0 = t0 + entryOffset(digits, 0);
    const e1 = t1 + entryOffset(digits, 1);
    const e2 = t2 + entryOffset(digits, 2);
    const e3 = t3 + entryOffset(digits, 3);
    sum += load<u32>(e0) + load<u32>(e1) + load<u32>(e2) + load<u32>(e3);
    sum += load<u32>(e0, 64) + load<u32>(e1, 64) + load<u32>(e2, 64) + load<u32>(e3, 64);
    digits += STRIDE;
    t0 += bytes;
    t1 += bytes;
    t2 += bytes;
    t3 += bytes;
  }
  store<u32>(temporary(16), sum);
}

/** point += for each window the entries that the digits choose from four tables, whose starts are t0 to t3. */
export function addFromTables(point: usize, digits: usize, windows: i32, bytes: usize, t0: usize, t1: usize, t2: usize, t3: usize): void {
  const prepared = temporary(16);
  const zero = i32x4.splat(0);
  for (let window = 0; window < windows; window++) {
    if (window % FETCHED_WINDOWS == 0) {
      fetchEntries(digits, min(FETCHED_WINDOWS, windows - window), bytes, t0, t1, t2, t3);
    }
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

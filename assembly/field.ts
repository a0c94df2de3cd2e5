// The field of 2^255 - 19, four elements at a time ("lanes"), in the layout of scripts/generate-field-kernel.mjs: ten
// vectors, 160 bytes. A packed element is one lane alone: 20 limbs of 16 bits, 40 bytes.
//
// "Tight", "a sum of m": see the generator. add and subtract don't carry: a sum of m and one of n make one of m + n, and
// multiply takes factors whose m * n is at most 6; `carry` makes an element tight again.
// All functions but the comparisons run in a time that doesn't depend on values. What products are made of is unrolled by hand,
// because engines leave loops over ten vectors as they are, which made a doubling slower by a fifth.
import { ONE } from "./generated/fieldConstants";
import { multiply, square } from "./generated/fieldMultiply";

/** Bytes of an element in four lanes, and of one packed element. */
export const ELEMENT: usize = 160;
export const PACKED: usize = 40;

// @ts-ignore: decorator
@inline
export function add(result: usize, left: usize, right: usize): void {
  v128.store(result, i16x8.add(v128.load(left, 0), v128.load(right, 0)), 0);
  v128.store(result, i16x8.add(v128.load(left, 16), v128.load(right, 16)), 16);
  v128.store(result, i16x8.add(v128.load(left, 32), v128.load(right, 32)), 32);
  v128.store(result, i16x8.add(v128.load(left, 48), v128.load(right, 48)), 48);
  v128.store(result, i16x8.add(v128.load(left, 64), v128.load(right, 64)), 64);
  v128.store(result, i16x8.add(v128.load(left, 80), v128.load(right, 80)), 80);
  v128.store(result, i16x8.add(v128.load(left, 96), v128.load(right, 96)), 96);
  v128.store(result, i16x8.add(v128.load(left, 112), v128.load(right, 112)), 112);
  v128.store(result, i16x8.add(v128.load(left, 128), v128.load(right, 128)), 128);
  v128.store(result, i16x8.add(v128.load(left, 144), v128.load(right, 144)), 144);
}

// @ts-ignore: decorator
@inline
export function subtract(result: usize, left: usize, right: usize): void {
  v128.store(result, i16x8.sub(v128.load(left, 0), v128.load(right, 0)), 0);
  v128.store(result, i16x8.sub(v128.load(left, 16), v128.load(right, 16)), 16);
  v128.store(result, i16x8.sub(v128.load(left, 32), v128.load(right, 32)), 32);
  v128.store(result, i16x8.sub(v128.load(left, 48), v128.load(right, 48)), 48);
  v128.store(result, i16x8.sub(v128.load(left, 64), v128.load(right, 64)), 64);
  v128.store(result, i16x8.sub(v128.load(left, 80), v128.load(right, 80)), 80);
  v128.store(result, i16x8.sub(v128.load(left, 96), v128.load(right, 96)), 96);
  v128.store(result, i16x8.sub(v128.load(left, 112), v128.load(right, 112)), 112);
  v128.store(result, i16x8.sub(v128.load(left, 128), v128.load(right, 128)), 128);
  v128.store(result, i16x8.sub(v128.load(left, 144), v128.load(right, 144)), 144);
}

/** result = value in lanes where mask is 0, -value where it is all ones. */
// @ts-ignore: decorator
@inline
export function negateWhere(result: usize, value: usize, mask: v128): void {
  for (let i: usize = 0; i < ELEMENT; i += 16) {
    v128.store(result + i, i16x8.sub(v128.xor(v128.load(value + i), mask), mask));
  }
}

/** result = left in lanes where mask is all ones, right where it is 0. */
// @ts-ignore: decorator
@inline
export function select(result: usize, left: usize, right: usize, mask: v128): void {
  for (let i: usize = 0; i < ELEMENT; i += 16) {
    v128.store(result + i, v128.bitselect(v128.load(left + i), v128.load(right + i), mask));
  }
}

// @ts-ignore: decorator
@inline
export function copy(result: usize, value: usize): void {
  memory.copy(result, value, ELEMENT);
}

/** The packed element at `packed` in all four lanes. */
// @ts-ignore: decorator
@inline
export function broadcast(result: usize, packed: usize): void {
  for (let i: usize = 0; i < PACKED; i += 4) {
    v128.store(result + 4 * i, v128.load32_splat(packed + i));
  }
}

/** Stores the limbs of a vector without their excess over 13 bits, which it returns, and with what its neighbours pass up. */
// @ts-ignore: decorator
@inline
function carryVector(result: usize, limbs: v128, below: v128): v128 {
  const excess = i16x8.shr_s(i16x8.add(limbs, i16x8.splat(4096)), 13);
  const incoming = v128.or(i32x4.shl(excess, 16), i32x4.shr_u(below, 16));
  v128.store(result, i16x8.add(i16x8.sub(limbs, i16x8.shl(excess, 13)), incoming));
  return excess;
}

/** result = value with all limbs tight, for limbs up to 24,600. */
export function carry(result: usize, value: usize): void {
  // What leaves limb 19 has weight 2^260 = 608. Limb 0 takes it first, for it may get an excess by it.
  const top = i16x8.shr_s(i16x8.add(v128.load(value, 144), i16x8.splat(4096)), 13);
  const turned = v128.and(i32x4.mul(i32x4.shr_s(top, 16), i32x4.splat(608)), i32x4.splat(0xffff));
  let excess = carryVector(result, i16x8.add(v128.load(value), turned), i32x4.splat(0));
  excess = carryVector(result + 16, v128.load(value, 16), excess);
  excess = carryVector(result + 32, v128.load(value, 32), excess);
  excess = carryVector(result + 48, v128.load(value, 48), excess);
  excess = carryVector(result + 64, v128.load(value, 64), excess);
  excess = carryVector(result + 80, v128.load(value, 80), excess);
  excess = carryVector(result + 96, v128.load(value, 96), excess);
  excess = carryVector(result + 112, v128.load(value, 112), excess);
  excess = carryVector(result + 128, v128.load(value, 128), excess);
  carryVector(result + 144, v128.load(value, 144), excess);
}

/** Turns four rows of four 32-bit words into columns: 64 bytes at `result`. */
// @ts-ignore: decorator
@inline
function transpose(result: usize, row0: v128, row1: v128, row2: v128, row3: v128): void {
  const a = v128.shuffle<i32>(row0, row1, 0, 4, 1, 5);
  const b = v128.shuffle<i32>(row2, row3, 0, 4, 1, 5);
  const c = v128.shuffle<i32>(row0, row1, 2, 6, 3, 7);
  const d = v128.shuffle<i32>(row2, row3, 2, 6, 3, 7);
  v128.store(result, v128.shuffle<i64>(a, b, 0, 2));
  v128.store(result, v128.shuffle<i64>(a, b, 1, 3), 16);
  v128.store(result, v128.shuffle<i64>(c, d, 0, 2), 32);
  v128.store(result, v128.shuffle<i64>(c, d, 1, 3), 48);
}

/** Gathers `bytes` (a multiple of 16) of packed elements from four places: lane n comes from p<n>. */
// @ts-ignore: decorator
@inline
export function gather(result: usize, p0: usize, p1: usize, p2: usize, p3: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    transpose(result + 4 * i, v128.load(p0 + i), v128.load(p1 + i), v128.load(p2 + i), v128.load(p3 + i));
  }
}

/** Gathers one packed element from each of four places. */
// @ts-ignore: decorator
@inline
export function gatherElement(result: usize, p0: usize, p1: usize, p2: usize, p3: usize): void {
  transpose(result, v128.load(p0), v128.load(p1), v128.load(p2), v128.load(p3));
  transpose(result + 64, v128.load(p0, 16), v128.load(p1, 16), v128.load(p2, 16), v128.load(p3, 16));
  const row0 = v128.load64_zero(p0 + 32);
  const row1 = v128.load64_zero(p1 + 32);
  const row2 = v128.load64_zero(p2 + 32);
  const row3 = v128.load64_zero(p3 + 32);
  const a = v128.shuffle<i32>(row0, row1, 0, 4, 1, 5);
  const b = v128.shuffle<i32>(row2, row3, 0, 4, 1, 5);
  v128.store(result, v128.shuffle<i64>(a, b, 0, 2), 128);
  v128.store(result, v128.shuffle<i64>(a, b, 1, 3), 144);
}

/** The reverse of `gather`: writes `bytes` (a multiple of 16) of packed elements to each of four places. */
// @ts-ignore: decorator
@inline
export function scatter(value: usize, p0: usize, p1: usize, p2: usize, p3: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const row0 = v128.load(value + 4 * i);
    const row1 = v128.load(value + 4 * i, 16);
    const row2 = v128.load(value + 4 * i, 32);
    const row3 = v128.load(value + 4 * i, 48);
    const a = v128.shuffle<i32>(row0, row1, 0, 4, 1, 5);
    const b = v128.shuffle<i32>(row2, row3, 0, 4, 1, 5);
    const c = v128.shuffle<i32>(row0, row1, 2, 6, 3, 7);
    const d = v128.shuffle<i32>(row2, row3, 2, 6, 3, 7);
    v128.store(p0 + i, v128.shuffle<i64>(a, b, 0, 2));
    v128.store(p1 + i, v128.shuffle<i64>(a, b, 1, 3));
    v128.store(p2 + i, v128.shuffle<i64>(c, d, 0, 2));
    v128.store(p3 + i, v128.shuffle<i64>(c, d, 1, 3));
  }
}

/** Writes one packed element of lane `lane`. */
export function extractElement(packed: usize, value: usize, lane: usize): void {
  for (let i: usize = 0; i < PACKED; i += 4) {
    store<u32>(packed + i, load<u32>(value + 4 * i + 4 * lane));
  }
}

/** Fills lane `lane` with the low 255 bits at `bytes` (32 bytes, little-endian), as unsigned limbs: a sum of two. */
export function loadLane(result: usize, lane: usize, bytes: usize): void {
  result += 4 * lane;
  for (let i: usize = 0; i < 20; i++) {
    const bit = 13 * i;
    // A load of four bytes must not run past the number's end; the last limb has 8 bits, for bit 255 is a sign.
    const byte = min(bit >> 3, 28);
    const limb = (load<u32>(bytes + byte) >> <u32>(bit - 8 * byte)) & (i < 19 ? 8191 : 255);
    store<u16>(result + 16 * (i >> 1) + 2 * (i & 1), <u16>limb);
  }
}

/** Carries twenty 32-bit columns to limbs of 13 bits, downwards rounded; the last keeps what exceeds. */
// @ts-ignore: decorator
@inline
function carryColumns(columns: usize): void {
  let incoming = i32x4.splat(0);
  const mask = i32x4.splat(8191);
  for (let i: usize = 0; i < 19 * 16; i += 16) {
    const column = i32x4.add(v128.load(columns + i), incoming);
    v128.store(columns + i, v128.and(column, mask));
    incoming = i32x4.shr_s(column, 13);
  }
  v128.store(columns, i32x4.add(v128.load(columns, 304), incoming), 304);
}

/** Adds 19 for every 2^255 in the last column, which it takes away there. */
// @ts-ignore: decorator
@inline
function foldTop(columns: usize): void {
  const top = v128.load(columns, 304);
  v128.store(columns, v128.and(top, i32x4.splat(255)), 304);
  v128.store(columns, i32x4.add(v128.load(columns), i32x4.mul(i32x4.shr_s(top, 8), i32x4.splat(19))));
}

/**
 * The canonical limbs of four elements (a sum of at most six): twenty vectors at `columns` (320 bytes), one limb below
 * 2^13 in each 32-bit lane, the last below 2^8; the value is below p.
 */
export function freeze(columns: usize, value: usize): void {
  for (let i: usize = 0; i < 10; i++) {
    const limbs = v128.load(value + 16 * i);
    v128.store(columns + 32 * i, i32x4.shr_s(i32x4.shl(limbs, 16), 16));
    v128.store(columns + 32 * i, i32x4.shr_s(limbs, 16), 16);
  }
  // 256 p = 2^263 - 4864 makes the value positive: at most 2^263 + 2^262.6 afterwards.
  v128.store(columns, i32x4.sub(v128.load(columns), i32x4.splat(4864)));
  v128.store(columns, i32x4.add(v128.load(columns, 304), i32x4.splat(1 << 16)), 304);
  carryColumns(columns);
  foldTop(columns);
  carryColumns(columns);
  // Now below 2^255 + 2^14: add 19, and where that reaches 2^255 the value was p or more and keeps the 19; else take it back.
  v128.store(columns, i32x4.add(v128.load(columns), i32x4.splat(19)));
  carryColumns(columns);
  const top = v128.load(columns, 304);
  const reached = i32x4.shr_s(top, 8);
  v128.store(columns, v128.and(top, i32x4.splat(255)), 304);
  v128.store(columns, i32x4.add(v128.load(columns), i32x4.mul(i32x4.sub(reached, i32x4.splat(1)), i32x4.splat(19))));
  carryColumns(columns);
}

/** Writes the 32 bytes of lane `lane` of frozen columns. */
export function storeLane(bytes: usize, columns: usize, lane: usize): void {
  columns += 4 * lane;
  let accumulator: u64 = 0;
  let bits: u32 = 0;
  for (let i: usize = 0; i < 20; i++) {
    const limb = <u64>load<u32>(columns + 16 * i);
    accumulator |= limb << bits;
    bits += 13;
    if (bits >= 32) {
      store<u32>(bytes, <u32>accumulator);
      bytes += 4;
      accumulator >>= 32;
      bits -= 32;
    }
  }
}

/** A mask of the lanes whose frozen columns are all zero. */
export function zeroLanes(columns: usize): v128 {
  let any = v128.load(columns);
  for (let i: usize = 16; i < 320; i += 16) {
    any = v128.or(any, v128.load(columns + i));
  }
  return i32x4.eq(any, i32x4.splat(0));
}

/** A mask of the lanes whose frozen value is odd. */
// @ts-ignore: decorator
@inline
export function oddLanes(columns: usize): v128 {
  return i32x4.sub(i32x4.splat(0), v128.and(v128.load(columns), i32x4.splat(1)));
}

/** result = value^(2^count). */
export function squareTimes(result: usize, value: usize, count: i32): void {
  square(result, value);
  for (let i = 1; i < count; i++) {
    square(result, result);
  }
}

/** result = value^(2^250 - 1); 3 elements of scratch; leaves value^11 in the first. */
function powerOfOnes(result: usize, value: usize, scratch: usize): void {
  const eleven = scratch;
  const a = scratch + ELEMENT;
  const b = scratch + 2 * ELEMENT;
  square(a, value); // 2
  squareTimes(b, a, 2); // 8
  multiply(b, value, b); // 9
  multiply(eleven, a, b); // 11
  square(a, eleven); // 22
  multiply(a, a, b); // 2^5 - 1
  squareTimes(b, a, 5);
  multiply(a, b, a); // 2^10 - 1
  squareTimes(b, a, 10);
  multiply(b, b, a); // 2^20 - 1
  squareTimes(result, b, 20);
  multiply(b, result, b); // 2^40 - 1
  squareTimes(b, b, 10);
  multiply(a, b, a); // 2^50 - 1
  squareTimes(b, a, 50);
  multiply(b, b, a); // 2^100 - 1
  squareTimes(result, b, 100);
  multiply(b, result, b); // 2^200 - 1
  squareTimes(b, b, 50);
  multiply(result, b, a); // 2^250 - 1
}

/** result = value^((p - 5) / 8); 3 elements of scratch; value is not result. */
export function powerForRoot(result: usize, value: usize, scratch: usize): void {
  powerOfOnes(result, value, scratch);
  squareTimes(result, result, 2);
  multiply(result, result, value);
}

/** result = 1 / value, and 0 for 0; 3 elements of scratch; value is not result. */
export function invert(result: usize, value: usize, scratch: usize): void {
  powerOfOnes(result, value, scratch);
  squareTimes(result, result, 5);
  multiply(result, result, scratch); // (2^250 - 1) * 32 + 11 = p - 2
}

/** result = 1 in all lanes. */
// @ts-ignore: decorator
@inline
export function setOne(result: usize): void {
  broadcast(result, ONE);
}

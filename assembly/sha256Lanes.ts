// SHA-256 compression of four independent messages at once: word i of lane l is 32-bit lane l of the i-th v128.
// A block goes in two steps through memory, so that a block whose schedule is known beforehand skips the first one:
// `expand*` writes the 64 sums W[t] + K[t] to KEYED, `rounds*` runs the 64 rounds over them. The memory traffic is free,
// as the vector units are the bottleneck.

import { INITIAL_STATE, ROUND_CONSTANTS } from "./sha256Constants";
import { SINGLE_STATE } from "./sha256Single";

/** State of the four lanes: eight words of 16 bytes. */
export const LANES_STATE: usize = memory.data(8 * 16, 16);
/** Message schedule W[0..63] of the four lanes. */
const SCHEDULE: usize = memory.data(64 * 16, 16);
/** W[t] + K[t] for `roundsOfLanes`. */
export const LANES_KEYED: usize = memory.data(64 * 16, 16);

@inline
function rotateRight(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shr_u(x, bits), i32x4.shl(x, 32 - bits));
}

@inline
function add(x: v128, y: v128): v128 {
  return i32x4.add(x, y);
}

@inline
function scheduleSigma0(x: v128): v128 {
  return v128.xor(v128.xor(rotateRight(x, 7), rotateRight(x, 18)), i32x4.shr_u(x, 3));
}

@inline
function scheduleSigma1(x: v128): v128 {
  return v128.xor(v128.xor(rotateRight(x, 17), rotateRight(x, 19)), i32x4.shr_u(x, 10));
}

/** h + Sigma1(e) + Ch(e, f, g) + W[t] + K[t], the latter from memory. */
@inline
function firstSum(e: v128, f: v128, g: v128, h: v128, keyed: usize): v128 {
  const sigma = v128.xor(v128.xor(rotateRight(e, 6), rotateRight(e, 11)), rotateRight(e, 25));
  const choice = v128.xor(v128.and(v128.xor(f, g), e), g);
  return add(add(h, v128.load(keyed)), add(sigma, choice));
}

/** Sigma0(a) + Maj(a, b, c). */
@inline
function secondSum(a: v128, b: v128, c: v128): v128 {
  const sigma = v128.xor(v128.xor(rotateRight(a, 2), rotateRight(a, 13)), rotateRight(a, 22));
  return add(sigma, v128.xor(b, v128.and(v128.xor(a, b), v128.xor(b, c))));
}

/** Puts all four lanes into SHA-256's initial state. */
export function resetLanes(): void {
  for (let word: usize = 0; word < 8; word++) {
    v128.store(LANES_STATE + 16 * word, v128.load32_splat(INITIAL_STATE + 4 * word));
  }
}

/** Puts one lane into SHA-256's initial state. */
export function resetLane(lane: usize): void {
  for (let word: usize = 0; word < 8; word++) {
    store<u32>(LANES_STATE + 16 * word + 4 * lane, load<u32>(INITIAL_STATE + 4 * word));
  }
}

/** Copies one lane's state to SINGLE_STATE. */
export function moveLaneToSingle(lane: usize): void {
  for (let word: usize = 0; word < 8; word++) {
    store<u32>(SINGLE_STATE + 4 * word, load<u32>(LANES_STATE + 16 * word + 4 * lane));
  }
}

@inline
function swapBytes(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
}

/** Transposes the 4x4 words at the four sources and stores row i at `to + stride * i`. */
@inline
function storeTransposed(x0: v128, x1: v128, x2: v128, x3: v128, to: usize, stride: usize): void {
  const low01 = v128.shuffle<i32>(x0, x1, 0, 4, 1, 5);
  const low23 = v128.shuffle<i32>(x2, x3, 0, 4, 1, 5);
  const high01 = v128.shuffle<i32>(x0, x1, 2, 6, 3, 7);
  const high23 = v128.shuffle<i32>(x2, x3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2));
  v128.store(to + stride, v128.shuffle<i64>(low01, low23, 1, 3));
  v128.store(to + 2 * stride, v128.shuffle<i64>(high01, high23, 0, 2));
  v128.store(to + 3 * stride, v128.shuffle<i64>(high01, high23, 1, 3));
}

/** Reads one 64-byte block for each lane into SCHEDULE[0..15]. The addresses need no alignment. */
export function loadLanes(block0: usize, block1: usize, block2: usize, block3: usize): void {
  for (let offset: usize = 0; offset < 64; offset += 16) {
    storeTransposed(
      swapBytes(v128.load(block0 + offset)),
      swapBytes(v128.load(block1 + offset)),
      swapBytes(v128.load(block2 + offset)),
      swapBytes(v128.load(block3 + offset)),
      SCHEDULE + 4 * offset,
      16,
    );
  }
}

/** Overwrites the first byte of all four loaded blocks. */
@inline
export function setFirstByteOfLanes(byte: u32): void {
  const rest = v128.and(v128.load(SCHEDULE), i32x4.splat(0x00ffffff));
  v128.store(SCHEDULE, v128.or(rest, i32x4.splat(byte << 24)));
}

/** Expands the loaded blocks: SCHEDULE[0..15] to all of LANES_KEYED. */
export function expandLanes(): void {
  for (let word: usize = 0; word < 16; word++) {
    const keyed = add(v128.load(SCHEDULE + 16 * word), v128.load32_splat(ROUND_CONSTANTS + 4 * word));
    v128.store(LANES_KEYED + 16 * word, keyed);
  }
  for (let word: usize = 16; word < 64; word += 1) {
    const at = SCHEDULE + 16 * word;
    const w = add(
      add(v128.load(at - 16 * 16), scheduleSigma0(v128.load(at - 16 * 15))),
      add(v128.load(at - 16 * 7), scheduleSigma1(v128.load(at - 16 * 2))),
    );
    v128.store(at, w);
    v128.store(LANES_KEYED + 16 * word, add(w, v128.load32_splat(ROUND_CONSTANTS + 4 * word)));
  }
}

/** Runs the 64 rounds over the sums at `keyed` (64 v128) and adds the result to LANES_STATE. */
export function roundsOfLanes(keyed: usize): void {
  let a = v128.load(LANES_STATE, 0);
  let b = v128.load(LANES_STATE, 16);
  let c = v128.load(LANES_STATE, 32);
  let d = v128.load(LANES_STATE, 48);
  let e = v128.load(LANES_STATE, 64);
  let f = v128.load(LANES_STATE, 80);
  let g = v128.load(LANES_STATE, 96);
  let h = v128.load(LANES_STATE, 112);
  let sum: v128;
  const end = keyed + 64 * 16;
  // Eight rounds bring every variable back to its own name.
  for (let at = keyed; at < end; at += 8 * 16) {
    sum = firstSum(e, f, g, h, at);
    d = add(d, sum);
    h = add(sum, secondSum(a, b, c));
    sum = firstSum(d, e, f, g, at + 16);
    c = add(c, sum);
    g = add(sum, secondSum(h, a, b));
    sum = firstSum(c, d, e, f, at + 32);
    b = add(b, sum);
    f = add(sum, secondSum(g, h, a));
    sum = firstSum(b, c, d, e, at + 48);
    a = add(a, sum);
    e = add(sum, secondSum(f, g, h));
    sum = firstSum(a, b, c, d, at + 64);
    h = add(h, sum);
    d = add(sum, secondSum(e, f, g));
    sum = firstSum(h, a, b, c, at + 80);
    g = add(g, sum);
    c = add(sum, secondSum(d, e, f));
    sum = firstSum(g, h, a, b, at + 96);
    f = add(f, sum);
    b = add(sum, secondSum(c, d, e));
    sum = firstSum(f, g, h, a, at + 112);
    e = add(e, sum);
    a = add(sum, secondSum(b, c, d));
  }
  v128.store(LANES_STATE, add(a, v128.load(LANES_STATE, 0)), 0);
  v128.store(LANES_STATE, add(b, v128.load(LANES_STATE, 16)), 16);
  v128.store(LANES_STATE, add(c, v128.load(LANES_STATE, 32)), 32);
  v128.store(LANES_STATE, add(d, v128.load(LANES_STATE, 48)), 48);
  v128.store(LANES_STATE, add(e, v128.load(LANES_STATE, 64)), 64);
  v128.store(LANES_STATE, add(f, v128.load(LANES_STATE, 80)), 80);
  v128.store(LANES_STATE, add(g, v128.load(LANES_STATE, 96)), 96);
  v128.store(LANES_STATE, add(h, v128.load(LANES_STATE, 112)), 112);
}

/** Writes the four digests, lane l at `to + stride * l`. */
export function storeLaneDigests(to: usize, stride: usize): void {
  for (let half: usize = 0; half < 2; half++) {
    const from = LANES_STATE + 64 * half;
    storeTransposed(
      swapBytes(v128.load(from, 0)),
      swapBytes(v128.load(from, 16)),
      swapBytes(v128.load(from, 32)),
      swapBytes(v128.load(from, 48)),
      to + 16 * half,
      stride,
    );
  }
}

/** Writes the digest of one lane. */
export function storeLaneDigest(lane: usize, to: usize): void {
  for (let word: usize = 0; word < 8; word++) {
    store<u32>(to + 4 * word, bswap<u32>(load<u32>(LANES_STATE + 16 * word + 4 * lane)));
  }
}

/** Fills LANES_KEYED from four rows of 64 words, one for each lane. */
export function gatherKeyed(row0: usize, row1: usize, row2: usize, row3: usize): void {
  for (let offset: usize = 0; offset < 256; offset += 16) {
    storeTransposed(
      v128.load(row0 + offset),
      v128.load(row1 + offset),
      v128.load(row2 + offset),
      v128.load(row3 + offset),
      LANES_KEYED + 4 * offset,
      16,
    );
  }
}

// SHA-256 compression of four independent messages at once: word i of lane l is 32-bit lane l of the i-th v128.
// The rounds run in a loop of one round each, not unrolled: with longer bodies V8 puts off half of every round and
// spills what it needs for that, which costs a fifth more time (measured in Node 20). W[t + 16] is made in round t, where
// the rounds' chain of dependencies leaves the vector units idle.

import { INITIAL_STATE, ROUND_CONSTANTS } from "./sha256Constants";
import { SINGLE_STATE } from "./sha256Single";

/** State of the four lanes: eight words of 16 bytes. */
export const LANES_STATE: usize = memory.data(8 * 16, 16);
/** Message schedule W[0..63] of the four lanes. */
const SCHEDULE: usize = memory.data(64 * 16, 16);

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

/** h + Sigma1(e) + Ch(e, f, g) + W[t] + K[t]. */
@inline
function firstSum(e: v128, f: v128, g: v128, h: v128, keyedWord: v128): v128 {
  const sigma = v128.xor(v128.xor(rotateRight(e, 6), rotateRight(e, 11)), rotateRight(e, 25));
  const choice = v128.xor(v128.and(v128.xor(f, g), e), g);
  return add(add(h, keyedWord), add(sigma, choice));
}

/** Sigma0(a) + Maj(a, b, c). */
@inline
function secondSum(a: v128, b: v128, c: v128): v128 {
  const sigma = v128.xor(v128.xor(rotateRight(a, 2), rotateRight(a, 13)), rotateRight(a, 22));
  return add(sigma, v128.xor(b, v128.and(v128.xor(a, b), v128.xor(b, c))));
}

/** W[t] + K[t] of the loaded blocks. */
@inline
function keyedWord(t: usize): v128 {
  return add(v128.load(SCHEDULE + 16 * t), v128.load32_splat(ROUND_CONSTANTS + 4 * t));
}

/** W[t + 16], `at` being the address of W[t]. */
@inline
function laterWord(at: usize): v128 {
  return add(
    add(v128.load(at), scheduleSigma0(v128.load(at, 1 * 16))),
    add(v128.load(at, 9 * 16), scheduleSigma1(v128.load(at, 14 * 16))),
  );
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

/**
 * The 64 rounds, their result added to LANES_STATE. W[t] + K[t] are the 64 v128 at `keyed`, or come from the loaded blocks.
 * `isKeyed` is a constant where this is inlined.
 */
@inline
function rounds(isKeyed: bool, keyed: usize): void {
  let a = v128.load(LANES_STATE, 0);
  let b = v128.load(LANES_STATE, 16);
  let c = v128.load(LANES_STATE, 32);
  let d = v128.load(LANES_STATE, 48);
  let e = v128.load(LANES_STATE, 64);
  let f = v128.load(LANES_STATE, 80);
  let g = v128.load(LANES_STATE, 96);
  let h = v128.load(LANES_STATE, 112);
  let t: usize = 0;
  if (!isKeyed) {
    for (; t < 48; t++) {
      const at = SCHEDULE + 16 * t;
      const sum = firstSum(e, f, g, h, keyedWord(t));
      const next = add(sum, secondSum(a, b, c));
      h = g, g = f, f = e, e = add(d, sum), d = c, c = b, b = a, a = next;
      v128.store(at, laterWord(at), 16 * 16);
    }
  }
  for (; t < 64; t++) {
    const sum = firstSum(e, f, g, h, isKeyed ? v128.load(keyed + 16 * t) : keyedWord(t));
    const next = add(sum, secondSum(a, b, c));
    h = g, g = f, f = e, e = add(d, sum), d = c, c = b, b = a, a = next;
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

/** Compresses the loaded blocks into LANES_STATE. */
export function compressLanes(): void {
  rounds(false, 0);
}

/** Compresses blocks whose sums W[t] + K[t] are known: 64 v128 at `keyed`. */
export function compressKeyedLanes(keyed: usize): void {
  rounds(true, keyed);
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

/** Puts four rows of 64 words, one for each lane, side by side: 64 v128 at `to`. */
export function gatherRows(row0: usize, row1: usize, row2: usize, row3: usize, to: usize): void {
  for (let offset: usize = 0; offset < 256; offset += 16) {
    storeTransposed(
      v128.load(row0 + offset),
      v128.load(row1 + offset),
      v128.load(row2 + offset),
      v128.load(row3 + offset),
      to + 4 * offset,
      16,
    );
  }
}

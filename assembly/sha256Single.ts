// SHA-256 compression of one message: 32-bit rounds, and a schedule that is made four words at a time on vectors where the
// engine has them, in the same loop, since the two keep different units of a processor busy.

import { INITIAL_STATE, ROUND_CONSTANTS } from "./sha256Constants";

/** State: eight words. */
export const SINGLE_STATE: usize = memory.data(8 * 4, 16);
/** Message schedule W[0..63]. */
const SCHEDULE: usize = memory.data(64 * 4, 16);
/** Four sums W[t] + K[t] for each turn of the loop. */
const KEYED: usize = memory.data(64 * 4, 16);

@inline
function scheduleSigma0(x: u32): u32 {
  return rotr<u32>(x, 7) ^ rotr<u32>(x, 18) ^ (x >>> 3);
}

@inline
function scheduleSigma1(x: u32): u32 {
  return rotr<u32>(x, 17) ^ rotr<u32>(x, 19) ^ (x >>> 10);
}

/** h + Sigma1(e) + Ch(e, f, g) + W[t] + K[t], the latter from memory. */
@inline
function firstSum(e: u32, f: u32, g: u32, h: u32, keyed: usize): u32 {
  return h + load<u32>(keyed) + (rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25)) + (((f ^ g) & e) ^ g);
}

/** Sigma0(a) + Maj(a, b, c). */
@inline
function secondSum(a: u32, b: u32, c: u32): u32 {
  return (rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22)) + (((a ^ b) & (b ^ c)) ^ b);
}

/** Back to SHA-256's initial state. */
export function resetSingle(): void {
  memory.copy(SINGLE_STATE, INITIAL_STATE, 32);
}

/** Reads the 64-byte block at `block` into SCHEDULE[0..15]. */
export function loadSingle(block: usize): void {
  for (let offset: usize = 0; offset < 64; offset += 4) {
    store<u32>(SCHEDULE + offset, bswap<u32>(load<u32>(block + offset)));
  }
}

/** Overwrites the first byte of the loaded block. */
@inline
export function setFirstByteOfSingle(byte: u32): void {
  store<u32>(SCHEDULE, (load<u32>(SCHEDULE) & 0x00ffffff) | (byte << 24));
}

/** W[t + 16] for the W[t] at `at`, stored in its place. */
@inline
function scheduleOne(at: usize): void {
  const near = load<u32>(at) + scheduleSigma0(load<u32>(at, 4));
  store<u32>(at, near + load<u32>(at, 36) + scheduleSigma1(load<u32>(at, 56)), 64);
}

@inline
function vectorRotateRight(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shr_u(x, bits), i32x4.shl(x, 32 - bits));
}

/** sigma1 of p and q, given (p, p, q, q): the low half of a shifted 64-bit (p, p) is p rotated. */
@inline
function vectorSigma1(pairs: v128): v128 {
  return v128.xor(v128.xor(i64x2.shr_u(pairs, 17), i64x2.shr_u(pairs, 19)), i32x4.shr_u(pairs, 10));
}

/** W[t + 16] to W[t + 19] for the W[t] at `at`, stored in their places. */
@inline
function scheduleFour(at: usize): void {
  const zero = i32x4.splat(0);
  const w0 = v128.load(at);
  const w12 = v128.load(at, 48);
  const w1 = v128.shuffle<i32>(w0, v128.load(at, 16), 1, 2, 3, 4);
  const w9 = v128.shuffle<i32>(v128.load(at, 32), w12, 1, 2, 3, 4);
  const sigma0 = v128.xor(
    v128.xor(vectorRotateRight(w1, 7), vectorRotateRight(w1, 18)),
    i32x4.shr_u(w1, 3),
  );
  let later = i32x4.add(i32x4.add(w0, w9), sigma0);
  // The last two of the four words need sigma1 of the first two.
  const low = vectorSigma1(v128.shuffle<i32>(w12, w12, 2, 2, 3, 3));
  later = i32x4.add(later, v128.shuffle<i32>(low, zero, 0, 2, 4, 4));
  const high = vectorSigma1(v128.shuffle<i32>(later, later, 0, 0, 1, 1));
  later = i32x4.add(later, v128.shuffle<i32>(high, zero, 4, 4, 0, 2));
  v128.store(at, later, 64);
}

/** Puts W[t] + K[t] of four rounds to KEYED, and the words sixteen rounds later into the schedule. */
@inline
function keyFour(offset: usize): void {
  const at = SCHEDULE + offset;
  if (ASC_FEATURE_SIMD) {
    v128.store(KEYED + offset, i32x4.add(v128.load(at), v128.load(ROUND_CONSTANTS + offset)));
    if (offset < 48 * 4) scheduleFour(at);
  } else {
    for (let word: usize = 0; word < 16; word += 4) {
      store<u32>(KEYED + offset + word, load<u32>(at + word) + load<u32>(ROUND_CONSTANTS + offset + word));
      if (offset < 48 * 4) scheduleOne(at + word);
    }
  }
}

/**
 * The 64 rounds, their result added to SINGLE_STATE. W[t] + K[t] are the 64 words at `keyed`, or come from the loaded
 * block. `isKeyed` is a constant where this is inlined.
 */
@inline
function rounds(isKeyed: bool, keyed: usize): void {
  let a = load<u32>(SINGLE_STATE, 0);
  let b = load<u32>(SINGLE_STATE, 4);
  let c = load<u32>(SINGLE_STATE, 8);
  let d = load<u32>(SINGLE_STATE, 12);
  let e = load<u32>(SINGLE_STATE, 16);
  let f = load<u32>(SINGLE_STATE, 20);
  let g = load<u32>(SINGLE_STATE, 24);
  let h = load<u32>(SINGLE_STATE, 28);
  for (let offset: usize = 0; offset < 64 * 4; offset += 16) {
    if (!isKeyed) keyFour(offset);
    const at = (isKeyed ? keyed : KEYED) + offset;
    // After four rounds (a, b, c, d) and (e, f, g, h) have changed places.
    let sum = firstSum(e, f, g, h, at);
    d += sum;
    h = sum + secondSum(a, b, c);
    sum = firstSum(d, e, f, g, at + 4);
    c += sum;
    g = sum + secondSum(h, a, b);
    sum = firstSum(c, d, e, f, at + 8);
    b += sum;
    f = sum + secondSum(g, h, a);
    sum = firstSum(b, c, d, e, at + 12);
    a += sum;
    e = sum + secondSum(f, g, h);
    const previousA = a;
    const previousB = b;
    const previousC = c;
    const previousD = d;
    a = e;
    b = f;
    c = g;
    d = h;
    e = previousA;
    f = previousB;
    g = previousC;
    h = previousD;
  }
  store<u32>(SINGLE_STATE, a + load<u32>(SINGLE_STATE, 0), 0);
  store<u32>(SINGLE_STATE, b + load<u32>(SINGLE_STATE, 4), 4);
  store<u32>(SINGLE_STATE, c + load<u32>(SINGLE_STATE, 8), 8);
  store<u32>(SINGLE_STATE, d + load<u32>(SINGLE_STATE, 12), 12);
  store<u32>(SINGLE_STATE, e + load<u32>(SINGLE_STATE, 16), 16);
  store<u32>(SINGLE_STATE, f + load<u32>(SINGLE_STATE, 20), 20);
  store<u32>(SINGLE_STATE, g + load<u32>(SINGLE_STATE, 24), 24);
  store<u32>(SINGLE_STATE, h + load<u32>(SINGLE_STATE, 28), 28);
}

/** Compresses the loaded block into SINGLE_STATE. */
export function compressSingle(): void {
  rounds(false, 0);
}

/** Compresses a block whose sums W[t] + K[t] are known: 64 words at `keyed`. */
export function compressKeyedSingle(keyed: usize): void {
  rounds(true, keyed);
}

/** Writes the sums W[t] + K[t] of the loaded block, 64 words, to `to`. */
export function keySingle(to: usize): void {
  for (let offset: usize = 0; offset < 64 * 4; offset += 16) {
    keyFour(offset);
  }
  memory.copy(to, KEYED, 64 * 4);
}

/** Writes the digest's 32 bytes. */
export function storeSingleDigest(to: usize): void {
  for (let offset: usize = 0; offset < 32; offset += 4) {
    store<u32>(to + offset, bswap<u32>(load<u32>(SINGLE_STATE + offset)));
  }
}

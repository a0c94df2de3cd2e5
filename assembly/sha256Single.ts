// SHA-256 compression of one message with 32-bit arithmetic, in the same two steps as the four lanes: `expandSingle`
// writes W[t] + K[t] to SINGLE_KEYED, `roundsOfSingle` runs the rounds over them.

import { INITIAL_STATE, ROUND_CONSTANTS } from "./sha256Constants";

/** State: eight words. */
export const SINGLE_STATE: usize = memory.data(8 * 4, 16);
/** Message schedule W[0..63]. */
const SCHEDULE: usize = memory.data(64 * 4, 16);
/** W[t] + K[t] for `roundsOfSingle`. */
export const SINGLE_KEYED: usize = memory.data(64 * 4, 16);

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

/** Expands the loaded block: SCHEDULE[0..15] to all of SINGLE_KEYED. */
export function expandSingle(): void {
  for (let offset: usize = 0; offset < 64; offset += 4) {
    store<u32>(SINGLE_KEYED + offset, load<u32>(SCHEDULE + offset) + load<u32>(ROUND_CONSTANTS + offset));
  }
  for (let offset: usize = 64; offset < 256; offset += 4) {
    const at = SCHEDULE + offset;
    const w =
      load<u32>(at - 64) + scheduleSigma0(load<u32>(at - 60)) + load<u32>(at - 28) + scheduleSigma1(load<u32>(at - 8));
    store<u32>(at, w);
    store<u32>(SINGLE_KEYED + offset, w + load<u32>(ROUND_CONSTANTS + offset));
  }
}

/** Runs the 64 rounds over the sums at `keyed` (64 words) and adds the result to SINGLE_STATE. */
export function roundsOfSingle(keyed: usize): void {
  let a = load<u32>(SINGLE_STATE, 0);
  let b = load<u32>(SINGLE_STATE, 4);
  let c = load<u32>(SINGLE_STATE, 8);
  let d = load<u32>(SINGLE_STATE, 12);
  let e = load<u32>(SINGLE_STATE, 16);
  let f = load<u32>(SINGLE_STATE, 20);
  let g = load<u32>(SINGLE_STATE, 24);
  let h = load<u32>(SINGLE_STATE, 28);
  let sum: u32;
  const end = keyed + 64 * 4;
  // Eight rounds bring every variable back to its own name.
  for (let at = keyed; at < end; at += 8 * 4) {
    sum = firstSum(e, f, g, h, at);
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
    sum = firstSum(a, b, c, d, at + 16);
    h += sum;
    d = sum + secondSum(e, f, g);
    sum = firstSum(h, a, b, c, at + 20);
    g += sum;
    c = sum + secondSum(d, e, f);
    sum = firstSum(g, h, a, b, at + 24);
    f += sum;
    b = sum + secondSum(c, d, e);
    sum = firstSum(f, g, h, a, at + 28);
    e += sum;
    a = sum + secondSum(b, c, d);
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

/** Writes the digest's 32 bytes. */
export function storeSingleDigest(to: usize): void {
  for (let offset: usize = 0; offset < 32; offset += 4) {
    store<u32>(to + offset, bswap<u32>(load<u32>(SINGLE_STATE + offset)));
  }
}

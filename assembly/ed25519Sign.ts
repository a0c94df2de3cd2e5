// Signing and public keys (RFC 8032, 5.1.5 and 5.1.6). Nothing here branches on a secret or uses one as an address: table
// entries are chosen by reading all of them. What was secret is wiped before the functions return.
import { ELEMENT, freeze, invert, negateWhere, oddLanes, storeLane } from "./field";
import { multiply } from "./generated/fieldMultiply";
import { multiplyAdd, reduceWide } from "./generated/scalarReduce";
import { addCached, addPrepared, gatherPrepared, setIdentity, toCached, X, Y, Z } from "./point";
import { recode } from "./scalar";
import { sha512Begin, sha512End, sha512Update } from "./sha512";
import { SIGNING_BITS, signingTableAt, windowBytes, windowsOf } from "./ed25519Tables";
import { digitsOf, hashState, NIELS, POINT, temporary } from "./workspace";

const ENTRIES: usize = (1 << (<usize>SIGNING_BITS - 1)) + 1;

// Behind the running hash: seed's hash (64), nonce r (32), R (32), public key (32), challenge (32), digests (64).
// @ts-ignore: decorator
@inline
function expanded(): usize {
  return hashState() + 256;
}
// @ts-ignore: decorator
@inline
function nonce(): usize {
  return hashState() + 320;
}
// @ts-ignore: decorator
@inline
function encodings(): usize {
  return hashState() + 384;
}
// @ts-ignore: decorator
@inline
function digest(): usize {
  return hashState() + 512;
}

/** Hashes the seed of 32 bytes: the secret scalar, clamped, and behind it the prefix of nonces. */
function expandSeed(seed: usize): void {
  sha512Begin();
  sha512Update(seed, 32);
  sha512End(expanded());
  store<u8>(expanded(), load<u8>(expanded()) & 248);
  store<u8>(expanded(), (load<u8>(expanded(), 31) & 63) | 64, 31);
}

/** Copies the entry number `wanted` (the same in all four lanes) of a window to `entry`, reading all of them. */
function chooseEntry(entry: usize, window: usize, wanted: v128): void {
  let part0 = i32x4.splat(0);
  let part1 = i32x4.splat(0);
  let part2 = i32x4.splat(0);
  let part3 = i32x4.splat(0);
  let part4 = i32x4.splat(0);
  let part5 = i32x4.splat(0);
  let part6 = i32x4.splat(0);
  let part7 = i32x4.splat(0);
  let number = i32x4.splat(0);
  const one = i32x4.splat(1);
  for (const end = window + ENTRIES * NIELS; window < end; window += NIELS) {
    const same = i32x4.eq(wanted, number);
    number = i32x4.add(number, one);
    part0 = v128.or(part0, v128.and(same, v128.load(window, 0)));
    part1 = v128.or(part1, v128.and(same, v128.load(window, 16)));
    part2 = v128.or(part2, v128.and(same, v128.load(window, 32)));
    part3 = v128.or(part3, v128.and(same, v128.load(window, 48)));
    part4 = v128.or(part4, v128.and(same, v128.load(window, 64)));
    part5 = v128.or(part5, v128.and(same, v128.load(window, 80)));
    part6 = v128.or(part6, v128.and(same, v128.load(window, 96)));
    part7 = v128.or(part7, v128.and(same, v128.load(window, 112)));
  }
  v128.store(entry, part0, 0);
  v128.store(entry, part1, 16);
  v128.store(entry, part2, 32);
  v128.store(entry, part3, 48);
  v128.store(entry, part4, 64);
  v128.store(entry, part5, 80);
  v128.store(entry, part6, 96);
  v128.store(entry, part7, 112);
}

/**
 * Chooses the entries of lanes 0 and 2 from the window `low`, of 1 and 3 from `high`, without a branch or an address that
 * depends on the digits, and turns them round where the digit is negative.
 */
function choosePrepared(prepared: usize, low: usize, high: usize, signed: v128): void {
  const digit = i32x4.abs(signed);
  const negative = i32x4.lt_s(signed, i32x4.splat(0));
  const entry = temporary(40);
  chooseEntry(entry, low, v128.shuffle<i32>(digit, digit, 0, 0, 0, 0));
  chooseEntry(entry + NIELS, high, v128.shuffle<i32>(digit, digit, 1, 1, 1, 1));
  chooseEntry(entry + 2 * NIELS, low, v128.shuffle<i32>(digit, digit, 2, 2, 2, 2));
  chooseEntry(entry + 3 * NIELS, high, v128.shuffle<i32>(digit, digit, 3, 3, 3, 3));
  gatherPrepared(prepared, entry, entry + NIELS, entry + 2 * NIELS, entry + 3 * NIELS, 0, 0, 0, 0);
  for (let i: usize = 0; i < ELEMENT; i += 16) {
    const plus = v128.load(prepared + i);
    const minus = v128.load(prepared + ELEMENT + i);
    v128.store(prepared + i, v128.bitselect(minus, plus, negative));
    v128.store(prepared + ELEMENT + i, v128.bitselect(plus, minus, negative));
  }
  negateWhere(prepared + 2 * ELEMENT, prepared + 2 * ELEMENT, negative);
}

/**
 * Encodes aB and rB at `encodings()` for the scalars of 32 bytes at `a` and `r`, both below 2^255. Lanes 0 and 1 share the
 * windows of a, lanes 2 and 3 those of r.
 */
function multiplyBase(a: usize, r: usize): void {
  // 64 windows of 4 bits cover 256 bits, although tables of keys stop at 253.
  const windows = 64;
  const digits = digitsOf(0);
  recode(digits, 2, a, 32, SIGNING_BITS, windows, false);
  recode(digits + 2 * windows, 2, r, 32, SIGNING_BITS, windows, false);
  const point = temporary(20);
  const prepared = temporary(24);
  setIdentity(point);
  const bytes = windowBytes(SIGNING_BITS);
  const half = windows / 2;
  for (let window = 0; window < half; window++) {
    let signed = i32x4.splat(load<i16>(digits + 2 * window));
    signed = i32x4.replace_lane(signed, 1, load<i16>(digits + 2 * (window + half)));
    signed = i32x4.replace_lane(signed, 2, load<i16>(digits + 2 * (window + windows)));
    signed = i32x4.replace_lane(signed, 3, load<i16>(digits + 2 * (window + windows + half)));
    const low = signingTableAt() + bytes * <usize>window;
    const high = signingTableAt() + bytes * <usize>(window + half);
    choosePrepared(prepared, low, high, signed);
    addPrepared(point, prepared, i32x4.splat(0));
  }
  // The sum of lanes 0 and 1 in lane 0, of 2 and 3 in lane 2.
  const cached = temporary(24);
  const other = temporary(28);
  for (let i: usize = 0; i < POINT; i += 16) {
    const words = v128.load(point + i);
    v128.store(other + i, v128.shuffle<i32>(words, words, 1, 0, 3, 2));
  }
  toCached(cached, other);
  addCached(point, cached);
  const inverse = temporary(24);
  invert(inverse, point + Z, temporary(25));
  multiply(point + X, point + X, inverse);
  multiply(point + Y, point + Y, inverse);
  const columns = temporary(28);
  freeze(columns, point + X);
  const odd = oddLanes(columns);
  freeze(columns, point + Y);
  v128.store(columns, v128.or(v128.load(columns, 304), v128.and(odd, i32x4.splat(256))), 304);
  storeLane(encodings(), columns, 0);
  storeLane(encodings() + 32, columns, 2);
}

/** Clears all that this file and its callees kept of a secret. */
function wipe(): void {
  memory.fill(temporary(0), 0, 64 * ELEMENT);
  memory.fill(hashState(), 0, 1024);
  memory.fill(digitsOf(0), 0, 512);
}

/** Writes the public key (32 bytes) of the seed at `seed`. */
export function publicKeyOf(result: usize, seed: usize): void {
  expandSeed(seed);
  multiplyBase(expanded(), expanded());
  memory.copy(result, encodings(), 32);
  wipe();
}

/** Begins a signature under the seed at `seed`. The host then gives the message (hashUpdate), and calls signCommit. */
export function signBegin(seed: usize): void {
  expandSeed(seed);
  sha512Begin();
  sha512Update(expanded() + 32, 32);
}

/** Derives the nonce and its point. The host then gives the message once more, and calls signEnd. */
export function signCommit(): void {
  sha512End(digest());
  reduceWide(nonce(), digest());
  multiplyBase(expanded(), nonce());
  sha512Begin();
  sha512Update(encodings() + 32, 32);
  sha512Update(encodings(), 32);
}

/** Writes the signature of 64 bytes. */
export function signEnd(result: usize): void {
  sha512End(digest());
  reduceWide(digest(), digest());
  memory.copy(result, encodings() + 32, 32);
  multiplyAdd(result + 32, digest(), expanded(), nonce());
  wipe();
}

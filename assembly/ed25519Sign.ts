// Signing and public keys (RFC 8032, 5.1.5 and 5.1.6). Nothing here branches on a secret or uses one as an address: table
// entries are chosen by reading all of them. What was secret is wiped before the functions return.
import { ELEMENT, freeze, invert, negateWhere, oddLanes, PACKED, storeLane } from "./field";
import { multiply } from "./generated/fieldMultiply";
import { multiplyAdd, reduceWide } from "./generated/scalarReduce";
import { addCached, addPrepared, gatherPoint, PREPARED, scatterPoint, setIdentity, toCached, X, Y, Z } from "./point";
import { recode } from "./scalar";
import { sha512Begin, sha512End, sha512Update } from "./sha512";
import { SIGNING_BITS, signingTableAt, windowBytes, windowsOf } from "./ed25519Tables";
import { bucketAt, digitsOf, hashState, NIELS, temporary } from "./workspace";

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

/** Chooses each lane's entry of its window by reading all entries, and turns it round where the digit is negative. */
function choosePrepared(prepared: usize, t0: usize, t1: usize, t2: usize, t3: usize, signed: v128): void {
  const digit = i32x4.abs(signed);
  const negative = i32x4.lt_s(signed, i32x4.splat(0));
  memory.fill(prepared, 0, PREPARED);
  const entry = temporary(40);
  for (let i: usize = 0; i < 4; i++) {
    const table = i == 0 ? t0 : i == 1 ? t1 : i == 2 ? t2 : t3;
    const wanted = i == 0 ? v128.shuffle<i32>(digit, digit, 0, 0, 0, 0) : i == 1 ? v128.shuffle<i32>(digit, digit, 1, 1, 1, 1) : i == 2 ? v128.shuffle<i32>(digit, digit, 2, 2, 2, 2) : v128.shuffle<i32>(digit, digit, 3, 3, 3, 3);
    for (let part: usize = 0; part < NIELS; part += 16) {
      let chosen = i32x4.splat(0);
      for (let number: usize = 0; number < ENTRIES; number++) {
        const same = i32x4.eq(wanted, i32x4.splat(<i32>number));
        chosen = v128.or(chosen, v128.and(same, v128.load(table + NIELS * number + part)));
      }
      v128.store(entry + NIELS * i + part, chosen);
    }
  }
  for (let part: usize = 0; part < 3 * PACKED; part += 4) {
    let word = i32x4.splat(0);
    word = i32x4.replace_lane(word, 0, load<i32>(entry + part));
    word = i32x4.replace_lane(word, 1, load<i32>(entry + NIELS + part));
    word = i32x4.replace_lane(word, 2, load<i32>(entry + 2 * NIELS + part));
    word = i32x4.replace_lane(word, 3, load<i32>(entry + 3 * NIELS + part));
    v128.store(prepared + 4 * part, word);
  }
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
    choosePrepared(prepared, low, high, low, high, signed);
    addPrepared(point, prepared, i32x4.splat(0));
  }
  // The sum of lanes 0 and 1 in lane 0, of 2 and 3 in lane 2.
  const cached = temporary(24);
  const other = temporary(28);
  for (let i: usize = 0; i < 640; i += 16) {
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
  memory.fill(temporary(0), 0, 64 * 160);
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

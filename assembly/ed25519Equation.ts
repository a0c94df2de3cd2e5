// Many signatures at once: with random factors z, the sum of z (sB - R - kA) over all of them, multiplied by 8, is the identity
// where every one is valid, and with a probability of 2^-125 at most where one isn't. The sum is computed by Pippenger's method:
// for each window of the scalars the terms with equal digits are collected in buckets. The four lanes are four windows, so
// that a term is added to four buckets at once. Terms of one key are merged.
//
// Where the equation fails, the batch is halved; small parts, and all parts once failed ones add up to twice the batch, are
// checked signature by signature, which bounds what a flood of bad signatures costs.
import { broadcast, PACKED, ELEMENT } from "./field";
import { BASE_X, BASE_Y } from "./generated/fieldConstants";
import { multiplyAdd } from "./generated/scalarReduce";
import {
  addCached,
  addPrepared,
  decompress,
  doubleTimes,
  gatherPoint,
  identityLanes,
  prepare,
  scatterPoint,
  scatterPrepared,
  setIdentity,
  toCached,
  X,
  Y,
} from "./point";
import { recode, takeSmallerAbsolute } from "./scalar";
import { checkSingle } from "./ed25519Single";
import { checkLanes, KEY_NUMBER_LIST, PLAIN_LIST } from "./ed25519Check";
import {
  BATCH_MAX,
  bucketAt,
  cachedKeyAt,
  challengeOf,
  coefficientOf,
  digitsOf,
  equalKeys,
  factorOf,
  hashKey,
  KEY_CACHE_SLOTS,
  keyOf,
  listAt,
  NIELS,
  POINT,
  signatureOf,
  temporary,
  termPoint,
  verdictOf,
} from "./workspace";

/** Distinct keys: the signature that named each first; keys of the part in hand; whether a key is in it. */
const KEY_LIST: usize = 6;
const ACTIVE_LIST: usize = 7;
const ROUND_LIST: usize = 8;
/** An open-addressing table of 2 * BATCH_MAX words (two lists): number of the key + 1. */
const NUMBERS_LIST: usize = 9;
const PENDING_LIST: usize = 11;
const BASE_TERM: usize = 2 * BATCH_MAX;
/** Parts of at most so many signatures are checked one by one. */
const PART_MIN: i32 = 8;
/** So many signatures are quicker singly than four in the lanes. */
const SINGLES_MAX: i32 = 2;
const CACHE_STATE: usize = 32;
const CACHE_POINT: usize = 64;
const STATE_POINT: u32 = 1;
const STATE_NO_POINT: u32 = 2;

let round: u32 = 0;
/** How many signatures more may be in parts that fail, before the rest is checked one by one. */
let failedBudget: i32 = 0;
let replaced: usize = 0;

/** Judges the `count` signatures of PLAIN_LIST. */
export function checkWithoutTables(count: i32): void {
  if (count <= SINGLES_MAX) {
    for (let i = 0; i < count; i++) {
      checkSingle(<usize>load<u32>(listAt(PLAIN_LIST, <usize>i)));
    }
    return;
  }
  const keys = numberKeys(count);
  prepareKeys(keys);
  const prepared = prepareSignatures(count);
  failedBudget = 2 * prepared;
  judge(0, prepared, false);
}

/** Judges the signatures of PLAIN_LIST from `start` on; returns whether all are valid. `someBad`: it is known that not all are. */
function judge(start: i32, count: i32, someBad: bool): bool {
  if (count <= PART_MIN || failedBudget < 0) {
    let all = true;
    for (let i = 0; i < count; i += 4) {
      all = checkLanes(PLAIN_LIST, start + i, min(4, count - i)) && all;
    }
    return all;
  }
  if (!someBad && equationHolds(start, count)) {
    for (let i = 0; i < count; i++) {
      store<u8>(verdictOf(<usize>load<u32>(listAt(PLAIN_LIST, <usize>(start + i)))), 1);
    }
    return true;
  }
  if (!someBad) {
    failedBudget -= count;
  }
  const half = count >> 1;
  const firstAll = judge(start, half, false);
  // Where the first half is good, the second must hold what is bad: its equation needn't be tried.
  const secondAll = judge(start + half, count - half, firstAll);
  return firstAll && secondAll;
}

/** Gives equal keys one number, in KEY_NUMBER_LIST and KEY_LIST; returns how many there are. */
function numberKeys(count: i32): i32 {
  const slots = 2 * BATCH_MAX;
  memory.fill(listAt(NUMBERS_LIST, 0), 0, 4 * slots);
  let keys = 0;
  for (let i = 0; i < count; i++) {
    const index = <usize>load<u32>(listAt(PLAIN_LIST, <usize>i));
    let slot = <usize>hashKey(keyOf(index)) & (slots - 1);
    let number = 0;
    for (;;) {
      const word = listAt(NUMBERS_LIST, slot);
      number = load<u32>(word) - 1;
      if (number < 0) {
        number = keys++;
        store<u32>(word, number + 1);
        store<u32>(listAt(KEY_LIST, <usize>number), <u32>index);
        break;
      }
      if (equalKeys(keyOf(<usize>load<u32>(listAt(KEY_LIST, <usize>number))), keyOf(index))) {
        break;
      }
      slot = (slot + 1) & (slots - 1);
    }
    store<u32>(listAt(KEY_NUMBER_LIST, index), number);
  }
  return keys;
}

/** Whether the first word behind a key's prepared point says that it is one. */
// @ts-ignore: decorator
@inline
function keyState(number: usize): usize {
  return termPoint(BATCH_MAX + number) + 3 * PACKED;
}

/** Fills the terms of `keys` distinct keys from the instance's cache, which learns those it lacks. */
function prepareKeys(keys: i32): void {
  let pending = 0;
  for (let i = 0; i < keys; i++) {
    const key = keyOf(<usize>load<u32>(listAt(KEY_LIST, <usize>i)));
    const cached = findCached(key);
    if (cached != 0) {
      memory.copy(termPoint(BATCH_MAX + <usize>i), cached + CACHE_POINT, NIELS);
      store<u32>(keyState(<usize>i), load<u32>(cached, CACHE_STATE));
    } else {
      store<u32>(listAt(PENDING_LIST, <usize>pending), <u32>i);
      pending++;
    }
  }
  for (let at = 0; at < pending; at += 4) {
    const n0 = pendingAt(at, pending);
    const n1 = pendingAt(at + 1, pending);
    const n2 = pendingAt(at + 2, pending);
    const n3 = pendingAt(at + 3, pending);
    const valid = prepareEncodings(
      keyOf(<usize>load<u32>(listAt(KEY_LIST, n0))),
      keyOf(<usize>load<u32>(listAt(KEY_LIST, n1))),
      keyOf(<usize>load<u32>(listAt(KEY_LIST, n2))),
      keyOf(<usize>load<u32>(listAt(KEY_LIST, n3))),
      termPoint(BATCH_MAX + n0),
      termPoint(BATCH_MAX + n1),
      termPoint(BATCH_MAX + n2),
      termPoint(BATCH_MAX + n3),
    );
    for (let lane = 0; lane < 4 && at + lane < pending; lane++) {
      const number = pendingAt(at + lane, pending);
      store<u32>(keyState(number), ((valid >> lane) & 1) != 0 ? STATE_POINT : STATE_NO_POINT);
      remember(keyOf(<usize>load<u32>(listAt(KEY_LIST, number))), termPoint(BATCH_MAX + number), load<u32>(keyState(number)));
    }
  }
}

// @ts-ignore: decorator
@inline
function pendingAt(position: i32, count: i32): usize {
  return <usize>load<u32>(listAt(PENDING_LIST, <usize>min(position, count - 1)));
}

/** The cache's entry for a key, or 0. Two places are possible. */
function findCached(key: usize): usize {
  const slot = <usize>hashKey(key) & (KEY_CACHE_SLOTS - 1);
  for (let way: usize = 0; way < 2; way++) {
    const entry = cachedKeyAt(slot ^ way);
    if (load<u32>(entry, CACHE_STATE) != 0 && equalKeys(entry, key)) {
      return entry;
    }
  }
  return 0;
}

function remember(key: usize, point: usize, state: u32): void {
  const slot = <usize>hashKey(key) & (KEY_CACHE_SLOTS - 1);
  let entry = cachedKeyAt(slot);
  if (load<u32>(entry, CACHE_STATE) != 0) {
    const other = cachedKeyAt(slot ^ 1);
    replaced++;
    if (load<u32>(other, CACHE_STATE) == 0 || (replaced & 1) != 0) {
      entry = other;
    }
  }
  memory.copy(entry, key, 32);
  memory.copy(entry + CACHE_POINT, point, NIELS);
  store<u32>(entry, state, CACHE_STATE);
}

/** Decompresses and prepares four encodings; returns the bits of the lanes that hold a point. */
function prepareEncodings(b0: usize, b1: usize, b2: usize, b3: usize, e0: usize, e1: usize, e2: usize, e3: usize): i32 {
  const point = temporary(16);
  const valid = decompress(point, b0, b1, b2, b3);
  const prepared = temporary(20);
  prepare(prepared, point + X, point + Y);
  scatterPrepared(prepared, e0, e1, e2, e3);
  return i32x4.bitmask(valid);
}

/** Prepares R of the listed signatures; drops those whose R or key is no point, and returns how many are left. */
function prepareSignatures(count: i32): i32 {
  let kept = 0;
  for (let at = 0; at < count; at += 4) {
    const i0 = <usize>load<u32>(listAt(PLAIN_LIST, <usize>at));
    const i1 = <usize>load<u32>(listAt(PLAIN_LIST, <usize>min(at + 1, count - 1)));
    const i2 = <usize>load<u32>(listAt(PLAIN_LIST, <usize>min(at + 2, count - 1)));
    const i3 = <usize>load<u32>(listAt(PLAIN_LIST, <usize>min(at + 3, count - 1)));
    const valid = prepareEncodings(
      signatureOf(i0),
      signatureOf(i1),
      signatureOf(i2),
      signatureOf(i3),
      termPoint(i0),
      termPoint(i1),
      termPoint(i2),
      termPoint(i3),
    );
    for (let lane = 0; lane < 4 && at + lane < count; lane++) {
      const index = load<u32>(listAt(PLAIN_LIST, <usize>(at + lane)));
      const number = <usize>load<u32>(listAt(KEY_NUMBER_LIST, <usize>index));
      if (((valid >> lane) & 1) != 0 && load<u32>(keyState(number)) == STATE_POINT) {
        store<u32>(listAt(PLAIN_LIST, <usize>kept), index);
        kept++;
      }
    }
  }
  return kept;
}

/** Bits of a window that make the least work for so many signatures (measured; few signatures want few buckets). */
function bitsFor(count: i32): u32 {
  return count >= 700 ? 8 : count >= 200 ? 7 : count >= 96 ? 6 : count >= 40 ? 5 : 4;
}

/** Whether [8] of the random combination of a part of PLAIN_LIST is the identity. */
function equationHolds(start: i32, count: i32): bool {
  const bits = bitsFor(count);
  // A factor has 128 bits and the last digit takes a carry; a halved coefficient stays below 2^251 + 2^125.
  const factorQuads = <i32>((128 + bits) / bits + 3) >> 2;
  const quads = <i32>((252 + bits - 1) / bits + 3) >> 2;
  const active = combine(start, count, bits, factorQuads, quads);
  const total = temporary(20);
  setIdentity(total);
  for (let quad = quads - 1; quad >= 0; quad--) {
    clearBuckets(1 << <i32>(bits - 1));
    if (quad < factorQuads) {
      for (let i = 0; i < count; i++) {
        addTerm(quad, <usize>load<u32>(listAt(PLAIN_LIST, <usize>(start + i))));
      }
    }
    for (let i = 0; i < active; i++) {
      addTerm(quad, BATCH_MAX + <usize>load<u32>(listAt(ACTIVE_LIST, <usize>i)));
    }
    addTerm(quad, BASE_TERM);
    if (quad < quads - 1) {
      doubleTimes(total, <i32>(4 * bits));
    }
    addBuckets(total, 1 << <i32>(bits - 1));
  }
  return isIdentityTogether(total, <i32>bits);
}

/** The factor of the signature at `place` of PLAIN_LIST; the host drew it at random, and zero would leave a signature out. */
// @ts-ignore: decorator
@inline
function drawnFactor(factor: usize, place: usize): void {
  v128.store(factor, v128.load(factorOf(place)));
  if (!v128.any_true(v128.load(factor))) {
    store<u8>(factor, 1);
  }
}

/** Computes coefficients and digits of all terms; returns the number of keys in ACTIVE_LIST. */
function combine(start: i32, count: i32, bits: u32, factorQuads: i32, quads: i32): i32 {
  const factor = temporary(16);
  memory.fill(factor, 0, 32);
  memory.fill(coefficientOf(BASE_TERM), 0, 32);
  round++;
  let active = 0;
  for (let i = 0; i < count; i++) {
    const index = <usize>load<u32>(listAt(PLAIN_LIST, <usize>(start + i)));
    const number = <usize>load<u32>(listAt(KEY_NUMBER_LIST, index));
    const term = BATCH_MAX + number;
    if (load<u32>(listAt(ROUND_LIST, number)) != round) {
      store<u32>(listAt(ROUND_LIST, number), round);
      memory.fill(coefficientOf(term), 0, 32);
      store<u32>(listAt(ACTIVE_LIST, <usize>active), <u32>number);
      active++;
    }
    drawnFactor(factor, <usize>(start + i));
    multiplyAdd(coefficientOf(term), factor, challengeOf(index), coefficientOf(term));
    multiplyAdd(coefficientOf(BASE_TERM), factor, signatureOf(index) + 32, coefficientOf(BASE_TERM));
    recode(digitsOf(index), 2, factor, 16, bits, 4 * factorQuads, true);
  }
  for (let i = 0; i < active; i++) {
    const term = BATCH_MAX + <usize>load<u32>(listAt(ACTIVE_LIST, <usize>i));
    const turned = takeSmallerAbsolute(coefficientOf(term));
    recode(digitsOf(term), 2, coefficientOf(term), 32, bits, 4 * quads, !turned);
  }
  const turned = takeSmallerAbsolute(coefficientOf(BASE_TERM));
  recode(digitsOf(BASE_TERM), 2, coefficientOf(BASE_TERM), 32, bits, 4 * quads, turned);
  const base = temporary(17);
  broadcast(base, BASE_X);
  broadcast(base + ELEMENT, BASE_Y);
  const prepared = temporary(20);
  prepare(prepared, base, base + ELEMENT);
  const term = termPoint(BASE_TERM);
  scatterPrepared(prepared, term, term, term, term);
  return active;
}

function clearBuckets(last: i32): void {
  const identity = temporary(16);
  setIdentity(identity);
  for (let digit: usize = 0; digit <= <usize>last; digit++) {
    scatterPoint(identity, bucketAt(0, digit), bucketAt(1, digit), bucketAt(2, digit), bucketAt(3, digit));
  }
}

/** Adds a term to the buckets of four windows; digit 0 has a bucket that nobody reads. */
function addTerm(quad: i32, term: usize): void {
  const signed = v128.load16x4_s(digitsOf(term) + 8 * <usize>quad);
  const negative = i32x4.lt_s(signed, i32x4.splat(0));
  const digit = i32x4.abs(signed);
  const b0 = bucketAt(0, <usize>i32x4.extract_lane(digit, 0));
  const b1 = bucketAt(1, <usize>i32x4.extract_lane(digit, 1));
  const b2 = bucketAt(2, <usize>i32x4.extract_lane(digit, 2));
  const b3 = bucketAt(3, <usize>i32x4.extract_lane(digit, 3));
  const point = temporary(24);
  gatherPoint(point, b0, b1, b2, b3);
  const prepared = temporary(28);
  const packed = termPoint(term);
  for (let i: usize = 0; i < PACKED; i += 4) {
    const plus = v128.load32_splat(packed + i);
    const minus = v128.load32_splat(packed + PACKED + i);
    v128.store(prepared + 4 * i, v128.bitselect(minus, plus, negative));
    v128.store(prepared + ELEMENT + 4 * i, v128.bitselect(plus, minus, negative));
    v128.store(prepared + 2 * ELEMENT + 4 * i, v128.load32_splat(packed + 2 * PACKED + i));
  }
  addPrepared(point, prepared, negative);
  scatterPoint(point, b0, b1, b2, b3);
}

/** total += the sum of digit * bucket in each lane, by a running sum from the largest digit down. */
function addBuckets(total: usize, last: i32): void {
  const running = temporary(24);
  const cached = temporary(28);
  const sum = temporary(32);
  setIdentity(sum);
  toCached(cached, sum);
  for (let digit = <usize>last; digit >= 1; digit--) {
    gatherPoint(running, bucketAt(0, digit), bucketAt(1, digit), bucketAt(2, digit), bucketAt(3, digit));
    // The running sum so far is at hand in cached form: adding it to the bucket makes the next one.
    addCached(running, cached);
    toCached(cached, running);
    addCached(sum, cached);
  }
  toCached(cached, sum);
  addCached(total, cached);
}

/** Whether 8 times the sum of lane n times 2^(bits * n) is the identity. */
function isIdentityTogether(total: usize, bits: i32): bool {
  const sum = temporary(24);
  const cached = temporary(28);
  const single = temporary(32);
  setIdentity(sum);
  for (let lane = 3; lane >= 0; lane--) {
    if (lane < 3) {
      doubleTimes(sum, bits);
    }
    for (let i: usize = 0; i < POINT; i += 16) {
      v128.store(single + i, v128.load32_splat(total + i + 4 * <usize>lane));
    }
    toCached(cached, single);
    addCached(sum, cached);
  }
  doubleTimes(sum, 3);
  return i32x4.all_true(identityLanes(sum));
}

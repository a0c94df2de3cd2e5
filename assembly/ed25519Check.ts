// Checks of signatures one by one, four in the lanes: with the key's table, and without. All give the verdict of ZIP-215,
// [8][s]B = [8]R + [8][k]A; no step may be replaced by a stricter comparison that rejects where this equation holds.
import { ELEMENT, freeze, oddLanes, PACKED, storeLane } from "./field";
import {
  addCached,
  addPrepared,
  completeAffine,
  decompress,
  doubleTimes,
  gatherPoint,
  gatherPrepared,
  identityLanes,
  negateCached,
  scatterPoint,
  setIdentity,
  toCached,
  X,
  Y,
  Z,
} from "./point";
import { addQuad, cacheQuad, setQuadIdentity, splitPoint } from "./quad";
import { recode } from "./scalar";
import { addFromTables, addSpread, STRIDE } from "./ed25519Multiples";
import { baseBits, baseTableAt, keyBits, makeAffine, tableOf, versionOf, windowBytes, windowsOf } from "./ed25519Tables";
import {
  bucketAt,
  challengeOf,
  digitsOf,
  equalKeys,
  groupPoint,
  POINT,
  listAt,
  signatureOf,
  temporary,
  termPoint,
  BATCH_MAX,
  verdictOf,
} from "./workspace";

/** Lists of the workspace: signatures whose key has a table, its slot and version; those that go without; see below. */
export const TABLE_LIST: usize = 0;
export const SLOT_LIST: usize = 1;
export const VERSION_LIST: usize = 2;
export const PLAIN_LIST: usize = 3;
export const DIFFERENT_LIST: usize = 4;
/** For each signature the number of its key among the distinct ones. */
export const KEY_NUMBER_LIST: usize = 5;

/** point += sB for the signatures of four indices. */
function addBaseMultiples(point: usize, i0: usize, i1: usize, i2: usize, i3: usize): void {
  const digits = digitsOf(0);
  const windows = windowsOf(baseBits);
  recode(digits, STRIDE, signatureOf(i0) + 32, 32, baseBits, windows, false);
  recode(digits + 2, STRIDE, signatureOf(i1) + 32, 32, baseBits, windows, false);
  recode(digits + 4, STRIDE, signatureOf(i2) + 32, 32, baseBits, windows, false);
  recode(digits + 6, STRIDE, signatureOf(i3) + 32, 32, baseBits, windows, false);
  const table = baseTableAt();
  addFromTables(point, digits, windows, windowBytes(baseBits), table, table, table, table);
}

/** Writes the digits of -k for four signatures. */
function recodeChallenges(digits: usize, bits: u32, windows: i32, i0: usize, i1: usize, i2: usize, i3: usize): void {
  recode(digits, STRIDE, challengeOf(i0), 32, bits, windows, true);
  recode(digits + 2, STRIDE, challengeOf(i1), 32, bits, windows, true);
  recode(digits + 4, STRIDE, challengeOf(i2), 32, bits, windows, true);
  recode(digits + 6, STRIDE, challengeOf(i3), 32, bits, windows, true);
}

/** So many signatures are quicker one after another, with windows in the lanes, than together. */
const SPREAD_MAX: i32 = 3;

// @ts-ignore: decorator
@inline
function listed(list: usize, position: i32, count: i32): usize {
  // Spare lanes of the last group repeat its last member.
  return <usize>load<u32>(listAt(list, <usize>min(position, count - 1)));
}

/**
 * Judges the `count` signatures of TABLE_LIST: P = sB - kA from tables; the encoding of P is R for every signature that an
 * ordinary signer made. The others get the whole check. Returns the new length of PLAIN_LIST, to which all are added where a
 * table was replaced meanwhile.
 */
export function checkWithTables(count: i32, plainCount: i32): i32 {
  const groups = (count + 3) >> 2;
  const bytes = windowBytes(keyBits);
  const windows = windowsOf(keyBits);
  if (count <= SPREAD_MAX) {
    multiplySpread(count);
  }
  for (let group = 0; group < groups && count > SPREAD_MAX; group++) {
    const at = group << 2;
    const point = groupPoint(<usize>group);
    setIdentity(point);
    const i0 = listed(TABLE_LIST, at, count);
    const i1 = listed(TABLE_LIST, at + 1, count);
    const i2 = listed(TABLE_LIST, at + 2, count);
    const i3 = listed(TABLE_LIST, at + 3, count);
    recodeChallenges(digitsOf(0), keyBits, windows, i0, i1, i2, i3);
    addFromTables(
      point,
      digitsOf(0),
      windows,
      bytes,
      tableOf(<u32>listed(SLOT_LIST, at, count)),
      tableOf(<u32>listed(SLOT_LIST, at + 1, count)),
      tableOf(<u32>listed(SLOT_LIST, at + 2, count)),
      tableOf(<u32>listed(SLOT_LIST, at + 3, count)),
    );
    addBaseMultiples(point, i0, i1, i2, i3);
  }
  makeAffine(groups);
  let differentCount = 0;
  for (let group = 0; group < groups; group++) {
    differentCount = compareGroup(group, count, differentCount);
  }
  for (let at = 0; at < differentCount; at += 4) {
    checkDifferences(at, differentCount, count);
  }
  return tablesKept(count) ? plainCount : listAsPlain(count, plainCount);
}

/** Whether every table that served is still the same. */
function tablesKept(count: i32): bool {
  for (let at: usize = 0; at < <usize>count; at++) {
    if (versionOf(load<u32>(listAt(SLOT_LIST, at))) != load<u32>(listAt(VERSION_LIST, at))) {
      return false;
    }
  }
  return true;
}

/**
 * Takes all verdicts back that tables gave and lists the signatures in PLAIN_LIST; returns its new length. One replaced
 * table spoils all: what was read from it may be no point, and the inversion is shared.
 */
function listAsPlain(count: i32, plainCount: i32): i32 {
  for (let at = 0; at < count; at++) {
    const index = listed(TABLE_LIST, at, count);
    store<u8>(verdictOf(index), 0);
    store<u32>(listAt(PLAIN_LIST, <usize>(plainCount + at)), <u32>index);
  }
  return plainCount + count;
}

/** The points sB - kA of at most four signatures of TABLE_LIST, one after another, each with its windows in the lanes. */
function multiplySpread(count: i32): void {
  const quads = temporary(24);
  const parts = temporary(28);
  const cached = temporary(32);
  const point = temporary(20);
  memory.fill(quads, 0, POINT);
  for (let at = 0; at < 4; at++) {
    const index = listed(TABLE_LIST, at, count);
    const quad = quads + ELEMENT * <usize>at;
    setQuadIdentity(quad);
    if (at >= count) {
      continue;
    }
    setIdentity(point);
    addSpread(point, challengeOf(index), tableOf(<u32>listed(SLOT_LIST, at, count)), keyBits, true);
    addSpread(point, signatureOf(index) + 32, baseTableAt(), baseBits, false);
    splitPoint(parts, point);
    for (let lane: usize = 0; lane < 4; lane++) {
      cacheQuad(cached, parts + ELEMENT * lane);
      addQuad(quad, cached, false);
    }
  }
  splitPoint(groupPoint(0), quads);
}

/** Compares the encodings of a group's affine points with R; lists the positions of those that differ. */
function compareGroup(group: i32, count: i32, differentCount: i32): i32 {
  const point = groupPoint(<usize>group);
  const columns = temporary(0);
  freeze(columns, point + X);
  const odd = oddLanes(columns);
  freeze(columns, point + Y);
  // The sign of x is bit 255, which is bit 8 of the last limb.
  v128.store(columns, v128.or(v128.load(columns, 304), v128.and(odd, i32x4.splat(256))), 304);
  const encoding = temporary(2);
  for (let lane = 0; lane < 4 && 4 * group + lane < count; lane++) {
    const at = 4 * group + lane;
    const index = <usize>load<u32>(listAt(TABLE_LIST, <usize>at));
    storeLane(encoding, columns, <usize>lane);
    if (equalKeys(encoding, signatureOf(index))) {
      store<u8>(verdictOf(index), 1);
    } else {
      store<u32>(listAt(DIFFERENT_LIST, <usize>differentCount), <u32>at);
      differentCount++;
    }
  }
  return differentCount;
}

/** Copies one lane of an element into another lane of another. */
function moveLane(result: usize, lane: usize, value: usize, from: usize): void {
  for (let i: usize = 0; i < ELEMENT; i += 16) {
    store<u32>(result + i + 4 * lane, load<u32>(value + i + 4 * from));
  }
}

/** The whole check, [8](P - R) = 0, for four members of DIFFERENT_LIST from `start` on, whose affine P is known. */
function checkDifferences(start: i32, differentCount: i32, count: i32): void {
  const p = temporary(20);
  for (let lane = 0; lane < 4; lane++) {
    const at = listed(DIFFERENT_LIST, start + lane, differentCount);
    moveLane(p + X, <usize>lane, groupPoint(at >> 2) + X, at & 3);
    moveLane(p + Y, <usize>lane, groupPoint(at >> 2) + Y, at & 3);
  }
  completeAffine(p);
  const i0 = listed(TABLE_LIST, <i32>listed(DIFFERENT_LIST, start, differentCount), count);
  const i1 = listed(TABLE_LIST, <i32>listed(DIFFERENT_LIST, start + 1, differentCount), count);
  const i2 = listed(TABLE_LIST, <i32>listed(DIFFERENT_LIST, start + 2, differentCount), count);
  const i3 = listed(TABLE_LIST, <i32>listed(DIFFERENT_LIST, start + 3, differentCount), count);
  const r = temporary(24);
  const valid = decompress(r, signatureOf(i0), signatureOf(i1), signatureOf(i2), signatureOf(i3));
  completeAffine(r);
  const cached = temporary(28);
  toCached(cached, r);
  negateCached(cached, i32x4.splat(-1));
  addCached(p, cached);
  doubleTimes(p, 3);
  const verdicts = i32x4.bitmask(v128.and(identityLanes(p), valid));
  store<u8>(verdictOf(i0), <u8>(verdicts & 1));
  store<u8>(verdictOf(i1), <u8>((verdicts >> 1) & 1));
  store<u8>(verdictOf(i2), <u8>((verdicts >> 2) & 1));
  store<u8>(verdictOf(i3), <u8>((verdicts >> 3) & 1));
}

/** Bits of a window where a key has no table: eight multiples are made for each signature. */
const PLAIN_BITS: u32 = 4;

/**
 * Judges `count` signatures of the list `list` from `start` on, at most four, one in each lane, whose R and key are prepared
 * as terms (R as term number of the signature, the key behind BATCH_MAX). Returns whether all are valid.
 */
export function checkLanes(list: usize, start: i32, count: i32): bool {
  const end = start + count;
  const i0 = listed(list, start, end);
  const i1 = listed(list, start + 1, end);
  const i2 = listed(list, start + 2, end);
  const i3 = listed(list, start + 3, end);
  const point = temporary(20);
  makeMultiples(point, keyTerm(i0), keyTerm(i1), keyTerm(i2), keyTerm(i3));
  const windows = windowsOf(PLAIN_BITS);
  const digits = digitsOf(0);
  recodeChallenges(digits, PLAIN_BITS, windows, i0, i1, i2, i3);
  setIdentity(point);
  const cached = temporary(24);
  for (let window = windows - 1; window >= 0; window--) {
    if (window < windows - 1) {
      doubleTimes(point, <i32>PLAIN_BITS);
    }
    const signed = v128.load16x4_s(digits + STRIDE * <usize>window);
    const digit = i32x4.abs(signed);
    gatherPoint(
      cached,
      bucketAt(0, <usize>i32x4.extract_lane(digit, 0)),
      bucketAt(1, <usize>i32x4.extract_lane(digit, 1)),
      bucketAt(2, <usize>i32x4.extract_lane(digit, 2)),
      bucketAt(3, <usize>i32x4.extract_lane(digit, 3)),
    );
    negateCached(cached, i32x4.lt_s(signed, i32x4.splat(0)));
    addCached(point, cached);
  }
  addBaseMultiples(point, i0, i1, i2, i3);
  const all = i32x4.splat(-1);
  gatherPrepared(temporary(16), termPoint(i0), termPoint(i1), termPoint(i2), termPoint(i3), PACKED, PACKED, PACKED, PACKED);
  addPrepared(point, temporary(16), all);
  doubleTimes(point, 3);
  const verdicts = i32x4.bitmask(identityLanes(point));
  store<u8>(verdictOf(i0), <u8>(verdicts & 1));
  store<u8>(verdictOf(i1), <u8>((verdicts >> 1) & 1));
  store<u8>(verdictOf(i2), <u8>((verdicts >> 2) & 1));
  store<u8>(verdictOf(i3), <u8>((verdicts >> 3) & 1));
  return verdicts == 15;
}

/** The prepared key of a signature. */
// @ts-ignore: decorator
@inline
export function keyTerm(index: usize): usize {
  return termPoint(BATCH_MAX + <usize>load<u32>(listAt(KEY_NUMBER_LIST, index)));
}

/** Fills the buckets of the four lanes with the cached forms of 0 to 8 times four prepared points. */
function makeMultiples(point: usize, e0: usize, e1: usize, e2: usize, e3: usize): void {
  const prepared = temporary(16);
  const cached = temporary(24);
  gatherPrepared(prepared, e0, e1, e2, e3, 0, 0, 0, 0);
  setIdentity(point);
  for (let digit: usize = 0; digit <= 1 << (PLAIN_BITS - 1); digit++) {
    toCached(cached, point);
    scatterPoint(cached, bucketAt(0, digit), bucketAt(1, digit), bucketAt(2, digit), bucketAt(3, digit));
    addPrepared(point, prepared, i32x4.splat(0));
  }
}

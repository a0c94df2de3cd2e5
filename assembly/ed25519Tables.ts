// Tables of multiples, so that a point is multiplied by additions alone: entry (window, digit) of a table with windows of b bits
// is digit * 2^(b * window) times the point, prepared for additions, for digits from 0 to 2^(b - 1).
//
// The tables of keys live in a cache that several instances may share. A slot's header (64 bytes) holds a version, a stamp of last use
// and the key. An odd version means that somebody writes; a reader remembers an even one and, when it has used the table,
// looks whether it is still the same: if not, the result is thrown away and the signature checked without the table. So
// nobody waits, and a half-written table can delay a verdict but never change it.
import { broadcast, copy, ELEMENT, invert } from "./field";
import { BASE_X, BASE_Y, HALF } from "./generated/fieldConstants";
import { multiply } from "./generated/fieldMultiply";
import {
  addCached,
  completeAffine,
  decompress,
  doubleTimes,
  gatherPoint,
  prepare,
  scatterPoint,
  scatterPrepared,
  toCached,
  X,
  Y,
  Z,
} from "./point";
import { bucketAt, equalKeys, groupPoint, hashKey, NIELS, POINT, temporary } from "./workspace";

const HEADER: usize = 64;
const STAMP: usize = 4;
const KEY: usize = 16;
const WAYS: u32 = 16;
/** Points that share one inversion while a table is built. */
const CHUNK: i32 = 128;

let slotHeaders: usize = 0;
let slotTables: usize = 0;
let slotSets: u32 = 0;
let slotWays: u32 = 0;
let baseTable: usize = 0;
let signingTable: usize = 0;
let clock: usize = 0;
export let keyBits: u32 = 8;
export let baseBits: u32 = 8;
/** Windows of 4 bits, the least that is fast to search through in a time that doesn't depend on the digit. */
export const SIGNING_BITS: u32 = 4;

/** Windows that cover a scalar below 2^253. */
export function windowsOf(bits: u32): i32 {
  return <i32>((253 + bits - 1) / bits);
}

// @ts-ignore: decorator
@inline
export function windowBytes(bits: u32): usize {
  return ((1 << (<usize>bits - 1)) + 1) * NIELS;
}

/** Bytes of one table with windows of `bits` bits. */
export function tableBytes(bits: u32): usize {
  return <usize>windowsOf(bits) * windowBytes(bits);
}

/** Bytes of the region that holds the base point's tables: for verifying with windows of `bits` bits, and for signing. */
export function baseRegionBytes(bits: u32): usize {
  return HEADER + tableBytes(bits) + tableBytes(SIGNING_BITS);
}

/** Bytes of a cache of `slots` key tables. */
export function cacheBytes(slots: u32, bits: u32): usize {
  return <usize>slots * (HEADER + tableBytes(bits)) + HEADER;
}

/** Binds this instance to the region of the base point's tables. The first instance fills it (`buildBaseTables`). */
export function assignBaseTables(region: usize, bits: u32): void {
  baseBits = bits;
  baseTable = region + HEADER;
  signingTable = baseTable + tableBytes(bits);
}

/** Binds this instance to the cache of key tables: a zeroed region of cacheBytes(slots, bits). No slots: no cache. */
export function assignKeyTables(region: usize, slots: u32, bits: u32): void {
  keyBits = bits;
  clock = region;
  slotWays = min(slots, WAYS);
  slotSets = slotWays == 0 ? 0 : slots / slotWays;
  slotHeaders = region + HEADER;
  slotTables = slotHeaders + HEADER * <usize>slots;
}

// @ts-ignore: decorator
@inline
function headerOf(slot: u32): usize {
  return slotHeaders + HEADER * <usize>slot;
}

// @ts-ignore: decorator
@inline
export function tableOf(slot: u32): usize {
  return slotTables + tableBytes(keyBits) * <usize>slot;
}

// @ts-ignore: decorator
@inline
export function baseTableAt(): usize {
  return baseTable;
}

// @ts-ignore: decorator
@inline
export function signingTableAt(): usize {
  return signingTable;
}

/** The version of a slot's table after all reads of it before: a read-modify-write lets no earlier read pass. */
export function versionOf(slot: u32): u32 {
  return atomic.add<u32>(headerOf(slot), 0);
}

/** The version that the last slot found had before its key was compared. */
export let foundVersion: u32 = 0;

/** The slot that holds the table of the key at `key`, complete, or -1. */
export function findTable(key: usize): i32 {
  if (slotSets == 0) {
    return -1;
  }
  const first = <u32>(hashKey(key) % <u64>slotSets) * slotWays;
  for (let slot = first; slot < first + slotWays; slot++) {
    const header = headerOf(slot);
    const version = atomic.load<u32>(header);
    if (version != 0 && (version & 1) == 0 && equalKeys(header + KEY, key)) {
      store<u32>(header, atomic.load<u32>(clock), STAMP);
      foundVersion = version;
      return <i32>slot;
    }
  }
  return -1;
}

/** The slot of the key's set that is free or was used longest ago; -1 where all are being written or one is for this key. */
function chooseSlot(key: usize): i32 {
  const first = <u32>(hashKey(key) % <u64>slotSets) * slotWays;
  const now = atomic.add<u32>(clock, 1);
  let chosen = -1;
  let ageMax: u32 = 0;
  for (let slot = first; slot < first + slotWays; slot++) {
    const header = headerOf(slot);
    const version = atomic.load<u32>(header);
    if (version & 1) {
      if (equalKeys(header + KEY, key)) {
        return -1;
      }
      continue;
    }
    const age = version == 0 ? u32.MAX_VALUE : now - load<u32>(header, STAMP);
    if (chosen < 0 || age > ageMax) {
      chosen = <i32>slot;
      ageMax = age;
    }
  }
  return chosen;
}

/** Outcomes of `earnTable`. */
export const EARN_NOT_A_POINT: i32 = 0;
export const EARN_BUILT: i32 = 1;
export const EARN_PRESENT: i32 = 2;
export const EARN_NO_SLOT: i32 = 3;

/** Builds the table of the key at `key` unless the cache has it, in place of the one used longest ago. */
export function earnTable(key: usize): i32 {
  if (slotSets == 0) {
    return EARN_NO_SLOT;
  }
  if (findTable(key) >= 0) {
    return EARN_PRESENT;
  }
  const point = temporary(16);
  if (i32x4.bitmask(decompress(point, key, key, key, key)) == 0) {
    return EARN_NOT_A_POINT;
  }
  const slot = chooseSlot(key);
  if (slot < 0) {
    return EARN_NO_SLOT;
  }
  const header = headerOf(<u32>slot);
  const version = atomic.load<u32>(header);
  if ((version & 1) != 0 || atomic.cmpxchg<u32>(header, version, version + 1) != version) {
    return EARN_NO_SLOT;
  }
  memory.copy(header + KEY, key, 32);
  store<u32>(header, atomic.load<u32>(clock), STAMP);
  completeAffine(point);
  buildTable(tableOf(<u32>slot), keyBits, point);
  // Version 0 would say that the slot is free.
  const next = version + 2;
  atomic.store<u32>(header, next == 0 ? 2 : next);
  return EARN_BUILT;
}

/** Fills the base point's tables. */
export function buildBaseTables(): void {
  const point = temporary(16);
  broadcast(point + X, BASE_X);
  broadcast(point + Y, BASE_Y);
  completeAffine(point);
  buildTable(baseTable, baseBits, point);
  broadcast(point + X, BASE_X);
  broadcast(point + Y, BASE_Y);
  completeAffine(point);
  buildTable(signingTable, SIGNING_BITS, point);
}

/** Builds the table of the point in all lanes of `point` (temporaries 16 to 19, changed). Uses temporaries up to 35. */
function buildTable(table: usize, bits: u32, point: usize): void {
  const windows = windowsOf(bits);
  // The point's double, fourfold ... for each window: packed, in the buckets, which are free here.
  for (let window = 0; window < windows; window++) {
    const packed = bucketAt(0, <usize>window);
    const spare = bucketAt(1, 0);
    scatterPoint(point, packed, spare, spare, spare);
    doubleTimes(point, <i32>bits);
  }
  for (let window = 0; window < windows; window += 4) {
    const w1 = min(window + 1, windows - 1);
    const w2 = min(window + 2, windows - 1);
    const w3 = min(window + 3, windows - 1);
    gatherPoint(point, bucketAt(0, <usize>window), bucketAt(0, <usize>w1), bucketAt(0, <usize>w2), bucketAt(0, <usize>w3));
    const bytes = windowBytes(bits);
    buildWindows(table + bytes * <usize>window, table + bytes * <usize>w1, table + bytes * <usize>w2, table + bytes * <usize>w3, bits, point);
  }
}

/** Fills four windows with the multiples of the four points at `point`. */
function buildWindows(t0: usize, t1: usize, t2: usize, t3: usize, bits: u32, point: usize): void {
  const prepared = temporary(24);
  memory.fill(prepared, 0, 4 * ELEMENT);
  broadcast(prepared, HALF);
  broadcast(prepared + ELEMENT, HALF);
  scatterPrepared(prepared, t0, t1, t2, t3);
  const cached = temporary(20);
  toCached(cached, point);
  const last = 1 << <i32>(bits - 1);
  for (let digit = 1; digit <= last; ) {
    const count = min(CHUNK, last - digit + 1);
    for (let i = 0; i < count; i++) {
      memory.copy(groupPoint(<usize>i), point, POINT);
      addCached(point, cached);
    }
    makeAffine(count);
    for (let i = 0; i < count; i++, digit++) {
      prepare(prepared, groupPoint(<usize>i) + X, groupPoint(<usize>i) + Y);
      const offset = NIELS * <usize>digit;
      scatterPrepared(prepared, t0 + offset, t1 + offset, t2 + offset, t3 + offset);
    }
  }
}

/** Divides X and Y of the first `count` groups' points by their Z, with one inversion (Montgomery's trick). */
export function makeAffine(count: i32): void {
  const product = temporary(28);
  const inverse = temporary(29);
  copy(groupPoint(0) + POINT, groupPoint(0) + Z);
  for (let i = 1; i < count; i++) {
    multiply(groupPoint(<usize>i) + POINT, groupPoint(<usize>i - 1) + POINT, groupPoint(<usize>i) + Z);
  }
  invert(inverse, groupPoint(<usize>count - 1) + POINT, temporary(30));
  for (let i = count - 1; i >= 0; i--) {
    const point = groupPoint(<usize>i);
    if (i > 0) {
      multiply(product, inverse, groupPoint(<usize>i - 1) + POINT);
      multiply(inverse, inverse, point + Z);
    } else {
      copy(product, inverse);
    }
    multiply(point + X, point + X, product);
    multiply(point + Y, point + Y, product);
  }
}

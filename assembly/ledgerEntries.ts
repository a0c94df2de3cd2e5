// Accounts, lanes and references as the kernel holds them, and the tables in which they are found. A table's slot holds the upper half
// of an entry's hash and its number plus one; collisions go to the next slot. Accounts and lanes stay from block to block until
// all are dropped at once, references for one block. An account without a leaf has zeros for balances.

import { sipHash } from "./ledgerHash";
import {
  ACCOUNT_SIZE,
  accountKeys,
  accountMask,
  accounts,
  accountsMax,
  addressIndex,
  blockReferencesMax,
  HASH_SIZE,
  LANE_SIZE,
  laneIndex,
  laneMask,
  lanes,
  lanesMax,
  leafIndex,
  leafMask,
  NONE,
  REFERENCE_SIZE,
  referenceIndex,
  referenceMask,
  references,
  signerIndex,
} from "./ledgerMemory";

/** Offsets in an account's entry: address, key, then what changes. */
export const ACCOUNT_KEY: usize = 32;
export const ACCOUNT_BALANCES: usize = 64;
export const ACCOUNT_DEPOSIT: usize = 88;
export const ACCOUNT_TOKENS: usize = 96;
export const ACCOUNT_FLAGS: usize = 100;
/** The block that touched it last. */
export const ACCOUNT_MARK: usize = 104;
/** The lane used last, plus one. */
const ACCOUNT_LANE: usize = 108;
/** There is a leaf. */
export const PRESENT: u32 = 1;
/** The key's place holds the key that replaced the account's own. */
export const REPLACED: u32 = 2;
/** The key's place holds the account's own key. */
export const KNOWN: u32 = 4;

export const LANE_SEQUENCE: usize = 8;
export const LANE_FLAGS: usize = 12;
export const LANE_EXPIRES: usize = 16;
export const LANE_MARK: usize = 24;
export const LANE_KEY: usize = 32;

export const REFERENCE_ID: usize = 32;
export const REFERENCE_EXPIRES: usize = 64;
export const REFERENCE_PAID: usize = 72;
export const REFERENCE_FLAGS: usize = 80;
/** There was a leaf before the block. */
export const OLD: u32 = 2;

/** Marks numbers of lanes in the table of leaves. */
export const LANE_BIT: u32 = 0x80000000;

export let accountCount: u32 = 0;
export let laneCount: u32 = 0;
export let referenceCount: u32 = 0;
let signerCount: u32 = 0;
/** How many of the accounts and lanes stand in the table of leaves. */
let listedAccounts: u32 = 0;
let listedLanes: u32 = 0;

const pair: usize = memory.data(8, 8);

@inline
export function accountAt(number: u32): usize {
  return accounts + ACCOUNT_SIZE * number;
}

@inline
export function laneAt(number: u32): usize {
  return lanes + LANE_SIZE * number;
}

@inline
export function referenceAt(number: u32): usize {
  return references + REFERENCE_SIZE * number;
}

@inline
export function equal32(a: usize, b: usize): bool {
  const low = (load<u64>(a) ^ load<u64>(b)) | (load<u64>(a, 8) ^ load<u64>(b, 8));
  return (low | (load<u64>(a, 16) ^ load<u64>(b, 16)) | (load<u64>(a, 24) ^ load<u64>(b, 24))) == 0;
}

@inline
export function copy32(to: usize, from: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
}

@inline
function slotOf(hash: u64, number: u32): u64 {
  return ((hash >>> 32) << 32) | (<u64>number + 1);
}

function insert(index: usize, mask: u32, hash: u64, number: u32): void {
  let slot = <u32>hash & mask;
  while (load<u64>(index + 8 * <usize>slot) != 0) slot = (slot + 1) & mask;
  store<u64>(index + 8 * <usize>slot, slotOf(hash, number));
}

/** The account of this address, or NONE; `hash` is the address's. */
@inline
export function knownAccount(address: usize, hash: u64): u32 {
  let slot = <u32>hash & accountMask;
  let found = load<u64>(addressIndex + 8 * <usize>slot);
  while (found != 0) {
    const number = <u32>found - 1;
    if (found >>> 32 == hash >>> 32 && equal32(accountAt(number), address)) return number;
    slot = (slot + 1) & accountMask;
    found = load<u64>(addressIndex + 8 * <usize>slot);
  }
  return NONE;
}

/** The account of this address, made where there was none. */
export function accountOf(address: usize, hash: u64): u32 {
  const known = knownAccount(address, hash);
  if (known != NONE) return known;
  if (accountCount == accountsMax) unreachable();
  const number = accountCount++;
  const account = accountAt(number);
  memory.fill(account, 0, ACCOUNT_SIZE);
  copy32(account, address);
  insert(addressIndex, accountMask, hash, number);
  return number;
}

/** The account whose own key this is, if that is known. */
export function accountOfKey(key: usize, hash: u64): u32 {
  let slot = <u32>hash & accountMask;
  let found = load<u64>(signerIndex + 8 * <usize>slot);
  while (found != 0) {
    const number = <u32>found - 1;
    if (found >>> 32 == hash >>> 32) {
      const account = accountAt(number);
      if ((load<u32>(account, ACCOUNT_FLAGS) & KNOWN) != 0 && equal32(account + ACCOUNT_KEY, key)) return number;
    }
    slot = (slot + 1) & accountMask;
    found = load<u64>(signerIndex + 8 * <usize>slot);
  }
  return NONE;
}

/** Remembers an account's own key, unless another rules it. */
export function learnKey(number: u32, key: usize, hash: u64): void {
  const account = accountAt(number);
  const flags = load<u32>(account, ACCOUNT_FLAGS);
  // Keys that were replaced and came back take another slot each time; the table must not fill up.
  if ((flags & (KNOWN | REPLACED)) != 0 || signerCount == accountsMax) return;
  copy32(account + ACCOUNT_KEY, key);
  store<u32>(account, flags | KNOWN, ACCOUNT_FLAGS);
  insert(signerIndex, accountMask, hash, number);
  signerCount++;
}

/** The number of the lane that the account used last; 0 where there is none. */
@inline
export function lastLaneOf(account: u32): u32 {
  const hint = load<u32>(accountAt(account), ACCOUNT_LANE);
  return hint - <u32>(hint != 0);
}

/** The account's lane, made where there was none. */
export function laneOf(account: u32, lane: u32): u32 {
  const entry = accountAt(account);
  const wanted = <u64>account | (<u64>lane << 32);
  const hint = load<u32>(entry, ACCOUNT_LANE);
  if (hint != 0 && load<u64>(laneAt(hint - 1)) == wanted) return hint - 1;
  store<u64>(pair, wanted);
  const hash = sipHash(pair, 8);
  let number = NONE;
  for (let slot = <u32>hash & laneMask; ; slot = (slot + 1) & laneMask) {
    const found = load<u64>(laneIndex + 8 * <usize>slot);
    if (found == 0) break;
    if (found >>> 32 == hash >>> 32 && load<u64>(laneAt(<u32>found - 1)) == wanted) {
      number = <u32>found - 1;
      break;
    }
  }
  if (number == NONE) {
    if (laneCount == lanesMax) unreachable();
    number = laneCount++;
    memory.fill(laneAt(number), 0, LANE_SIZE);
    store<u64>(laneAt(number), wanted);
    insert(laneIndex, laneMask, hash, number);
  }
  store<u32>(entry, number + 1, ACCOUNT_LANE);
  return number;
}

/** The reference whose leaf has this key, made where there was none if `isNew`; else NONE. */
export function referenceOf(key: usize, isNew: bool): u32 {
  const hash = sipHash(key, HASH_SIZE);
  for (let slot = <u32>hash & referenceMask; ; slot = (slot + 1) & referenceMask) {
    const found = load<u64>(referenceIndex + 8 * <usize>slot);
    if (found == 0) break;
    if (found >>> 32 == hash >>> 32 && equal32(referenceAt(<u32>found - 1), key)) return <u32>found - 1;
  }
  if (!isNew) return NONE;
  if (referenceCount == blockReferencesMax) unreachable();
  const number = referenceCount++;
  memory.fill(referenceAt(number), 0, REFERENCE_SIZE);
  copy32(referenceAt(number), key);
  insert(referenceIndex, referenceMask, hash, number);
  return number;
}

@inline
function leafKeyAt(number: u32): usize {
  return (number & LANE_BIT) == 0 ? accountKeys + HASH_SIZE * number : laneAt(number & ~LANE_BIT) + LANE_KEY;
}

/** Makes an account or lane (with LANE_BIT) findable by its leaf's key, which is in its place. */
function listLeaf(number: u32): void {
  insert(leafIndex, leafMask, sipHash(leafKeyAt(number), HASH_SIZE), number);
}

/** Lists those that came since somebody last looked: in one go, as each one's slot is a cache miss and a loop has several under way. */
function listLeaves(): void {
  for (; listedAccounts < accountCount; listedAccounts++) listLeaf(listedAccounts);
  for (; listedLanes < laneCount; listedLanes++) listLeaf(listedLanes | LANE_BIT);
}

/** The account or lane (with LANE_BIT) whose leaf has this key, or NONE. */
export function leafOf(key: usize): u32 {
  listLeaves();
  const hash = sipHash(key, HASH_SIZE);
  let slot = <u32>hash & leafMask;
  let found = load<u64>(leafIndex + 8 * <usize>slot);
  while (found != 0) {
    const number = <u32>found - 1;
    if (found >>> 32 == hash >>> 32 && equal32(leafKeyAt(number), key)) return number;
    slot = (slot + 1) & leafMask;
    found = load<u64>(leafIndex + 8 * <usize>slot);
  }
  return NONE;
}

export function dropReferences(): void {
  if (referenceCount == 0) return;
  memory.fill(referenceIndex, 0, 8 * (<usize>referenceMask + 1));
  referenceCount = 0;
}

/** Forgets everything. */
export function dropEntries(): void {
  dropReferences();
  // Writing to tables that were never used would make the machine give memory for them.
  if (accountCount == 0) return;
  memory.fill(addressIndex, 0, 8 * (<usize>accountMask + 1));
  memory.fill(signerIndex, 0, 8 * (<usize>accountMask + 1));
  memory.fill(laneIndex, 0, 8 * (<usize>laneMask + 1));
  memory.fill(leafIndex, 0, 8 * (<usize>leafMask + 1));
  accountCount = 0;
  laneCount = 0;
  signerCount = 0;
  listedAccounts = 0;
  listedLanes = 0;
}

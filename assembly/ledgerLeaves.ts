// Leaves on their way in and out, as src/protocol/stateLeaves.ts encodes them: those that the host loads, those that it reads and
// writes while it executes a transaction itself, and those that the block changed.

import {
  ACCOUNT_BALANCES,
  ACCOUNT_DEPOSIT,
  ACCOUNT_FLAGS,
  ACCOUNT_KEY,
  ACCOUNT_TOKENS,
  accountAt,
  accountOf,
  copy32,
  equal32,
  KNOWN,
  knownAccount,
  LANE_BIT,
  LANE_EXPIRES,
  LANE_FLAGS,
  LANE_KEY,
  LANE_SEQUENCE,
  laneAt,
  leafOf,
  OLD,
  PRESENT,
  REFERENCE_EXPIRES,
  REFERENCE_FLAGS,
  REFERENCE_ID,
  REFERENCE_PAID,
  REPLACED,
  referenceAt,
  referenceCount,
  referenceOf,
} from "./ledgerEntries";
import {
  accountCopyAt,
  COPY_BALANCES,
  COPY_EXPIRES,
  COPY_FLAGS,
  COPY_KEY,
  COPY_SEQUENCE,
  COPY_TOKENS,
  copyBalances,
  laneCopyAt,
  touchAccount,
  touchedAccounts,
  touchedLanes,
  touchLane,
} from "./ledgerBlock";
import { sipHash } from "./ledgerHash";
import { firstAccount, firstLane, firstReference } from "./ledgerPrepare";
import {
  AMOUNT_MAX,
  accountKeys,
  CHANGE_SIZE,
  CHANGES_MAX,
  changes,
  HASH_SIZE,
  NONE,
  oneAddress,
  oneKey,
  oneValue,
  VALUE_SIZE,
  values,
} from "./ledgerMemory";

const ACCOUNT_KIND: u32 = 1;
const LANE_KIND: u32 = 3;
const REFERENCE_KIND: u32 = 4;
const ACCOUNT_BYTES: u32 = 38;
const REPLACED_BYTES: u32 = 70;
const LANE_BYTES: u32 = 13;
const REFERENCE_BYTES: u32 = 49;

/** What `findLeaf` and `findAccount` return for what the kernel doesn't hold. */
const NOT_HERE: i32 = -1;

/** A value begins with its length, which is 0 where there is no leaf. */
@inline
function lengthOf(value: usize): u32 {
  return load<u32>(value);
}

function decodeAccount(value: usize, account: usize): bool {
  const length = lengthOf(value);
  const known = load<u32>(account, ACCOUNT_FLAGS) & KNOWN;
  if (length == 0) {
    memory.fill(account + ACCOUNT_BALANCES, 0, 36);
    store<u32>(account, known, ACCOUNT_FLAGS);
    return true;
  }
  const at = value + 4;
  const replaced = <u32>load<u8>(at, 37);
  if (<u32>load<u8>(at) != ACCOUNT_KIND || replaced > 1) return false;
  if (length != (replaced == 1 ? REPLACED_BYTES : ACCOUNT_BYTES)) return false;
  for (let offset: usize = 0; offset < 32; offset += 8) {
    if (load<u64>(at + offset, 1) > AMOUNT_MAX) return false;
  }
  copyBalances(account + ACCOUNT_BALANCES, at + 1);
  store<u32>(account, load<u32>(at, 33), ACCOUNT_TOKENS);
  store<u32>(account, replaced == 1 ? PRESENT | REPLACED : PRESENT | known, ACCOUNT_FLAGS);
  if (replaced == 1) copy32(account + ACCOUNT_KEY, at + 38);
  return true;
}

function encodeAccount(account: usize, value: usize): void {
  const flags = load<u32>(account, ACCOUNT_FLAGS);
  const at = value + 4;
  if ((flags & PRESENT) == 0) {
    store<u32>(value, 0);
    return;
  }
  const replaced = (flags & REPLACED) != 0;
  store<u32>(value, replaced ? REPLACED_BYTES : ACCOUNT_BYTES);
  store<u8>(at, <u8>ACCOUNT_KIND);
  copyBalances(at + 1, account + ACCOUNT_BALANCES);
  store<u32>(at, load<u32>(account, ACCOUNT_TOKENS), 33);
  store<u8>(at, <u8>replaced, 37);
  if (replaced) copy32(at + 38, account + ACCOUNT_KEY);
}

function decodeLane(value: usize, lane: usize): bool {
  const length = lengthOf(value);
  if (length != 0 && (length != LANE_BYTES || <u32>load<u8>(value, 4) != LANE_KIND)) return false;
  store<u32>(lane, length == 0 ? 0 : PRESENT, LANE_FLAGS);
  store<u64>(lane, length == 0 ? 0 : load<u64>(value, 5), LANE_EXPIRES);
  store<u32>(lane, length == 0 ? 0 : load<u32>(value, 13), LANE_SEQUENCE);
  return true;
}

function encodeLane(lane: usize, value: usize): void {
  store<u32>(value, load<u32>(lane, LANE_FLAGS) == 0 ? 0 : LANE_BYTES);
  store<u8>(value, <u8>LANE_KIND, 4);
  store<u64>(value, load<u64>(lane, LANE_EXPIRES), 5);
  store<u32>(value, load<u32>(lane, LANE_SEQUENCE), 13);
}

function decodeReference(value: usize, reference: usize, flags: u32): bool {
  const length = lengthOf(value);
  if (length == 0) {
    store<u32>(reference, 0, REFERENCE_FLAGS);
    return true;
  }
  if (length != REFERENCE_BYTES || <u32>load<u8>(value, 4) != REFERENCE_KIND) return false;
  store<u64>(reference, load<u64>(value, 5), REFERENCE_EXPIRES);
  store<u64>(reference, load<u64>(value, 13), REFERENCE_PAID);
  copy32(reference + REFERENCE_ID, value + 21);
  store<u32>(reference, flags, REFERENCE_FLAGS);
  return true;
}

function encodeReference(reference: usize, value: usize): void {
  store<u32>(value, load<u32>(reference, REFERENCE_FLAGS) == 0 ? 0 : REFERENCE_BYTES);
  store<u8>(value, <u8>REFERENCE_KIND, 4);
  store<u64>(value, load<u64>(reference, REFERENCE_EXPIRES), 5);
  store<u64>(value, load<u64>(reference, REFERENCE_PAID), 13);
  copy32(value + 21, reference + REFERENCE_ID);
}

/** Takes the `count` values at `values` as those of the batch's new accounts, from `firstAccount` on. False: one is no such leaf. */
export function loadAccounts(count: u32): bool {
  for (let index: u32 = 0; index < count; index++) {
    if (!decodeAccount(values + VALUE_SIZE * index, accountAt(firstAccount + index))) return false;
  }
  return true;
}

/** The same for lanes. */
export function loadLanes(count: u32): bool {
  for (let index: u32 = 0; index < count; index++) {
    if (!decodeLane(values + VALUE_SIZE * index, laneAt(firstLane + index))) return false;
  }
  return true;
}

/** The same for references. */
export function loadReferences(count: u32): bool {
  for (let index: u32 = 0; index < count; index++) {
    const reference = referenceAt(firstReference + index);
    if (!decodeReference(values + VALUE_SIZE * index, reference, PRESENT | OLD)) return false;
  }
  return true;
}

/** Puts the leaf with the key at `oneKey`, as it is now, to `oneValue`: its length, 0 where it is absent; -1: not known here. */
export function findLeaf(): i32 {
  const number = leafOf(oneKey);
  if (number == NONE) {
    const reference = referenceOf(oneKey, false);
    if (reference == NONE) return NOT_HERE;
    encodeReference(referenceAt(reference), oneValue);
  } else if ((number & LANE_BIT) == 0) {
    encodeAccount(accountAt(number), oneValue);
  } else {
    encodeLane(laneAt(number & ~LANE_BIT), oneValue);
  }
  return lengthOf(oneValue);
}

/** Gives the leaf with the key at `oneKey` the value at `oneValue`, as the block's change. 1: done; 0: no such leaf's value; -1: not known here. */
export function writeLeaf(): i32 {
  const number = leafOf(oneKey);
  if (number == NONE) {
    const reference = referenceOf(oneKey, false);
    return reference == NONE ? NOT_HERE : <i32>decodeReference(oneValue, referenceAt(reference), PRESENT);
  }
  if ((number & LANE_BIT) == 0) {
    touchAccount(number);
    return <i32>decodeAccount(oneValue, accountAt(number));
  }
  touchLane(number & ~LANE_BIT);
  return <i32>decodeLane(oneValue, laneAt(number & ~LANE_BIT));
}

let askedHash: u64 = 0;

/** Whether the account of the address at `oneAddress` has a leaf now: 1 or 0; -1: not known here. */
export function findAccount(): i32 {
  askedHash = sipHash(oneAddress, HASH_SIZE);
  const number = knownAccount(oneAddress, askedHash);
  return number == NONE ? NOT_HERE : <i32>(load<u32>(accountAt(number), ACCOUNT_FLAGS) & PRESENT);
}

/**
 * Takes in the account that `findAccount` has just not found, with its leaf: the key at `oneKey`, the value at `oneValue`. Not within a
 * batch; a block in hand has not touched it. False: the value is not an account's.
 */
export function addAccount(): bool {
  const number = accountOf(oneAddress, askedHash);
  copy32(accountKeys + HASH_SIZE * number, oneKey);
  return decodeAccount(oneValue, accountAt(number));
}

function isAccountChanged(copy: usize, account: usize): bool {
  const flags = load<u32>(account, ACCOUNT_FLAGS) & (PRESENT | REPLACED);
  if (flags != (load<u32>(copy, COPY_FLAGS) & (PRESENT | REPLACED))) return true;
  if (load<u32>(copy, COPY_TOKENS) != load<u32>(account, ACCOUNT_TOKENS)) return true;
  if (!equal32(copy + COPY_BALANCES, account + ACCOUNT_BALANCES)) return true;
  return (flags & REPLACED) != 0 && !equal32(copy + COPY_KEY, account + ACCOUNT_KEY);
}

function isLaneChanged(copy: usize, lane: usize): bool {
  return (
    load<u32>(copy, COPY_FLAGS) != load<u32>(lane, LANE_FLAGS) ||
    load<u32>(copy, COPY_SEQUENCE) != load<u32>(lane, LANE_SEQUENCE) ||
    load<u64>(copy, COPY_EXPIRES) != load<u64>(lane, LANE_EXPIRES)
  );
}

let collectedAccounts: u32 = 0;
let collectedLanes: u32 = 0;
let collectedReferences: u32 = 0;

/** Before a block's first `collect`. */
export function beginCollecting(): void {
  collectedAccounts = 0;
  collectedLanes = 0;
  collectedReferences = 0;
}

/** Puts up to CHANGES_MAX leaves that differ from what the block began with to `changes`: key, length (0: removed), value. Returns how many; 0: no more. */
export function collect(): u32 {
  let count: u32 = 0;
  for (; collectedAccounts < touchedAccounts && count < CHANGES_MAX; collectedAccounts++) {
    const copy = accountCopyAt(collectedAccounts);
    const number = load<u32>(copy);
    if (!isAccountChanged(copy, accountAt(number))) continue;
    const change = changes + CHANGE_SIZE * count++;
    copy32(change, accountKeys + HASH_SIZE * number);
    encodeAccount(accountAt(number), change + HASH_SIZE);
  }
  for (; collectedLanes < touchedLanes && count < CHANGES_MAX; collectedLanes++) {
    const copy = laneCopyAt(collectedLanes);
    const lane = laneAt(load<u32>(copy));
    if (!isLaneChanged(copy, lane)) continue;
    const change = changes + CHANGE_SIZE * count++;
    copy32(change, lane + LANE_KEY);
    encodeLane(lane, change + HASH_SIZE);
  }
  for (; collectedReferences < referenceCount && count < CHANGES_MAX; collectedReferences++) {
    const reference = referenceAt(collectedReferences);
    if (load<u32>(reference, REFERENCE_FLAGS) != PRESENT) continue;
    const change = changes + CHANGE_SIZE * count++;
    copy32(change, reference);
    encodeReference(reference, change + HASH_SIZE);
  }
  return count;
}

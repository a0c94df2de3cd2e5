// Finds the entries that a batch's transactions name, and makes those that are missing; the host then loads what they hold. Each step runs
// over the whole batch: hashing takes four messages at a time, and memory that several steps need is asked for ahead in short
// loops, where many cache misses are under way at once.

import { sipHash } from "./ledgerHash";
import {
  ACCOUNT_FLAGS,
  accountAt,
  accountCount,
  accountOf,
  accountOfKey,
  copy32,
  equal32,
  LANE_KEY,
  laneAt,
  laneCount,
  lastLaneOf,
  laneOf,
  learnKey,
  referenceCount,
  referenceOf,
} from "./ledgerEntries";
import {
  beginDecoding,
  decodeTransaction,
  OPERATION_AMOUNT,
  OPERATION_HASH,
  OPERATION_MARK,
  OPERATION_PAYEE,
  OPERATION_REFERENCE,
  OPERATION_TO,
  OPERATION_TOKEN,
  operationAt,
  operationCount,
  RECORD_FAST,
  RECORD_LANE,
  RECORD_LANE_ENTRY,
  RECORD_MARKS,
  RECORD_SIGNER,
  RECORD_SIGNER_COUNT,
  recordAt,
  SIGNER_ACCOUNT,
  SIGNER_HASH,
  SIGNER_KEY,
  SIGNER_NAMED,
  signerAt,
  signerCount,
} from "./ledgerDecode";
import {
  accountKeys,
  accountMask,
  addressIndex,
  digests,
  HASH_SIZE,
  idWants,
  input,
  inputOffsets,
  LANE_SIZE,
  MESSAGE_SIZE,
  messageOffsets,
  messageOwners,
  messages,
  NONE,
  OPERATION_SIZE,
  operations,
  SIGNER_SIZE,
  signerIndex,
  signers,
} from "./ledgerMemory";
import { hashMessages, NO_PREFIX } from "./sha256Messages";

/** "TTC key address", padded to 16 bytes. */
const KEY_ADDRESS_TAG: usize = memory.data<u8>([
  0x54, 0x54, 0x43, 0x20, 0x6b, 0x65, 0x79, 0x20, 0x61, 0x64, 0x64, 0x72, 0x65, 0x73, 0x73, 0,
]);
const ACCOUNT_KIND: u8 = 1;
const LANE_KIND: u8 = 3;
const REFERENCE_KIND: u8 = 4;

/** How many entries there were before the batch. */
export let firstAccount: u32 = 0;
export let firstLane: u32 = 0;
export let firstReference: u32 = 0;
export let idWantCount: u32 = 0;

/** Takes what the loops that ask for memory ahead have read, so that they are not left out. */
const AHEAD: usize = memory.data(8, 8);

let messageCount: u32 = 0;
let messageEnd: usize = 0;

function beginMessages(): void {
  messageCount = 0;
  messageEnd = messages;
}

/** Room for a message of `length` bytes. */
@inline
function addMessage(length: usize, owner: u32): usize {
  const start = messageEnd;
  store<u32>(messageOffsets + 4 * <usize>messageCount, <u32>(start - messages));
  store<u32>(messageOwners + 4 * <usize>messageCount, owner);
  messageEnd = start + length;
  messageCount++;
  return start;
}

function hashAll(to: usize, stride: usize): void {
  store<u32>(messageOffsets + 4 * <usize>messageCount, <u32>(messageEnd - messages));
  hashMessages(messages, messageOffsets, messageCount, NO_PREFIX, to, stride);
}

@inline
function addAddressMessage(signer: u32): void {
  const message = addMessage(48, signer);
  v128.store(message, v128.load(KEY_ADDRESS_TAG));
  copy32(message + 16, load<u32>(signerAt(signer), SIGNER_KEY));
}

/**
 * Asks for the slots of `count` hashes, `stride` bytes apart, in a table of accounts, and then for the entries that they name: with
 * nothing else to do, a core has ten misses and more under way at once.
 */
function askForSlots(index: usize, hashes: usize, stride: usize, count: u32): void {
  let sum: u64 = 0;
  const end = hashes + stride * count;
  for (let hash = hashes; hash < end; hash += stride) {
    sum += load<u64>(index + 8 * <usize>(<u32>load<u64>(hash) & accountMask));
  }
  for (let hash = hashes; hash < end; hash += stride) {
    const number = <u32>load<u64>(index + 8 * <usize>(<u32>load<u64>(hash) & accountMask));
    const account = accountAt(number - <u32>(number != 0));
    sum += load<u64>(account, 32) + load<u64>(account, ACCOUNT_FLAGS);
  }
  store<u64>(AHEAD, sum);
}

/** Asks for the lanes that the senders used last. */
function askForLanes(count: u32): void {
  let sum: u64 = 0;
  for (let index: u32 = 0; index < count; index++) {
    const record = recordAt(index);
    if (load<u32>(record, RECORD_FAST) == 0) continue;
    const sender = load<u32>(signerAt(load<u32>(record, RECORD_SIGNER)), SIGNER_ACCOUNT);
    if (sender != NONE) sum += load<u64>(laneAt(lastLaneOf(sender)));
  }
  store<u64>(AHEAD, sum);
}

/** Signers whose accounts are not known by their keys: those get their addresses hashed. */
function findSignersByKey(): void {
  for (let index: u32 = 0; index < signerCount; index++) {
    const signer = signerAt(index);
    store<u64>(signer, sipHash(load<u32>(signer, SIGNER_KEY), HASH_SIZE), SIGNER_HASH);
  }
  askForSlots(signerIndex, signers + SIGNER_HASH, SIGNER_SIZE, signerCount);
  beginMessages();
  for (let index: u32 = 0; index < signerCount; index++) {
    const signer = signerAt(index);
    const found =
      load<u32>(signer, SIGNER_NAMED) == 0
        ? accountOfKey(load<u32>(signer, SIGNER_KEY), load<u64>(signer, SIGNER_HASH))
        : NONE;
    store<u32>(signer, found, SIGNER_ACCOUNT);
    if (found == NONE) addAddressMessage(index);
  }
}

/** The accounts of the signers whose keys' addresses have been hashed. */
function findSignersByAddress(): void {
  hashAll(digests, HASH_SIZE);
  for (let index: u32 = 0; index < messageCount; index++) {
    const signer = signerAt(load<u32>(messageOwners + 4 * <usize>index));
    const own = digests + HASH_SIZE * index;
    const named = <usize>load<u32>(signer, SIGNER_NAMED);
    if (named == 0) {
      const number = accountOf(own, sipHash(own, HASH_SIZE));
      store<u32>(signer, number, SIGNER_ACCOUNT);
      learnKey(number, load<u32>(signer, SIGNER_KEY), load<u64>(signer, SIGNER_HASH));
    } else if (!equal32(named, own)) {
      store<u32>(signer, accountOf(named, sipHash(named, HASH_SIZE)), SIGNER_ACCOUNT);
    }
  }
}

function findPayees(): void {
  for (let index: u32 = 0; index < operationCount; index++) {
    const operation = operationAt(index);
    store<u64>(operation, sipHash(load<u32>(operation, OPERATION_TO), HASH_SIZE), OPERATION_HASH);
  }
  askForSlots(addressIndex, operations + OPERATION_HASH, OPERATION_SIZE, operationCount);
  for (let index: u32 = 0; index < operationCount; index++) {
    const operation = operationAt(index);
    const number = accountOf(load<u32>(operation, OPERATION_TO), load<u64>(operation, OPERATION_HASH));
    store<u32>(operation, number, OPERATION_PAYEE);
  }
}

/** False: a signer is written with the address that its key has anyway, or an account signs twice. */
function verifySigners(record: usize): bool {
  const first = load<u32>(record, RECORD_SIGNER);
  const last = first + load<u32>(record, RECORD_SIGNER_COUNT);
  for (let index = first; index < last; index++) {
    const account = load<u32>(signerAt(index), SIGNER_ACCOUNT);
    if (account == NONE) return false;
    for (let other = first; other < index; other++) {
      if (load<u32>(signerAt(other), SIGNER_ACCOUNT) == account) return false;
    }
  }
  return true;
}

function findLanes(count: u32): void {
  idWantCount = 0;
  askForLanes(count);
  for (let index: u32 = 0; index < count; index++) {
    const record = recordAt(index);
    if (load<u32>(record, RECORD_FAST) == 0) continue;
    if (!verifySigners(record)) {
      store<u32>(record, 0, RECORD_FAST);
      continue;
    }
    const sender = load<u32>(signerAt(load<u32>(record, RECORD_SIGNER)), SIGNER_ACCOUNT);
    store<u32>(record, laneOf(sender, load<u32>(record, RECORD_LANE)), RECORD_LANE_ENTRY);
    if (load<u32>(record, RECORD_MARKS) != 0) store<u32>(idWants + 4 * <usize>(idWantCount++), index);
  }
}

function findReferences(): void {
  beginMessages();
  for (let index: u32 = 0; index < operationCount; index++) {
    const operation = operationAt(index);
    const reference = <usize>load<u32>(operation, OPERATION_REFERENCE);
    if (reference == 0) continue;
    const message = addMessage(MESSAGE_SIZE, index);
    store<u8>(message, REFERENCE_KIND);
    copy32(message + 1, load<u32>(operation, OPERATION_TO));
    memory.fill(message + 33, 0, 31);
    store<u8>(message, <u8>(load<u32>(operation, OPERATION_TOKEN) + 1), 64);
    store<u64>(message, load<u64>(operation, OPERATION_AMOUNT), 65);
    copy32(message + 73, reference);
  }
  hashAll(digests, HASH_SIZE);
  for (let index: u32 = 0; index < messageCount; index++) {
    const operation = operationAt(load<u32>(messageOwners + 4 * <usize>index));
    store<u32>(operation, referenceOf(digests + HASH_SIZE * index, true), OPERATION_MARK);
  }
}

/** The keys of the leaves of new accounts and lanes. */
function makeLeafKeys(): void {
  beginMessages();
  for (let number = firstAccount; number < accountCount; number++) {
    const message = addMessage(33, number);
    store<u8>(message, ACCOUNT_KIND);
    copy32(message + 1, accountAt(number));
  }
  hashAll(accountKeys + HASH_SIZE * firstAccount, HASH_SIZE);
  beginMessages();
  for (let number = firstLane; number < laneCount; number++) {
    const lane = laneAt(number);
    const message = addMessage(37, number);
    store<u8>(message, LANE_KIND);
    copy32(message + 1, accountAt(load<u32>(lane)));
    store<u32>(message, load<u32>(lane, 4), 33);
  }
  hashAll(laneAt(firstLane) + LANE_KEY, LANE_SIZE);
}

/**
 * Reads the batch's `count` transactions and finds their entries. The entries of a number from `firstAccount`, `firstLane` and
 * `firstReference` on are new: the host loads all of them before anything else.
 */
export function prepare(count: u32): void {
  firstAccount = accountCount;
  firstLane = laneCount;
  firstReference = referenceCount;
  beginDecoding();
  for (let index: u32 = 0; index < count; index++) {
    const offset = inputOffsets + 4 * <usize>index;
    decodeTransaction(index, input + load<u32>(offset), input + load<u32>(offset, 4));
  }
  findSignersByKey();
  findSignersByAddress();
  findPayees();
  findLanes(count);
  findReferences();
  makeLeafKeys();
}

// Contracts in the state: one leaf says whose a contract is and what may become of it, others hold pieces of its source, and each
// entry of its storage is a leaf of its own, so that a proof of one says what a contract knows. While a contract is temporary its
// entries are linked in a list, so that destroying it can find them; leaves that nobody may ever destroy carry no links.

import { assert } from "../base/assert.js";
import { concatBytes } from "../base/bytes.js";
import { sha256 } from "../wasm/sha256.js";
import { CodedError } from "./errors.js";
import { UPGRADE_POLICIES } from "./operations/contracts.js";
import type { UpgradePolicy } from "./operations/operation.js";
import { LEAF_KINDS, leafReader } from "./stateLeaves.js";
import { Writer } from "./wire.js";

/** Bytes of source in one leaf. */
export const CODE_PIECE_BYTES = 4_000;

const PERMANENT = 1;
const PAUSED = 2;
const DESTROYED = 4;

export interface ContractLeaf {
  /** SHA-256 of the source. */
  codeHash: Uint8Array;
  sourceBytes: number;
  owner: Uint8Array;
  permanent: boolean;
  paused: boolean;
  /** No call reaches it any more; it goes when its last storage entry has gone. */
  destroyed: boolean;
  upgradePolicy: UpgradePolicy;
  upgradeDelayHeights: number;
  /** How often the code has changed. */
  upgradeCount: number;
  heightRegistered: number;
  /** TTC units held for this leaf and the source. */
  deposit: bigint;
  /** Entries in storage, and what is held for them. */
  entryCount: number;
  entryDeposits: bigint;
  /** Key of the first entry of the list; undefined where the list is empty. */
  firstEntry?: Uint8Array;
  /** An upgrade that was announced: the source's hash, and from which height on it may be carried out. */
  announced?: { codeHash: Uint8Array; heightFrom: number };
}

export function contractKey(address: Uint8Array): Uint8Array {
  assert(address.length === 32, "an address is 32 bytes");
  return sha256(concatBytes(Uint8Array.of(LEAF_KINDS.contract), address));
}

/** Key of piece `index` of a contract's source. */
export function codePieceKey(address: Uint8Array, index: number): Uint8Array {
  return sha256(new Writer(37).u8(LEAF_KINDS.contractCode).raw(address).u32(index).finish());
}

/** Where the storage key stands in what an entry's key is the hash of: behind the kind and the address. */
const ENTRY_KEY_OFFSET = 33;
/** For one such message after the other: memory for each would cost more than its hash. */
const entryMessage = new Uint8Array(256);

/** Key of what a contract stores under `storageKey` (docs/lvm.md, Values). */
export function contractEntryKey(address: Uint8Array, storageKey: Uint8Array): Uint8Array {
  const length = ENTRY_KEY_OFFSET + storageKey.length;
  const message = length > entryMessage.length ? new Uint8Array(length) : entryMessage;
  message[0] = LEAF_KINDS.contractEntry;
  message.set(address, 1);
  message.set(storageKey, ENTRY_KEY_OFFSET);
  return sha256(message.subarray(0, length));
}

export function encodeContractLeaf(leaf: ContractLeaf): Uint8Array {
  const writer = new Writer().u8(LEAF_KINDS.contract).raw(leaf.codeHash).u32(leaf.sourceBytes).raw(leaf.owner);
  writer.u8((leaf.permanent ? PERMANENT : 0) | (leaf.paused ? PAUSED : 0) | (leaf.destroyed ? DESTROYED : 0));
  writer.u8(UPGRADE_POLICIES.indexOf(leaf.upgradePolicy)).u32(leaf.upgradeDelayHeights).u32(leaf.upgradeCount);
  writer.u64(BigInt(leaf.heightRegistered)).u64(leaf.deposit).u32(leaf.entryCount).u64(leaf.entryDeposits);
  if (leaf.firstEntry === undefined) {
    writer.u8(0);
  } else {
    writer.u8(1).raw(leaf.firstEntry);
  }
  if (leaf.announced === undefined) {
    writer.u8(0);
  } else {
    writer.u8(1).raw(leaf.announced.codeHash).u64(BigInt(leaf.announced.heightFrom));
  }
  return writer.finish();
}

export function decodeContractLeaf(bytes: Uint8Array): ContractLeaf {
  const reader = leafReader(bytes, LEAF_KINDS.contract);
  const code = { codeHash: reader.raw(32), sourceBytes: reader.u32(), owner: reader.raw(32) };
  const status = reader.u8();
  const policy = reader.u8();
  if (status > (PERMANENT | PAUSED | DESTROYED) || policy >= UPGRADE_POLICIES.length) {
    throw new CodedError("MALFORMED", `expected a contract's status and policy, got ${status} and ${policy}`);
  }
  const leaf: ContractLeaf = {
    ...code,
    permanent: (status & PERMANENT) !== 0,
    paused: (status & PAUSED) !== 0,
    destroyed: (status & DESTROYED) !== 0,
    upgradePolicy: UPGRADE_POLICIES[policy],
    upgradeDelayHeights: reader.u32(),
    upgradeCount: reader.u32(),
    heightRegistered: reader.safe(),
    deposit: reader.amountOrZero(),
    entryCount: reader.u32(),
    entryDeposits: reader.amountOrZero(),
  };
  if (reader.flag()) {
    leaf.firstEntry = reader.raw(32);
  }
  if (reader.flag()) {
    leaf.announced = { codeHash: reader.raw(32), heightFrom: reader.safe() };
  }
  reader.end();
  return leaf;
}

/** The value of a source's piece. */
export function encodeCodePiece(piece: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(LEAF_KINDS.contractCode), piece);
}

export function decodeCodePiece(bytes: Uint8Array): Uint8Array {
  return leafReader(bytes, LEAF_KINDS.contractCode).raw(bytes.length - 1);
}

/** One entry of a contract's storage. */
export interface ContractEntryLeaf {
  /** TTC units held for it. */
  deposit: bigint;
  /** The value's canonical encoding. */
  value: Uint8Array;
  /** Keys of its neighbours in the list of a temporary contract's entries; undefined for one that is in no list. */
  links?: { previous: Uint8Array | undefined; next: Uint8Array | undefined };
}

const LINKED = 1;
const HAS_PREVIOUS = 2;
const HAS_NEXT = 4;

export function encodeContractEntry(leaf: ContractEntryLeaf): Uint8Array {
  const { links } = leaf;
  const writer = new Writer(80).u8(LEAF_KINDS.contractEntry).u64(leaf.deposit);
  writer.u8(links === undefined ? 0 : LINKED | (links.previous ? HAS_PREVIOUS : 0) | (links.next ? HAS_NEXT : 0));
  writer.raw(links?.previous ?? new Uint8Array(0)).raw(links?.next ?? new Uint8Array(0));
  return writer.raw(leaf.value).finish();
}

export function decodeContractEntry(bytes: Uint8Array): ContractEntryLeaf {
  const reader = leafReader(bytes, LEAF_KINDS.contractEntry);
  const deposit = reader.amountOrZero();
  const flags = reader.u8();
  if (flags > (LINKED | HAS_PREVIOUS | HAS_NEXT) || (flags > LINKED && (flags & LINKED) === 0)) {
    throw new CodedError("MALFORMED", `expected the flags of a storage entry, got ${flags}`);
  }
  const previous = flags & HAS_PREVIOUS ? reader.raw(32) : undefined;
  const next = flags & HAS_NEXT ? reader.raw(32) : undefined;
  const value = reader.raw(reader.remaining);
  return flags & LINKED ? { deposit, value, links: { previous, next } } : { deposit, value };
}

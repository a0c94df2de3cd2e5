// The ledger kernel (assembly/ledger.ts) and its memory as one object. Every method is a call of the kernel with bytes put in or taken
// out; what they come to is src/execution/kernel's business. The memory has its full size from the start, so that views stay.

import { assert } from "../base/assert.js";
import { ledgerBase64 } from "./generated/ledger.js";
import { instantiateKernel } from "./loadKernel.js";

type Global = { readonly value: number };

/** The exports of assembly/ledger.ts; addresses and lengths are in bytes of `memory`. */
interface LedgerKernelExports {
  readonly memory: WebAssembly.Memory;
  readonly TRANSACTIONS_MAX: Global;
  readonly INPUT_SIZE: Global;
  readonly VALUE_SIZE: Global;
  readonly CHANGE_SIZE: Global;
  readonly LANE_SIZE: Global;
  readonly REFERENCE_SIZE: Global;
  readonly input: Global;
  readonly inputOffsets: Global;
  readonly receipts: Global;
  readonly receiptOffsets: Global;
  readonly ids: Global;
  readonly idWants: Global;
  readonly idWantCount: Global;
  readonly values: Global;
  readonly changes: Global;
  readonly oneAddress: Global;
  readonly oneKey: Global;
  readonly oneValue: Global;
  readonly accountCount: Global;
  readonly laneCount: Global;
  readonly referenceCount: Global;
  readonly firstAccount: Global;
  readonly firstLane: Global;
  readonly firstReference: Global;
  layOut(accounts: number, lanes: number, blockAccounts: number, blockLanes: number, blockReferences: number): number;
  setHashKey(low: bigint, high: bigint): void;
  sipHash(from: number, length: number): bigint;
  parameters(): number;
  parametersSize(): number;
  fees(): number;
  dropAll(): void;
  beginBlock(): number;
  endBlock(keep: boolean): void;
  prepareBatch(count: number): void;
  isFast(index: number): number;
  newAccountKeys(): number;
  newLaneKeys(): number;
  newReferenceKeys(): number;
  loadAccounts(count: number): number;
  loadLanes(count: number): number;
  loadReferences(count: number): number;
  execute(first: number, count: number): number;
  findAccount(): number;
  addAccount(): number;
  findLeaf(): number;
  writeLeaf(): number;
  beginCollecting(): void;
  collect(): number;
}

/** How much the kernel holds; its memory is about 300 bytes an account, used as accounts come. */
export interface LedgerCapacity {
  /** Accounts, and lanes as many, that stay from block to block. */
  accounts: number;
  /** The largest block that the kernel takes, in bytes of its transactions. */
  blockBytes: number;
}

const KEY_BYTES = 32;
/** The length that stands before a value. */
const LENGTH_BYTES = 4;
const PAGE_BYTES = 65_536;
const VALUE_BYTES_MAX = 84;
/** What an account's name takes of a block at the least, a lane's use by any transaction (the host's too), and a reference's. */
const NAME_BYTES = 32;
const TRANSACTION_BYTES = 133;
const MARKED_TRANSFER_BYTES = 76;

/** The most accounts and lanes that a block of so many bytes can name; the fee pool is one more. */
export function ledgerNeeds(blockBytes: number): { accounts: number; lanes: number; references: number } {
  return {
    accounts: Math.ceil(blockBytes / NAME_BYTES) + 1,
    lanes: Math.ceil(blockBytes / TRANSACTION_BYTES),
    references: Math.ceil(blockBytes / MARKED_TRANSFER_BYTES),
  };
}

/** The leaves before the block. */
export interface LeafSource {
  /** The value of the leaf with this key, which is the caller's own; undefined: there is none. */
  get(key: Uint8Array): Uint8Array | undefined;
  /** To be told of the keys that `get` will be asked for, one behind the other. */
  preload?(keys: Uint8Array): void;
}
/** Takes a changed leaf: where in `bytes` its key and its value lie; no bytes of value: the leaf goes. */
export type ChangeTaker = (bytes: Uint8Array, keyAt: number, valueAt: number, valueBytes: number) => void;

export class LedgerKernel {
  readonly capacity: LedgerCapacity;
  readonly transactionsMax: number;
  readonly inputBytesMax: number;
  readonly #kernel: LedgerKernelExports;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #input: number;
  readonly #offsets: Uint32Array;
  readonly #receipts: number;
  readonly #receiptOffsets: Uint32Array;
  readonly #valueSize: number;
  readonly #oneAddress: number;
  #count = 0;
  #inputLength = 0;

  /** `hashKey`: 16 random bytes; nothing but the time that look-ups take depends on them. */
  constructor(capacity: LedgerCapacity, hashKey: Uint8Array) {
    const needs = ledgerNeeds(capacity.blockBytes);
    assert(capacity.accounts >= needs.accounts, `a block may name ${needs.accounts} accounts, more than are held`);
    const kernel = instantiateKernel<LedgerKernelExports>(ledgerBase64);
    const end =
      kernel.layOut(capacity.accounts, capacity.accounts, needs.accounts, needs.lanes, needs.references) >>> 0;
    assert(end > 0, `${capacity.accounts} accounts are more than the kernel's memory can hold`);
    kernel.memory.grow(Math.ceil((end - kernel.memory.buffer.byteLength) / PAGE_BYTES));
    const { buffer } = kernel.memory;
    const key = new DataView(hashKey.buffer, hashKey.byteOffset, 16);
    kernel.setHashKey(key.getBigUint64(0, true), key.getBigUint64(8, true));
    this.capacity = capacity;
    this.transactionsMax = kernel.TRANSACTIONS_MAX.value;
    this.inputBytesMax = kernel.INPUT_SIZE.value;
    this.#kernel = kernel;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
    this.#input = kernel.input.value;
    this.#offsets = new Uint32Array(buffer, kernel.inputOffsets.value, this.transactionsMax + 1);
    this.#receipts = kernel.receipts.value;
    this.#receiptOffsets = new Uint32Array(buffer, kernel.receiptOffsets.value, this.transactionsMax + 1);
    this.#valueSize = kernel.VALUE_SIZE.value;
    this.#oneAddress = kernel.oneAddress.value;
  }

  get accountCount(): number {
    return this.#kernel.accountCount.value;
  }

  get laneCount(): number {
    return this.#kernel.laneCount.value;
  }

  /** Parameters for the transactions to come, as assembly/ledgerBlock.ts lays them out. */
  setParameters(parameters: Uint8Array): void {
    assert(parameters.length === this.#kernel.parametersSize(), "the kernel's parameters have another size");
    this.#bytes.set(parameters, this.#kernel.parameters());
  }

  /** Begins a block; the one before has ended. */
  beginBlock(): void {
    if (this.#kernel.beginBlock() === 0) {
      this.#kernel.dropAll();
      this.#kernel.beginBlock();
    }
  }

  /** Ends the block in hand: as the state that the next begins with, or as if it had never been. */
  endBlock(keep: boolean): void {
    this.#kernel.endBlock(keep);
  }

  /** Forgets all entries; no block is in hand. */
  dropAll(): void {
    this.#kernel.dropAll();
  }

  /** What the block in hand has charged in TTC, TTM and TTMI. */
  fees(): bigint[] {
    const at = this.#kernel.fees();
    return [0, 8, 16].map((offset) => this.#view.getBigUint64(at + offset, true));
  }

  beginBatch(): void {
    this.#count = 0;
    this.#inputLength = 0;
  }

  /** Adds a transaction to the batch; false: it has no room left. */
  add(transaction: Uint8Array): boolean {
    const end = this.#inputLength + transaction.length;
    if (this.#count === this.transactionsMax || end > this.inputBytesMax) {
      return false;
    }
    this.#bytes.set(transaction, this.#input + this.#inputLength);
    this.#offsets[this.#count] = this.#inputLength;
    this.#offsets[++this.#count] = end;
    this.#inputLength = end;
    return true;
  }

  /**
   * Reads the batch and finds what it names; `leaves` is asked for every leaf that is not held yet, `idOf` for the ids of transactions
   * that pay references.
   */
  prepare(leaves: LeafSource, idOf: (index: number) => Uint8Array): void {
    const kernel = this.#kernel;
    kernel.prepareBatch(this.#count);
    const accounts = kernel.accountCount.value - kernel.firstAccount.value;
    this.#load(leaves, kernel.newAccountKeys() >>> 0, KEY_BYTES, accounts, (count) => kernel.loadAccounts(count));
    const lanes = kernel.laneCount.value - kernel.firstLane.value;
    this.#load(leaves, kernel.newLaneKeys() >>> 0, kernel.LANE_SIZE.value, lanes, (count) => kernel.loadLanes(count));
    const references = kernel.referenceCount.value - kernel.firstReference.value;
    const referenceSize = kernel.REFERENCE_SIZE.value;
    this.#load(leaves, kernel.newReferenceKeys() >>> 0, referenceSize, references, (count) =>
      kernel.loadReferences(count),
    );
    const ids = kernel.ids.value;
    for (let want = 0; want < kernel.idWantCount.value; want++) {
      const index = this.#view.getUint32(kernel.idWants.value + 4 * want, true);
      this.#bytes.set(idOf(index), ids + KEY_BYTES * index);
    }
  }

  #load(leaves: LeafSource, from: number, stride: number, count: number, take: (count: number) => number): void {
    const keys = new Uint8Array(KEY_BYTES * count);
    for (let index = 0; index < count; index++) {
      keys.set(this.#bytes.subarray(from + stride * index, from + stride * index + KEY_BYTES), KEY_BYTES * index);
    }
    leaves.preload?.(keys);
    const values = this.#kernel.values.value;
    for (let index = 0; index < count; index++) {
      const key = keys.subarray(KEY_BYTES * index, KEY_BYTES * (index + 1));
      this.#putValue(values + this.#valueSize * index, leaves.get(key));
    }
    assert(take(count) === 1, "the state holds a leaf that is not of its key's kind");
  }

  #putValue(at: number, value: Uint8Array | undefined): void {
    const length = value?.length ?? 0;
    assert(length <= VALUE_BYTES_MAX, `a leaf of the ledger has up to ${VALUE_BYTES_MAX} bytes, got ${length}`);
    this.#view.setUint32(at, length, true);
    if (value !== undefined) {
      this.#bytes.set(value, at + LENGTH_BYTES);
    }
  }

  /** Whether the kernel executes transaction `index` of the batch where the state allows it. */
  isFast(index: number): boolean {
    return this.#kernel.isFast(index) !== 0;
  }

  /**
   * Executes from transaction `first` of the batch on; returns the number of the one that is left to the host, or of the batch's
   * transactions where none is.
   */
  execute(first: number): number {
    return this.#kernel.execute(first, this.#count);
  }

  /**
   * Appends the encoded receipts of transactions `first` to `end`, which the kernel has executed in one go, as views of one copy: arrays
   * with memory of their own would take twice as much.
   */
  takeReceipts(first: number, end: number, receipts: Uint8Array[]): void {
    const offsets = this.#receiptOffsets;
    const start = offsets[first];
    const copy = this.#bytes.slice(this.#receipts + start, this.#receipts + offsets[end]);
    for (let index = first; index < end; index++) {
      receipts.push(copy.subarray(offsets[index] - start, offsets[index + 1] - start));
    }
  }

  #putKey(key: Uint8Array): void {
    assert(key.length === KEY_BYTES, `a leaf's key has ${KEY_BYTES} bytes, got ${key.length}`);
    this.#bytes.set(key, this.#kernel.oneKey.value);
  }

  /** Whether the account of an address, given as its `bytesKey`, has a leaf now; undefined: it is not held here. */
  hasAccount(address: string): boolean | undefined {
    const at = this.#oneAddress;
    for (let i = 0; i < KEY_BYTES; i++) {
      this.#bytes[at + i] = address.charCodeAt(i);
    }
    const found = this.#kernel.findAccount();
    return found < 0 ? undefined : found === 1;
  }

  /** Takes in the account that `hasAccount` has just not found, which a block in hand has not touched: its leaf's key and value. */
  addAccount(key: Uint8Array, value: Uint8Array): void {
    this.#putKey(key);
    this.#putValue(this.#kernel.oneValue.value, value);
    assert(this.#kernel.addAccount() === 1, "the state holds a leaf that is not of its key's kind");
  }

  /** Whether the leaf with this key is held here, and its present value. */
  find(key: Uint8Array): { value: Uint8Array | undefined } | undefined {
    this.#putKey(key);
    const length = this.#kernel.findLeaf();
    if (length < 0) {
      return undefined;
    }
    const at = this.#kernel.oneValue.value + LENGTH_BYTES;
    return { value: length === 0 ? undefined : this.#bytes.slice(at, at + length) };
  }

  /** Gives a leaf that is held here a value, as the block's change; false: it is not held. */
  write(key: Uint8Array, value: Uint8Array | undefined): boolean {
    this.#putKey(key);
    // Values of leaves that the kernel never holds may be longer.
    if (value !== undefined && value.length > VALUE_BYTES_MAX) {
      return false;
    }
    this.#putValue(this.#kernel.oneValue.value, value);
    const done = this.#kernel.writeLeaf();
    assert(done !== 0, "a leaf of the ledger can't take a value of another kind");
    return done === 1;
  }

  /** Gives `take` every leaf that the block in hand changed. */
  collect(take: ChangeTaker): void {
    const kernel = this.#kernel;
    const first = kernel.changes.value;
    const size = kernel.CHANGE_SIZE.value;
    kernel.beginCollecting();
    for (let count = kernel.collect(); count > 0; count = kernel.collect()) {
      for (let at = first; at < first + size * count; at += size) {
        take(this.#bytes, at, at + KEY_BYTES + LENGTH_BYTES, this.#view.getUint32(at + KEY_BYTES, true));
      }
    }
  }

  /** SipHash-1-3 of `bytes` (a multiple of 8) under the kernel's key, as an unsigned number. */
  hash(bytes: Uint8Array): bigint {
    assert(bytes.length % 8 === 0 && bytes.length <= this.inputBytesMax, "the kernel hashes whole words");
    this.#bytes.set(bytes, this.#input);
    return BigInt.asUintN(64, this.#kernel.sipHash(this.#input, bytes.length));
  }
}

// The state as a block's transactions see it: leaves read once and kept decoded, changes held back, and a journal that undoes a
// failed transaction. Leaves are never changed in place: a change puts a new object into its entry, so that the journal needs only
// the old one. Leaves are encoded once, at the end, where they differ from what the block began with.

import { bytesKey, equalBytes, keyBytes } from "../base/bytes.js";
import {
  type ContractEntryLeaf,
  type ContractLeaf,
  contractEntryKey,
  contractKey,
  decodeContractEntry,
  decodeContractLeaf,
  encodeContractEntry,
  encodeContractLeaf,
} from "../protocol/contractLeaves.js";
import {
  type AccountLeaf,
  accountKey,
  type BalanceLeaf,
  balanceKey,
  decodeAccountLeaf,
  decodeBalanceLeaf,
  decodeLaneLeaf,
  decodeReferenceLeaf,
  decodeTokenLeaf,
  encodeAccountLeaf,
  encodeBalanceLeaf,
  encodeLaneLeaf,
  encodeReferenceLeaf,
  encodeTokenLeaf,
  type LaneLeaf,
  laneKey,
  type ReferenceLeaf,
  type TokenLeaf,
  tokenKey,
} from "../protocol/stateLeaves.js";
import type { TokenId } from "../protocol/tokens.js";
import { type StateChange, sortChanges } from "../protocol/writeSet.js";
import type { StateReader } from "../state/views.js";

/** How a kind of leaf is written. */
export interface LeafCodec<T> {
  encode(leaf: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

const accountCodec: LeafCodec<AccountLeaf> = { encode: encodeAccountLeaf, decode: decodeAccountLeaf };
const balanceCodec: LeafCodec<BalanceLeaf> = { encode: encodeBalanceLeaf, decode: decodeBalanceLeaf };
const laneCodec: LeafCodec<LaneLeaf> = { encode: encodeLaneLeaf, decode: decodeLaneLeaf };
const referenceCodec: LeafCodec<ReferenceLeaf> = { encode: encodeReferenceLeaf, decode: decodeReferenceLeaf };
const tokenCodec: LeafCodec<TokenLeaf> = { encode: encodeTokenLeaf, decode: decodeTokenLeaf };
const contractCodec: LeafCodec<ContractLeaf> = { encode: encodeContractLeaf, decode: decodeContractLeaf };
const contractEntryCodec: LeafCodec<ContractEntryLeaf> = { encode: encodeContractEntry, decode: decodeContractEntry };

/** One leaf's place: what the block began with and what it has come to. Change it through `WorkingState.set` only. */
export class LeafEntry<T> {
  readonly key: Uint8Array;
  /** The value that the block began with. */
  readonly before: Uint8Array | undefined;
  readonly codec: LeafCodec<T>;
  /** The leaf now; undefined where there is none. Never changed in place. */
  leaf: T | undefined;
  /** Whether the entry stands in the list of changed ones. */
  listed = false;

  constructor(key: Uint8Array, before: Uint8Array | undefined, codec: LeafCodec<T>) {
    this.key = key;
    this.before = before;
    this.codec = codec;
    this.leaf = before === undefined ? undefined : codec.decode(before);
  }
}

/** An account and what hangs on its address. */
export class AccountEntry extends LeafEntry<AccountLeaf> {
  readonly address: Uint8Array;
  lanes: Map<number, LeafEntry<LaneLeaf>> | undefined;
  balances: Map<TokenId, LeafEntry<BalanceLeaf>> | undefined;

  constructor(address: Uint8Array, key: Uint8Array, before: Uint8Array | undefined) {
    super(key, before, accountCodec);
    this.address = address;
  }
}

/** A contract's leaf, and those of its storage entries that were asked for by their storage keys: each key is hashed once a block. */
export interface ContractPlace {
  readonly address: Uint8Array;
  readonly leaf: LeafEntry<ContractLeaf>;
  readonly entries: Map<string, LeafEntry<ContractEntryLeaf>>;
}

export class WorkingState {
  readonly #reader: StateReader;
  readonly #accounts = new Map<string, AccountEntry>();
  readonly #tokens = new Map<TokenId, LeafEntry<TokenLeaf>>();
  readonly #contracts = new Map<string, ContractPlace>();
  readonly #entries = new Map<string, LeafEntry<unknown>>();
  readonly #changed: LeafEntry<unknown>[] = [];
  readonly #journalEntries: LeafEntry<unknown>[] = [];
  readonly #journalLeaves: unknown[] = [];
  /** How much of the journal counts: emptying an array would give its memory back each time. */
  #journalLength = 0;

  constructor(reader: StateReader) {
    this.#reader = reader;
  }

  account(address: Uint8Array): AccountEntry {
    const name = bytesKey(address);
    let entry = this.#accounts.get(name);
    if (entry === undefined) {
      const key = accountKey(address);
      entry = new AccountEntry(address, key, this.#reader.get(key));
      this.#accounts.set(name, entry);
    }
    return entry;
  }

  /** What the account holds of a created token. */
  balance(account: AccountEntry, token: TokenId): LeafEntry<BalanceLeaf> {
    account.balances ??= new Map();
    let entry = account.balances.get(token);
    if (entry === undefined) {
      const key = balanceKey(account.address, token);
      entry = new LeafEntry(key, this.#reader.get(key), balanceCodec);
      account.balances.set(token, entry);
    }
    return entry;
  }

  lane(account: AccountEntry, lane: number): LeafEntry<LaneLeaf> {
    account.lanes ??= new Map();
    let entry = account.lanes.get(lane);
    if (entry === undefined) {
      const key = laneKey(account.address, lane);
      entry = new LeafEntry(key, this.#reader.get(key), laneCodec);
      account.lanes.set(lane, entry);
    }
    return entry;
  }

  token(token: TokenId): LeafEntry<TokenLeaf> {
    let entry = this.#tokens.get(token);
    if (entry === undefined) {
      const key = tokenKey(token);
      entry = new LeafEntry(key, this.#reader.get(key), tokenCodec);
      this.#tokens.set(token, entry);
    }
    return entry;
  }

  /** A contract, by its address as text (`bytesKey`). */
  contract(name: string): ContractPlace {
    let place = this.#contracts.get(name);
    if (place === undefined) {
      const address = keyBytes(name);
      place = { address, leaf: this.entry(contractKey(address), contractCodec), entries: new Map() };
      this.#contracts.set(name, place);
    }
    return place;
  }

  /** What a contract stores under a storage key, given as text. */
  contractEntry({ address, entries }: ContractPlace, storageKey: string): LeafEntry<ContractEntryLeaf> {
    let entry = entries.get(storageKey);
    if (entry === undefined) {
      entry = this.contractEntryOf(contractEntryKey(address, keyBytes(storageKey)));
      entries.set(storageKey, entry);
    }
    return entry;
  }

  /** A contract's storage entry, by its leaf's key. */
  contractEntryOf(key: Uint8Array): LeafEntry<ContractEntryLeaf> {
    return this.entry(key, contractEntryCodec);
  }

  /** A paid reference, by its leaf's key. */
  reference(key: Uint8Array): LeafEntry<ReferenceLeaf> {
    return this.entry(key, referenceCodec);
  }

  /** Any leaf that has no place of its own above, by its key. A key must always be asked for with the same codec. */
  entry<T>(key: Uint8Array, codec: LeafCodec<T>): LeafEntry<T> {
    const name = bytesKey(key);
    let entry = this.#entries.get(name);
    if (entry === undefined) {
      entry = new LeafEntry(key, this.#reader.get(key), codec) as LeafEntry<unknown>;
      this.#entries.set(name, entry);
    }
    return entry as LeafEntry<T>;
  }

  /** Puts `leaf` in the entry's place; undefined removes it. */
  set<T>(entry: LeafEntry<T>, leaf: T | undefined): void {
    const untyped = entry as LeafEntry<unknown>;
    this.#journalEntries[this.#journalLength] = untyped;
    this.#journalLeaves[this.#journalLength] = entry.leaf;
    this.#journalLength++;
    entry.leaf = leaf;
    if (!entry.listed) {
      entry.listed = true;
      this.#changed.push(untyped);
    }
  }

  /** Makes everything so far final: `undo` comes back to here. */
  keep(): void {
    this.#journalLength = 0;
  }

  /** Where `undo` can come back to, until the next `keep`. */
  mark(): number {
    return this.#journalLength;
  }

  /** Undoes every `set` since the last `keep`, or since `mark` was given. */
  undo(mark = 0): void {
    for (let i = this.#journalLength - 1; i >= mark; i--) {
      this.#journalEntries[i].leaf = this.#journalLeaves[i];
    }
    this.#journalLength = mark;
  }

  /**
   * What differs from the state that the block began with, in ascending order of the keys. `expired` are keys to remove besides;
   * a key whose leaf the block itself set is not removed.
   */
  changes(expired: Uint8Array[]): StateChange[] {
    const changes: StateChange[] = expired.map((key) => ({ key, value: undefined }));
    for (const { key, before, codec, leaf } of this.#changed) {
      const value = leaf === undefined ? undefined : codec.encode(leaf);
      const same = value === undefined || before === undefined ? value === before : equalBytes(value, before);
      if (!same) {
        changes.push({ key, value });
      }
    }
    return sortChanges(changes);
  }
}

// An account as the pool sees it: what the state holds of it, what waiting transactions would take, and its lanes. A lane holds its waiting
// transactions in the order of their sequences, and knows which of them are ready: those that follow the state's next sequence
// without a gap.

import { assert } from "../base/assert.js";
import type { Limited } from "../base/heightIndex.js";
import type { Identified } from "../base/idTable.js";
import type { Linked } from "../base/linkedList.js";
import { nextSequence } from "../execution/verifyAdmissible.js";
import type { ReadTransaction } from "../protocol/readTransaction.js";
import type { AccountLeaf, LaneLeaf } from "../protocol/stateLeaves.js";
import { nativeIndex, type TokenId } from "../protocol/tokens.js";
import { readBalance, type StateReader } from "../state/views.js";
import type { CachedLeaf } from "./cachedLeaves.js";
import type { Sequenced, SequenceTable } from "./sequenceTable.js";

/** One account's share of a transaction's cost. */
export interface Outflow {
  account: PoolAccount;
  token: TokenId;
  units: bigint;
}

/** Gas that a transaction may use: of calls, and of packages. */
export interface GasLimits {
  calls: number;
  packages: number;
}

/** A transaction in the pool. */
export class PoolEntry implements Linked<PoolEntry>, Identified<PoolEntry>, Sequenced<PoolEntry>, Limited {
  next: PoolEntry | undefined;
  nextBySequence: PoolEntry | undefined;
  /** Whether it follows its lane without a gap. */
  ready = false;
  /** Whether it is among the ready payments, and its neighbours there. */
  isListed = false;
  before: PoolEntry | undefined;
  after: PoolEntry | undefined;
  heightPlace = 0;

  constructor(
    readonly transaction: ReadTransaction,
    readonly lane: Lane,
    readonly outflows: readonly Outflow[],
    /** What it may use where it runs contracts: such come after all others in a block. */
    readonly gas: GasLimits | undefined,
  ) {}

  get idKey(): string {
    return this.transaction.idKey;
  }

  get laneMark(): number {
    return this.lane.mark;
  }

  get sequence(): number {
    return this.transaction.sequence;
  }

  get heightOver(): number {
    return this.transaction.validUntil;
  }
}

const NONE: readonly PoolEntry[] = [];

export class Lane {
  /** The state's next sequence, as far as this lane was told: none below it waits. */
  private stateNext = 0;
  /** The first sequence that is neither committed nor ready; of no meaning while nothing waits. */
  private open = 0;
  /** How many wait. */
  private count = 0;

  constructor(
    readonly account: PoolAccount,
    readonly number: number,
    private readonly leaf: CachedLeaf<LaneLeaf>,
    /** What waits, of all lanes. */
    private readonly waiting: SequenceTable<PoolEntry>,
    /** A number that no other lane of that table has. */
    readonly mark: number,
  ) {}

  get cachedLeaf(): CachedLeaf<unknown> {
    return this.leaf as CachedLeaf<unknown>;
  }

  get isEmpty(): boolean {
    return this.count === 0;
  }

  /** The sequence that the state takes next in a block of `height`. */
  stateSequence(height: number): number {
    return nextSequence(this.leaf.get(), height);
  }

  /** The waiting transaction at a sequence. */
  at(sequence: number): PoolEntry | undefined {
    return this.waiting.get(this.mark, sequence);
  }

  /** The sequence after the last one that is ready; undefined where nothing waits. */
  get nextOpen(): number | undefined {
    return this.isEmpty ? undefined : this.open;
  }

  /**
   * Begins again at `stateNext`, the state's next sequence, where that went back because the lane expired. What waits for
   * sequences that were used up before waits for them anew. Returns entries that are no longer ready.
   */
  restart(stateNext: number): readonly PoolEntry[] {
    if (this.isEmpty || stateNext >= this.stateNext) {
      return NONE;
    }
    const unready = this.unreadyFrom(this.stateNext);
    this.stateNext = stateNext;
    this.open = stateNext;
    return unready;
  }

  /** The ready entries from a sequence on, which are so no longer. */
  private unreadyFrom(first: number): PoolEntry[] {
    const unready: PoolEntry[] = [];
    for (let sequence = first; sequence < this.open; sequence++) {
      const entry = this.at(sequence);
      if (entry !== undefined) {
        entry.ready = false;
        unready.push(entry);
      }
    }
    return unready;
  }

  /** Puts an entry in; `stateNext` is the lane's next sequence in the state. Then `nextReady` gives what became ready by it. */
  add(entry: PoolEntry, stateNext: number): void {
    if (this.isEmpty) {
      this.stateNext = stateNext;
      this.open = stateNext;
      this.account.lanesInUse++;
    }
    this.count++;
    this.waiting.add(entry);
  }

  /** The entry that follows the ready ones without a gap, and is from now on one of them; undefined where none does. */
  nextReady(): PoolEntry | undefined {
    const entry = this.at(this.open);
    if (entry !== undefined) {
      entry.ready = true;
      this.open++;
    }
    return entry;
  }

  /** Takes an entry out that will not be committed; returns the entries after it that are no longer ready. */
  removeDropped(entry: PoolEntry): readonly PoolEntry[] {
    let unready = NONE;
    if (entry.ready) {
      unready = this.unreadyFrom(entry.transaction.sequence + 1);
      this.open = entry.transaction.sequence;
    }
    this.remove(entry);
    return unready;
  }

  /**
   * The state's next sequence moved up to `stateNext` by a block; returns entries whose sequences are now used up. Then `nextReady` gives
   * what became ready.
   */
  moveTo(stateNext: number): readonly PoolEntry[] {
    if (this.isEmpty) {
      return NONE;
    }
    assert(stateNext >= this.stateNext, `a lane moves up from ${this.stateNext}, got ${stateNext}`);
    const stale: PoolEntry[] = [];
    for (let sequence = this.stateNext; sequence < stateNext && this.count > stale.length; sequence++) {
      const entry = this.at(sequence);
      if (entry !== undefined) {
        stale.push(entry);
      }
    }
    this.stateNext = stateNext;
    this.open = Math.max(this.open, stateNext);
    return stale;
  }

  /** Takes an entry out that was committed: what follows it stays ready. */
  remove(entry: PoolEntry): void {
    this.waiting.remove(entry);
    this.count--;
    if (this.isEmpty) {
      this.account.lanesInUse--;
    }
  }
}

export class PoolAccount {
  readonly lanes = new Map<number, Lane>();
  /** Lanes in which something waits. */
  lanesInUse = 0;
  /** Its waiting transactions, as their sender. */
  waiting = 0;
  /**
   * Signatures queued or under verification that name it as the sender: those that customers sent, and newcomers' apart. Until they are
   * verified anybody may have named it, and strangers' forgeries must not use up its share.
   */
  readonly verifying = { customers: 0, newcomers: 0 };
  /** How much in the pool names it: entries, and admissions under way. */
  uses = 0;
  private readonly reserved = new Map<TokenId, bigint>();

  constructor(
    readonly address: Uint8Array,
    private readonly leaf: CachedLeaf<AccountLeaf>,
    private readonly state: StateReader,
  ) {}

  get cachedLeaf(): CachedLeaf<unknown> {
    return this.leaf as CachedLeaf<unknown>;
  }

  get exists(): boolean {
    return this.leaf.get() !== undefined;
  }

  /** Whether the key that its address was made of still rules it. */
  get hasOwnKey(): boolean {
    return this.replacedKey === undefined;
  }

  /** The key that rules it in the place of the one that its address was made of. */
  get replacedKey(): Uint8Array | undefined {
    return this.leaf.get()?.replacedKey;
  }

  /** What it can pay with: nothing of a balance that is frozen. */
  spendable(token: TokenId): bigint {
    if (nativeIndex(token) >= 0) {
      return this.balance(token);
    }
    const leaf = readBalance(this.state, this.address, token);
    return leaf === undefined || leaf.frozen ? 0n : leaf.amount;
  }

  balance(token: TokenId): bigint {
    const index = nativeIndex(token);
    if (index >= 0) {
      return this.leaf.get()?.balances[index] ?? 0n;
    }
    return readBalance(this.state, this.address, token)?.amount ?? 0n;
  }

  /** Units of `token` that waiting transactions would take. */
  reservedOf(token: TokenId): bigint {
    return this.reserved.get(token) ?? 0n;
  }

  reserve(token: TokenId, units: bigint): void {
    this.reserved.set(token, this.reservedOf(token) + units);
  }

  release(token: TokenId, units: bigint): void {
    const left = this.reservedOf(token) - units;
    // The chain's own tokens stay: a Map from which they came and went would be made anew again and again.
    if (left > 0n || nativeIndex(token) >= 0) {
      this.reserved.set(token, left);
    } else {
      this.reserved.delete(token);
    }
  }
}

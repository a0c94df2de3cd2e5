// The accounts that the pool knows. One is kept while anything in the pool names it, and for as long after as there is room.

import { keyBytes } from "../base/bytes.js";
import { type Ledger, twinLedger } from "../execution/kernel/kernelLedger.js";
import type { PackedChanges } from "../protocol/packedChanges.js";
import { accountKey, decodeAccountLeaf, decodeLaneLeaf, laneKey } from "../protocol/stateLeaves.js";
import type { StateReader } from "../state/views.js";
import { CachedLeaves } from "./cachedLeaves.js";
import { Lane, PoolAccount, type PoolEntry } from "./poolAccount.js";
import { SequenceTable } from "./sequenceTable.js";

/** The state that admission reads: the latest committed one. */
export interface MempoolState extends StateReader {
  readonly height: number;
}

/** Leaves kept before those that nothing in the pool needs are let go. */
const LEAVES_USUAL_MAX = 200_000;

export class PoolAccounts {
  private readonly accounts = new Map<string, PoolAccount>();
  private readonly leaves: CachedLeaves;
  private readonly waiting = new SequenceTable<PoolEntry>();
  private lanesMade = 0;
  private leavesMax = LEAVES_USUAL_MAX;

  constructor(
    private readonly state: MempoolState,
    private readonly ledger: Pick<Ledger, "hasAccount"> = twinLedger,
  ) {
    this.leaves = new CachedLeaves(state);
  }

  /** The account of an address, given as its `bytesKey`. */
  of(key: string): PoolAccount {
    let account = this.accounts.get(key);
    if (account === undefined) {
      const address = keyBytes(key);
      account = new PoolAccount(address, this.leaves.hold(accountKey(address), decodeAccountLeaf), this.state);
      this.accounts.set(key, account);
    }
    return account;
  }

  /** The account of an address, where it is kept here. */
  known(key: string): PoolAccount | undefined {
    return this.accounts.get(key);
  }

  /** Whether an address, given as its `bytesKey`, has an account. One that is only paid is not kept for it: there may be millions. */
  exists(key: string): boolean {
    return this.accounts.get(key)?.exists ?? this.ledger.hasAccount(this.state, this.state.height, key);
  }

  laneOf(account: PoolAccount, number: number): Lane {
    let lane = account.lanes.get(number);
    if (lane === undefined) {
      const leaf = this.leaves.hold(laneKey(account.address, number), decodeLaneLeaf);
      lane = new Lane(account, number, leaf, this.waiting, this.lanesMade++);
      account.lanes.set(number, lane);
    }
    return lane;
  }

  /** The state has become another by these changes. */
  apply(changes: PackedChanges): void {
    this.leaves.apply(changes);
  }

  /** Lets go of what nothing in the pool needs, where too much is kept; not while somebody holds an account that has no uses yet. */
  bound(): void {
    if (this.leaves.size < this.leavesMax) {
      return;
    }
    for (const [key, account] of this.accounts) {
      for (const [number, lane] of account.lanes) {
        if (lane.isEmpty && account.uses === 0) {
          this.leaves.drop(lane.cachedLeaf);
          account.lanes.delete(number);
        }
      }
      if (account.uses === 0) {
        this.leaves.drop(account.cachedLeaf);
        this.accounts.delete(key);
      }
    }
    // What is in use may be more than the usual: looking for idle ones must stay rare.
    this.leavesMax = Math.max(LEAVES_USUAL_MAX, 2 * this.leaves.size);
  }
}

// The waiting transactions of each lane in the order of their sequences, and which of them are ready: those that follow the
// state's next sequence without a gap.

import { assert } from "../base/assert.js";
import { bytesKey } from "../base/bytes.js";
import type { Transaction } from "../protocol/transaction.js";
import type { Outflow } from "./reservations.js";

/** A transaction in the pool. */
export interface PoolEntry {
  transaction: Transaction;
  idKey: string;
  laneKey: string;
  senderKey: string;
  outflows: Outflow[];
  /** Whether it follows its lane without a gap. */
  ready: boolean;
}

interface Lane {
  /** The state's next sequence, as far as this lane was told: none below it waits. */
  stateNext: number;
  /** The first sequence that is neither committed nor ready. */
  nextOpen: number;
  waiting: Map<number, PoolEntry>;
}

/** The key of a sender's lane in maps. */
export function laneMapKey(address: Uint8Array, lane: number): string {
  return `${bytesKey(address)}${lane}`;
}

export class Lanes {
  private readonly lanes = new Map<string, Lane>();
  private readonly lanesOfSender = new Map<string, number>();

  /** How many lanes of a sender hold waiting transactions. */
  countOf(senderKey: string): number {
    return this.lanesOfSender.get(senderKey) ?? 0;
  }

  has(laneKey: string): boolean {
    return this.lanes.has(laneKey);
  }

  /** The waiting transaction at a sequence. */
  at(laneKey: string, sequence: number): PoolEntry | undefined {
    return this.lanes.get(laneKey)?.waiting.get(sequence);
  }

  /** The sequence after the last one that is ready; undefined for a lane with nothing waiting. */
  nextOpen(laneKey: string): number | undefined {
    return this.lanes.get(laneKey)?.nextOpen;
  }

  /**
   * Begins the lane again at `stateNext`, the state's next sequence, where that went back because the lane expired. What waits
   * for sequences that were used up before waits for them anew. Returns entries that are no longer ready.
   */
  restart(laneKey: string, stateNext: number): PoolEntry[] {
    const lane = this.lanes.get(laneKey);
    if (lane === undefined || stateNext >= lane.stateNext) {
      return [];
    }
    const unready = this.unreadyFrom(lane, lane.stateNext);
    lane.stateNext = stateNext;
    lane.nextOpen = stateNext;
    return unready;
  }

  /** The ready entries from a sequence on, which are so no longer. */
  private unreadyFrom(lane: Lane, first: number): PoolEntry[] {
    const unready: PoolEntry[] = [];
    for (let sequence = first; sequence < lane.nextOpen; sequence++) {
      const entry = lane.waiting.get(sequence);
      if (entry !== undefined) {
        entry.ready = false;
        unready.push(entry);
      }
    }
    return unready;
  }

  /** Puts an entry in; returns those that became ready by it, in order. `stateNext` is the lane's next sequence in the state. */
  add(entry: PoolEntry, stateNext: number): PoolEntry[] {
    let lane = this.lanes.get(entry.laneKey);
    if (lane === undefined) {
      lane = { stateNext, nextOpen: stateNext, waiting: new Map() };
      this.lanes.set(entry.laneKey, lane);
      this.lanesOfSender.set(entry.senderKey, this.countOf(entry.senderKey) + 1);
    }
    lane.waiting.set(entry.transaction.sequence, entry);
    return this.advance(lane);
  }

  private advance(lane: Lane): PoolEntry[] {
    const ready: PoolEntry[] = [];
    for (let entry = lane.waiting.get(lane.nextOpen); entry !== undefined; entry = lane.waiting.get(lane.nextOpen)) {
      entry.ready = true;
      ready.push(entry);
      lane.nextOpen++;
    }
    return ready;
  }

  /** Takes an entry out that will not be committed; returns the entries after it that are no longer ready. */
  removeDropped(entry: PoolEntry): PoolEntry[] {
    const lane = this.lanes.get(entry.laneKey);
    let unready: PoolEntry[] = [];
    if (lane !== undefined && entry.ready) {
      unready = this.unreadyFrom(lane, entry.transaction.sequence + 1);
      lane.nextOpen = entry.transaction.sequence;
    }
    this.remove(entry);
    return unready;
  }

  /** The state's next sequence moved up to `stateNext` by a block; returns entries that became ready and those now used up. */
  moveTo(laneKey: string, stateNext: number): { ready: PoolEntry[]; stale: PoolEntry[] } {
    const lane = this.lanes.get(laneKey);
    if (lane === undefined) {
      return { ready: [], stale: [] };
    }
    assert(stateNext >= lane.stateNext, `a lane moves up from ${lane.stateNext}, got ${stateNext}`);
    const stale: PoolEntry[] = [];
    for (let sequence = lane.stateNext; sequence < stateNext && lane.waiting.size > stale.length; sequence++) {
      const entry = lane.waiting.get(sequence);
      if (entry !== undefined) {
        stale.push(entry);
      }
    }
    lane.stateNext = stateNext;
    if (lane.nextOpen >= stateNext) {
      return { ready: [], stale };
    }
    lane.nextOpen = stateNext;
    return { ready: this.advance(lane), stale };
  }

  /** Takes an entry out that was committed: what follows it stays ready. */
  remove(entry: PoolEntry): void {
    const lane = this.lanes.get(entry.laneKey);
    if (lane?.waiting.delete(entry.transaction.sequence) && lane.waiting.size === 0) {
      this.lanes.delete(entry.laneKey);
      const left = this.countOf(entry.senderKey) - 1;
      if (left > 0) {
        this.lanesOfSender.set(entry.senderKey, left);
      } else {
        this.lanesOfSender.delete(entry.senderKey);
      }
    }
  }
}

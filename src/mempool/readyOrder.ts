// Which ready transactions a block gets, in which order: payments first, in the order in which they became ready, then what runs contracts.
// A lane keeps its own order: what waits behind one of the other sort stays for a later block. Where a block can't hold
// all, every sender gets a share before anybody gets more, so that one who sends the most can't keep the others out.

import { LinkedList } from "../base/linkedList.js";
import type { ChainParameters } from "../protocol/parameters.js";
import type { Transaction } from "../protocol/transaction.js";
import { longBytes } from "../protocol/wire.js";
import { ContractQueue } from "./contractQueue.js";
import type { Lane, PoolAccount, PoolEntry } from "./poolAccount.js";

/** The least that a sender's share of a block is. */
const SHARE_MIN = 16;

/** What a block holds at most. */
export interface BlockRoom {
  transactions: number;
  bytes: number;
  /** With the transactions' lengths before them; no limit where undefined. */
  encodedBytes?: number;
}

export class ReadyOrder {
  private readonly payments = new LinkedList<PoolEntry>();
  /** Contract transactions, and payments behind them in their lanes. */
  private readonly others = new ContractQueue();
  /** How many of a lane's ready entries are among the others. */
  private readonly othersOfLane = new Map<Lane, number>();
  private bytesReady = 0;

  get count(): number {
    return this.payments.count + this.others.size;
  }

  get bytes(): number {
    return this.bytesReady;
  }

  has(entry: PoolEntry): boolean {
    return entry.isListed || this.others.has(entry);
  }

  /** An entry that became ready; those of one lane come in order. */
  add(entry: PoolEntry): void {
    this.bytesReady += entry.transaction.bytes.length;
    const before = this.othersOfLane.get(entry.lane) ?? 0;
    if (entry.gas === undefined && before === 0) {
      this.list(entry);
    } else {
      this.others.add(entry);
      this.othersOfLane.set(entry.lane, before + 1);
    }
  }

  private list(entry: PoolEntry): void {
    entry.isListed = true;
    this.payments.add(entry);
  }

  /** An entry is ready no longer, or gone. */
  remove(entry: PoolEntry): void {
    if (entry.isListed) {
      entry.isListed = false;
      this.payments.remove(entry);
      this.bytesReady -= entry.transaction.bytes.length;
    } else if (this.others.delete(entry)) {
      this.bytesReady -= entry.transaction.bytes.length;
      this.countOthers(entry.lane, -1);
      if (entry.gas !== undefined) {
        this.promote(entry);
      }
    }
  }

  private countOthers(lane: Lane, change: number): void {
    const count = (this.othersOfLane.get(lane) ?? 0) + change;
    if (count > 0) {
      this.othersOfLane.set(lane, count);
    } else {
      this.othersOfLane.delete(lane);
    }
  }

  /** Payments that waited behind `gone` alone go to the payments. */
  private promote(gone: PoolEntry): void {
    const { lane } = gone;
    for (let sequence = gone.transaction.sequence + 1; ; sequence++) {
      const entry = lane.at(sequence);
      if (entry === undefined || entry.gas !== undefined || !this.others.has(entry)) {
        return;
      }
      this.others.delete(entry);
      this.countOthers(lane, -1);
      this.list(entry);
    }
  }

  /** The transactions of a block with this room, in order; `senders`: of how many senders something waits. */
  take(room: BlockRoom, senders: number, parameters: ChainParameters): Transaction[] {
    const taken: Transaction[] = [];
    const left = { encodedBytes: Number.POSITIVE_INFINITY, ...room };
    const fits = this.count <= room.transactions && this.bytesReady <= Math.min(left.bytes, left.encodedBytes);
    const share = fits ? Number.POSITIVE_INFINITY : Math.max(SHARE_MIN, Math.floor(room.transactions / senders));
    // Where a payment stays behind, a contract transaction behind it in its lane must not go ahead, however small it is.
    if (fillFrom(this.walkPayments(), share, left, taken)) {
      const offered = this.others.offered(parameters);
      fillFrom(() => offered.next().value, share, left, taken);
    }
    return taken;
  }

  private walkPayments(): Walk {
    let next = this.payments.first;
    return () => {
      const entry = next;
      next = next?.after;
      return entry;
    };
  }
}

/** Gives one entry after the other, and undefined after the last: an iterator would make an object for each. */
type Walk = () => PoolEntry | undefined;

/** Takes what there is room for: first each sender's share, then in order. Returns whether that was all. */
function fillFrom(walk: Walk, share: number, left: Required<BlockRoom>, taken: Transaction[]): boolean {
  const held: PoolEntry[] = [];
  const counts = new Map<PoolAccount, number>();
  for (let entry = walk(); entry !== undefined; entry = walk()) {
    if (share !== Number.POSITIVE_INFINITY) {
      const count = (counts.get(entry.lane.account) ?? 0) + 1;
      counts.set(entry.lane.account, count);
      if (count > share) {
        held.push(entry);
        continue;
      }
    }
    if (!takeOne(entry, left, taken)) {
      return false;
    }
  }
  for (const entry of held) {
    if (!takeOne(entry, left, taken)) {
      return false;
    }
  }
  return true;
}

function takeOne(entry: PoolEntry, left: Required<BlockRoom>, taken: Transaction[]): boolean {
  const { bytes } = entry.transaction;
  const encodedBytes = longBytes(bytes);
  if (left.transactions < 1 || bytes.length > left.bytes || encodedBytes > left.encodedBytes) {
    return false;
  }
  left.transactions--;
  left.bytes -= bytes.length;
  left.encodedBytes -= encodedBytes;
  taken.push(entry.transaction);
  return true;
}

// Contract transactions that are ready, and payments behind them in their lanes, by sender. A block offers its gas in rounds: each
// sender gets an equal part of it, at least one transaction, before anybody gets more. Calls reserve far more gas than they use, so that
// without this one sender's few would hide all others'. Whoever was served goes to the back.

import type { ChainParameters } from "../protocol/parameters.js";
import type { GasLimits, Lane, PoolAccount, PoolEntry } from "./poolAccount.js";

/** Blocks count gas that is used, the pool knows limits alone: so many times what a block has is offered to it. */
const GAS_OFFERED_TIMES = 16;

function fits(gas: GasLimits, left: GasLimits): boolean {
  return gas.calls <= left.calls && gas.packages <= left.packages;
}

function take(gas: GasLimits, left: GasLimits): void {
  left.calls -= gas.calls;
  left.packages -= gas.packages;
}

/** The contract transactions of one sender in order; not those behind a payment in their lane, which is not offered here. */
function* offeredOf(entries: Iterable<PoolEntry>): Generator<PoolEntry, undefined> {
  const endedLanes = new Set<Lane>();
  for (const entry of entries) {
    if (entry.gas === undefined) {
      endedLanes.add(entry.lane);
    } else if (!endedLanes.has(entry.lane)) {
      yield entry;
    }
  }
}

export class ContractQueue {
  /** In the order in which the senders are served; none without entries. */
  private readonly bySender = new Map<PoolAccount, Set<PoolEntry>>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  has(entry: PoolEntry): boolean {
    return this.bySender.get(entry.lane.account)?.has(entry) ?? false;
  }

  add(entry: PoolEntry): void {
    const { account } = entry.lane;
    let entries = this.bySender.get(account);
    if (entries === undefined) {
      entries = new Set();
      this.bySender.set(account, entries);
    }
    entries.add(entry);
    this.count++;
  }

  /** Takes an entry out, which a block may have served; returns whether it was here. */
  delete(entry: PoolEntry): boolean {
    const { account } = entry.lane;
    const entries = this.bySender.get(account);
    if (entries === undefined || !entries.delete(entry)) {
      return false;
    }
    this.count--;
    this.bySender.delete(account);
    if (entries.size > 0) {
      this.bySender.set(account, entries);
    }
    return true;
  }

  /** The contract transactions to offer to a block with these parameters, in order. */
  *offered({ blockGasMax, blockPackageGasMax }: ChainParameters): Generator<PoolEntry, undefined> {
    const left = { calls: blockGasMax * GAS_OFFERED_TIMES, packages: blockPackageGasMax * GAS_OFFERED_TIMES };
    const senders = this.bySender.size;
    const share = { calls: blockGasMax / senders, packages: blockPackageGasMax / senders };
    let walks = [...this.bySender.values()].map((entries) => {
      const walk = offeredOf(entries);
      return { walk, next: walk.next().value };
    });
    while (walks.length > 0) {
      for (const sender of walks) {
        const round = { ...share };
        for (let isFirst = true; sender.next !== undefined; isFirst = false) {
          const gas = sender.next.gas as GasLimits;
          if (!fits(gas, left)) {
            // What comes after it in its lane may not go ahead.
            sender.next = undefined;
            break;
          }
          if (!isFirst && !fits(gas, round)) {
            break;
          }
          take(gas, left);
          take(gas, round);
          yield sender.next;
          sender.next = sender.walk.next().value;
        }
      }
      walks = walks.filter(({ next }) => next !== undefined);
    }
  }
}

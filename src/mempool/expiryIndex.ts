// Waiting transactions by their valid-until heights. An entry knows its place in its height's list, so that taking it out looks for
// nothing and makes nothing.

import type { PoolEntry } from "./poolAccount.js";

export class ExpiryIndex {
  private readonly byHeight = new Map<number, PoolEntry[]>();

  add(entry: PoolEntry): void {
    const { validUntil } = entry.transaction;
    const entries = this.byHeight.get(validUntil);
    if (entries === undefined) {
      entry.expiryPlace = 0;
      this.byHeight.set(validUntil, [entry]);
    } else {
      entry.expiryPlace = entries.length;
      entries.push(entry);
    }
  }

  remove(entry: PoolEntry): void {
    const { validUntil } = entry.transaction;
    const entries = this.byHeight.get(validUntil);
    const last = entries?.pop();
    if (entries === undefined || last === undefined) {
      return;
    }
    if (last !== entry) {
      entries[entry.expiryPlace] = last;
      last.expiryPlace = entry.expiryPlace;
    }
    if (entries.length === 0) {
      this.byHeight.delete(validUntil);
    }
  }

  /** Those whose valid-until height this is. */
  at(height: number): readonly PoolEntry[] {
    return this.byHeight.get(height) ?? [];
  }
}

// A key-value store in memory: for tests and for chains that are to be forgotten. A table keeps its keys sorted once it is
// scanned, and merges later ones in at the next scan.
import { bytesKey, keyBytes } from "../../src/base/bytes.js";
import type { KeyValueChange, KeyValueEntry, KeyValueRange, KeyValueStore } from "../../src/storage/keyValueStore.js";
import { sortChanges } from "../../src/storage/sortChanges.js";

class MemoryTable {
  readonly values = new Map<string, Uint8Array>();
  /** Every key of `values` that is not in `added`, in order, and some that were removed. */
  #sorted: string[] = [];
  #added = new Set<string>();

  apply(key: string, value: Uint8Array | undefined): void {
    if (value === undefined) {
      this.values.delete(key);
      return;
    }
    if (!this.values.has(key)) {
      this.#added.add(key);
    }
    this.values.set(key, value.slice());
  }

  sortedKeys(): string[] {
    if (this.#added.size > 0) {
      const kept = this.#sorted.filter((key) => this.values.has(key) && !this.#added.has(key));
      const added = [...this.#added].filter((key) => this.values.has(key)).sort();
      this.#sorted = mergeSorted(kept, added);
      this.#added = new Set();
    }
    return this.#sorted;
  }
}

export class MemoryStore implements KeyValueStore {
  readonly #tables = new Map<string, MemoryTable>();

  get(table: string, key: Uint8Array): Uint8Array | undefined {
    return this.#tables.get(table)?.values.get(bytesKey(key))?.slice();
  }

  *range(table: string, range: KeyValueRange): Iterable<KeyValueEntry> {
    const found = this.#tables.get(table);
    if (found === undefined) {
      return;
    }
    const keys = found.sortedKeys();
    const low = range.start === undefined ? 0 : lowerBound(keys, bytesKey(range.start));
    const high = range.end === undefined ? keys.length : lowerBound(keys, bytesKey(range.end));
    const selected: [string, Uint8Array][] = [];
    const limit = range.limit ?? Number.POSITIVE_INFINITY;
    for (let i = 0; i < high - low && selected.length < limit; i++) {
      const key = keys[range.reverse ? high - 1 - i : low + i];
      const value = found.values.get(key);
      if (value !== undefined) {
        // Values are replaced, never altered: what is selected now stays as it is, whatever is written meanwhile.
        selected.push([key, value]);
      }
    }
    for (const [key, value] of selected) {
      yield { key: keyBytes(key), value: value.slice() };
    }
  }

  async write(changes: KeyValueChange[]): Promise<void> {
    for (const { table, key, value } of sortChanges(changes)) {
      let found = this.#tables.get(table);
      if (found === undefined) {
        found = new MemoryTable();
        this.#tables.set(table, found);
      }
      found.apply(bytesKey(key), value);
    }
  }

  async close(): Promise<void> {}

  /** The tables that were ever written to. */
  tableNames(): string[] {
    return [...this.#tables.keys()];
  }
}

/** The first index whose key is not below `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle] < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

function mergeSorted(a: readonly string[], b: readonly string[]): string[] {
  const merged: string[] = [];
  let i = 0;
  for (const key of b) {
    while (i < a.length && a[i] < key) {
      merged.push(a[i++]);
    }
    merged.push(key);
  }
  while (i < a.length) {
    merged.push(a[i++]);
  }
  return merged;
}

// A store in memory whose writes a test can hold back or lose, and the state tree as its definition says it, without pages.

import { createHash } from "node:crypto";
import { bytesKey, compareBytes, keyBytes, toHex } from "../../src/base/bytes.js";
import type { KeyValueChange, KeyValueEntry, KeyValueRange, KeyValueStore } from "../../src/storage/keyValueStore.js";

export class MemoryStore implements KeyValueStore {
  readonly tables = new Map<string, Map<string, Uint8Array>>();
  /** The batches written, the last one last. */
  readonly writes: KeyValueChange[][] = [];
  private gate: Promise<void> = Promise.resolve();
  private open: () => void = () => {};
  private failure: Error | undefined;

  /** Writes wait from now on, until `release`. */
  hold(): void {
    this.gate = new Promise((resolve) => {
      this.open = resolve;
    });
  }

  release(): void {
    this.open();
  }

  /** The next write is lost. */
  failNext(): void {
    this.failure = new Error("the disk is gone");
  }

  table(name: string): Map<string, Uint8Array> {
    let table = this.tables.get(name);
    if (table === undefined) {
      table = new Map();
      this.tables.set(name, table);
    }
    return table;
  }

  get(table: string, key: Uint8Array): Uint8Array | undefined {
    return this.table(table).get(bytesKey(key))?.slice();
  }

  *range(table: string, { start, end, limit, reverse }: KeyValueRange): Generator<KeyValueEntry> {
    const entries = [...this.table(table)].map(([key, value]) => ({ key: keyBytes(key), value: value.slice() }));
    const inside = entries.filter(
      ({ key }) =>
        (start === undefined || compareBytes(key, start) >= 0) && (end === undefined || compareBytes(key, end) < 0),
    );
    inside.sort((a, b) => (reverse ? compareBytes(b.key, a.key) : compareBytes(a.key, b.key)));
    yield* inside.slice(0, limit);
  }

  async write(changes: KeyValueChange[]): Promise<void> {
    this.writes.push(changes);
    await this.gate;
    if (this.failure !== undefined) {
      const error = this.failure;
      this.failure = undefined;
      throw error;
    }
    for (const { table, key, value } of changes) {
      if (value === undefined) {
        this.table(table).delete(bytesKey(key));
      } else {
        this.table(table).set(bytesKey(key), value.slice());
      }
    }
  }

  async close(): Promise<void> {}
}

export function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) {
    hash.update(part);
  }
  return new Uint8Array(hash.digest());
}

export interface Leaf {
  key: Uint8Array;
  value: Uint8Array;
}

export function bitOf(key: Uint8Array, bit: number): number {
  return (key[bit >> 3] >> (7 - (bit & 7))) & 1;
}

/** The root by definition: `leaves` in ascending order of their keys, which agree in all bits before `bit`. */
export function naiveRoot(leaves: Leaf[], bit = 0): Uint8Array {
  if (leaves.length === 0) {
    return sha256();
  }
  if (leaves.length === 1) {
    return sha256(Uint8Array.of(0), leaves[0].key, sha256(leaves[0].value));
  }
  const split = leaves.findIndex(({ key }) => bitOf(key, bit) === 1);
  if (split <= 0) {
    return naiveRoot(leaves, bit + 1);
  }
  return sha256(Uint8Array.of(1), naiveRoot(leaves.slice(0, split), bit + 1), naiveRoot(leaves.slice(split), bit + 1));
}

/** The whole state as a Map, with the same changes. */
export class NaiveState {
  readonly leaves = new Map<string, Uint8Array>();

  apply(changes: readonly { key: Uint8Array; value: Uint8Array | undefined }[]): void {
    for (const { key, value } of changes) {
      if (value === undefined) {
        this.leaves.delete(bytesKey(key));
      } else {
        this.leaves.set(bytesKey(key), value);
      }
    }
  }

  sorted(): Leaf[] {
    const leaves = [...this.leaves].map(([key, value]) => ({ key: keyBytes(key), value }));
    return leaves.sort((a, b) => compareBytes(a.key, b.key));
  }

  root(): Uint8Array {
    return naiveRoot(this.sorted());
  }

  copy(): NaiveState {
    const state = new NaiveState();
    for (const [key, value] of this.leaves) {
      state.leaves.set(key, value);
    }
    return state;
  }
}

/** A key that depends on `seed` only. */
export function hashedKey(seed: number | string): Uint8Array {
  return sha256(new TextEncoder().encode(`key ${seed}`));
}

/** A value that depends on `seed` only. */
export function seededValue(seed: number | string, length = 1 + (Number(seed) % 60)): Uint8Array {
  const value = new Uint8Array(length);
  for (let i = 0; i < length; i += 32) {
    value.set(sha256(new TextEncoder().encode(`value ${seed} ${i}`)).subarray(0, length - i), i);
  }
  return value;
}

/** For quick comparisons of long values. */
export function hexOf(bytes: Uint8Array | null | undefined): string {
  return bytes ? toHex(bytes) : "none";
}

/** One hash over leaves in their order. */
export function digestOf(leaves: Iterable<Leaf>): string {
  return toHex(sha256(...[...leaves].flatMap(({ key, value }) => [key, Uint8Array.of(value.length), value])));
}

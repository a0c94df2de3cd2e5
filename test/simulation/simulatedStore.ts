// A key-value store with the failures of a real one. A write is a transaction: after a crash it is there whole or not at all,
// and one that resolved is there (LMDB syncs before it says so), unless `forgetful`, as a disk that lies about its cache is; then any
// number of the latest may be gone, but never one from the middle. Each write is an operation of the simulated disk, so that a crash can
// come before or after it. Values carry the product's own checksum, and bits of them can be flipped.

import type { SeededRandom } from "../../src/base/random.js";
import type { KeyValueChange, KeyValueEntry, KeyValueRange, KeyValueStore } from "../../src/storage/keyValueStore.js";
import { StorageError } from "../../src/storage/storageErrors.js";
import { openValue, sealValue } from "../../src/storage/valueSeal.js";
import type { SimulatedDisk } from "../storage/simulatedDisk.js";
import { MemoryStore } from "../support/memoryStore.js";

/** Resolved transactions that a forgetful store may lose, at most. */
const FORGOTTEN_MAX = 4;

interface Transaction {
  changes: KeyValueChange[];
  resolved: boolean;
}

/** What lies on the platter: shared by all processes that open the store one after another. */
export class SimulatedStoreFiles {
  /** Applied for good. */
  private settled = new MemoryStore();
  /** Applied, in order, and not settled yet. */
  private recent: Transaction[] = [];
  /** What readers see: settled and recent. */
  content = new MemoryStore();
  forgetful = false;
  private keys = new Map<string, { table: string; key: Uint8Array }>();

  constructor(
    readonly path: string,
    private readonly random: SeededRandom,
  ) {}

  apply(changes: KeyValueChange[]): Transaction {
    const transaction = { changes, resolved: false };
    this.recent.push(transaction);
    void this.content.write(changes);
    for (const { table, key, value } of changes) {
      const name = `${table}:${Buffer.from(key).toString("latin1")}`;
      value === undefined ? this.keys.delete(name) : this.keys.set(name, { table, key });
    }
    while (this.recent.length > FORGOTTEN_MAX && this.recent[0].resolved) {
      void this.settled.write(this.recent.shift()!.changes);
    }
    return transaction;
  }

  /** The machine failed: the latest transactions are there or not. */
  losePower(): void {
    const kept = this.forgetful ? 0 : this.recent.filter(({ resolved }) => resolved).length;
    const survivors = kept + this.random.below(this.recent.length - kept + 1);
    for (const { changes } of this.recent.slice(0, survivors)) {
      void this.settled.write(changes);
    }
    this.rebuild();
  }

  /** The process was killed: what it handed over is there. */
  settleAll(): void {
    for (const { changes } of this.recent) {
      void this.settled.write(changes);
    }
    this.rebuild();
  }

  private rebuild(): void {
    this.recent = [];
    this.content = new MemoryStore();
    this.keys.clear();
    for (const table of this.settled.tableNames()) {
      for (const { key, value } of this.settled.range(table, {})) {
        void this.content.write([{ table, key, value }]);
        this.keys.set(`${table}:${Buffer.from(key).toString("latin1")}`, { table, key });
      }
    }
  }

  /** Everything is gone. */
  wipe(): void {
    this.settled = new MemoryStore();
    this.rebuild();
  }

  /** Flips one bit of one value; undefined where there is none. Call the function given back to undo it. */
  rot(): { name: string; repair: () => void } | undefined {
    const places = [...this.keys.values()];
    if (places.length === 0) {
      return undefined;
    }
    const { table, key } = places[this.random.below(places.length)];
    const sound = this.content.get(table, key)!;
    const rotten = sound.slice();
    const bit = this.random.below(rotten.length * 8);
    rotten[bit >> 3] ^= 1 << (bit & 7);
    this.settleAll();
    const replace = (found: Uint8Array, value: Uint8Array): void => {
      for (const store of [this.content, this.settled]) {
        // What was written over it meanwhile is sound already, and what was removed is gone.
        const now = store.get(table, key);
        if (now !== undefined && Buffer.compare(now, found) === 0) {
          void store.write([{ table, key, value }]);
        }
      }
    };
    replace(sound, rotten);
    return { name: `${this.path} ${table}`, repair: () => replace(rotten, sound) };
  }
}

/** The store as one process has it open. */
export class SimulatedStore implements KeyValueStore {
  private lastWrite: Promise<void> = Promise.resolve();
  private failure: StorageError | undefined;

  constructor(
    private readonly files: SimulatedStoreFiles,
    private readonly disk: SimulatedDisk,
    private readonly isAlive: () => boolean,
  ) {}

  get(table: string, key: Uint8Array): Uint8Array | undefined {
    const sealed = this.files.content.get(table, key);
    return sealed === undefined ? undefined : openValue(this.files.path, table, key, sealed).slice();
  }

  *range(table: string, range: KeyValueRange): Iterable<KeyValueEntry> {
    for (const { key, value } of this.files.content.range(table, range)) {
      yield { key, value: openValue(this.files.path, table, key, value).slice() };
    }
  }

  write(changes: KeyValueChange[]): Promise<void> {
    const written = this.lastWrite.then(() => this.commit(changes));
    this.lastWrite = written.catch(() => undefined);
    return written;
  }

  private async commit(changes: KeyValueChange[]): Promise<void> {
    if (this.failure !== undefined) {
      throw this.failure;
    }
    const sealed = changes.map(({ table, key, value }) => ({
      table,
      key: key.slice(),
      value: value === undefined ? undefined : sealValue(table, key, value),
    }));
    try {
      await this.disk.operate();
      if (!this.isAlive()) {
        return;
      }
      if (this.disk.capacityBytes !== Number.POSITIVE_INFINITY) {
        throw Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
      }
      const transaction = this.files.apply(sealed);
      await this.disk.operate();
      transaction.resolved = true;
    } catch (error) {
      this.failure = new StorageError("STORE_FAILED", `the store can't be written: ${String(error)}`, error);
      throw this.failure;
    }
  }

  async close(): Promise<void> {
    await this.lastWrite;
  }
}

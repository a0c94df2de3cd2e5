// The key-value store on LMDB. Batches are sorted and handed to LMDB's own thread, which does the B-tree's work and the
// sync, one transaction a batch; reads run on the calling thread over the memory map. Only one process may write to a
// directory: the caller holds its lock (lockDirectory).
import { type Database, open, type RootDatabase } from "lmdb";
import { assert } from "../base/assert.js";
import { compareBytes } from "../base/bytes.js";
import type { KeyValueChange, KeyValueEntry, KeyValueRange, KeyValueStore } from "./keyValueStore.js";
import { sortChanges } from "./sortChanges.js";
import { describeFailure, StorageError } from "./storageErrors.js";
import { openValue, sealValue } from "./valueSeal.js";

const TABLES_MAX = 64;
/** Address space, not memory or disk: a map this wide need not be moved as the data grows. It grows beyond where it must. */
const MAP_BYTES_DEFAULT = 64 * 1024 ** 3;
/** For the state, whose small records change at random all over: fewer pages to find and to list than with 4 KB. */
export const STATE_STORE = { pageBytes: 16_384 } as const;
/**
 * Changes put in a transaction within the batch's. LMDB keeps the pages that a transaction has changed in a sorted list and hands out free
 * pages from the highest number down, so that each one moves all that came before it: half of what a batch of 25,000 changes all over a
 * large store cost. The list of an inner transaction stays short, and is merged at its end.
 */
const PART_CHANGES = 1_000;
/**
 * A transaction with inner ones holds all the pages that it changes, up to 131,072; any other writes some early. So a batch is written in
 * parts where that many can't be: with as many changes as this, or in a store of as many pages.
 */
const PARTED_CHANGES_MAX = 90_000;
const PARTED_PAGES_MAX = 110_000;
const BINARY = { keyEncoding: "binary", encoding: "binary" } as const;
const LOWEST_KEY = Uint8Array.of(0);
const NO_VALUE = new Uint8Array(0);

export interface LmdbStoreOptions {
  /** Address space to reserve, in bytes. */
  mapBytes?: number;
  /** Bytes of a page of the B-tree where the store is made; one that exists keeps its own. The system's page, mostly 4 KB, unless given. */
  pageBytes?: number;
  /** Writes on the calling thread, which waits for the disk: for one that does nothing else, so that its priority is the write's. */
  onThisThread?: boolean;
}

type Table = Database<Uint8Array, Uint8Array>;

/** Opens the store in `directory`, which is made where it doesn't exist. */
export function openLmdbStore(
  directory: string,
  { mapBytes = MAP_BYTES_DEFAULT, pageBytes, onThisThread = false }: LmdbStoreOptions = {},
): KeyValueStore {
  const root = open<Uint8Array, Uint8Array>({
    path: directory,
    maxDbs: TABLES_MAX,
    mapSize: mapBytes,
    ...(pageBytes !== undefined && { pageSize: pageBytes }),
    // A write then resolves after its sync, and what it wrote is never undone by a power failure.
    overlappingSync: false,
    // State is read at random and outgrows memory.
    noReadAhead: true,
    noSubdir: false,
    ...BINARY,
  } as Parameters<typeof open<Uint8Array, Uint8Array>>[0]);
  return new LmdbStore(root, directory, onThisThread);
}

class LmdbStore implements KeyValueStore {
  readonly #root: RootDatabase<Uint8Array, Uint8Array>;
  readonly #directory: string;
  readonly #onThisThread: boolean;
  readonly #tables = new Map<string, Table>();
  #lastWrite: Promise<void> = Promise.resolve();
  #readView: Uint8Array = new Uint8Array(0);
  #failure: StorageError | undefined;
  #closed = false;

  constructor(root: RootDatabase<Uint8Array, Uint8Array>, directory: string, onThisThread: boolean) {
    this.#root = root;
    this.#directory = directory;
    this.#onThisThread = onThisThread;
  }

  get(table: string, key: Uint8Array): Uint8Array | undefined {
    const value = this.#table(table).getBinaryFast(key);
    if (value === undefined) {
      return undefined;
    }
    // The package's one buffer, overwritten by the next read: a kept view of it spares each read making one.
    if (value.buffer !== this.#readView.buffer) {
      this.#readView = new Uint8Array(value.buffer);
    }
    const sealed = this.#readView.subarray(value.byteOffset, value.byteOffset + value.length);
    return openValue(this.#directory, table, key, sealed).slice();
  }

  *range(table: string, { start, end, limit, reverse, keysOnly }: KeyValueRange): Iterable<KeyValueEntry> {
    const low = start === undefined || start.length === 0 ? LOWEST_KEY : start;
    if (limit === 0 || (end !== undefined && compareBytes(low, end) >= 0)) {
      return;
    }
    const bounds = reverse
      ? { reverse, start: end, exclusiveStart: true, end: low, inclusiveEnd: true }
      : { start: low, end };
    // The options' types lack undefined, which the package takes as "no bound".
    const options = { ...bounds, limit } as Parameters<Table["getRange"]>[0];
    if (keysOnly) {
      for (const key of this.#table(table).getKeys(options)) {
        yield { key: asBytes(key), value: NO_VALUE };
      }
      return;
    }
    for (const entry of this.#table(table).getRange(options)) {
      const key = asBytes(entry.key);
      yield { key, value: openValue(this.#directory, table, key, asBytes(entry.value)) };
    }
  }

  write(changes: KeyValueChange[]): Promise<void> {
    assert(!this.#closed, "a closed store takes no writes");
    if (this.#failure !== undefined) {
      return Promise.reject(this.#failure);
    }
    const written = this.#commit(sortChanges(changes)).catch(async (error: unknown) => {
      const cause = await commitFailure(error);
      this.#failure ??= new StorageError("STORE_FAILED", `LMDB can't be written: ${describeFailure(cause)}`, cause);
      throw this.#failure;
    });
    this.#lastWrite = written.catch(() => undefined);
    return written;
  }

  refresh(): void {
    this.#root.resetReadTxn();
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      await this.#lastWrite;
      await this.#root.close();
    }
  }

  async #commit(sorted: readonly KeyValueChange[]): Promise<void> {
    // Tables are made in transactions of their own, so before the batch is begun.
    const tables = new Map(sorted.map(({ table }) => [table, this.#table(table)]));
    if (sorted.length === 0) {
      return;
    }
    const put = (first: number, end: number): void => {
      for (let i = first; i < end; i++) {
        const { table, key, value } = sorted[i];
        if (value === undefined) {
          void tables.get(table)!.remove(key);
        } else {
          void tables.get(table)!.put(key, sealValue(table, key, value));
        }
      }
    };
    if (this.#onThisThread) {
      const inParts = sorted.length <= PARTED_CHANGES_MAX || this.#pagesMost(sorted) <= PARTED_PAGES_MAX;
      this.#root.transactionSync(() => (inParts ? this.#putInParts(sorted.length, put) : put(0, sorted.length)));
    } else {
      await this.#root.batch(() => put(0, sorted.length));
    }
  }

  /** Within a transaction: `put` for all of `count` changes. */
  #putInParts(count: number, put: (first: number, end: number) => void): void {
    for (let first = 0; first < count; first += PART_CHANGES) {
      this.#root.childTransaction(() => put(first, Math.min(count, first + PART_CHANGES)));
    }
  }

  /** About how many pages the store can have after these changes, were they half full. */
  #pagesMost(changes: readonly KeyValueChange[]): number {
    const { lastPageNumber, pageSize } = this.#root.getStats() as { lastPageNumber: number; pageSize: number };
    const bytes = changes.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0);
    return lastPageNumber + Math.ceil((2 * bytes) / pageSize);
  }

  #table(name: string): Table {
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = this.#root.openDB<Uint8Array, Uint8Array>({ name, ...BINARY });
      this.#tables.set(name, table);
    }
    return table;
  }
}

/**
 * Why a commit failed: the package rejects with a general error and says why in another promise of its own, which nobody
 * else handles. It is rejected in the same turn of the event loop where a reason is known.
 */
function commitFailure(error: unknown): Promise<unknown> {
  const reason = (error as { commitError?: Promise<never> }).commitError;
  return Promise.race([
    reason?.catch((cause: unknown) => cause) ?? error,
    new Promise((resolve) => setImmediate(() => resolve(error))),
  ]);
}

/** The same bytes without Buffer's own `slice`, which copies nothing. */
function asBytes(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

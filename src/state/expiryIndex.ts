// Which leaves expire when: an index beside the state tree, so that a block finds what it must remove without a walk over all
// leaves. Each expiring leaf has at least one entry (height, key) at or before the height at which it expires; a renewal writes
// nothing, and a scan that meets an entry too early moves it on. What `due` yields is therefore a function of the leaves alone,
// whatever way the entries came about. Entries not yet written stand in memory and go out in the tree's own flush.

import { bytesKey, keyBytes } from "../base/bytes.js";
import type { PackedChanges } from "../protocol/packedChanges.js";
import { leafExpiry, leafExpiryAt } from "../protocol/stateLeaves.js";
import type { KeyValueChange, KeyValueEntry, KeyValueStore } from "../storage/keyValueStore.js";
import { StateDamageError } from "./tree/errors.js";
import { HEAD_BYTES } from "./tree/preparedUpdate.js";

export const EXPIRY_TABLE = "expiry";
const HEIGHT_BYTES = 8;
const SCAN_ENTRIES = 1_024;
const REBUILD_ENTRIES = 10_000;
/** What an unwritten entry weighs in memory: its strings, its mark and its place in a Map. */
const PENDING_ENTRY_BYTES = 160;
const NO_VALUE = new Uint8Array(0);

/** An entry's unwritten fate. A new object for each change, so that a flush can tell whether it changed again meanwhile. */
interface Mark {
  present: boolean;
}

/** Big-endian height as eight characters of one byte, so that entries order by height first. */
function heightText(height: number): string {
  const view = new DataView(new ArrayBuffer(HEIGHT_BYTES));
  view.setBigUint64(0, BigInt(height));
  return bytesKey(new Uint8Array(view.buffer));
}

function heightOf(entry: string): number {
  let height = 0;
  for (let i = 0; i < HEIGHT_BYTES; i++) {
    height = height * 256 + entry.charCodeAt(i);
  }
  return height;
}

export class ExpiryIndex {
  readonly #store: KeyValueStore;
  readonly #leafValue: (key: Uint8Array) => Uint8Array | undefined;
  /** Height, then the leaf's key as text. */
  readonly #pending = new Map<number, Map<string, Mark>>();
  #pendingCount = 0;
  /** Every stored entry before this one is known to be removed. */
  #scanStart = "";

  /** `leafValue` reads the state as of the last commit. */
  constructor(store: KeyValueStore, leafValue: (key: Uint8Array) => Uint8Array | undefined) {
    this.#store = store;
    this.#leafValue = leafValue;
  }

  /** An estimate of the memory that unwritten entries take. */
  get dirtyBytes(): number {
    return this.#pendingCount * PENDING_ENTRY_BYTES;
  }

  /**
   * Takes note of a block's changes. `headsBefore`: HEAD_BYTES a change, by its number, how the leaf's value began before it.
   */
  update(changes: PackedChanges, headsBefore: Uint8Array): void {
    for (let number = 0; number < changes.count; number++) {
      const length = changes.valueLength(number);
      const expiry = leafExpiryAt(changes.values, changes.valueOffsets[number], length);
      if (expiry === undefined && length > 0) {
        continue;
      }
      const expiryBefore = leafExpiryAt(headsBefore, HEAD_BYTES * number, HEAD_BYTES);
      if (expiry === undefined) {
        if (expiryBefore !== undefined) {
          this.#mark(expiryBefore, bytesKey(changes.key(number)), false);
        }
      } else if (expiryBefore === undefined || expiry < expiryBefore) {
        this.#mark(expiry, bytesKey(changes.key(number)), true);
      }
    }
  }

  #mark(height: number, key: string, present: boolean): void {
    let marks = this.#pending.get(height);
    if (marks === undefined) {
      marks = new Map();
      this.#pending.set(height, marks);
    }
    if (!marks.has(key)) {
      this.#pendingCount++;
    }
    marks.set(key, { present });
    if (present) {
      const entry = heightText(height) + key;
      this.#scanStart = entry < this.#scanStart ? entry : this.#scanStart;
    }
  }

  /**
   * The keys of leaves whose expiry lies below `height`, in the order of (expiry, key). Lazy: taking few is cheap. The index must
   * not be updated while the iteration goes on.
   */
  *due(height: number): Generator<Uint8Array> {
    const queue = new EntryQueue(this.#pendingBefore(height));
    const stored = this.#storedBefore(height);
    let next = stored.next();
    // True while no live entry has been met, so that the next scan may begin where this one has come to.
    let allGone = true;
    for (;;) {
      const queued = queue.first;
      const fromStore = !next.done && (queued === undefined || next.value <= queued);
      const entry = fromStore ? (next.value as string) : queued;
      if (entry === undefined) {
        return;
      }
      if (fromStore) {
        next = stored.next();
      }
      if (entry === queued) {
        queue.drop();
      }
      const key = keyBytes(entry.slice(HEIGHT_BYTES));
      if (!this.#isRemoved(entry) && this.#standsForLeaf(entry, key, height, queue)) {
        allGone = false;
        yield key;
      } else if (fromStore && allGone) {
        this.#scanStart = entry;
      }
    }
  }

  #isRemoved(entry: string): boolean {
    return this.#pending.get(heightOf(entry))?.get(entry.slice(HEIGHT_BYTES))?.present === false;
  }

  /** Whether the entry stands for its leaf's present expiry; if not, it is removed, or moved to where the leaf expires now. */
  #standsForLeaf(entry: string, key: Uint8Array, height: number, queue: EntryQueue): boolean {
    const value = this.#leafValue(key);
    const expiry = value === undefined ? undefined : leafExpiry(value);
    const entryHeight = heightOf(entry);
    if (expiry === entryHeight) {
      return true;
    }
    const text = entry.slice(HEIGHT_BYTES);
    this.#mark(entryHeight, text, false);
    if (expiry !== undefined && expiry > entryHeight) {
      this.#mark(expiry, text, true);
      if (expiry < height) {
        queue.insert(heightText(expiry) + text);
      }
    }
    return false;
  }

  /** Unwritten entries below `height`, in order. */
  #pendingBefore(height: number): string[] {
    const entries: string[] = [];
    for (const [entryHeight, marks] of this.#pending) {
      if (entryHeight < height) {
        const prefix = heightText(entryHeight);
        for (const [key, mark] of marks) {
          if (mark.present) {
            entries.push(prefix + key);
          }
        }
      }
    }
    return entries.sort();
  }

  /** Stored entries below `height`, in order, those that an unwritten change removes among them. */
  *#storedBefore(height: number): Generator<string> {
    const end = keyBytes(heightText(height));
    let start = keyBytes(this.#scanStart === "" ? "\0" : this.#scanStart);
    for (;;) {
      const entries: KeyValueEntry[] = [...this.#store.range(EXPIRY_TABLE, { start, end, limit: SCAN_ENTRIES })];
      for (const { key } of entries) {
        yield bytesKey(key);
      }
      if (entries.length < SCAN_ENTRIES) {
        return;
      }
      // The least key after the last one.
      start = new Uint8Array(HEIGHT_BYTES + 33);
      start.set(entries[entries.length - 1].key);
    }
  }

  /** What a flush must write, and what to call once it is durable. */
  takePending(): { changes: KeyValueChange[]; settle: () => void } {
    const changes: KeyValueChange[] = [];
    const taken: { height: number; key: string; mark: Mark }[] = [];
    // In order, which spares the store the work of comparing keys that all begin with zeros.
    for (const [height, marks] of [...this.#pending].sort(([a], [b]) => a - b)) {
      const prefix = heightText(height);
      for (const key of [...marks.keys()].sort()) {
        const mark = marks.get(key) as Mark;
        changes.push({ table: EXPIRY_TABLE, key: keyBytes(prefix + key), value: mark.present ? NO_VALUE : undefined });
        taken.push({ height, key, mark });
      }
    }
    return { changes, settle: () => this.#settle(taken) };
  }

  #settle(taken: { height: number; key: string; mark: Mark }[]): void {
    for (const { height, key, mark } of taken) {
      const marks = this.#pending.get(height);
      if (marks?.get(key) === mark) {
        marks.delete(key);
        this.#pendingCount--;
        if (marks.size === 0) {
          this.#pending.delete(height);
        }
      }
    }
  }

  /** Looks that every leaf that expires has an entry at or before its expiry; throws StateDamageError naming one that has none. */
  verify(leaves: Iterable<KeyValueEntry>): void {
    const earliest = new Map<string, number>();
    const note = (height: number, key: string): void => {
      earliest.set(key, Math.min(height, earliest.get(key) ?? height));
    };
    for (const { key } of this.#store.range(EXPIRY_TABLE, {})) {
      const entry = bytesKey(key);
      if (!this.#isRemoved(entry)) {
        note(heightOf(entry), entry.slice(HEIGHT_BYTES));
      }
    }
    for (const [height, marks] of this.#pending) {
      for (const [key, { present }] of marks) {
        if (present) {
          note(height, key);
        }
      }
    }
    for (const { key, value } of leaves) {
      const expiry = leafExpiry(value);
      if (expiry !== undefined && (earliest.get(bytesKey(key)) ?? Number.POSITIVE_INFINITY) > expiry) {
        throw new StateDamageError(EXPIRY_TABLE, key, `the leaf expires after height ${expiry}, and no entry says so`);
      }
    }
  }

  /** Writes the index anew from all leaves. Resolves when it is durable; nothing may be committed meanwhile. */
  async rebuild(leaves: Iterable<KeyValueEntry>): Promise<void> {
    // Unwritten entries say nothing that the leaves don't.
    this.#pending.clear();
    this.#pendingCount = 0;
    this.#scanStart = "";
    let changes: KeyValueChange[] = [];
    const add = async (change: KeyValueChange) => {
      changes.push(change);
      if (changes.length >= REBUILD_ENTRIES) {
        const full = changes;
        changes = [];
        await this.#store.write(full);
      }
    };
    for (const { key } of this.#store.range(EXPIRY_TABLE, {})) {
      await add({ table: EXPIRY_TABLE, key, value: undefined });
    }
    for (const { key, value } of leaves) {
      const expiry = leafExpiry(value);
      if (expiry !== undefined) {
        await add({ table: EXPIRY_TABLE, key: keyBytes(heightText(expiry) + bytesKey(key)), value: NO_VALUE });
      }
    }
    await this.#store.write(changes);
  }
}

/** Entries in order, taken from the front; late arrivals find their place. */
class EntryQueue {
  readonly #entries: string[];
  #position = 0;

  constructor(sorted: string[]) {
    this.#entries = sorted;
  }

  get first(): string | undefined {
    return this.#entries[this.#position];
  }

  drop(): void {
    this.#position++;
  }

  /** `entry` lies after every entry dropped so far. */
  insert(entry: string): void {
    let low = this.#position;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#entries[middle] < entry) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (this.#entries[low] !== entry) {
      this.#entries.splice(low, 0, entry);
    }
  }
}

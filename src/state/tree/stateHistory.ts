// Old states: for each kept height what undoes it, in memory until it is flushed, then in the store's table "undo". The
// content of a slot at height h is the one that the first undo record above h holds for it, else the latest one. Table
// "undo": key height (u64, big-endian): the index; height and chunk number (u32, big-endian): a chunk.

import { assert } from "../../base/assert.js";
import { EMPTY_ROOT } from "../../protocol/stateProof.js";
import type { KeyValueChange, KeyValueStore } from "../../storage/keyValueStore.js";
import { StateDamageError, StateHistoryError } from "./errors.js";
import { bytesToWords, HASH_WORDS, Page, SUBTREE, sameHash } from "./page.js";
import { encodePage, type ItemSource, readItems } from "./pageBytes.js";
import type { PageCache } from "./pageCache.js";
import { copyAt, copyChild, copyRoot, type PageCopy } from "./pageCopy.js";
import { openRecord, sealRecord } from "./sealedRecord.js";
import { KEY_BYTES, PAGE_BITS, pageKey, SLOTS } from "./slots.js";
import type { StatePages } from "./stateReader.js";
import { chunkCountOf, findChunk, type OldSlot, previousRootOf, readOldSlots, type UndoRecord } from "./undoRecord.js";

export const UNDO_TABLE = "undo";
/** Indexes of stored records kept at hand: each about a kilobyte for 12,500 changed leaves. */
const INDEXES_MAX = 256;
const CHUNK_NUMBER_BYTES = 4;
const HEIGHT_BYTES = 8;

/** Key of a height's index, or of one of its chunks. */
export function undoKey(height: number, chunk?: number): Uint8Array {
  const key = new Uint8Array(HEIGHT_BYTES + (chunk === undefined ? 0 : CHUNK_NUMBER_BYTES));
  const view = new DataView(key.buffer);
  view.setBigUint64(0, BigInt(height));
  if (chunk !== undefined) {
    view.setUint32(HEIGHT_BYTES, chunk);
  }
  return key;
}

export class StateHistory {
  /** The heights that can be read. Both -1 before the first commit. */
  oldest: number;
  newest: number;
  /** Size of the records that no flush has taken yet. */
  unflushedBytes = 0;
  private readonly store: KeyValueStore;
  private readonly heightsMax: number;
  /** The heights whose records (or their absence) the store holds: from `storedFrom`, the lowest with a record. */
  private storedFrom: number;
  private readonly records = new Map<number, UndoRecord>();
  private readonly indexes = new Map<number, Uint8Array>();

  constructor(store: KeyValueStore, heightsMax: number, oldest: number, newest: number) {
    this.store = store;
    this.heightsMax = heightsMax;
    this.oldest = oldest;
    this.newest = newest;
    this.storedFrom = oldest + 1;
    this.forget();
  }

  /** Whether heights below the latest one are kept at all. */
  get isKept(): boolean {
    return this.heightsMax > 0;
  }

  /** Adds the record that undoes the new height; undefined for the first height ever, below which there is nothing. */
  advance(height: number, record: UndoRecord | undefined): void {
    this.newest = height;
    if (record === undefined) {
      this.oldest = height;
      this.storedFrom = height + 1;
      return;
    }
    this.records.set(height, record);
    this.unflushedBytes += record.byteLength;
    this.forget();
  }

  private forget(): void {
    while (this.newest - this.oldest > this.heightsMax) {
      this.oldest++;
      this.drop(this.oldest);
    }
  }

  private drop(height: number): void {
    const record = this.records.get(height);
    if (record !== undefined) {
      this.records.delete(height);
      this.unflushedBytes -= record.byteLength;
    }
  }

  /** Throws StateHistoryError for a height that can't be read. */
  check(height: number): void {
    if (!Number.isInteger(height) || height < this.oldest || height > this.newest || this.newest < 0) {
      throw new StateHistoryError(height, this.oldest, this.newest);
    }
  }

  /** The root of a kept height below the newest one. */
  rootBelow(height: number): Uint8Array {
    return previousRootOf(this.records.get(height + 1)?.index ?? this.storedIndex(height + 1));
  }

  private storedIndex(height: number): Uint8Array {
    const known = this.indexes.get(height);
    if (known !== undefined) {
      return known;
    }
    const bytes = this.store.get(UNDO_TABLE, undoKey(height));
    if (bytes === undefined) {
      throw new StateDamageError(UNDO_TABLE, undoKey(height), "the undo record of a kept height is missing");
    }
    const index = openRecord(UNDO_TABLE, undoKey(height), bytes);
    if (this.indexes.size >= INDEXES_MAX) {
      this.indexes.delete(this.indexes.keys().next().value!);
    }
    this.indexes.set(height, index);
    return index;
  }

  /** What the slots of `page` that `height` changed held before. */
  private oldSlots(height: number, page: Uint8Array): OldSlot[] {
    const record = this.records.get(height);
    const number = findChunk(record?.index ?? this.storedIndex(height), page);
    if (number < 0) {
      return [];
    }
    const chunk = record?.chunks[number] ?? this.store.get(UNDO_TABLE, undoKey(height, number));
    if (chunk === undefined) {
      throw new StateDamageError(UNDO_TABLE, undoKey(height, number), "the undo record of a kept height is incomplete");
    }
    return readOldSlots(chunk, page);
  }

  /**
   * The page at `depth` on the way to `key` as it was at `height`, given the latest one. Its hashes are missing where it
   * differs from that.
   */
  oldPage(height: number, key: Uint8Array, depth: number, latest: Page | undefined): Page {
    const storeKey = pageKey(key, depth);
    const old: OldSlot[] = [];
    for (let later = height + 1; later <= this.newest; later++) {
      old.push(...this.oldSlots(later, storeKey));
    }
    if (latest !== undefined && old.length === 0) {
      return latest;
    }
    const kinds = new Uint8Array(SLOTS);
    const sources: (ItemSource | undefined)[] = new Array(SLOTS).fill(undefined);
    if (latest !== undefined) {
      readItems(latest, kinds, sources);
    }
    // Later heights first: what the lowest height above holds was there before all of them.
    for (const slot of old.reverse()) {
      kinds[slot.slot] = slot.kind;
      sources[slot.slot] = slot;
    }
    return new Page(depth, encodePage(kinds, sources));
  }

  /** Adds to `changes` what the store needs to hold the records up to `height` and no older ones than are kept. */
  collectFlush(changes: KeyValueChange[], height: number): void {
    for (let old = this.storedFrom; old <= this.oldest; old++) {
      const index = this.store.get(UNDO_TABLE, undoKey(old));
      if (index !== undefined) {
        const chunks = chunkCountOf(openRecord(UNDO_TABLE, undoKey(old), index));
        changes.push({ table: UNDO_TABLE, key: undoKey(old), value: undefined });
        for (let chunk = 0; chunk < chunks; chunk++) {
          changes.push({ table: UNDO_TABLE, key: undoKey(old, chunk), value: undefined });
        }
      }
    }
    for (let kept = this.oldest + 1; kept <= height; kept++) {
      const record = this.records.get(kept);
      if (record !== undefined) {
        const key = undoKey(kept);
        changes.push({ table: UNDO_TABLE, key, value: sealRecord(key, record.index) });
        record.chunks.forEach((chunk, number) => {
          changes.push({ table: UNDO_TABLE, key: undoKey(kept, number), value: chunk });
        });
      }
    }
  }

  /** The store holds the records above `oldest` up to `height` now, and none below. */
  endFlush(oldest: number, height: number): void {
    this.storedFrom = oldest + 1;
    for (const kept of [...this.records.keys()]) {
      if (kept <= height) {
        this.drop(kept);
      }
    }
  }
}

/** The page of the latest state in the place of an old one, copied when the tree had this version. */
interface LatestPage {
  copy: PageCopy | undefined;
  version: number;
}

/**
 * The pages of one kept height, which may be the newest. Stays valid while later heights are committed, until it isn't
 * kept.
 */
export class HistoricPages implements StatePages {
  private readonly history: StateHistory;
  private readonly cache: PageCache;
  private readonly height: number;
  private readonly rootHash: Int32Array;
  /** Spares a walk from the root for each page, as long as nothing is committed. */
  private readonly latestPages = new WeakMap<Page, LatestPage>();

  constructor(history: StateHistory, cache: PageCache, height: number, rootHash: Int32Array) {
    this.history = history;
    this.cache = cache;
    this.height = height;
    this.rootHash = rootHash;
  }

  root(): Page {
    return this.page(new Uint8Array(KEY_BYTES), copyRoot(this.cache), 0, this.rootHash, 0);
  }

  child(page: Page, slot: number, key: Uint8Array): Page {
    assert(page.kindAt(slot) === SUBTREE, "only a subtree has a page below it");
    const depth = page.depth + PAGE_BITS;
    return this.page(key, this.latestChild(page, slot, key), depth, page.hashes, page.itemIndex(slot));
  }

  private latestChild(page: Page, slot: number, key: Uint8Array): PageCopy | undefined {
    const latest = this.latestPages.get(page);
    if (latest === undefined || latest.version !== this.cache.version) {
      return copyAt(this.cache, key, page.depth + PAGE_BITS);
    }
    return latest.copy?.content.kindAt(slot) === SUBTREE ? copyChild(this.cache, latest.copy, slot, key) : undefined;
  }

  private page(key: Uint8Array, copy: PageCopy | undefined, depth: number, expected: Int32Array, index: number): Page {
    this.history.check(this.height);
    const page = this.history.oldPage(this.height, key, depth, copy?.content);
    if (page.count > 0 && page.hashes.length === 0) {
      this.cache.hasher.hash([page]);
    }
    const same =
      page.count > 0
        ? sameHash(page.hashes, page.rootIndex(), expected, index)
        : sameHash(EMPTY_HASH, 0, expected, index);
    if (!same) {
      throw new StateDamageError(UNDO_TABLE, pageKey(key, depth), `height ${this.height} had another hash here`);
    }
    this.latestPages.set(page, { copy, version: this.cache.version });
    return page;
  }
}

const EMPTY_HASH = hashWords(EMPTY_ROOT);

/** A hash in the form that pages keep. */
export function hashWords(hash: Uint8Array): Int32Array {
  const words = new Int32Array(HASH_WORDS);
  bytesToWords(hash, 0, words, 0);
  return words;
}

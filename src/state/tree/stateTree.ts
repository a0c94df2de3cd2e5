// The authenticated state: a map from 32-byte keys to values, with one root hash that commits to all of it.
// docs/state-tree.md describes the tree and its proofs byte by byte, docs/decisions/state-tree-pages.md why it is stored
// as it is. Everything but `flush` is synchronous. The latest state is that of the last commit; what is not flushed yet
// is lost in a crash, and the caller commits it again from its log.

import { assert } from "../../base/assert.js";
import { equalBytes } from "../../base/bytes.js";
import { PackedChanges } from "../../protocol/packedChanges.js";
import { EMPTY_ROOT, STATE_KEY_BYTES } from "../../protocol/stateProof.js";
import type { StateChange } from "../../protocol/writeSet.js";
import type { KeyValueChange, KeyValueStore } from "../../storage/keyValueStore.js";
import { commitUpdate } from "./commitUpdate.js";
import { StateDamageError } from "./errors.js";
import { loadPage, PAGES_TABLE } from "./loadPage.js";
import { Page } from "./page.js";
import { encodePage } from "./pageBytes.js";
import { PageCache } from "./pageCache.js";
import { PageHasher } from "./pageHasher.js";
import { type PreparedUpdate, STAGED_WORDS, UpdateMemory } from "./preparedUpdate.js";
import { prepareUpdate } from "./prepareUpdate.js";
import { proveKey } from "./proveKey.js";
import { KEY_BYTES, SLOTS } from "./slots.js";
import { HistoricPages, hashWords, StateHistory } from "./stateHistory.js";
import { leavesOf, readValue, type StateLeaf, type StatePages } from "./stateReader.js";
import { TreeFlush } from "./treeFlush.js";
import { decodeMeta, META_KEY, type TreeMeta } from "./treeMeta.js";
import { type TreeCounts, verifyTree } from "./verifyTree.js";

export interface StateTreeOptions {
  /** Memory for pages, in bytes. Changed pages that aren't flushed yet may exceed it. */
  pageCacheBytes: number;
  /** How many heights below the latest one stay readable and provable. */
  historyHeights: number;
}

/** Share of the memory for pages that reading ahead fills: more would be evicted again. */
const WARM_SHARE = 0.7;
/** One page missed for so many changes makes the next update read ahead. */
const READ_AHEAD_SHARE = 16;
/** The most pages changed by an update whose memory is kept for the next one. */
const MEMORY_PAGES_MAX = 131_072;

export class StateTree {
  private readonly cache: PageCache;
  private readonly history: StateHistory;
  private readonly treeFlush: TreeFlush;
  private readonly warmBytesMax: number;
  private rootHash: Uint8Array;
  /** Whether the last update missed many pages in memory, so that the next one probably will. */
  private readsAhead = true;
  private spareMemory: UpdateMemory | undefined;
  private flushedHeightNow: number;
  private flushRunning: Promise<void> | undefined;
  private flushQueued: Promise<void> | undefined;

  private constructor(store: KeyValueStore, options: StateTreeOptions, meta: TreeMeta, rootPage: Page) {
    this.cache = new PageCache(store, options.pageCacheBytes, rootPage);
    this.warmBytesMax = options.pageCacheBytes * WARM_SHARE;
    this.history = new StateHistory(store, options.historyHeights, meta.oldest, meta.height);
    this.treeFlush = new TreeFlush(store, this.cache, this.history);
    this.rootHash = meta.root;
    this.flushedHeightNow = meta.height;
  }

  /**
   * The tree that `store` holds, or a new one. Checks the root page against the stored root; every other page is checked when
   * it is read. Throws StateDamageError, from here on in every method that reads.
   */
  static open(store: KeyValueStore, options: StateTreeOptions): StateTree {
    const empty = new Page(0, encodePage(new Uint8Array(SLOTS), []));
    const bytes = store.get(PAGES_TABLE, META_KEY);
    if (bytes === undefined) {
      for (const { key } of store.range(PAGES_TABLE, { limit: 1 })) {
        throw new StateDamageError(PAGES_TABLE, key, "there are pages, but the tree's description is missing");
      }
      return new StateTree(store, options, { height: -1, oldest: -1, root: EMPTY_ROOT }, empty);
    }
    const meta = decodeMeta(bytes);
    const rootPage = equalBytes(meta.root, EMPTY_ROOT)
      ? empty
      : loadPage(store, new PageHasher(), new Uint8Array(KEY_BYTES), 0, hashWords(meta.root), 0);
    return new StateTree(store, options, meta, rootPage);
  }

  /** The last committed height; -1 before the first commit. */
  get height(): number {
    return this.history.newest;
  }

  /** The lowest height whose state can still be read. */
  get oldestHeight(): number {
    return this.history.oldest;
  }

  /** The height that a crash would fall back to; -1: none. */
  get flushedHeight(): number {
    return this.flushedHeightNow;
  }

  /** The root of the last committed state, 32 bytes. */
  get root(): Uint8Array {
    return this.rootHash.slice();
  }

  /** About how much the next flush has to write, in bytes. */
  get dirtyBytes(): number {
    return this.cache.dirtyBytes + this.history.unflushedBytes;
  }

  /** What the pages in memory weigh, in bytes. */
  get cacheBytes(): number {
    return this.cache.costBytes;
  }

  /** The committed value under `key` (32 bytes), as a copy; undefined where there is none. */
  get(key: Uint8Array): Uint8Array | undefined {
    assert(key.length === STATE_KEY_BYTES, "a state key is 32 bytes");
    const value = this.cache.get(key);
    this.cache.trim();
    return value;
  }

  /** Reads into memory what `get` and `prepare` need for `keys`, 32 bytes each, one behind the other: quicker than one by one. */
  preload(keys: Uint8Array): void {
    assert(keys.length % STATE_KEY_BYTES === 0, "a state key is 32 bytes");
    this.cache.preload(keys);
    this.cache.trim();
  }

  /** Reads pages into memory that nothing has asked for yet, up to a part of what may be held; yields after each page on the way. */
  warmUp(): Generator<void> {
    return this.cache.warmUp(this.warmBytesMax);
  }

  /**
   * What `changes` make of the latest state, which stays as it is. Keys are 32 bytes, each at most once, in any order; a
   * value is 1 to 4096 bytes, or undefined to remove the leaf. Packed changes are sealed, and referred to until the update is
   * committed; a list is copied. An update that isn't wanted is just dropped.
   */
  prepare(changes: readonly StateChange[] | PackedChanges): PreparedUpdate {
    const packed = changes instanceof PackedChanges ? changes : PackedChanges.of(changes);
    const memory = this.spareMemory ?? new UpdateMemory();
    this.spareMemory = undefined;
    const { loads } = this.cache;
    if (this.readsAhead) {
      this.cache.preload(packed.keys.subarray(0, STATE_KEY_BYTES * packed.count));
    }
    const version = { number: this.cache.version, root: this.rootHash };
    const update = prepareUpdate(this.cache, version, packed, memory, this.history.isKept && this.height >= 0);
    if (memory.staged.length === 0) {
      // Nothing will be asked of its hashes.
      this.spareMemory = memory;
    }
    this.readsAhead = READ_AHEAD_SHARE * (this.cache.loads - loads) > packed.count;
    this.cache.trim();
    return update;
  }

  /**
   * Makes `update` the latest state, that of `height`. The first commit of a new tree may have any height (a genesis or a
   * snapshot); then each is one above the last. The update must have been prepared on the state that is the latest now.
   */
  commit(height: number, update: PreparedUpdate): void {
    const first = this.height < 0;
    assert(Number.isSafeInteger(height) && height >= 0, "a height is a whole number");
    assert(first || height === this.height + 1, `expected height ${this.height + 1}, got ${height}`);
    assert(update.version === this.cache.version, "the update was prepared on another state");
    if (!update.isEmpty) {
      commitUpdate(this.cache, update, this.treeFlush.removed);
      this.rootHash = update.root;
      this.spareMemory = update.memory.staged.length <= STAGED_WORDS * MEMORY_PAGES_MAX ? update.memory : undefined;
    }
    if (first) {
      // What was prepared before knows of nothing to undo.
      this.cache.version++;
    }
    this.history.advance(height, first ? undefined : update.undo);
    this.cache.trim();
  }

  /** The root at a kept height, 32 bytes. Throws StateHistoryError. */
  rootAt(height: number): Uint8Array {
    this.history.check(height);
    return (height === this.height ? this.rootHash : this.history.rootBelow(height)).slice();
  }

  /** The value under `key` at a kept height. Throws StateHistoryError. */
  getAt(height: number, key: Uint8Array): Uint8Array | undefined {
    this.history.check(height);
    return height === this.height ? this.get(key) : readValue(this.pagesAt(height), key);
  }

  /**
   * An encoded proof that `key` has its value, or none, at a kept height (the latest by default): src/protocol/stateProof.ts
   * checks it against that height's root. Throws StateHistoryError.
   */
  prove(key: Uint8Array, height: number = this.height): Uint8Array {
    assert(key.length === STATE_KEY_BYTES, "a state key is 32 bytes");
    this.history.check(height);
    return proveKey(this.pagesAt(height), key);
  }

  private pagesAt(height: number): StatePages {
    return new HistoricPages(this.history, this.cache, height, hashWords(this.rootAt(height)));
  }

  /**
   * All leaves of a kept height (the latest by default) in the order of their keys. Commits may go on meanwhile; the walk
   * throws StateHistoryError where its height is no longer kept. It leaves the page cache alone.
   */
  leaves(height: number = this.height): Generator<StateLeaf> {
    this.history.check(height);
    return leavesOf(this.pagesAt(height));
  }

  /**
   * Hashes the whole latest state again from its leaves up, reading from the store what is there. Throws StateDamageError that
   * names the first damaged page. Takes seconds for a million leaves.
   */
  verify(): TreeCounts {
    const flushed = this.height === this.flushedHeightNow && this.flushRunning === undefined;
    return verifyTree(this.cache, this.rootHash, flushed);
  }

  /**
   * Writes what is committed by now to the store in one transaction; resolves when it is durable. Commits may go on meanwhile;
   * calls during a flush share the next one. Rejects as the store does; a later flush writes the same again. `extraChanges`, of
   * other tables, go into the same transaction; who gives some waits for the flush before, so that they are of the same moment.
   */
  flush(extraChanges: KeyValueChange[] = []): Promise<void> {
    if (this.flushRunning === undefined) {
      return this.startFlush(extraChanges);
    }
    assert(extraChanges.length === 0, "changes of other tables can't wait for a running flush");
    if (this.flushQueued === undefined) {
      const start = (): Promise<void> => {
        this.flushQueued = undefined;
        return this.startFlush([]);
      };
      this.flushQueued = this.flushRunning.then(start, start);
    }
    return this.flushQueued;
  }

  private startFlush(extraChanges: KeyValueChange[]): Promise<void> {
    const { height } = this;
    if (height === this.flushedHeightNow) {
      return Promise.resolve();
    }
    const running = this.treeFlush
      .write(height, this.rootHash, extraChanges)
      .then(() => {
        this.flushedHeightNow = height;
      })
      .finally(() => {
        this.flushRunning = undefined;
      });
    this.flushRunning = running;
    return running;
  }
}

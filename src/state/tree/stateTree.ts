// The authenticated state: a map from 32-byte keys to values, with one root hash that commits to all of it. docs/state-tree.md
// describes the tree and its proofs byte by byte, docs/decisions/state-tree-pages.md why it is stored as it is.
// Everything but `flush` is synchronous. The latest state is that of the last commit; what is not flushed yet is lost in a crash, and
// the caller commits it again from its log.

import { assert } from "../../base/assert.js";
import { EMPTY_ROOT, STATE_KEY_BYTES } from "../../protocol/stateProof.js";
import type { StateChange } from "../../protocol/writeSet.js";
import type { KeyValueChange, KeyValueStore } from "../../storage/keyValueStore.js";
import { commitUpdate } from "./commitUpdate.js";
import { StateDamageError } from "./errors.js";
import { HashPlan } from "./hashPlan.js";
import { Page } from "./page.js";
import { encodePage } from "./pageBytes.js";
import { loadPage, PAGES_TABLE, PageCache } from "./pageCache.js";
import { PageHasher } from "./pageHasher.js";
import type { PreparedUpdate, UpdateMemory } from "./preparedUpdate.js";
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

/** The most pages changed by an update whose memory is kept for the next one. */
const MEMORY_PAGES_MAX = 131_072;

export class StateTree {
  private readonly store: KeyValueStore;
  private readonly cache: PageCache;
  private readonly history: StateHistory;
  private readonly treeFlush: TreeFlush;
  private readonly latest: StatePages;
  private rootHash: Uint8Array;
  private spareMemory: UpdateMemory | undefined;
  private flushedHeightNow: number;
  private flushRunning: Promise<void> | undefined;
  private flushQueued: Promise<void> | undefined;

  private constructor(store: KeyValueStore, options: StateTreeOptions, meta: TreeMeta, rootPage: Page) {
    this.store = store;
    this.cache = new PageCache(store, options.pageCacheBytes, rootPage);
    this.history = new StateHistory(store, options.historyHeights, meta.oldest, meta.height);
    this.treeFlush = new TreeFlush(store, this.cache, this.history);
    this.rootHash = meta.root;
    this.flushedHeightNow = meta.height;
    const { cache } = this;
    this.latest = { root: () => cache.rootPage, child: (page, slot, key) => cache.childPage(page, slot, key) };
  }

  /**
   * The tree that `store` holds, or a new one. Checks the root page against the stored root; every other page is checked when
   * it is read. Throws StateDamageError, from here on in every method that reads.
   */
  static open(store: KeyValueStore, options: StateTreeOptions): StateTree {
    const empty = new Page(0, encodePage(new Uint8Array(SLOTS), []), new Int32Array(0));
    const bytes = store.get(PAGES_TABLE, META_KEY);
    if (bytes === undefined) {
      for (const { key } of store.range(PAGES_TABLE, { limit: 1 })) {
        throw new StateDamageError(PAGES_TABLE, key, "there are pages, but the tree's description is missing");
      }
      return new StateTree(store, options, { height: -1, oldest: -1, root: EMPTY_ROOT }, empty);
    }
    const meta = decodeMeta(bytes);
    const root = hashWords(meta.root);
    const isEmpty = root.every((word, i) => word === EMPTY_WORDS[i]);
    const rootPage = isEmpty ? empty : loadPage(store, new PageHasher(), new Uint8Array(KEY_BYTES), 0, root, 0);
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
    const value = readValue(this.latest, key, (page) => this.cache.touch(page));
    this.cache.trim();
    return value;
  }

  /**
   * What `changes` make of the latest state, which stays as it is. Keys are 32 bytes, each at most once, in any order; a value is 1
   * to 4096 bytes, or undefined to remove the leaf. The caller leaves the arrays alone until the update is committed or
   * dropped; dropping needs no call.
   */
  prepare(changes: readonly StateChange[]): PreparedUpdate {
    const memory = this.spareMemory ?? { hashPlan: new HashPlan(), frames: [] };
    this.spareMemory = undefined;
    const update = prepareUpdate(this.cache, { number: this.cache.version, root: this.rootHash }, changes, memory);
    if (update.staged.length === 0) {
      // Nothing will be asked of its hashes.
      this.spareMemory = memory;
    }
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
    const record = first ? undefined : this.history.makeRecord(update.staged, this.rootHash);
    if (update.staged.length > 0) {
      commitUpdate(this.cache, update, this.treeFlush.removed);
      this.rootHash = update.root;
      this.spareMemory = update.staged.length <= MEMORY_PAGES_MAX ? update.memory : undefined;
    }
    this.history.advance(height, record);
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
    const proof = proveKey(height === this.height ? this.latest : this.pagesAt(height), key);
    this.cache.trim();
    return proof;
  }

  private pagesAt(height: number): StatePages {
    return new HistoricPages(this.history, this.cache, height, hashWords(this.rootAt(height)));
  }

  /**
   * All leaves of a kept height (the latest by default) in the order of their keys. Commits may go on meanwhile; the walk throws
   * StateHistoryError where its height is no longer kept. It leaves the page cache alone.
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
    return verifyTree(this.store, this.cache.rootPage, this.rootHash, flushed);
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

const EMPTY_WORDS = hashWords(EMPTY_ROOT);

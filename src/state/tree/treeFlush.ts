// Brings committed changes to the store: all dirty pages, removals, undo records and the tree's description in one transaction.
// Commits may go on while it is written: a page's bytes are handed over as they are, and whoever changes them in place
// meanwhile takes a copy first.

import { bytesKey, compareBytes } from "../../base/bytes.js";
import type { KeyValueChange, KeyValueStore } from "../../storage/keyValueStore.js";
import type { RemovedPages } from "./commitUpdate.js";
import type { Page } from "./page.js";
import { slotPrefix } from "./pageBytes.js";
import { PAGES_TABLE, type PageCache } from "./pageCache.js";
import { KEY_BYTES, PAGE_BITS, PAGE_LEVELS, pageKey } from "./slots.js";
import type { StateHistory } from "./stateHistory.js";
import { encodeMeta, META_KEY } from "./treeMeta.js";

/** Pages that the store may still hold although the tree has none there any more. */
class RemovalList implements RemovedPages {
  private keys = new Map<string, Uint8Array>();

  add(key: Uint8Array, depth: number): void {
    const storeKey = pageKey(key, depth);
    this.keys.set(bytesKey(storeKey), storeKey);
  }

  delete(key: Uint8Array, depth: number): void {
    if (this.keys.size > 0) {
      this.keys.delete(bytesKey(pageKey(key, depth)));
    }
  }

  /** The list so far; it is empty afterwards. */
  take(): Uint8Array[] {
    const keys = [...this.keys.values()];
    this.keys = new Map();
    return keys;
  }
}

interface DirtyPage {
  key: Uint8Array;
  page: Page;
}

/** All dirty pages, level by level from the root, each level in the order of its keys. */
function dirtyPages(cache: PageCache): DirtyPage[] {
  const levels: DirtyPage[][] = Array.from({ length: PAGE_LEVELS }, () => []);
  const visit = (page: Page, prefix: Uint8Array): void => {
    if (!page.dirty) {
      return;
    }
    levels[page.depth / PAGE_BITS].push({ key: pageKey(prefix, page.depth), page });
    if (page.childCount > 0) {
      for (const child of page.children!) {
        if (child?.dirty) {
          visit(child, slotPrefix(prefix, page.depth, child.slot));
        }
      }
    }
  };
  visit(cache.rootPage, new Uint8Array(KEY_BYTES));
  return levels.flat();
}

export class TreeFlush {
  readonly removed = new RemovalList();
  private readonly store: KeyValueStore;
  private readonly cache: PageCache;
  private readonly history: StateHistory;
  private number = 0;

  constructor(store: KeyValueStore, cache: PageCache, history: StateHistory) {
    this.store = store;
    this.cache = cache;
    this.history = history;
  }

  /**
   * Writes the latest state, that of `height`, with its root and `extraChanges` of other tables; one write at a time. Where the
   * store rejects, nothing is lost.
   */
  async write(height: number, root: Uint8Array, extraChanges: KeyValueChange[]): Promise<void> {
    const number = this.number++;
    const { oldest } = this.history;
    const pages = dirtyPages(this.cache);
    const removed = this.removed.take();
    const changes = pageChanges(pages, removed);
    changes.push({ table: PAGES_TABLE, key: META_KEY, value: encodeMeta({ height, oldest, root }) });
    this.history.collectFlush(changes, height);
    for (const change of extraChanges) {
      changes.push(change);
    }
    for (const { page } of pages) {
      page.flushNumber = number;
    }
    try {
      await this.store.write(changes);
    } catch (error) {
      this.putBack(number, pages, removed);
      throw error;
    }
    // Pages below come first: those above them are to be evicted later.
    for (let i = pages.length - 1; i >= 0; i--) {
      if (pages[i].page.flushNumber === number) {
        this.cache.markClean(pages[i].page);
      }
    }
    this.history.endFlush(oldest, height);
    this.cache.trim();
  }

  private putBack(number: number, pages: DirtyPage[], removed: Uint8Array[]): void {
    for (const { page } of pages) {
      if (page.flushNumber === number) {
        page.flushNumber = -1;
      }
    }
    for (const storeKey of removed) {
      const prefix = new Uint8Array(KEY_BYTES);
      prefix.set(storeKey.subarray(1));
      if (this.cache.findPage(prefix, storeKey[0], false) === undefined) {
        this.removed.add(prefix, storeKey[0]);
      }
    }
  }
}

/** The changes of table "pages" in the order of their keys. */
function pageChanges(pages: DirtyPage[], removed: Uint8Array[]): KeyValueChange[] {
  const changes: KeyValueChange[] = [];
  const removals = [...removed].sort(compareBytes);
  let next = 0;
  for (const { key, page } of pages) {
    while (next < removals.length && compareBytes(removals[next], key) < 0) {
      changes.push({ table: PAGES_TABLE, key: removals[next++], value: undefined });
    }
    // Only the root page can be empty.
    changes.push({ table: PAGES_TABLE, key, value: page.count === 0 ? undefined : page.bytes });
  }
  for (const key of removals.slice(next)) {
    changes.push({ table: PAGES_TABLE, key, value: undefined });
  }
  return changes;
}

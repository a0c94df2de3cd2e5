// The pages of the latest committed state in memory: the root page always, changed pages until they are flushed, others up to a
// limit in bytes, the least recently used going first. Pages are linked by parent and slot, so that a read needs no key until it
// misses. Every page loaded is hashed from its leaves up and compared with its parent: damage is found where it is read.
// Invariant: a clean page has clean pages only below it, and pages are only evicted between operations (`trim`).

import { assert } from "../../base/assert.js";
import type { KeyValueStore } from "../../storage/keyValueStore.js";
import { StateDamageError } from "./errors.js";
import { HASH_WORDS, PAGE_HEADER_BYTES, Page, SUBTREE } from "./page.js";
import { pageProblem } from "./pageBytes.js";
import { PageHasher } from "./pageHasher.js";
import { PAGE_BITS, pageKey, SLOTS, slotOf } from "./slots.js";

export const PAGES_TABLE = "pages";

/** Whether the hash at `aIndex` (in hashes) of `a` equals that at `bIndex` of `b`. */
export function sameHash(a: Int32Array, aIndex: number, b: Int32Array, bIndex: number): boolean {
  for (let i = 0; i < HASH_WORDS; i++) {
    if (a[HASH_WORDS * aIndex + i] !== b[HASH_WORDS * bIndex + i]) {
      return false;
    }
  }
  return true;
}

export class PageCache {
  readonly rootPage: Page;
  /** Counts the commits that changed a page. */
  version = 0;
  /** What all pages in memory weigh. */
  costBytes = 0;
  /** What the changed pages will weigh in the store. */
  dirtyBytes = 0;
  readonly hasher = new PageHasher();
  private readonly store: KeyValueStore;
  private readonly limitBytes: number;
  private oldest: Page | undefined;
  private newest: Page | undefined;

  constructor(store: KeyValueStore, limitBytes: number, rootPage: Page) {
    this.store = store;
    this.limitBytes = limitBytes;
    this.rootPage = rootPage;
    rootPage.attached = true;
    this.weigh(rootPage);
  }

  /** The page below the subtree in `slot` of `page`; `key` is any key below it. It stays in memory for a while. */
  childPage(page: Page, slot: number, key: Uint8Array): Page {
    const cached = page.children?.[slot];
    if (cached !== undefined) {
      return cached;
    }
    const child = this.loadChild(page, slot, key);
    this.attach(page, slot, child);
    this.linkNewest(child);
    return child;
  }

  /** The same, but a page that has to be loaded is not kept: for walks over everything. */
  peekChild(page: Page, slot: number, key: Uint8Array): Page {
    return page.children?.[slot] ?? this.loadChild(page, slot, key);
  }

  /** The page below the subtree in `slot` of `page`, read from the store and checked. */
  loadChild(page: Page, slot: number, key: Uint8Array): Page {
    assert(page.kindAt(slot) === SUBTREE, "only a subtree has a page below it");
    return loadPage(this.store, this.hasher, key, page.depth + PAGE_BITS, page.hashes, page.itemIndex(slot));
  }

  /** The page at `depth` on the way to `key`; undefined where the latest state has none. */
  findPage(key: Uint8Array, depth: number, keep: boolean): Page | undefined {
    let page = this.rootPage;
    while (page.depth < depth) {
      const slot = slotOf(key, 0, page.depth);
      if (page.kindAt(slot) !== SUBTREE) {
        return undefined;
      }
      page = keep ? this.childPage(page, slot, key) : this.peekChild(page, slot, key);
    }
    return page;
  }

  /** Marks a page and those above it as just used. */
  touch(page: Page): void {
    for (let each: Page | undefined = page; each !== undefined; each = each.parent) {
      if (!each.dirty && each.parent !== undefined && each !== this.newest) {
        this.unlink(each);
        this.linkNewest(each);
      }
    }
  }

  /** Links a page into the tree below `slot` of `parent`. */
  attach(parent: Page, slot: number, page: Page): void {
    if (parent.children === undefined) {
      parent.children = new Array(SLOTS).fill(undefined);
      this.weigh(parent);
    }
    assert(parent.attached && parent.children[slot] === undefined, "a page's place is free");
    parent.children[slot] = page;
    parent.childCount++;
    page.parent = parent;
    page.slot = slot;
    page.attached = true;
    this.weigh(page);
  }

  /** Takes a page out of memory. */
  detach(page: Page): void {
    const { parent } = page;
    assert(parent?.children !== undefined && page.childCount === 0, "only a page without pages below leaves memory");
    parent.children[page.slot] = undefined;
    parent.childCount--;
    if (page.dirty) {
      this.dirtyBytes -= page.bytes.length;
      page.dirty = false;
    } else {
      this.unlink(page);
    }
    page.attached = false;
    page.flushNumber = -1;
    this.costBytes -= page.costBytes;
    page.costBytes = 0;
  }

  /** Links a new page, not in the store yet, into the tree below `slot` of `parent`. */
  attachNew(parent: Page, slot: number, page: Page): void {
    page.dirty = true;
    this.dirtyBytes += page.bytes.length;
    this.attach(parent, slot, page);
  }

  /**
   * To be called before a page changes: it is dirty from now on. Where its bytes are to be changed in place, and not
   * replaced, a flush under way keeps the old ones.
   */
  beginChange(page: Page, inPlace: boolean): void {
    if (page.dirty) {
      this.dirtyBytes -= page.bytes.length;
    } else if (page.parent !== undefined) {
      this.unlink(page);
    }
    page.dirty = true;
    if (inPlace && page.flushNumber >= 0) {
      page.bytes = page.bytes.slice();
    }
    page.flushNumber = -1;
  }

  /** To be called after a page's bytes changed. */
  endChange(page: Page): void {
    this.dirtyBytes += page.bytes.length;
    this.weigh(page);
  }

  /** A page's bytes are in the store now. */
  markClean(page: Page): void {
    this.dirtyBytes -= page.bytes.length;
    page.dirty = false;
    page.flushNumber = -1;
    if (page.parent !== undefined) {
      this.linkNewest(page);
    }
  }

  /** Evicts pages until the limit holds, or no clean page is left. */
  trim(): void {
    while (this.costBytes > this.limitBytes && this.oldest !== undefined) {
      const page = this.oldest;
      if (page.childCount > 0) {
        // Its children go first: they are clean and in the list too.
        this.unlink(page);
        this.linkNewest(page);
      } else {
        this.detach(page);
      }
    }
  }

  private weigh(page: Page): void {
    const costBytes = page.measure();
    this.costBytes += costBytes - page.costBytes;
    page.costBytes = costBytes;
  }

  private linkNewest(page: Page): void {
    page.older = this.newest;
    page.newer = undefined;
    if (this.newest !== undefined) {
      this.newest.newer = page;
    } else {
      this.oldest = page;
    }
    this.newest = page;
  }

  private unlink(page: Page): void {
    const { older, newer } = page;
    if (older !== undefined) {
      older.newer = newer;
    } else {
      this.oldest = newer;
    }
    if (newer !== undefined) {
      newer.older = older;
    } else {
      this.newest = older;
    }
    page.older = undefined;
    page.newer = undefined;
  }
}

/**
 * Reads the page at `depth` on the way to `key`, and checks it against hash `index` of `expected`.
 * Throws StateDamageError where it is missing, malformed or another one.
 */
export function loadPage(
  store: KeyValueStore,
  hasher: PageHasher,
  key: Uint8Array,
  depth: number,
  expected: Int32Array,
  index: number,
): Page {
  const storeKey = pageKey(key, depth);
  const bytes = store.get(PAGES_TABLE, storeKey);
  if (bytes === undefined) {
    throw new StateDamageError(PAGES_TABLE, storeKey, "the page is missing");
  }
  if (bytes.length < PAGE_HEADER_BYTES) {
    throw new StateDamageError(
      PAGES_TABLE,
      storeKey,
      `expected at least ${PAGE_HEADER_BYTES} bytes, got ${bytes.length}`,
    );
  }
  const page = new Page(depth, bytes, new Int32Array(0));
  const problem = pageProblem(page, key);
  if (problem !== undefined) {
    throw new StateDamageError(PAGES_TABLE, storeKey, problem);
  }
  hasher.hash(page);
  if (!sameHash(page.hashes, page.rootIndex(), expected, index)) {
    throw new StateDamageError(PAGES_TABLE, storeKey, "its hash is not the one above it");
  }
  return page;
}

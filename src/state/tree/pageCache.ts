// The pages of the latest committed state in memory: the root page always, changed pages until they are flushed, others
// up to a limit. A page is a number here (pageTable.ts); its content lies in an arena. Every page that is read from the
// store is hashed from its leaves up and compared with its parent: damage is found where it is read. Invariants: a clean
// page has only clean pages below it; pages are evicted between operations only (`trim`), so that numbers stay valid
// within one. Views of the memory must be read afresh after a page was loaded or made.

import { assert } from "../../base/assert.js";
import type { KeyValueStore } from "../../storage/keyValueStore.js";
import { expectRoot, readPage } from "./loadPage.js";
import { EMPTY, HASH_WORDS, LEAF, type Page, SUBTREE } from "./page.js";
import { PageArena } from "./pageArena.js";
import { PageHasher } from "./pageHasher.js";
import {
  BLOCK,
  blockWords,
  CHILD_COUNT,
  childrenAt,
  DEPTH,
  DIRTY,
  endsAt,
  FLAGS,
  FLUSH,
  HASHES_AT,
  IN_USE,
  ITEM_COUNT,
  keysAt,
  LEAF_COUNT,
  LEAVES_HIGH,
  LEAVES_LOW,
  NO_PAGE,
  OCCUPIED_HIGH,
  OCCUPIED_LOW,
  PARENT,
  PageTable,
  RECENT,
  ROW_BITS,
  SLOT,
  TAKEN,
  valuesAt,
} from "./pageTable.js";
import { placePage, storeBytes } from "./pageTransfer.js";
import { compareKeyAt, hasSlot, KEY_BYTES, PAGE_BITS, rankOf, SLOTS, slotOf, writeSlot } from "./slots.js";

/** Number of the page at depth 0, which is always in memory. */
export const ROOT_PAGE = 0;

/** Share of the limit that content may fill; the rest is what the arena needs to move blocks about. */
const CONTENT_SHARE = 0.8;
/** Rows looked at for eviction in one `trim`, and how many more for each page that was loaded. */
const TRIM_STEPS = 512;
const TRIM_STEPS_PER_LOAD = 64;
/** The hand takes one round to see which pages were not read lately, and one for each level of pages to be evicted. */
const WHOLE_ROUNDS = 8;

export class PageCache {
  readonly table = new PageTable();
  readonly arena: PageArena;
  readonly hasher = new PageHasher();
  /** Counts the commits that changed a page. */
  version = 0;
  /** What the changed pages will weigh in the store. */
  dirtyBytes = 0;
  /** Number of the flush that writes what changes from now on. */
  nextFlush = 1;
  /** Told of a page that awaits a flush, right before it changes or goes. */
  onChangeAwaited: (page: number) => void = () => {};
  readonly store: KeyValueStore;
  private readonly contentBytesMax: number;
  private pageCount = 0;
  /** Counts the pages read from the store. */
  loads = 0;
  private loadsBeforeTrim = 0;
  private hand = 0;

  constructor(store: KeyValueStore, limitBytes: number, rootPage: Page) {
    this.store = store;
    this.arena = new PageArena(this.table, limitBytes);
    this.contentBytesMax = limitBytes * CONTENT_SHARE;
    assert(this.add(rootPage) === ROOT_PAGE, "the root page has number 0");
  }

  /** What the pages in memory weigh, in bytes. */
  get costBytes(): number {
    return 4 * (this.arena.liveWords + (this.pageCount << ROW_BITS));
  }

  /** The page below the subtree in `slot` of `page`; `key` is any key below it. It stays in memory for a while. */
  childPage(page: number, slot: number, key: Uint8Array): number {
    const at = this.childWord(page, slot);
    const cached = this.arena.memory.words[at];
    return cached === NO_PAGE ? this.loadChild(page, slot, key) : cached;
  }

  /** Number of the page below a subtree where it is in memory, else NO_PAGE. */
  cachedChild(page: number, slot: number): number {
    return this.arena.memory.words[this.childWord(page, slot)];
  }

  /** Where the number of the page below a subtree is kept. */
  private childWord(page: number, slot: number): number {
    const rows = this.table.memory.words;
    const row = page << ROW_BITS;
    const item = rankOf(rows[row + OCCUPIED_LOW], rows[row + OCCUPIED_HIGH], slot);
    const leaf = rankOf(rows[row + LEAVES_LOW], rows[row + LEAVES_HIGH], slot);
    return rows[row + BLOCK] + childrenAt(rows[row + ITEM_COUNT]) + item - leaf;
  }

  private loadChild(page: number, slot: number, key: Uint8Array): number {
    const child = this.add(this.readChild(page, slot, key));
    this.link(page, slot, child);
    this.loads++;
    return child;
  }

  /** The page below the subtree in `slot` of `page` as the store holds it, checked. */
  private readChild(page: number, slot: number, key: Uint8Array): Page {
    const depth = this.table.memory.words[(page << ROW_BITS) + DEPTH] + PAGE_BITS;
    const content = readPage(this.store, key, depth);
    this.hasher.hash([content]);
    expectRoot(content, key, this.arena.memory.words, this.childHash(page, slot));
    return content;
  }

  /** Where the hash of the subtree in `slot` of `page` lies in the arena's words. */
  private childHash(page: number, slot: number): number {
    const rows = this.table.memory.words;
    const row = page << ROW_BITS;
    const item = rankOf(rows[row + OCCUPIED_LOW], rows[row + OCCUPIED_HIGH], slot);
    return rows[row + BLOCK] + HASHES_AT + HASH_WORDS * item;
  }

  /**
   * Loads what is missing on the ways to `keys` (32 bytes each, one behind the other): pages of one depth are read and hashed together,
   * which costs half of what they cost one by one.
   */
  preload(keys: Uint8Array): void {
    const pages = new Int32Array(keys.length / KEY_BYTES).fill(ROOT_PAGE);
    let open = Array.from(pages, (_, index) => index);
    for (let depth = 0; open.length > 0; depth += PAGE_BITS) {
      open = open.filter((index) => this.kindAt(pages[index], slotOf(keys, KEY_BYTES * index, depth)) === SUBTREE);
      this.loadChildren(keys, depth, pages, open);
      for (const index of open) {
        pages[index] = this.cachedChild(pages[index], slotOf(keys, KEY_BYTES * index, depth));
      }
    }
  }

  /** Loads the pages below those at `depth` that the ways to the keys of numbers `open` go through, where they are missing. */
  private loadChildren(keys: Uint8Array, depth: number, pages: Int32Array, open: readonly number[]): void {
    const missing = new Map<number, number>();
    for (const index of open) {
      const slot = slotOf(keys, KEY_BYTES * index, depth);
      if (this.cachedChild(pages[index], slot) === NO_PAGE) {
        missing.set(pages[index] * SLOTS + slot, index);
      }
    }
    if (missing.size === 0) {
      return;
    }
    const keyOf = (index: number): Uint8Array => keys.subarray(KEY_BYTES * index, KEY_BYTES * (index + 1));
    const read = Array.from(missing.values(), (index) => readPage(this.store, keyOf(index), depth + PAGE_BITS));
    this.hasher.hash(read);
    let number = 0;
    for (const [place, index] of missing) {
      const [page, slot] = [Math.floor(place / SLOTS), place % SLOTS];
      expectRoot(read[number], keyOf(index), this.arena.memory.words, this.childHash(page, slot));
      this.link(page, slot, this.add(read[number++]));
      this.loads++;
    }
  }

  /** EMPTY, LEAF or SUBTREE. */
  kindAt(page: number, slot: number): number {
    const rows = this.table.memory.words;
    const row = page << ROW_BITS;
    if (!hasSlot(rows[row + OCCUPIED_LOW], rows[row + OCCUPIED_HIGH], slot)) {
      return EMPTY;
    }
    return hasSlot(rows[row + LEAVES_LOW], rows[row + LEAVES_HIGH], slot) ? LEAF : SUBTREE;
  }

  /** Number of a leaf among the leaves of its page. */
  leafRank(page: number, slot: number): number {
    const rows = this.table.memory.words;
    const row = page << ROW_BITS;
    return rankOf(rows[row + LEAVES_LOW], rows[row + LEAVES_HIGH], slot);
  }

  /** Where the key of leaf `leaf` of a page lies in the arena's bytes. */
  keyByte(page: number, leaf: number): number {
    const rows = this.table.memory.words;
    const row = page << ROW_BITS;
    return 4 * (rows[row + BLOCK] + keysAt(rows[row + ITEM_COUNT], rows[row + LEAF_COUNT]) + HASH_WORDS * leaf);
  }

  /** Where the value of leaf `leaf` of a page begins in the arena's bytes. */
  valueByte(page: number, leaf: number): number {
    const rows = this.table.memory.words;
    const row = page << ROW_BITS;
    const items = rows[row + ITEM_COUNT];
    const leaves = rows[row + LEAF_COUNT];
    const block = rows[row + BLOCK];
    const start = leaf === 0 ? 0 : this.arena.memory.words[block + endsAt(items, leaves) + leaf - 1];
    return 4 * (block + valuesAt(items, leaves)) + start;
  }

  /** Length of the value of leaf `leaf` of a page, in bytes. */
  valueLength(page: number, leaf: number): number {
    const rows = this.table.memory.words;
    const row = page << ROW_BITS;
    const { words } = this.arena.memory;
    const ends = rows[row + BLOCK] + endsAt(rows[row + ITEM_COUNT], rows[row + LEAF_COUNT]);
    return leaf === 0 ? words[ends] : words[ends + leaf] - words[ends + leaf - 1];
  }

  /** The value under `key`, as a copy; undefined where there is none. */
  get(key: Uint8Array): Uint8Array | undefined {
    let page = ROOT_PAGE;
    for (let depth = 0; ; depth += PAGE_BITS) {
      const slot = slotOf(key, 0, depth);
      const kind = this.kindAt(page, slot);
      this.table.memory.words[(page << ROW_BITS) + FLAGS] |= RECENT;
      if (kind === SUBTREE) {
        page = this.childPage(page, slot, key);
        continue;
      }
      const leaf = this.leafRank(page, slot);
      const { bytes } = this.arena.memory;
      if (kind === EMPTY || compareKeyAt(key, bytes, this.keyByte(page, leaf)) !== 0) {
        return undefined;
      }
      const start = this.valueByte(page, leaf);
      return bytes.slice(start, start + this.valueLength(page, leaf));
    }
  }

  /**
   * Loads pages that are not in memory, in the order of their keys, as far as `limitBytes` of pages allow; yields after each
   * page that it passes, so that many in memory already keep nobody waiting. Changes may come in between: nothing is held but the way to
   * the next page.
   */
  *warmUp(limitBytes: number, prefix = new Uint8Array(KEY_BYTES), depth = 0): Generator<void> {
    for (let slot = 0; slot < SLOTS && this.costBytes < limitBytes; slot++) {
      writeSlot(prefix, depth, slot);
      const page = this.find(prefix, depth);
      if (page === NO_PAGE) {
        return;
      }
      if (this.kindAt(page, slot) === SUBTREE) {
        this.childPage(page, slot, prefix);
        yield;
        yield* this.warmUp(limitBytes, prefix.slice(), depth + PAGE_BITS);
      }
    }
  }

  /** The page at `depth` on the way to `key`, loaded where necessary; NO_PAGE where the latest state has none. */
  find(key: Uint8Array, depth: number): number {
    let page = ROOT_PAGE;
    for (let above = 0; above < depth; above += PAGE_BITS) {
      const slot = slotOf(key, 0, above);
      if (this.kindAt(page, slot) !== SUBTREE) {
        return NO_PAGE;
      }
      page = this.childPage(page, slot, key);
    }
    return page;
  }

  /** Takes a page into memory, linked to nothing yet and clean. */
  private add(content: Page): number {
    const page = this.table.allocate();
    const words = blockWords(content.count, content.leafCount(), content.valueBytes());
    const block = this.arena.allocate(page, words);
    placePage(this, page, block, content);
    this.pageCount++;
    return page;
  }

  /** Makes a new page, dirty and linked below `slot` of `parent`; the caller fills its block of `words` words. */
  create(parent: number, slot: number, depth: number, words: number): number {
    const page = this.table.allocate();
    const block = this.arena.allocate(page, words);
    const rows = this.table.memory.words;
    const row = page << ROW_BITS;
    rows[row + BLOCK] = block;
    rows[row + DEPTH] = depth;
    rows[row + FLAGS] = IN_USE | DIRTY;
    rows[row + FLUSH] = this.nextFlush;
    this.pageCount++;
    this.link(parent, slot, page);
    return page;
  }

  private link(parent: number, slot: number, page: number): void {
    const at = this.childWord(parent, slot);
    assert(this.arena.memory.words[at] === NO_PAGE, "a page's place is free");
    this.arena.memory.words[at] = page;
    const rows = this.table.memory.words;
    rows[(parent << ROW_BITS) + CHILD_COUNT]++;
    rows[(page << ROW_BITS) + PARENT] = parent;
    rows[(page << ROW_BITS) + SLOT] = slot;
  }

  /** Takes a page, below which none is in memory, out of it. */
  remove(page: number): void {
    const rows = this.table.memory.words;
    const row = page << ROW_BITS;
    assert(rows[row + CHILD_COUNT] === 0 && page !== ROOT_PAGE, "only a page without pages below leaves memory");
    if (this.awaitsFlush(page)) {
      this.onChangeAwaited(page);
    }
    if ((rows[row + FLAGS] & DIRTY) !== 0) {
      this.dirtyBytes -= storeBytes(rows, row);
    }
    const parent = rows[row + PARENT];
    this.arena.memory.words[this.childWord(parent, rows[row + SLOT])] = NO_PAGE;
    rows[(parent << ROW_BITS) + CHILD_COUNT]--;
    this.arena.release(rows[row + BLOCK]);
    this.table.release(page);
    this.pageCount--;
  }

  /** Whether the flush that began last has not taken what the page held then. */
  awaitsFlush(page: number): boolean {
    const rows = this.table.memory.words;
    const row = page << ROW_BITS;
    return (rows[row + FLAGS] & (DIRTY | TAKEN)) === DIRTY && rows[row + FLUSH] < this.nextFlush;
  }

  /** To be called before a page changes, and `endChange` afterwards. */
  beginChange(page: number): void {
    const rows = this.table.memory.words;
    const row = page << ROW_BITS;
    if (this.awaitsFlush(page)) {
      this.onChangeAwaited(page);
    }
    if ((rows[row + FLAGS] & DIRTY) !== 0) {
      this.dirtyBytes -= storeBytes(rows, row);
    }
    rows[row + FLAGS] = IN_USE | DIRTY;
    rows[row + FLUSH] = this.nextFlush;
  }

  endChange(page: number): void {
    this.dirtyBytes += storeBytes(this.table.memory.words, page << ROW_BITS);
  }

  /** What a flush took of the pages is in the store now, or is to be taken anew: true and false. */
  endFlush(isWritten: boolean): void {
    const rows = this.table.memory.words;
    for (let row = 0; row < this.table.rowCount << ROW_BITS; row += 1 << ROW_BITS) {
      if ((rows[row + FLAGS] & TAKEN) !== 0) {
        this.dirtyBytes -= isWritten ? storeBytes(rows, row) : 0;
        rows[row + FLAGS] = IN_USE | (isWritten ? RECENT : DIRTY);
      }
    }
  }

  /**
   * Evicts clean pages that were not read lately, until the limit holds. Looks at some rows only, more with each page loaded
   * since; `whole`: at all of them, for after a flush.
   */
  trim(whole = false): void {
    let steps = whole
      ? WHOLE_ROUNDS * this.table.rowCount
      : TRIM_STEPS + TRIM_STEPS_PER_LOAD * (this.loads - this.loadsBeforeTrim);
    this.loadsBeforeTrim = this.loads;
    while (this.costBytes > this.contentBytesMax && steps-- > 0) {
      this.hand = this.hand + 1 < this.table.rowCount ? this.hand + 1 : 0;
      const rows = this.table.memory.words;
      const row = this.hand << ROW_BITS;
      if (rows[row + FLAGS] === (IN_USE | RECENT)) {
        rows[row + FLAGS] = IN_USE;
      } else if (rows[row + FLAGS] === IN_USE && rows[row + CHILD_COUNT] === 0 && this.hand !== ROOT_PAGE) {
        this.remove(this.hand);
      }
    }
  }
}

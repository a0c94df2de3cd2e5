// Applies a prepared update to the pages in memory. Nothing in it can fail but reads of a damaged store: all was computed
// before.

import { assert } from "../../base/assert.js";
import { HASH_WORDS } from "./page.js";
import { copyBytes } from "./pageBytes.js";
import { type PageCache, ROOT_PAGE } from "./pageCache.js";
import {
  BLOCK,
  blockWords,
  childrenAt,
  GENERATION,
  HASHES_AT,
  ITEM_COUNT,
  LEAF_COUNT,
  LEAVES_HIGH,
  LEAVES_LOW,
  NO_PAGE,
  OCCUPIED_HIGH,
  OCCUPIED_LOW,
  ROW_BITS,
  VALUE_BYTES,
} from "./pageTable.js";
import {
  CREATED,
  PATCHED,
  type PreparedUpdate,
  REMOVED,
  STAGED_CHANGE,
  STAGED_CONTENT,
  STAGED_CONTENT_WORDS,
  STAGED_DEPTH,
  STAGED_GENERATION,
  STAGED_HASH_PATCHES,
  STAGED_KIND,
  STAGED_LEAVES_HIGH,
  STAGED_LEAVES_LOW,
  STAGED_OCCUPIED_HIGH,
  STAGED_OCCUPIED_LOW,
  STAGED_PAGE,
  STAGED_VALUE_BYTES,
  STAGED_VALUE_PATCHES,
  STAGED_WORDS,
} from "./preparedUpdate.js";
import { bitCount, hasSlot, PAGE_BITS, rankOf, slotOf } from "./slots.js";

/** What the next flush has to know about pages that came and went. */
export interface RemovedPages {
  add(key: Uint8Array, depth: number): void;
  delete(key: Uint8Array, depth: number): void;
}

class UpdateCommit {
  private readonly cache: PageCache;
  private readonly update: PreparedUpdate;
  private readonly removed: RemovedPages;

  constructor(cache: PageCache, update: PreparedUpdate, removed: RemovedPages) {
    this.cache = cache;
    this.update = update;
    this.removed = removed;
  }

  run(): void {
    const { words, length } = this.update.memory.staged;
    // Pages below come first here: while a page is looked up, those above it still hold the hashes that it was stored
    // under.
    for (let at = 0; at < length; at += STAGED_WORDS) {
      const kind = words[at + STAGED_KIND];
      if (kind === REMOVED) {
        this.removePage(at);
      } else if (kind !== CREATED) {
        this.changePage(at);
      }
    }
    for (let at = length - STAGED_WORDS; at >= 0; at -= STAGED_WORDS) {
      if (words[at + STAGED_KIND] === CREATED) {
        this.createPage(at);
      }
    }
  }

  private key(at: number): Uint8Array {
    const { changes, staged } = this.update.memory;
    return changes.key(changes.order[staged.words[at + STAGED_CHANGE]]);
  }

  /** The page as memory holds it now: since it was staged it may have been evicted and loaded again. */
  private target(at: number): number {
    const { words } = this.update.memory.staged;
    const page = words[at + STAGED_PAGE];
    if (this.cache.table.memory.words[(page << ROW_BITS) + GENERATION] === words[at + STAGED_GENERATION]) {
      return page;
    }
    const found = this.cache.find(this.key(at), words[at + STAGED_DEPTH]);
    assert(found !== NO_PAGE, "a staged page exists until its update is committed");
    return found;
  }

  private removePage(at: number): void {
    const depth = this.update.memory.staged.words[at + STAGED_DEPTH];
    if (depth > 0) {
      this.removed.add(this.key(at), depth);
      this.cache.remove(this.target(at));
      return;
    }
    this.cache.beginChange(ROOT_PAGE);
    this.replaceBlock(ROOT_PAGE, this.cache.arena.allocate(ROOT_PAGE, blockWords(0, 0, 0)), at);
    this.cache.endChange(ROOT_PAGE);
  }

  private changePage(at: number): void {
    const { cache } = this;
    const page = this.target(at);
    cache.beginChange(page);
    if (this.update.memory.staged.words[at + STAGED_KIND] === PATCHED) {
      this.patchValues(at, cache.table.blockOf(page));
    } else {
      this.replaceBlock(page, this.placeContent(page, at), at);
    }
    this.patchHashes(at, cache.table.blockOf(page));
    cache.endChange(page);
  }

  /** A new block for `page` with the staged content. */
  private placeContent(page: number, at: number): number {
    const { content, staged } = this.update.memory;
    const start = staged.words[at + STAGED_CONTENT];
    const size = staged.words[at + STAGED_CONTENT_WORDS];
    const block = this.cache.arena.allocate(page, size);
    this.fillBlock(block, content.words, start, size);
    return block;
  }

  /** Copies all but the header. */
  private fillBlock(block: number, content: Int32Array, start: number, size: number): void {
    const { words } = this.cache.arena.memory;
    for (let i = HASHES_AT; i < size; i++) {
      words[block + i] = content[start + i];
    }
  }

  /** Makes `block` the block of `page`, in place of its old one; pages in memory below it stay linked. */
  private replaceBlock(page: number, block: number, at: number): void {
    const { words } = this.cache.arena.memory;
    const rows = this.cache.table.memory.words;
    const row = page << ROW_BITS;
    const old = rows[row + BLOCK];
    const oldChildren = old + childrenAt(rows[row + ITEM_COUNT]);
    const oldLow = rows[row + OCCUPIED_LOW] & ~rows[row + LEAVES_LOW];
    const oldHigh = rows[row + OCCUPIED_HIGH] & ~rows[row + LEAVES_HIGH];
    this.describe(page, block, at);
    let child = block + childrenAt(rows[row + ITEM_COUNT]);
    for (let word = 0; word < 2; word++) {
      const subtrees = rows[row + OCCUPIED_LOW + word] & ~rows[row + LEAVES_LOW + word];
      for (let rest = subtrees; rest !== 0; rest &= rest - 1) {
        const slot = 32 * word + 31 - Math.clz32(rest & -rest);
        const wasSubtree = hasSlot(oldLow, oldHigh, slot);
        words[child++] = wasSubtree ? words[oldChildren + rankOf(oldLow, oldHigh, slot)] : NO_PAGE;
      }
    }
    this.cache.arena.release(old);
  }

  /** Fills a page's row with what is staged. */
  private describe(page: number, block: number, at: number): void {
    const staged = this.update.memory.staged.words;
    const rows = this.cache.table.memory.words;
    const row = page << ROW_BITS;
    const occupiedLow = staged[at + STAGED_OCCUPIED_LOW];
    const occupiedHigh = staged[at + STAGED_OCCUPIED_HIGH];
    const leavesLow = staged[at + STAGED_LEAVES_LOW];
    const leavesHigh = staged[at + STAGED_LEAVES_HIGH];
    rows[row + BLOCK] = block;
    rows[row + OCCUPIED_LOW] = occupiedLow;
    rows[row + OCCUPIED_HIGH] = occupiedHigh;
    rows[row + LEAVES_LOW] = leavesLow;
    rows[row + LEAVES_HIGH] = leavesHigh;
    rows[row + ITEM_COUNT] = bitCount(occupiedLow) + bitCount(occupiedHigh);
    rows[row + LEAF_COUNT] = bitCount(leavesLow) + bitCount(leavesHigh);
    rows[row + VALUE_BYTES] = staged[at + STAGED_VALUE_BYTES];
  }

  private createPage(at: number): void {
    const { cache } = this;
    const { staged, content } = this.update.memory;
    const depth = staged.words[at + STAGED_DEPTH];
    const key = this.key(at);
    this.removed.delete(key, depth);
    const parent = cache.find(key, depth - PAGE_BITS);
    assert(parent !== NO_PAGE, "a new page's parent is in place before it");
    const start = staged.words[at + STAGED_CONTENT];
    const size = staged.words[at + STAGED_CONTENT_WORDS];
    const page = cache.create(parent, slotOf(key, 0, depth - PAGE_BITS), depth, size);
    const block = cache.table.blockOf(page);
    this.fillBlock(block, content.words, start, size);
    this.describe(page, block, at);
    const rows = cache.table.memory.words;
    const children = block + childrenAt(rows[(page << ROW_BITS) + ITEM_COUNT]);
    const count = rows[(page << ROW_BITS) + ITEM_COUNT] - rows[(page << ROW_BITS) + LEAF_COUNT];
    cache.arena.memory.words.fill(NO_PAGE, children, children + count);
    this.patchHashes(at, block);
    cache.endChange(page);
  }

  private patchHashes(at: number, block: number): void {
    const { staged, hashPatches, hashPlan } = this.update.memory;
    const start = at === 0 ? 0 : staged.words[at - STAGED_WORDS + STAGED_HASH_PATCHES];
    const end = staged.words[at + STAGED_HASH_PATCHES];
    const { words } = this.cache.arena.memory;
    for (let i = start; i < end; i += 2) {
      hashPlan.copyTo(hashPatches.words[i + 1], words, block + HASHES_AT + HASH_WORDS * hashPatches.words[i]);
    }
  }

  private patchValues(at: number, block: number): void {
    const { changes, staged, valuePatches } = this.update.memory;
    const start = at === 0 ? 0 : staged.words[at - STAGED_WORDS + STAGED_VALUE_PATCHES];
    const end = staged.words[at + STAGED_VALUE_PATCHES];
    const { bytes } = this.cache.arena.memory;
    for (let i = start; i < end; i += 2) {
      const change = valuePatches.words[i + 1];
      const to = 4 * block + valuePatches.words[i];
      copyBytes(changes.values, changes.valueOffsets[change], bytes, to, changes.valueLength(change));
    }
  }
}

/** Makes `update` the latest state of the pages in memory. */
export function commitUpdate(cache: PageCache, update: PreparedUpdate, removed: RemovedPages): void {
  cache.version++;
  new UpdateCommit(cache, update, removed).run();
}

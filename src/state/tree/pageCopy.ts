// Copies of pages of the latest state, for walks that look at much and shall neither fill the page cache nor be disturbed
// by commits.

import { loadPage } from "./loadPage.js";
import { HASH_WORDS, type Page, SUBTREE } from "./page.js";
import { type PageCache, ROOT_PAGE } from "./pageCache.js";
import { GENERATION, NO_PAGE, ROW_BITS } from "./pageTable.js";
import { snapshotPage } from "./pageTransfer.js";
import { PAGE_BITS, slotOf } from "./slots.js";

/**
 * A page as it was when the copy was made, and where it was in memory: NO_PAGE, or a number that may be another page's by
 * now.
 */
export interface PageCopy {
  readonly content: Page;
  readonly page: number;
  readonly generation: number;
}

function copyPage(cache: PageCache, page: number): PageCopy {
  const generation = cache.table.memory.words[(page << ROW_BITS) + GENERATION];
  return { content: snapshotPage(cache, page), page, generation };
}

export function copyRoot(cache: PageCache): PageCopy {
  return copyPage(cache, ROOT_PAGE);
}

/**
 * A copy of the page below the subtree in `slot` of `above`, which was copied since the last commit; `key` is any key below it.
 * What isn't in memory is read from the store: a page that has left memory since had nothing changed below it.
 */
export function copyChild(cache: PageCache, above: PageCopy, slot: number, key: Uint8Array): PageCopy {
  const rows = cache.table.memory.words;
  if (above.page !== NO_PAGE && rows[(above.page << ROW_BITS) + GENERATION] === above.generation) {
    const child = cache.cachedChild(above.page, slot);
    if (child !== NO_PAGE) {
      return copyPage(cache, child);
    }
  }
  const { content } = above;
  const start = HASH_WORDS * content.itemIndex(slot);
  const expected = content.hashes.subarray(start, start + HASH_WORDS);
  const depth = content.depth + PAGE_BITS;
  return { content: loadPage(cache.store, cache.hasher, key, depth, expected, 0), page: NO_PAGE, generation: 0 };
}

/** A copy of the page at `depth` on the way to `key`; undefined where the latest state has none. */
export function copyAt(cache: PageCache, key: Uint8Array, depth: number): PageCopy | undefined {
  let copy = copyRoot(cache);
  for (let above = 0; above < depth; above += PAGE_BITS) {
    const slot = slotOf(key, 0, above);
    if (copy.content.kindAt(slot) !== SUBTREE) {
      return undefined;
    }
    copy = copyChild(cache, copy, slot, key);
  }
  return copy;
}

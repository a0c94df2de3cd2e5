// Applies a prepared update to the pages in memory. Nothing in it can fail but reads of a damaged store: all was computed before.

import { assert } from "../../base/assert.js";
import { HASH_WORDS, ITEM_BYTES, PAGE_HEADER_BYTES, Page, wordsToBytes } from "./page.js";
import { copyBytes } from "./pageBytes.js";
import type { PageCache } from "./pageCache.js";
import type { PreparedUpdate, StagedPage } from "./preparedUpdate.js";
import { PAGE_BITS, slotOf } from "./slots.js";

/** The changed page as memory holds it now: since it was staged it may have been evicted and loaded again. */
function stagedTarget(cache: PageCache, staged: StagedPage): Page {
  if (staged.base!.attached) {
    return staged.base!;
  }
  const page = cache.findPage(staged.key, staged.depth, true);
  assert(page !== undefined, "a staged page exists until its update is committed");
  return page;
}

function patchHashes(update: PreparedUpdate, staged: StagedPage, page: Page): void {
  const { hashPatches, memory } = update;
  for (let i = staged.patchStart; i < staged.patchEnd; i += 2) {
    const index = hashPatches[i] >> 1;
    memory.hashPlan.copyTo(hashPatches[i + 1], page.hashes, HASH_WORDS * index);
    if ((hashPatches[i] & 1) === 1) {
      wordsToBytes(page.hashes, HASH_WORDS * index, page.bytes, PAGE_HEADER_BYTES + ITEM_BYTES * index);
    }
  }
}

function changePage(cache: PageCache, update: PreparedUpdate, staged: StagedPage): void {
  const page = stagedTarget(cache, staged);
  cache.beginChange(page, staged.bytes === undefined);
  if (staged.bytes !== undefined) {
    page.replace(staged.bytes, staged.hashes!);
  }
  for (let i = staged.valueStart; i < staged.valueEnd; i++) {
    const value = update.values[i];
    copyBytes(value, 0, page.bytes, update.valueOffsets[i], value.length);
  }
  patchHashes(update, staged, page);
  cache.endChange(page);
}

function addPage(cache: PageCache, update: PreparedUpdate, staged: StagedPage): void {
  const page = new Page(staged.depth, staged.bytes!, staged.hashes!);
  patchHashes(update, staged, page);
  const parent = cache.findPage(staged.key, staged.depth - PAGE_BITS, true);
  assert(parent !== undefined, "a new page's parent is in place before it");
  cache.attachNew(parent, slotOf(staged.key, 0, parent.depth), page);
}

/** What the next flush has to know about pages that came and went. */
export interface RemovedPages {
  add(key: Uint8Array, depth: number): void;
  delete(key: Uint8Array, depth: number): void;
}

/** Makes `update` the latest state of the pages in memory. */
export function commitUpdate(cache: PageCache, update: PreparedUpdate, removed: RemovedPages): void {
  const { staged } = update;
  cache.version++;
  // Pages below come first here: while a page is looked up, those above it still hold the hashes that it was stored under.
  for (const each of staged) {
    if (each.removed && each.depth > 0) {
      removed.add(each.key, each.depth);
      cache.detach(stagedTarget(cache, each));
    } else if (each.base !== undefined) {
      changePage(cache, update, each);
    }
  }
  for (let i = staged.length - 1; i >= 0; i--) {
    if (staged[i].base === undefined) {
      removed.delete(staged[i].key, staged[i].depth);
      addPage(cache, update, staged[i]);
    }
  }
}

// Audits the whole tree: every page is hashed again from its leaves up and compared with the page above it. Pages that
// are in the store are read from there, whatever memory holds.

import { bytesKey, equalBytes } from "../../base/bytes.js";
import { EMPTY_ROOT } from "../../protocol/stateProof.js";
import { StateDamageError } from "./errors.js";
import { loadPage, PAGES_TABLE } from "./loadPage.js";
import { LEAF, type Page, SUBTREE, sameHash } from "./page.js";
import { pageProblem, slotPrefix } from "./pageBytes.js";
import { type PageCache, ROOT_PAGE } from "./pageCache.js";
import { copyRoot } from "./pageCopy.js";
import { PageHasher } from "./pageHasher.js";
import { DIRTY, FLAGS, NO_PAGE, ROW_BITS } from "./pageTable.js";
import { snapshotPage } from "./pageTransfer.js";
import { KEY_BYTES, PAGE_BITS, pageKey, SLOTS } from "./slots.js";
import { hashWords } from "./stateHistory.js";

export interface TreeCounts {
  leaves: number;
  pages: number;
}

class TreeAudit {
  readonly counts: TreeCounts = { leaves: 0, pages: 0 };
  readonly seen = new Set<string>();
  private readonly cache: PageCache;
  private readonly hasher = new PageHasher();

  constructor(cache: PageCache) {
    this.cache = cache;
  }

  /** Audits the page on the way to `prefix` at `depth`, and all below it; `page` is its number in memory or NO_PAGE. */
  visit(page: number, prefix: Uint8Array, depth: number, expected: Int32Array, index: number): void {
    const rows = this.cache.table.memory.words;
    const isDirty = page !== NO_PAGE && (rows[(page << ROW_BITS) + FLAGS] & DIRTY) !== 0;
    const content = isDirty ? this.rehash(page, prefix, expected, index) : this.load(prefix, depth, expected, index);
    this.counts.pages++;
    for (let slot = 0; slot < SLOTS; slot++) {
      const kind = content.kindAt(slot);
      if (kind === LEAF) {
        this.counts.leaves++;
      } else if (kind === SUBTREE) {
        const child = page === NO_PAGE ? NO_PAGE : this.cache.cachedChild(page, slot);
        const below = slotPrefix(prefix, depth, slot);
        this.visit(child, below, depth + PAGE_BITS, content.hashes, content.itemIndex(slot));
      }
    }
  }

  private load(prefix: Uint8Array, depth: number, expected: Int32Array, index: number): Page {
    this.seen.add(bytesKey(pageKey(prefix, depth)));
    return loadPage(this.cache.store, this.hasher, prefix, depth, expected, index);
  }

  private rehash(number: number, prefix: Uint8Array, expected: Int32Array, index: number): Page {
    const page = snapshotPage(this.cache, number);
    const problem = pageProblem(page, prefix);
    if (problem !== undefined) {
      throw new StateDamageError(PAGES_TABLE, pageKey(prefix, page.depth), `in memory: ${problem}`);
    }
    this.hasher.hash([page]);
    if (!sameHash(page.hashes, page.rootIndex(), expected, index)) {
      const key = pageKey(prefix, page.depth);
      throw new StateDamageError(PAGES_TABLE, key, "in memory: its hash is not the one above it");
    }
    return page;
  }

  /** Looks for pages that no slot leads to; the tree has no page that isn't in the store. */
  findStray(): void {
    for (const { key } of this.cache.store.range(PAGES_TABLE, { end: Uint8Array.of(0xff) })) {
      if (!this.seen.has(bytesKey(key))) {
        throw new StateDamageError(PAGES_TABLE, key, "no page leads to this one");
      }
    }
  }
}

/**
 * Checks the tree against `root`, and counts its leaves and pages. Throws StateDamageError naming the first damaged page, those
 * above before those below and then in the order of keys. `flushed`: the store holds exactly this state.
 */
export function verifyTree(cache: PageCache, root: Uint8Array, flushed: boolean): TreeCounts {
  const audit = new TreeAudit(cache);
  const first = new Uint8Array(KEY_BYTES);
  if (!equalBytes(root, EMPTY_ROOT)) {
    audit.visit(ROOT_PAGE, first, 0, hashWords(root), 0);
  } else if (copyRoot(cache).content.count > 0) {
    throw new StateDamageError(PAGES_TABLE, pageKey(first, 0), "the root page should be empty");
  }
  if (flushed) {
    audit.findStray();
  }
  return audit.counts;
}

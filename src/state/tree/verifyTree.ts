// Audits the whole tree: every page is hashed again from its leaves up and compared with the page above it. Pages that are in the
// store are read from there, whatever memory holds.

import { bytesKey } from "../../base/bytes.js";
import { EMPTY_ROOT } from "../../protocol/stateProof.js";
import type { KeyValueStore } from "../../storage/keyValueStore.js";
import { StateDamageError } from "./errors.js";
import { LEAF, Page, SUBTREE } from "./page.js";
import { pageProblem, slotPrefix } from "./pageBytes.js";
import { loadPage, PAGES_TABLE, sameHash } from "./pageCache.js";
import { PageHasher } from "./pageHasher.js";
import { KEY_BYTES, PAGE_BITS, pageKey, SLOTS } from "./slots.js";
import { hashWords } from "./stateHistory.js";

export interface TreeCounts {
  leaves: number;
  pages: number;
}

class TreeAudit {
  readonly counts: TreeCounts = { leaves: 0, pages: 0 };
  readonly seen = new Set<string>();
  private readonly store: KeyValueStore;
  private readonly hasher = new PageHasher();

  constructor(store: KeyValueStore) {
    this.store = store;
  }

  /** Audits the page on the way to `prefix` at `depth`, and all below it; `memory` is that page in memory, if it is there. */
  visit(memory: Page | undefined, prefix: Uint8Array, depth: number, expected: Int32Array, index: number): void {
    const page = memory?.dirty
      ? this.rehash(memory, prefix, expected, index)
      : this.load(prefix, depth, expected, index);
    this.counts.pages++;
    for (let slot = 0; slot < SLOTS; slot++) {
      const kind = page.kindAt(slot);
      if (kind === LEAF) {
        this.counts.leaves++;
      } else if (kind === SUBTREE) {
        const child = memory?.children?.[slot];
        const below = slotPrefix(prefix, depth, slot);
        this.visit(child, below, depth + PAGE_BITS, page.hashes, page.itemIndex(slot));
      }
    }
  }

  private load(prefix: Uint8Array, depth: number, expected: Int32Array, index: number): Page {
    this.seen.add(bytesKey(pageKey(prefix, depth)));
    return loadPage(this.store, this.hasher, prefix, depth, expected, index);
  }

  private rehash(memory: Page, prefix: Uint8Array, expected: Int32Array, index: number): Page {
    const page = new Page(memory.depth, memory.bytes, new Int32Array(0));
    const problem = pageProblem(page, prefix);
    if (problem !== undefined) {
      throw new StateDamageError(PAGES_TABLE, pageKey(prefix, page.depth), `in memory: ${problem}`);
    }
    this.hasher.hash(page);
    if (!sameHash(page.hashes, page.rootIndex(), expected, index)) {
      const key = pageKey(prefix, page.depth);
      throw new StateDamageError(PAGES_TABLE, key, "in memory: its hash is not the one above it");
    }
    return page;
  }

  /** Looks for pages that no slot leads to; the tree has no page that isn't in the store. */
  findStray(): void {
    for (const { key } of this.store.range(PAGES_TABLE, { end: Uint8Array.of(0xff) })) {
      if (!this.seen.has(bytesKey(key))) {
        throw new StateDamageError(PAGES_TABLE, key, "no page leads to this one");
      }
    }
  }
}

/**
 * Checks the tree below `rootPage` against `root`, and counts its leaves and pages. Throws StateDamageError naming the first damaged
 * page, those above before those below and then in the order of keys. `flushed`: the store holds exactly this state.
 */
export function verifyTree(store: KeyValueStore, rootPage: Page, root: Uint8Array, flushed: boolean): TreeCounts {
  const audit = new TreeAudit(store);
  if (rootPage.count > 0) {
    audit.visit(rootPage, new Uint8Array(KEY_BYTES), 0, hashWords(root), 0);
  } else if (!sameHash(hashWords(root), 0, hashWords(EMPTY_ROOT), 0)) {
    throw new StateDamageError(PAGES_TABLE, pageKey(new Uint8Array(KEY_BYTES), 0), "the root page is empty");
  }
  if (flushed) {
    audit.findStray();
  }
  return audit.counts;
}

// Reads a page from the store and checks it against the hash that the page above holds for it.

import type { KeyValueStore } from "../../storage/keyValueStore.js";
import { StateDamageError } from "./errors.js";
import { HASH_WORDS, PAGE_HEADER_BYTES, Page } from "./page.js";
import { pageProblem } from "./pageBytes.js";
import type { PageHasher } from "./pageHasher.js";
import { pageKey } from "./slots.js";

export const PAGES_TABLE = "pages";

/**
 * The page at `depth` on the way to `key` as the store holds it, its hashes not computed. Throws StateDamageError where it is missing or
 * malformed.
 */
export function readPage(store: KeyValueStore, key: Uint8Array, depth: number): Page {
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
  const page = new Page(depth, bytes);
  const problem = pageProblem(page, key);
  if (problem !== undefined) {
    throw new StateDamageError(PAGES_TABLE, storeKey, problem);
  }
  return page;
}

/** Throws StateDamageError where the root of a hashed page on the way to `key` is not the hash at word `at` of `expected`. */
export function expectRoot(page: Page, key: Uint8Array, expected: Int32Array, at: number): void {
  const root = HASH_WORDS * page.rootIndex();
  for (let i = 0; i < HASH_WORDS; i++) {
    if (page.hashes[root + i] !== expected[at + i]) {
      throw new StateDamageError(PAGES_TABLE, pageKey(key, page.depth), "its hash is not the one above it");
    }
  }
}

/** The page at `depth` on the way to `key`, whose root must be hash `index` of `expected`. Throws StateDamageError. */
export function loadPage(
  store: KeyValueStore,
  hasher: PageHasher,
  key: Uint8Array,
  depth: number,
  expected: Int32Array,
  index: number,
): Page {
  const page = readPage(store, key, depth);
  hasher.hash([page]);
  expectRoot(page, key, expected, HASH_WORDS * index);
  return page;
}

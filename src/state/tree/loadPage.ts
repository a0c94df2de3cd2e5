// Reads a page from the store and checks it against the hash that the page above holds for it.

import type { KeyValueStore } from "../../storage/keyValueStore.js";
import { StateDamageError } from "./errors.js";
import { PAGE_HEADER_BYTES, Page, sameHash } from "./page.js";
import { pageProblem } from "./pageBytes.js";
import type { PageHasher } from "./pageHasher.js";
import { pageKey } from "./slots.js";

export const PAGES_TABLE = "pages";

/**
 * The page at `depth` on the way to `key`, whose root must be hash `index` of `expected`.
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
  const page = new Page(depth, bytes);
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

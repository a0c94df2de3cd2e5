// Puts a batch of changes into the order that a B-tree takes them in cheapest: by table, then by key; one change a key.
import { assert } from "../base/assert.js";
import { compareBytes } from "../base/bytes.js";
import type { KeyValueChange } from "./keyValueStore.js";

/** What every implementation can hold. */
export const KEY_BYTES_MAX = 511;

/** The changes sorted by table and key, only the last of those with the same key; asserts that keys have 1 to 511 bytes. */
export function sortChanges(changes: readonly KeyValueChange[]): KeyValueChange[] {
  for (const { key } of changes) {
    assert(key.length >= 1 && key.length <= KEY_BYTES_MAX, `keys have 1 to ${KEY_BYTES_MAX} bytes, got ${key.length}`);
  }
  // Sorting is stable: of equal keys the last one was given last.
  const sorted = changes.toSorted(compareChanges);
  return sorted.filter((change, i) => i + 1 === sorted.length || compareChanges(change, sorted[i + 1]) !== 0);
}

function compareChanges(a: KeyValueChange, b: KeyValueChange): number {
  if (a.table !== b.table) {
    return a.table < b.table ? -1 : 1;
  }
  return compareBytes(a.key, b.key);
}

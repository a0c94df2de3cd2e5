// What the cache of recent blocks forgets, and when.

import { expect, test } from "vitest";
import { LRUCache } from "../../src/storage/lruCache.js";

function kept(cache: LRUCache<number, string>, keys: number[]): number[] {
  return keys.filter((key) => cache.get(key) !== undefined);
}

test("too many entries: the one used longest ago goes", () => {
  const cache = new LRUCache<number, string>(2, 1_000);
  cache.set(1, "one", 1);
  cache.set(2, "two", 1);
  expect(cache.get(1)).toBe("one");
  cache.set(3, "three", 1);
  expect(kept(cache, [1, 2, 3])).toEqual([1, 3]);
});

test("too heavy ones: as many go as have to, the newest never", () => {
  const cache = new LRUCache<number, string>(10, 100);
  for (const key of [1, 2, 3, 4]) {
    cache.set(key, "x", 25);
  }
  cache.set(5, "x", 60);
  expect(kept(cache, [1, 2, 3, 4, 5])).toEqual([4, 5]);
  cache.set(6, "x", 500);
  expect(kept(cache, [4, 5, 6])).toEqual([6]);
  cache.set(6, "x", 10);
  cache.set(7, "x", 90);
  expect(kept(cache, [6, 7])).toEqual([6, 7]);
});

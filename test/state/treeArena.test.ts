import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex } from "../../src/base/bytes.js";
import { PageArena } from "../../src/state/tree/pageArena.js";
import { StateTree } from "../../src/state/tree/stateTree.js";
import { hashedKey, hexOf, MemoryStore, NaiveState, seededValue } from "./treeSupport.js";

/** Pages that know nothing but where their blocks are. */
class Blocks {
  readonly at = new Map<number, number>();

  blockOf(page: number): number {
    return this.at.get(page) ?? -1;
  }

  moveBlock(page: number, block: number): void {
    this.at.set(page, block);
  }
}

describe("page arena", () => {
  test("blocks keep their content while others come, go and make room", () => {
    const megabytes = 4;
    const action = fc.record({ page: fc.nat(60), words: fc.integer({ min: 2, max: 60_000 }), keep: fc.boolean() });
    fc.assert(
      fc.property(fc.array(action, { minLength: 200, maxLength: 400 }), (actions) => {
        const blocks = new Blocks();
        const arena = new PageArena(blocks, megabytes << 20);
        const sizes = new Map<number, number>();
        let live = 0;
        let liveMax = 0;
        for (const { page, words, keep } of actions) {
          if (sizes.has(page)) {
            arena.release(blocks.blockOf(page));
            live -= sizes.get(page)!;
            blocks.at.delete(page);
            sizes.delete(page);
          }
          if (keep && live + words < (megabytes << 18) * 0.8) {
            const block = arena.allocate(page, words);
            arena.memory.words.fill(page + words, block + 2, block + words);
            blocks.moveBlock(page, block);
            sizes.set(page, words);
            live += words;
            liveMax = Math.max(liveMax, live);
          }
          expect(arena.liveWords).toBe(live);
        }
        for (const [page, words] of sizes) {
          const block = blocks.blockOf(page);
          const content = arena.memory.words.subarray(block + 2, block + words);
          expect(content.every((word) => word === page + words)).toBe(true);
        }
        // One segment being filled, one kept free, and the rounding of the limit.
        expect(arena.touchedBytes).toBeLessThanOrEqual((megabytes + 3) << 20);
      }),
      { numRuns: 40 },
    );
  });

  test("a tree of large values stays whole in a small cache, with its memory near the limit", async () => {
    const tree = StateTree.open(new MemoryStore(), { pageCacheBytes: 3 << 20, historyHeights: 2 });
    const naive = new NaiveState();
    for (let height = 0; height < 40; height++) {
      const changes = Array.from({ length: 100 }, (_, i) => {
        const seed = (height * 37 + i * 61) % 2_500;
        const value =
          (height + i) % 9 === 0 ? undefined : seededValue(seed + height, 1 + ((seed * 131 + height * 977) % 4_096));
        return { key: hashedKey(seed), value };
      });
      const unique = [...new Map(changes.map((change) => [toHex(change.key), change])).values()];
      tree.commit(height, tree.prepare(unique));
      naive.apply(unique);
      if (height % 3 === 0) {
        await tree.flush();
        expect(tree.cacheBytes).toBeLessThanOrEqual(3 << 20);
      }
      for (let i = 0; i < 100; i++) {
        const key = hashedKey((height * 53 + i * 29) % 2_500);
        expect(hexOf(tree.get(key))).toBe(hexOf(naive.leaves.get(String.fromCharCode(...key))));
      }
    }
    expect(toHex(tree.root)).toBe(toHex(naive.root()));
    expect(tree.verify().leaves).toBe(naive.leaves.size);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesKey, toHex } from "../../src/base/bytes.js";
import { PackedChanges } from "../../src/protocol/packedChanges.js";
import type { StateChange } from "../../src/protocol/writeSet.js";
import { StateTree } from "../../src/state/tree/stateTree.js";
import { digestOf, hashedKey, hexOf, MemoryStore, NaiveState, naiveRoot, seededValue, sha256 } from "./treeSupport.js";

const OPTIONS = { pageCacheBytes: 1 << 20, historyHeights: 8 };

function openTree(store = new MemoryStore()): StateTree {
  return StateTree.open(store, OPTIONS);
}

/** Keys that crowd together: few distinct starts, then a few bits that differ anywhere in the key. */
const crowdedKey = fc
  .tuple(fc.constantFrom(0x00, 0x7f, 0x80, 0xff), fc.array(fc.nat(255), { maxLength: 4 }))
  .map(([fill, flips]) => {
    const key = new Uint8Array(32).fill(fill);
    for (const bit of flips) {
      key[bit >> 3] ^= 0x80 >> (bit & 7);
    }
    return key;
  });
const spreadKey = fc.nat(40).map(hashedKey);
const anyKey = fc.oneof(crowdedKey, spreadKey);
const anyValue = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 80 }), fc.constant(new Uint8Array(4096).fill(7)));
const anyChange: fc.Arbitrary<StateChange> = fc.record({
  key: anyKey,
  value: fc.option(anyValue, { nil: undefined, freq: 3 }),
});
const anyBatch = fc.uniqueArray(anyChange, { selector: ({ key }) => toHex(key), maxLength: 40 });

describe("state tree", () => {
  test("an empty tree has the hash of nothing as its root, and no height", () => {
    const tree = openTree();
    expect(tree.root).toEqual(sha256());
    expect(tree.height).toBe(-1);
    expect(tree.get(hashedKey(1))).toBeUndefined();
  });

  test("a single leaf's root is its leaf hash", () => {
    const tree = openTree();
    const key = hashedKey(1);
    const value = seededValue(1);
    tree.commit(0, tree.prepare([{ key, value }]));
    expect(tree.root).toEqual(sha256(Uint8Array.of(0), key, sha256(value)));
    expect(tree.get(key)).toEqual(value);
  });

  test("two leaves that share 255 bits hang below one inner node", () => {
    const tree = openTree();
    const left = new Uint8Array(32).fill(0xab);
    const right = left.slice();
    left[31] = 0xaa;
    const value = Uint8Array.of(1);
    tree.commit(
      0,
      tree.prepare([
        { key: right, value },
        { key: left, value },
      ]),
    );
    const leafOf = (key: Uint8Array): Uint8Array => sha256(Uint8Array.of(0), key, sha256(value));
    expect(tree.root).toEqual(sha256(Uint8Array.of(1), leafOf(left), leafOf(right)));
  });

  test("root and values are those of the naive tree after any batches", () => {
    fc.assert(
      fc.property(fc.array(anyBatch, { maxLength: 8 }), (batches) => {
        const tree = openTree();
        const naive = new NaiveState();
        batches.forEach((batch, height) => {
          // Packed changes and a list of them come to the same.
          tree.commit(height, tree.prepare(height % 2 === 0 ? batch : PackedChanges.of(batch)));
          naive.apply(batch);
          expect(toHex(tree.root)).toBe(toHex(naive.root()));
          for (const { key } of batch) {
            expect(hexOf(tree.get(key))).toBe(hexOf(naive.leaves.get(bytesKey(key))));
          }
          expect(digestOf(tree.leaves())).toBe(digestOf(naive.sorted()));
        });
        expect(tree.verify().leaves).toBe(naive.leaves.size);
      }),
      { numRuns: 150 },
    );
  });

  test("the same leaves give the same root in any order and any batches", () => {
    fc.assert(
      fc.property(anyBatch, fc.infiniteStream(fc.nat()), (batch, numbers) => {
        const leaves = batch.filter(({ value }) => value !== undefined);
        const together = openTree();
        const expected = together.prepare(leaves).root;
        const stepwise = openTree();
        const shuffled = leaves.map((leaf) => ({ leaf, rank: numbers.next().value as number }));
        shuffled.sort((a, b) => a.rank - b.rank);
        shuffled.forEach(({ leaf }, height) => {
          stepwise.commit(height, stepwise.prepare([leaf]));
        });
        expect(toHex(stepwise.root)).toBe(toHex(expected));
      }),
      { numRuns: 100 },
    );
  });

  test("removing what was added leads back to the same root, down to the empty tree", () => {
    fc.assert(
      fc.property(anyBatch, anyBatch, (first, second) => {
        const tree = openTree();
        const base = first.filter(({ value }) => value !== undefined);
        tree.commit(0, tree.prepare(base));
        const before = toHex(tree.root);
        const baseKeys = new Set(base.map(({ key }) => toHex(key)));
        const added = second.filter(({ key, value }) => value !== undefined && !baseKeys.has(toHex(key)));
        tree.commit(1, tree.prepare(added));
        tree.commit(2, tree.prepare(added.map(({ key }) => ({ key, value: undefined }))));
        expect(toHex(tree.root)).toBe(before);
        tree.commit(3, tree.prepare(base.map(({ key }) => ({ key, value: undefined }))));
        expect(tree.root).toEqual(sha256());
      }),
      { numRuns: 100 },
    );
  });

  test("changes without effect leave the root and the store's work as they are", async () => {
    const tree = openTree();
    const leaves = [1, 2, 3].map((seed) => ({ key: hashedKey(seed), value: seededValue(seed) }));
    tree.commit(0, tree.prepare(leaves));
    await tree.flush();
    const before = tree.root;
    tree.commit(1, tree.prepare([...leaves.slice(0, 2), { key: hashedKey(9), value: undefined }]));
    expect(tree.root).toEqual(before);
    expect(tree.dirtyBytes).toBe(0);
  });

  test("alternatives can be prepared side by side, and only the committed one counts", () => {
    const tree = openTree();
    const changes = (seed: number): StateChange[] =>
      Array.from({ length: 50 }, (_, i) => ({ key: hashedKey(i), value: seededValue(seed + i) }));
    tree.commit(0, tree.prepare(changes(0)));
    const dropped = tree.prepare(changes(1000));
    const kept = tree.prepare(changes(2000));
    const before = tree.root;
    expect(tree.root).toEqual(before);
    expect(dropped.root).not.toEqual(kept.root);
    tree.commit(1, kept);
    expect(tree.root).toEqual(kept.root);
    expect(tree.get(hashedKey(7))).toEqual(seededValue(2007));
    expect(tree.verify().leaves).toBe(50);
    expect(() => tree.commit(2, dropped)).toThrow("prepared on another state");
  });

  test("arrays given to prepare may be used for something else afterwards", () => {
    const tree = openTree();
    const naive = new NaiveState();
    const changes = Array.from({ length: 30 }, (_, i) => ({ key: hashedKey(i).slice(), value: seededValue(i) }));
    naive.apply(changes.map(({ key, value }) => ({ key: key.slice(), value: value.slice() })));
    const update = tree.prepare(changes);
    for (const { key, value } of changes) {
      key.fill(0);
      value.fill(0);
    }
    tree.commit(0, update);
    expect(toHex(tree.root)).toBe(toHex(naive.root()));
    expect(digestOf(tree.leaves())).toBe(digestOf(naive.sorted()));
  });

  test("an update prepared before the first commit can't be the second one, which must be undoable", () => {
    const tree = openTree();
    const update = tree.prepare([{ key: hashedKey(1), value: seededValue(1) }]);
    tree.commit(0, tree.prepare([]));
    expect(() => tree.commit(1, update)).toThrow("prepared on another state");
  });

  test("heights go up by one; the first commit may have any", () => {
    const tree = openTree();
    tree.commit(70, tree.prepare([]));
    expect(() => tree.commit(72, tree.prepare([]))).toThrow("expected height 71, got 72");
    tree.commit(71, tree.prepare([]));
    expect(tree.height).toBe(71);
  });

  test("refuses keys of another length, equal keys, empty and too long values", () => {
    const tree = openTree();
    const value = Uint8Array.of(1);
    const key = hashedKey(1);
    expect(() => tree.prepare([{ key: key.subarray(1), value }])).toThrow("32 bytes");
    expect(() =>
      tree.prepare([
        { key, value },
        { key: key.slice(), value },
      ]),
    ).toThrow("same key");
    expect(() => tree.prepare([{ key, value: new Uint8Array(0) }])).toThrow("1 to 4096");
    expect(() => tree.prepare([{ key, value: new Uint8Array(4097) }])).toThrow("1 to 4096");
  });

  test("ten thousand leaves, changed and removed in batches, with a cache far smaller than the tree", async () => {
    const store = new MemoryStore();
    const tree = StateTree.open(store, { pageCacheBytes: 50_000, historyHeights: 2 });
    const naive = new NaiveState();
    for (let height = 0; height < 12; height++) {
      const batch: StateChange[] = [];
      for (let i = 0; i < 1500; i++) {
        const seed = (height * 7919 + i * 104_729) % 10_000;
        const value = (seed + height) % 5 === 0 ? undefined : seededValue(seed + height);
        batch.push({ key: hashedKey(seed), value });
      }
      const unique = [...new Map(batch.map((change) => [toHex(change.key), change])).values()];
      tree.commit(height, tree.prepare(unique));
      naive.apply(unique);
      if (height % 3 === 2) {
        await tree.flush();
        expect(tree.cacheBytes).toBeLessThan(60_000);
      }
      expect(toHex(tree.root)).toBe(toHex(naiveRoot(naive.sorted())));
    }
    expect(tree.verify().leaves).toBe(naive.leaves.size);
    expect(digestOf(tree.leaves())).toBe(digestOf(naive.sorted()));
  });
});

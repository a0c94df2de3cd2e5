import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesKey, concatBytes, toHex } from "../../src/base/bytes.js";
import type { StateChange } from "../../src/protocol/writeSet.js";
import { StateDamageError } from "../../src/state/tree/errors.js";
import { openRecord, sealRecord } from "../../src/state/tree/sealedRecord.js";
import { PAGE_BITS } from "../../src/state/tree/slots.js";
import { StateTree } from "../../src/state/tree/stateTree.js";
import { digestOf, hashedKey, hexOf, MemoryStore, NaiveState, seededValue } from "./treeSupport.js";

const OPTIONS = { pageCacheBytes: 40_000, historyHeights: 5 };

/** Keys of a small space, so that batches meet; every fourth shares its first bits with its neighbour. */
function keyOf(seed: number): Uint8Array {
  if (seed % 4 !== 3) {
    return hashedKey(seed);
  }
  const key = hashedKey(seed - 1).slice();
  key[4 + (seed % 4)] ^= 1 << (seed % 5);
  return key;
}

function batchOf(height: number, size: number): StateChange[] {
  const changes = new Map<number, StateChange>();
  for (let i = 0; i < size; i++) {
    const seed = (height * 31 + i * 17 + ((height * i) % 13)) % 300;
    const value = (height + i) % 4 === 0 ? undefined : seededValue(height * 1000 + i);
    changes.set(seed, { key: keyOf(seed), value });
  }
  return [...changes.values()];
}

describe("state tree and its store", () => {
  test("opens again at the flushed height with the same root, values and history", async () => {
    const store = new MemoryStore();
    const tree = StateTree.open(store, OPTIONS);
    const states: NaiveState[] = [];
    const naive = new NaiveState();
    for (let height = 0; height < 10; height++) {
      const batch = batchOf(height, 80);
      tree.commit(height, tree.prepare(batch));
      naive.apply(batch);
      states.push(naive.copy());
      if (height % 4 === 3 || height === 9) {
        await tree.flush();
      }
    }
    const again = StateTree.open(store, OPTIONS);
    expect(again.height).toBe(9);
    expect(again.root).toEqual(tree.root);
    expect(again.oldestHeight).toBe(4);
    expect(again.dirtyBytes).toBe(0);
    for (let height = 4; height <= 9; height++) {
      expect(digestOf(again.leaves(height))).toBe(digestOf(states[height].sorted()));
      expect(again.rootAt(height)).toEqual(tree.rootAt(height));
    }
    expect(again.verify()).toEqual({ leaves: naive.leaves.size, pages: store.table("pages").size - 1 });
  });

  test("reading ahead fetches every page once, while commits go on, and no more than there is room for", async () => {
    const store = new MemoryStore();
    const tree = StateTree.open(store, { pageCacheBytes: 4_000_000, historyHeights: 5 });
    tree.commit(0, tree.prepare(Array.from({ length: 2_000 }, (_, i) => ({ key: keyOf(i), value: seededValue(i) }))));
    await tree.flush();
    const again = StateTree.open(store, { pageCacheBytes: 4_000_000, historyHeights: 5 });
    const pages = again.warmUp();
    let height = 0;
    let read = 0;
    for (; !pages.next().done; read++) {
      if (read % 5 === 0) {
        height++;
        const batch = batchOf(height, 9);
        tree.commit(height, tree.prepare(batch));
        again.commit(height, again.prepare(batch));
      }
    }
    expect(again.root).toEqual(tree.root);
    expect(read).toBeGreaterThan(20);
    store.get = () => {
      throw new Error("every page is in memory");
    };
    for (let i = 0; i < 2_000; i++) {
      expect(hexOf(again.get(keyOf(i)))).toBe(hexOf(tree.get(keyOf(i))));
    }
    const small = new MemoryStore();
    small.tables.set("pages", store.table("pages"));
    const narrow = StateTree.open(small, OPTIONS);
    expect([...narrow.warmUp()].length).toBeLessThan(read);
    expect(narrow.cacheBytes).toBeLessThan(OPTIONS.pageCacheBytes);
  });

  test("reading ahead for keys, whether they have leaves or not, leaves nothing of them to be read", async () => {
    const store = new MemoryStore();
    const tree = StateTree.open(store, { pageCacheBytes: 4_000_000, historyHeights: 5 });
    tree.commit(0, tree.prepare(Array.from({ length: 2_000 }, (_, i) => ({ key: keyOf(i), value: seededValue(i) }))));
    await tree.flush();
    const again = StateTree.open(store, { pageCacheBytes: 4_000_000, historyHeights: 5 });
    const asked = Array.from({ length: 700 }, (_, i) => keyOf((5 * i) % 3_000));
    again.preload(concatBytes(...asked, ...asked.slice(0, 9)));
    store.get = () => {
      throw new Error("every page is in memory");
    };
    for (const key of asked) {
      expect(hexOf(again.get(key))).toBe(hexOf(tree.get(key)));
    }
    const changes = asked.slice(0, 300).map((key, i) => ({ key, value: seededValue(i) }));
    expect(again.prepare(changes).root).toEqual(tree.prepare(changes).root);
    again.preload(new Uint8Array(0));
  });

  test("writes each flush as one batch that names every key once", async () => {
    const store = new MemoryStore();
    const tree = StateTree.open(store, OPTIONS);
    for (let height = 0; height < 9; height++) {
      tree.commit(height, tree.prepare(batchOf(height, 120)));
      if (height % 2 === 0) {
        await tree.flush();
      }
    }
    expect(store.writes.length).toBe(5);
    for (const changes of store.writes) {
      const names = changes.map(({ table, key }) => table + bytesKey(key));
      expect(new Set(names).size).toBe(names.length);
      expect(changes.filter(({ table }) => table === "pages").length).toBeGreaterThan(5);
    }
  });

  test("commits during a flush change neither what it writes nor what is read", async () => {
    const store = new MemoryStore();
    const tree = StateTree.open(store, OPTIONS);
    const naive = new NaiveState();
    const commit = (height: number): void => {
      const batch = batchOf(height, 90);
      tree.commit(height, tree.prepare(batch));
      naive.apply(batch);
      expect(toHex(tree.root)).toBe(toHex(naive.root()));
    };
    commit(0);
    commit(1);
    const flushedRoot = tree.root;
    store.hold();
    const flush = tree.flush();
    commit(2);
    commit(3);
    const second = tree.flush();
    expect(tree.flush()).toBe(second);
    commit(4);
    store.release();
    await flush;
    expect(tree.flushedHeight).toBe(1);
    const between = StateTree.open(store, OPTIONS);
    expect(between.root).toEqual(flushedRoot);
    between.verify();
    await second;
    expect(tree.flushedHeight).toBe(4);
    expect(tree.dirtyBytes).toBe(0);
    expect(digestOf(StateTree.open(store, OPTIONS).leaves())).toBe(digestOf(naive.sorted()));
    tree.verify();
  });

  test("a large flush lets commits in between, and still writes the height that it began with", async () => {
    const store = new MemoryStore();
    const options = { pageCacheBytes: 1 << 26, historyHeights: 50 };
    const tree = StateTree.open(store, options);
    const leaves = Array.from({ length: 30_000 }, (_, i) => ({ key: hashedKey(i), value: seededValue(i) }));
    tree.commit(0, tree.prepare(leaves));
    const root = tree.root;
    let flushed = false;
    const flush = tree.flush().then(() => {
      flushed = true;
    });
    let turns = 0;
    for (let height = 1; !flushed; height++) {
      const batch = leaves.slice(height * 300, height * 300 + 600).map(({ key }, i) => {
        return { key, value: i % 3 === 0 ? undefined : seededValue(height + i, 1 + (i % 90)) };
      });
      tree.commit(height, tree.prepare(batch));
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
    }
    await flush;
    expect(turns).toBeGreaterThan(3);
    const stored = StateTree.open(store, options);
    expect(stored.height).toBe(0);
    expect(stored.root).toEqual(root);
    expect(stored.verify().leaves).toBe(leaves.length);
    const storedDigest = digestOf(stored.leaves());
    await tree.flush();
    expect(StateTree.open(store, options).root).toEqual(tree.root);
    expect(StateTree.open(store, options).verify()).toEqual(tree.verify());
    expect(tree.rootAt(0)).toEqual(root);
    expect(digestOf(tree.leaves(0))).toBe(storedDigest);
  });

  test("a lost write leaves the older height, from which the same commits lead to the same roots", async () => {
    const store = new MemoryStore();
    const tree = StateTree.open(store, OPTIONS);
    const roots: string[] = [];
    for (let height = 0; height < 8; height++) {
      tree.commit(height, tree.prepare(batchOf(height, 70)));
      roots.push(toHex(tree.root));
      if (height === 3) {
        await tree.flush();
      }
    }
    store.failNext();
    await expect(tree.flush()).rejects.toThrow("the disk is gone");
    const after = StateTree.open(store, OPTIONS);
    expect(after.height).toBe(3);
    after.verify();
    for (let height = 4; height < 8; height++) {
      after.commit(height, after.prepare(batchOf(height, 70)));
      expect(toHex(after.root)).toBe(roots[height]);
    }
    await after.flush();
    after.verify();
  });

  test("a flush after a failed one writes everything, removals included", async () => {
    const store = new MemoryStore();
    const tree = StateTree.open(store, OPTIONS);
    const naive = new NaiveState();
    for (let height = 0; height < 12; height++) {
      const batch =
        height % 3 === 2
          ? naive
              .sorted()
              .slice(5)
              .map(({ key }) => ({ key, value: undefined }))
          : batchOf(height, 90);
      tree.commit(height, tree.prepare(batch));
      naive.apply(batch);
      if (height % 3 !== 1) {
        store.failNext();
        await expect(tree.flush()).rejects.toThrow("the disk is gone");
      } else {
        await tree.flush();
        StateTree.open(store, OPTIONS).verify();
      }
    }
    await tree.flush();
    expect(StateTree.open(store, OPTIONS).verify().leaves).toBe(naive.leaves.size);
    expect(tree.verify().leaves).toBe(naive.leaves.size);
  });

  test("an update that was prepared before its pages were evicted and read again is committed whole", async () => {
    const store = new MemoryStore();
    const tree = StateTree.open(store, { pageCacheBytes: 1, historyHeights: 3 });
    const naive = new NaiveState();
    for (let height = 0; height < 3; height++) {
      const batch = batchOf(height, 250);
      tree.commit(height, tree.prepare(batch));
      naive.apply(batch);
    }
    await tree.flush();
    const batch = batchOf(3, 250);
    const update = tree.prepare(batch);
    for (let seed = 0; seed < 300; seed++) {
      expect(hexOf(tree.get(keyOf(seed)))).toBe(hexOf(naive.leaves.get(bytesKey(keyOf(seed)))));
    }
    tree.commit(3, update);
    naive.apply(batch);
    expect(toHex(tree.root)).toBe(toHex(naive.root()));
    await tree.flush();
    expect(tree.verify().leaves).toBe(naive.leaves.size);
    expect(digestOf(tree.leaves(2))).toBe(digestOf(StateTree.open(store, OPTIONS).leaves(2)));
  });

  test("commits, reads, flushes, failures and reopenings in any order agree with the naive state", async () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ kind: fc.constant("commit" as const), seed: fc.nat(1000), size: fc.nat(120) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant("flush" as const), fails: fc.boolean(), waits: fc.boolean() }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("reopen" as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.constantFrom(1, 20_000, 1_000_000),
        async (steps, cacheBytes) => {
          const options = { pageCacheBytes: cacheBytes, historyHeights: 4 };
          const store = new MemoryStore();
          let tree = StateTree.open(store, options);
          let states: NaiveState[] = [];
          let pending: Promise<unknown>[] = [];
          for (const each of steps) {
            if (each.kind === "commit") {
              const batch = batchOf(each.seed, each.size);
              tree.commit(states.length, tree.prepare(batch));
              const state = states.at(-1)?.copy() ?? new NaiveState();
              state.apply(batch);
              states.push(state);
            } else if (each.kind === "flush") {
              if (each.fails) {
                store.failNext();
              }
              const flush = tree.flush().catch(() => {});
              pending.push(flush);
              if (each.waits) {
                await flush;
              }
            } else {
              await Promise.all(pending);
              pending = [];
              tree = StateTree.open(store, options);
              states = states.slice(0, tree.height + 1);
            }
            if (states.length > 0) {
              expect(toHex(tree.root)).toBe(toHex(states[states.length - 1].root()));
              for (let height = tree.oldestHeight; height <= tree.height; height++) {
                expect(digestOf(tree.leaves(height))).toBe(digestOf(states[height].sorted()));
              }
            }
            tree.verify();
          }
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);
});

describe("damage in the store", () => {
  async function flushedStore(): Promise<MemoryStore> {
    const store = new MemoryStore();
    const tree = StateTree.open(store, OPTIONS);
    for (let height = 0; height < 3; height++) {
      tree.commit(height, tree.prepare(batchOf(height, 250)));
    }
    await tree.flush();
    return store;
  }

  test("a flipped bit anywhere in any page is found and named", async () => {
    const store = await flushedStore();
    const pages = [...store.table("pages")];
    const random = fc.sample(fc.nat(), { numRuns: pages.length, seed: 7 });
    for (let i = 0; i < pages.length; i++) {
      const [key, bytes] = pages[i];
      const damaged = bytes.slice();
      const bit = random[i] % (8 * bytes.length);
      damaged[bit >> 3] ^= 1 << (bit & 7);
      store.table("pages").set(key, damaged);
      expect(() => StateTree.open(store, OPTIONS).verify(), `page ${i}, bit ${bit}`).toThrow(Error);
      store.table("pages").set(key, bytes);
    }
    StateTree.open(store, OPTIONS).verify();
  });

  test("a missing page is named, and so is one that belongs nowhere", async () => {
    const store = await flushedStore();
    const pages = store.table("pages");
    const [key, bytes] = [...pages].find(([key]) => key.charCodeAt(0) === PAGE_BITS)!;
    pages.delete(key);
    const named = new RegExp(
      `table pages, key ${toHex(Uint8Array.from(key, (c) => c.charCodeAt(0)))}: the page is missing`,
    );
    expect(() => StateTree.open(store, OPTIONS).verify()).toThrow(named);
    pages.set(key, bytes);
    pages.set(bytesKey(Uint8Array.of(250, 1)), bytes);
    expect(() => StateTree.open(store, OPTIONS).verify()).toThrow("key fa01: no page leads to this one");
  });

  test("reading a damaged page throws instead of giving a wrong value", async () => {
    const store = await flushedStore();
    const tree = StateTree.open(store, { pageCacheBytes: 1, historyHeights: 5 });
    const pages = store.table("pages");
    for (const [key, bytes] of pages) {
      if (key.charCodeAt(0) === PAGE_BITS) {
        const damaged = bytes.slice();
        damaged[damaged.length - 1] ^= 1;
        pages.set(key, damaged);
      }
    }
    let refused = 0;
    for (const { key } of batchOf(2, 250)) {
      try {
        tree.get(key);
      } catch (error) {
        expect(error).toBeInstanceOf(StateDamageError);
        refused++;
        expect(() => tree.preload(key)).toThrow(StateDamageError);
      }
    }
    expect(refused).toBeGreaterThan(100);
    expect(() => tree.prepare(batchOf(2, 250))).toThrow(StateDamageError);
  });

  test("a damaged undo record never changes what an old height holds", async () => {
    const store = await flushedStore();
    const undo = store.table("undo");
    const read = (): string => {
      const tree = StateTree.open(store, OPTIONS);
      const states: string[] = [];
      for (let height = tree.oldestHeight; height <= tree.height; height++) {
        states.push(toHex(tree.rootAt(height)), digestOf(tree.leaves(height)));
      }
      return states.join();
    };
    const honest = read();
    let found = 0;
    for (const [key, bytes] of [...undo]) {
      for (const part of [0, 0.3, 0.5, 0.9]) {
        const damaged = bytes.slice();
        damaged[Math.floor(part * damaged.length)] ^= 1;
        undo.set(key, damaged);
        try {
          // What survives damage is what nothing depends on, such as padding.
          expect(read()).toBe(honest);
        } catch (error) {
          expect(error).toBeInstanceOf(StateDamageError);
          found++;
        }
      }
      undo.set(key, bytes);
    }
    expect(found).toBeGreaterThan(3 * undo.size);
  });

  test("a store with another root, or none, isn't opened", async () => {
    const store = await flushedStore();
    const pages = store.table("pages");
    const meta = pages.get("\xff")!;
    const other = meta.slice();
    other[other.length - 1] ^= 1;
    pages.set("\xff", other);
    expect(() => StateTree.open(store, OPTIONS)).toThrow("does not match its own hash");
    pages.delete("\xff");
    expect(() => StateTree.open(store, OPTIONS)).toThrow("description is missing");
  });

  test("a store whose pages are cut otherwise is refused, and the refusal says how both are cut", async () => {
    const store = await flushedStore();
    const key = Uint8Array.of(0xff);
    const content = openRecord("pages", key, store.table("pages").get("\xff")!);
    content[1] = PAGE_BITS + 1;
    store.table("pages").set("\xff", sealRecord(key, content));
    const reason = `expected version 1 with pages of ${PAGE_BITS} bits, got 1 with ${PAGE_BITS + 1}`;
    expect(() => StateTree.open(store, OPTIONS)).toThrow(reason);
  });
});

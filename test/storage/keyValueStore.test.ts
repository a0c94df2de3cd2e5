import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { compareBytes, toHex } from "../../src/base/bytes.js";
import { SeededRandom } from "../../src/base/random.js";
import type { KeyValueChange, KeyValueRange, KeyValueStore } from "../../src/storage/keyValueStore.js";
import { openLmdbStore } from "../../src/storage/lmdbStore.js";
import { BatchPacker, unpackChanges, writePieces } from "../../src/storage/packedWrite.js";
import { ThreadedStore } from "../../src/threadedStore.js";
import { MemoryStore } from "../support/memoryStore.js";

const bytes = (...values: number[]) => Uint8Array.from(values);
const put = (key: Uint8Array, value: Uint8Array, table = "t"): KeyValueChange => ({ table, key, value });
const removal = (key: Uint8Array, table = "t"): KeyValueChange => ({ table, key, value: undefined });

function scan(store: KeyValueStore, range: KeyValueRange, table = "t"): string[] {
  return [...store.range(table, range)].map(({ key, value }) => `${toHex(key)}=${toHex(value)}`);
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "store-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe.each([
  ["LMDB", () => openLmdbStore(directory)],
  ["LMDB, written by a thread", () => ThreadedStore.open(directory)],
  ["memory", () => new MemoryStore()],
] as const)("the key-value store in %s", (_name, openStore) => {
  let store: KeyValueStore;
  beforeEach(() => {
    store = openStore();
  });
  afterEach(() => store.close());

  test("gives back what was written, replaced and removed, table by table", async () => {
    expect(store.get("t", bytes(1))).toBeUndefined();
    await store.write([put(bytes(1), bytes(10)), put(bytes(2), bytes()), put(bytes(1), bytes(11), "other")]);
    expect(store.get("t", bytes(1))).toEqual(bytes(10));
    expect(store.get("t", bytes(2))).toEqual(bytes());
    expect(store.get("other", bytes(1))).toEqual(bytes(11));
    await store.write([put(bytes(1), bytes(12)), removal(bytes(2)), removal(bytes(3))]);
    expect(store.get("t", bytes(1))).toEqual(bytes(12));
    expect(store.get("t", bytes(2))).toBeUndefined();
    expect(store.get("other", bytes(1))).toEqual(bytes(11));
  });

  test("lets the later of two changes of one key count", async () => {
    await store.write([put(bytes(1), bytes(1)), put(bytes(1), bytes(2)), put(bytes(2), bytes(1)), removal(bytes(2))]);
    expect(scan(store, {})).toEqual(["01=02"]);
  });

  test("applies writes in the order they are made", async () => {
    const writes = Array.from({ length: 200 }, (_, i) =>
      store.write([put(bytes(1), bytes(i)), put(bytes(2, i), bytes())]),
    );
    await Promise.all(writes);
    expect(store.get("t", bytes(1))).toEqual(bytes(199));
    expect([...store.range("t", {})]).toHaveLength(201);
  });

  test("gives copies: neither altering them nor later writes show through", async () => {
    const value = bytes(1, 2, 3);
    await store.write([put(bytes(1), value), put(bytes(2), new Uint8Array(100_000).fill(9))]);
    value.fill(0);
    const first = store.get("t", bytes(1))!;
    const [entry] = store.range("t", {});
    const large = store.get("t", bytes(2))!;
    first.fill(7);
    await store.write([put(bytes(1), bytes(5, 5, 5)), removal(bytes(2))]);
    expect(store.get("t", bytes(1))).toEqual(bytes(5, 5, 5));
    expect(entry).toEqual({ key: bytes(1), value: bytes(1, 2, 3) });
    expect(large.every((byte) => byte === 9)).toBe(true);
    expect(Object.getPrototypeOf(first)).toBe(Uint8Array.prototype);
    expect(Object.getPrototypeOf(entry.value)).toBe(Uint8Array.prototype);
  });

  test("bounds scans: start inclusive, end exclusive, both ways, with a limit", async () => {
    const keys = [bytes(0), bytes(0, 0), bytes(1), bytes(1, 0), bytes(1, 255), bytes(2), bytes(255), bytes(255, 255)];
    await store.write(keys.map((key, i) => put(key, bytes(i))));
    const all = keys.map((key, i) => `${toHex(key)}=${toHex(bytes(i))}`);
    expect(scan(store, {})).toEqual(all);
    expect(scan(store, { reverse: true })).toEqual(all.toReversed());
    expect(scan(store, { start: bytes(1), end: bytes(2) })).toEqual(all.slice(2, 5));
    expect(scan(store, { start: bytes(1), end: bytes(2), reverse: true })).toEqual(all.slice(2, 5).toReversed());
    expect(scan(store, { start: bytes(1, 0), limit: 2 })).toEqual(all.slice(3, 5));
    expect(scan(store, { end: bytes(1, 0), limit: 2, reverse: true })).toEqual([all[2], all[1]]);
    expect(scan(store, { start: bytes(3), end: bytes(1) })).toEqual([]);
    expect(scan(store, { start: bytes(1), end: bytes(1), reverse: true })).toEqual([]);
    expect(scan(store, { limit: 0 })).toEqual([]);
    expect(scan(store, {}, "empty")).toEqual([]);
  });

  test("scans see the store as it was when they began", async () => {
    await store.write(Array.from({ length: 100 }, (_, i) => put(bytes(i), bytes(0))));
    const iterator = store.range("t", {})[Symbol.iterator]();
    const seen = [iterator.next().value];
    await store.write(
      Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? put(bytes(i), bytes(1)) : removal(bytes(i)))),
    );
    for (let step = iterator.next(); !step.done; step = iterator.next()) {
      seen.push(step.value);
    }
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => ({ key: bytes(i), value: bytes(0) })));
    expect([...store.range("t", {})]).toHaveLength(50);
  });

  test("shows a batch all at once", async () => {
    const halves = (value: number) => [put(bytes(1), bytes(value)), put(new Uint8Array(511).fill(3), bytes(value))];
    await store.write(halves(0));
    const read = () => [store.get("t", bytes(1)), store.get("t", new Uint8Array(511).fill(3))];
    for (let value = 1; value < 50; value++) {
      const write = store.write(halves(value));
      const [a, b] = read();
      expect(a).toEqual(b);
      await write;
      expect(read()).toEqual([bytes(value), bytes(value)]);
    }
  });

  test("asserts that keys have 1 to 511 bytes, and then applies none of the batch", async () => {
    for (const key of [bytes(), new Uint8Array(512)]) {
      await expect(async () => store.write([put(bytes(1), bytes(1)), put(key, bytes(1))])).rejects.toThrow(
        "keys have 1 to 511",
      );
    }
    expect(scan(store, {})).toEqual([]);
  });

  test("behaves as a sorted map does, whatever is written and scanned", async () => {
    const key = fc.uint8Array({ minLength: 1, maxLength: 3, max: 3 });
    const change = fc.record({ key, value: fc.option(fc.uint8Array({ maxLength: 4 }), { nil: undefined }) });
    const bounds = fc.record({ start: key, end: key, limit: fc.nat(8), reverse: fc.boolean() }, { requiredKeys: [] });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { maxLength: 12 }), { maxLength: 4 }),
        bounds,
        async (batches, range) => {
          const table = `round ${round++ % 40}`;
          await store.write([...store.range(table, {})].map((entry) => removal(entry.key, table)));
          const model = new Map<string, [Uint8Array, Uint8Array]>();
          for (const batch of batches) {
            await store.write(batch.map((one) => ({ table, ...one })));
            for (const one of batch) {
              one.value === undefined ? model.delete(toHex(one.key)) : model.set(toHex(one.key), [one.key, one.value]);
            }
            expect(scan(store, {}, table)).toHaveLength(model.size);
          }
          const { start, end, limit = Number.POSITIVE_INFINITY, reverse = false } = range;
          let expected = [...model.values()].sort(([a], [b]) => compareBytes(a, b));
          expected = expected.filter(
            ([k]) => (!start || compareBytes(k, start) >= 0) && (!end || compareBytes(k, end) < 0),
          );
          const ordered = (reverse ? expected.reverse() : expected).slice(0, limit);
          expect(scan(store, range, table)).toEqual(ordered.map(([k, v]) => `${toHex(k)}=${toHex(v)}`));
          const keys = [...store.range(table, { ...range, keysOnly: true })].map(({ key }) => toHex(key));
          expect(keys).toEqual(ordered.map(([k]) => toHex(k)));
        },
      ),
      { numRuns: 150 },
    );
  });
});

test("what is packed comes out as it went in, removals at the beginning of a piece included", () => {
  const packer = new BatchPacker();
  const changes: KeyValueChange[] = [];
  for (let i = 0; i < 3; i++) {
    changes.push(put(bytes(1, i), new Uint8Array(700_000).fill(i)));
    for (let j = 0; j < 40_000; j++) {
      changes.push(removal(bytes(2, i, j >> 8, j)));
    }
  }
  for (const change of changes) {
    packer.add(change);
  }
  const pieces = packer.finish();
  expect(pieces.length).toBeGreaterThan(3);
  const unpacked: KeyValueChange[] = [];
  for (const piece of pieces) {
    unpackChanges(piece, unpacked);
  }
  const text = ({ key, value }: KeyValueChange) => `${toHex(key)} ${value?.length} ${value?.[0]}`;
  expect(unpacked.map(text)).toEqual(changes.map(text));
});

test("a batch of many pieces is one transaction, and what was sent for the next is not lost with it", async () => {
  const store = ThreadedStore.open(directory, ["t"]);
  const value = new Uint8Array(3_000).fill(1);
  const keys = Array.from({ length: 2_000 }, (_, i) => bytes(i >> 8, i));
  const first = store.write(keys.map((key) => put(key, value)));
  const second = store.write([removal(keys[0]), put(keys[1], bytes(2), "other")]);
  await first;
  expect([...store.range("t", {})].length).toBeGreaterThanOrEqual(1_999);
  await second;
  await store.close();
  const reopened = openLmdbStore(directory);
  expect([...reopened.range("t", {})]).toHaveLength(1_999);
  expect(reopened.get("other", keys[1])).toEqual(bytes(2));
  await reopened.close();
});

test.each([
  ["a thread's store", () => ThreadedStore.open(directory, ["t"])],
  ["any other", () => openLmdbStore(directory)],
])("of a batch whose pieces end in an error nothing is written, and the next one is whole: %s", async (_, open) => {
  const store = open();
  const batchOf = (first: number, fails: boolean) =>
    (async function* () {
      const packer = new BatchPacker();
      for (let i = 0; i < 500; i++) {
        packer.add(put(bytes(first, i >> 8, i), new Uint8Array(5_000).fill(first)));
        yield* packer.takeFull();
      }
      if (fails) {
        throw new Error("no more pieces");
      }
      packer.add(removal(bytes(first, 0, 0)));
      yield* packer.finish();
    })();
  const lost = writePieces(store, batchOf(1, true));
  const next = writePieces(store, batchOf(2, false));
  await expect(lost).rejects.toThrow("no more pieces");
  await next;
  expect([...store.range("t", {})].map(({ key }) => key[0])).toEqual(new Array(499).fill(2));
  await store.close();
});

describe("the LMDB store", () => {
  test("holds what it acknowledged when it is opened again, beyond the space it first reserved", async () => {
    const options = { mapBytes: 1024 * 1024 };
    let store = openLmdbStore(directory, options);
    const value = new Uint8Array(20_000).fill(5);
    for (let i = 0; i < 20; i++) {
      await store.write(Array.from({ length: 10 }, (_, j) => put(bytes(i, j), value)));
    }
    await store.close();
    store = openLmdbStore(directory, options);
    expect([...store.range("t", {})]).toHaveLength(200);
    expect(store.get("t", bytes(19, 9))).toEqual(value);
    await store.close();
  });

  // Of up to 100,000 changes a batch is written in parts of 1,000, a larger one in one part.
  test.each([
    { sizes: [999, 1_000, 1_001, 4_321, 2_000, 12_345, 3_333], valueBytesMax: 300 },
    { sizes: [30_000, 100_001, 20_000], valueBytesMax: 20 },
  ])("on the calling thread, holds after batches of many changes what a map would: $sizes", async (sample) => {
    const random = new SeededRandom(5);
    const noise = random.bytes(4_096);
    const anyValue = () =>
      noise.subarray(random.below(4_096 - sample.valueBytesMax)).subarray(0, random.below(sample.valueBytesMax));
    let store = openLmdbStore(directory, { onThisThread: true });
    const expected = new Map<string, Uint8Array>();
    for (const size of sample.sizes) {
      const changes = Array.from({ length: size }, (): KeyValueChange => {
        const key = bytes(7, random.below(256), random.below(64));
        return random.below(4) === 0 ? removal(key) : put(key, anyValue());
      });
      await store.write(changes);
      for (const { key, value } of changes) {
        value === undefined ? expected.delete(toHex(key)) : expected.set(toHex(key), value);
      }
      if (random.below(2) === 0) {
        await store.close();
        store = openLmdbStore(directory, { onThisThread: true });
      }
      const wanted = [...expected].map(([key, value]) => `${key}=${toHex(value)}`).sort();
      expect(scan(store, {}).join() === wanted.join()).toBe(true);
    }
    await store.close();
  });

  test("closes after the writes under way", async () => {
    let store = openLmdbStore(directory);
    const write = store.write([put(bytes(1), bytes(1))]);
    await store.close();
    await write;
    store = openLmdbStore(directory);
    expect(store.get("t", bytes(1))).toEqual(bytes(1));
    await store.close();
  });
});

// The ed25519 kernel against RFC 8032, ZIP-215 and its twin over @noble/curves, on every path: with tables, by the batch
// equation, in lanes, singly. Random cases come from seeds, so that a failure repeats.
import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { concatBytes, utf8Bytes } from "../../src/base/bytes.js";
import { ed25519 } from "../../src/wasm/ed25519.js";
import { Ed25519Kernel, type SignedItem } from "../../src/wasm/ed25519Kernel.js";
import { compileEd25519, layOutEd25519 } from "../../src/wasm/ed25519Memory.js";
import * as twin from "../../src/wasm/ed25519Twin.js";
import {
  bytesOf,
  littleEndian,
  ORDER,
  RFC_8032,
  signWithTorsion,
  smallOrderEncodings,
  vectorsText,
  verificationCases,
} from "./ed25519Cases.js";

const TABLE_BYTES = 80 * 1024;

/** Reproducible bytes. */
function bytesFrom(seed: number, length: number): Uint8Array {
  let state = seed * 2654435761 + 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 23;
  });
}

/** `count` valid signatures by `keys` keys, made by the kernel, which the RFC's vectors vouch for. */
function signedItems(count: number, keys: number): SignedItem[] {
  const seeds = Array.from({ length: keys }, (_, i) => bytesFrom(i + 1, 32));
  const publicKeys = seeds.map((seed) => ed25519.getPublicKey(seed));
  return Array.from({ length: count }, (_, i) => {
    const message = bytesFrom(1000 + i, 40 + (i % 150));
    return { message, signature: ed25519.sign(message, seeds[i % keys]), publicKey: publicKeys[i % keys] };
  });
}

/** The item with one bit of its 96 bytes of signature and key turned. */
function mutated(item: SignedItem, bit: number): SignedItem {
  const bytes = concatBytes(item.signature, item.publicKey);
  bytes[(bit >> 3) % 96] ^= 1 << (bit & 7);
  return { message: item.message, signature: bytes.slice(0, 64), publicKey: bytes.slice(64) };
}

/** Builds tables of all keys in turn, as instance 1, until it is told to stop; answers with how many it built. */
const EARNING_WORKER = `
  const { parentPort, workerData: { plan, module, keys, stop } } = require("node:worker_threads");
  const kernel = new WebAssembly.Instance(module, { env: { memory: plan.memory } }).exports;
  const workspace = plan.workspaces + plan.instanceBytes;
  kernel.assign(workspace, ...plan.seed);
  kernel.assignBaseTables(plan.baseRegion, plan.baseTableBits);
  kernel.assignKeyTables(plan.keyRegion, plan.keyTableSlots, plan.keyTableBits);
  const memory = new Uint8Array(plan.memory.buffer);
  let built = 0;
  for (let i = 0; Atomics.load(stop, 0) === 0 || built <= 100; i++) {
    memory.set(keys[i % keys.length], workspace + plan.inputOffset);
    built += kernel.earnTable(workspace + plan.inputOffset) === 1 ? 1 : 0;
  }
  parentPort.postMessage(built);
`;

let plain: Ed25519Kernel;
let tabled: Ed25519Kernel;

beforeAll(() => {
  plain = new Ed25519Kernel();
  tabled = new Ed25519Kernel(
    layOutEd25519({ keyTableCacheBytes: 48 * TABLE_BYTES, keyTableBits: 4, baseTableBits: 7 }),
  );
});

/** Verdicts by every path; they must be the same. */
function verdictsOf(items: SignedItem[]): boolean[] {
  const singles = items.map((item) => plain.verify(item.signature, item.message, item.publicKey));
  expect(plain.verifyBatch(items)).toEqual(singles);
  for (const { publicKey } of items) {
    if (publicKey.length === 32) {
      tabled.earnTable(publicKey);
    }
  }
  expect(tabled.verifyBatch(items)).toEqual(singles);
  return singles;
}

describe("signing", () => {
  test("gives the keys and signatures of RFC 8032", () => {
    for (const { seed, publicKey, message, signature } of RFC_8032) {
      expect(ed25519.getPublicKey(bytesOf(seed))).toEqual(bytesOf(publicKey));
      expect(ed25519.sign(bytesOf(message), bytesOf(seed))).toEqual(bytesOf(signature));
      expect(ed25519.verify(bytesOf(signature), bytesOf(message), bytesOf(publicKey))).toBe(true);
    }
  });

  test("agrees with the twin on any seed and message", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ minLength: 0, maxLength: 300 }),
        (seed, message) => {
          expect(ed25519.getPublicKey(seed)).toEqual(twin.getPublicKey(seed));
          expect(ed25519.sign(message, seed)).toEqual(twin.sign(message, seed));
        },
      ),
      { numRuns: 150, seed: 1 },
    );
  });

  test("takes seeds at the ends of their range", () => {
    for (const seed of [new Uint8Array(32), new Uint8Array(32).fill(255)]) {
      expect(ed25519.sign(seed, seed)).toEqual(twin.sign(seed, seed));
    }
  });

  test("takes a message of many pieces and of every length around a block", () => {
    const seed = bytesFrom(1, 32);
    for (const length of [0, 1, 47, 48, 63, 64, 65, 79, 80, 111, 112, 127, 128, 129, 255, 256, 3_000_001]) {
      const message = new Uint8Array(length).fill(length);
      const signature = ed25519.sign(message, seed);
      expect(signature).toEqual(twin.sign(message, seed));
      expect(ed25519.verify(signature, message, ed25519.getPublicKey(seed))).toBe(true);
    }
  });

  test("refuses a secret key of the wrong length", () => {
    expect(() => ed25519.sign(new Uint8Array(1), new Uint8Array(31))).toThrow(TypeError);
    expect(() => ed25519.getPublicKey(new Uint8Array(64))).toThrow(TypeError);
  });
});

describe("ZIP-215", () => {
  test("accepts all 196 pairs of small-order encodings, and nothing with another s", () => {
    const encodings = smallOrderEncodings();
    expect(encodings.length).toBe(14);
    const message = utf8Bytes("Zcash");
    const items = encodings.flatMap((publicKey) =>
      encodings.map((r) => ({ publicKey, message, signature: concatBytes(r, new Uint8Array(32)) })),
    );
    expect(verdictsOf(items)).toEqual(items.map(() => true));
    const wrong = items.map((item) => ({
      ...item,
      signature: concatBytes(item.signature.slice(0, 32), littleEndian(1n)),
    }));
    expect(verdictsOf(wrong)).toEqual(wrong.map(() => false));
  });

  test("judges the published cases as published", () => {
    const cases = verificationCases();
    const items = cases.map((one) => ({
      publicKey: bytesOf(one.publicKey),
      message: bytesOf(one.message),
      signature: bytesOf(one.signature),
    }));
    const expected = cases.map((one) => one.valid);
    expect(verdictsOf(items)).toEqual(expected);
    expect(twin.verifyBatch(items)).toEqual(expected);
    expect(readFileSync(new URL("../vectors/ed25519.json", import.meta.url), "utf8")).toBe(vectorsText());
  });

  test("refuses s from the order on", () => {
    const [item] = signedItems(1, 1);
    const s = item.signature.slice(32).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
    const items = [s + ORDER, s + 2n * ORDER, ORDER, ORDER + 1n, (1n << 253n) - 1n, (1n << 256n) - 1n].map((value) => ({
      ...item,
      signature: concatBytes(item.signature.slice(0, 32), littleEndian(value)),
    }));
    expect(verdictsOf(items)).toEqual(items.map(() => false));
  });

  test("judges components of small order in a batch as it judges them singly", () => {
    const items: SignedItem[] = [];
    for (let i = 0; i < 64; i++) {
      items.push(signWithTorsion(BigInt(1000 + i), BigInt(77 * i + 5), bytesFrom(i, 50), i % 8, (3 * i) % 8));
    }
    // Differences of opposite sign, which a sum without factors would not see.
    const [first, second] = [items[10], items[20]];
    const shift = (item: SignedItem, by: bigint): SignedItem => {
      const s = item.signature.slice(32).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
      return { ...item, signature: concatBytes(item.signature.slice(0, 32), littleEndian((s + by + ORDER) % ORDER)) };
    };
    expect(verdictsOf(items)).toEqual(items.map(() => true));
    items[10] = shift(first, 1n);
    items[20] = shift(second, -1n);
    expect(verdictsOf(items)).toEqual(items.map((_, i) => i !== 10 && i !== 20));
  });
});

describe("verification", () => {
  test("never throws on hostile bytes and refuses wrong lengths", () => {
    const [item] = signedItems(1, 1);
    const empty = new Uint8Array(0);
    const items = [
      { ...item, signature: empty },
      { ...item, publicKey: empty },
      { ...item, signature: concatBytes(item.signature, empty, Uint8Array.of(0)) },
      { ...item, publicKey: item.publicKey.slice(1) },
      item,
      { signature: new Uint8Array(64).fill(255), publicKey: new Uint8Array(32).fill(255), message: empty },
    ];
    expect(verdictsOf(items)).toEqual([false, false, false, false, true, false]);
    expect(ed25519.verifyBatch([])).toEqual([]);
  });

  test("agrees with the twin on random bytes, valid and altered signatures", () => {
    const signed = signedItems(40, 7);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(39), fc.nat(3), fc.nat(767)), { minLength: 1, maxLength: 12 }),
        fc.uint8Array({ minLength: 96, maxLength: 96 }),
        (choices, noise) => {
          const items = choices.map(([at, kind, bit]) => (kind === 0 ? mutated(signed[at], bit) : signed[at]));
          items.push({ message: noise, signature: noise.slice(0, 64), publicKey: noise.slice(64) });
          expect(verdictsOf(items)).toEqual(twin.verifyBatch(items));
        },
      ),
      { numRuns: 25, seed: 2 },
    );
  });

  test("finds the bad ones among many good, whatever their number", () => {
    const good = signedItems(300, 120);
    for (const [run, every] of [301, 100, 37, 9, 2, 1].entries()) {
      const items = good.map((item, i) => (i % every === every - 1 ? mutated(item, 31 * i + run) : item));
      const expected = items.map((item, i) => item === good[i]);
      expect(plain.verifyBatch(items)).toEqual(expected);
      expect(tabled.verifyBatch(items)).toEqual(expected);
    }
  });

  test("judges batches of every small size and beyond one call's limit", () => {
    const good = signedItems(1100, 40);
    const bad = mutated(good[0], 5);
    for (const size of [2, 3, 4, 5, 7, 8, 9, 12, 13, 23, 24, 25, 79, 81, 149, 151, 699, 701, 1024, 1025, 1100]) {
      const items = good.slice(0, size);
      expect(plain.verifyBatch(items).every(Boolean)).toBe(true);
      items[size - 1] = bad;
      expect(plain.verifyBatch(items)).toEqual(items.map((item) => item !== bad));
    }
  });

  test("merges many signatures of one key", () => {
    const items = signedItems(200, 1);
    expect(verdictsOf(items).every(Boolean)).toBe(true);
    items[77] = mutated(items[77], 300);
    expect(verdictsOf(items)).toEqual(items.map((_, i) => i !== 77));
  });

  test("judges packed records, with a prefix, as it judges items", () => {
    const seed = bytesFrom(9, 32);
    const publicKey = ed25519.getPublicKey(seed);
    const prefix = utf8Bytes("a chain's prefix");
    for (const length of [10, 700_000]) {
      const parts: Uint8Array[] = [publicKey];
      const index: number[] = [];
      let at = 32;
      for (let i = 0; i < 6; i++) {
        const message = bytesFrom(i, length);
        const signature = ed25519.sign(concatBytes(prefix, message), seed);
        signature[40] ^= i === 4 ? 1 : 0;
        index.push(at, length, at + length, 0);
        parts.push(message, signature);
        at += length + 64;
      }
      const records = { count: 6, prefix, index: Uint32Array.from(index), bytes: concatBytes(...parts) };
      expect([...plain.verifyPacked(records)]).toEqual([1, 1, 1, 1, 0, 1]);
      tabled.earnTable(publicKey);
      expect([...tabled.verifyPacked(records)]).toEqual([1, 1, 1, 1, 0, 1]);
    }
  });
});

describe("tables of keys", () => {
  test("are given to points only, and only where there is a cache", () => {
    const [item] = signedItems(1, 1);
    expect(tabled.earnTable(littleEndian(2n))).toBe(false);
    expect(tabled.earnTable(item.publicKey)).toBe(true);
    expect(tabled.earnTable(item.publicKey)).toBe(true);
    expect(plain.earnTable(item.publicKey)).toBe(false);
  });

  test("give the verdicts that keys without tables get, for windows of every width, when places run out too", () => {
    const items = signedItems(60, 20);
    items[3] = mutated(items[3], 9);
    items[33] = mutated(items[33], 400);
    const expected = items.map((_, i) => i !== 3 && i !== 33);
    for (const keyTableBits of [4, 5, 6, 7, 8]) {
      const kernel = new Ed25519Kernel(
        layOutEd25519({ keyTableCacheBytes: 5 * 560 * 1024, keyTableBits, baseTableBits: keyTableBits + 1 }),
      );
      for (const { publicKey } of items) {
        expect(kernel.earnTable(publicKey)).toBe(true);
      }
      expect(kernel.verifyBatch(items)).toEqual(expected);
    }
  });

  test("serve the very 32 bytes that earned them and no others", () => {
    const kernel = new Ed25519Kernel(layOutEd25519({ keyTableCacheBytes: 8 * TABLE_BYTES, keyTableBits: 4 }));
    const [item] = signedItems(1, 1);
    expect(kernel.earnTable(item.publicKey)).toBe(true);
    const others = Array.from({ length: 256 }, (_, bit) => mutated(item, 512 + bit));
    expect(kernel.verifyBatch([item, ...others])).toEqual([true, ...others.map(() => false)]);
    // The neutral point has six encodings; those that aren't canonical are keys of their own.
    for (const encoding of smallOrderEncodings()) {
      expect(kernel.earnTable(encoding)).toBe(true);
    }
    const pairs = smallOrderEncodings().flatMap((publicKey) =>
      smallOrderEncodings().map((r) => ({
        publicKey,
        message: utf8Bytes("any"),
        signature: concatBytes(r, new Uint8Array(32)),
      })),
    );
    expect(kernel.verifyBatch(pairs)).toEqual(pairs.map(() => true));
  });

  test("never take more memory than the cache is given", () => {
    for (const keyTableBits of [4, 5, 6, 7, 8]) {
      for (const keyTableCacheBytes of [0, 100_000, 1 << 20, 5_000_001]) {
        const plan = layOutEd25519({ keyTableCacheBytes, keyTableBits });
        expect(plan.workspaces - plan.keyRegion).toBeLessThanOrEqual(keyTableCacheBytes + 128);
      }
    }
  });

  test("are shared by instances on one memory", () => {
    const plan = layOutEd25519({ instances: 2, keyTableCacheBytes: 20 * TABLE_BYTES, keyTableBits: 4 });
    const [first, second] = [new Ed25519Kernel(plan, 0), new Ed25519Kernel(plan, 1)];
    const items = signedItems(30, 4);
    items[5] = mutated(items[5], 77);
    for (const { publicKey } of items) {
      first.earnTable(publicKey);
    }
    const expected = items.map((_, i) => i !== 5);
    expect(second.verifyBatch(items)).toEqual(expected);
    expect(first.verifyBatch(items)).toEqual(expected);
  });

  test("may be replaced by another thread while they serve", { timeout: 60_000 }, async () => {
    // Sixteen places for forty keys: each table that the worker builds pushes another one out.
    const plan = layOutEd25519({ instances: 2, keyTableCacheBytes: 17 * TABLE_BYTES, keyTableBits: 4 });
    expect(plan.keyTableSlots).toBeGreaterThanOrEqual(16);
    const items = signedItems(80, 40);
    items[7] = mutated(items[7], 77);
    const expected = items.map((_, i) => i !== 7);
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(EARNING_WORKER, {
      eval: true,
      workerData: { plan, module: compileEd25519(true), keys: items.map((item) => item.publicKey), stop },
    });
    const built = new Promise<number>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    const kernel = new Ed25519Kernel(plan, 0);
    await new Promise((resolve) => worker.once("online", resolve));
    for (let run = 0; run < 100; run++) {
      expect(kernel.verifyBatch(items)).toEqual(expected);
    }
    Atomics.store(stop, 0, 1);
    expect(await built).toBeGreaterThan(100);
    await worker.terminate();
  });
});

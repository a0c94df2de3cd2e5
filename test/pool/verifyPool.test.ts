import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.js";
import { TABLE_USES } from "../../src/pool/frequentKeys.js";
import { packSignatures, type SignatureItem, unpackSignatures } from "../../src/pool/packedSignatures.js";
import { VerifyPool } from "../../src/pool/verifyPool.js";
import { workerUrl } from "../../src/pool/workerUrl.js";
import { ed25519 } from "../../src/wasm/ed25519.js";

const PREFIX = new Uint8Array([1, 2, 3, 4, 5]);

/** Signatures over the prefix and messages of several lengths; every third is wrong in one bit of one of its parts. */
function makeItems(count: number, seed: number): { items: SignatureItem[]; valid: boolean[] } {
  const random = new SeededRandom(seed);
  const secretKeys = Array.from({ length: 3 }, () => random.bytes(32));
  const publicKeys = secretKeys.map((key) => ed25519.getPublicKey(key));
  const items: SignatureItem[] = [];
  const valid: boolean[] = [];
  for (let i = 0; i < count; i++) {
    const message = random.bytes(random.below(300));
    const signature = ed25519.sign(Buffer.concat([PREFIX, message]), secretKeys[i % 3]);
    const item = { signature, message, publicKey: publicKeys[i % 3].slice() };
    const wrong = i % 3 === 2;
    if (wrong) {
      const part = message.length === 0 ? signature : [signature, message][random.below(2)];
      part[random.below(part.length)] ^= 1 << random.below(8);
    }
    items.push(item);
    valid.push(!wrong);
  }
  return { items, valid };
}

describe("a packed batch", () => {
  test("holds every part where its index says", () => {
    const { items } = makeItems(7, 1);
    const { count, prefix, index, bytes } = unpackSignatures(packSignatures(items, PREFIX));
    expect([count, prefix]).toEqual([7, PREFIX]);
    for (const [i, { signature, message, publicKey }] of items.entries()) {
      const [messageAt, messageLength, signatureAt, keyAt] = index.subarray(4 * i);
      expect(bytes.subarray(messageAt, messageAt + messageLength)).toEqual(message);
      expect(bytes.subarray(signatureAt, signatureAt + 64)).toEqual(signature);
      expect(bytes.subarray(keyAt, keyAt + 32)).toEqual(publicKey);
    }
  });

  test("holds a message of several signers once", () => {
    const message = new Uint8Array(1000);
    const item = { signature: new Uint8Array(64), message, publicKey: new Uint8Array(32) };
    expect(packSignatures([item, item, item]).byteLength).toBeLessThan(1000 + 3 * 112 + 100);
  });

  test("that points outside its buffer is refused before a kernel sees it", () => {
    const packed = packSignatures(makeItems(2, 1).items);
    for (let word = 0; word < 4 + 8; word++) {
      if (word !== 3) {
        const damaged = packed.slice(0);
        new Uint32Array(damaged, 0, 12)[word] = 0xfffffff0;
        expect(() => unpackSignatures(damaged)).toThrow("a packed batch holds");
      }
    }
    expect(() => unpackSignatures(new ArrayBuffer(8))).toThrow("begins with its header");
  });
});

test("a worker's URL is that of the built file, whether the code runs from src or from dist", () => {
  const built = "file:///home/src/node/dist/pool/verifyWorker.js";
  expect(workerUrl("./verifyWorker.js", "file:///home/src/node/src/pool/verifyPool.ts").href).toBe(built);
  expect(workerUrl("./verifyWorker.js", "file:///home/src/node/dist/pool/verifyPool.js").href).toBe(built);
});

describe.each([0, 2])("a verify pool of %d workers", (workers) => {
  let pool: VerifyPool;
  beforeAll(async () => {
    expect(existsSync(workerUrl("../pool/verifyWorker.js", new URL("../../src/pool/x.ts", import.meta.url).href))).toBe(
      true,
    );
    pool = await VerifyPool.start({ workers });
  });
  afterAll(() => pool.close());

  test("judges every signature of many batches, each in its place", async () => {
    const batches = Array.from({ length: 8 }, (_, i) => makeItems(i * 3, i));
    const verdicts = batches.map(({ items }) => pool.verify(packSignatures(items, PREFIX)));
    for (const [i, { valid }] of batches.entries()) {
      expect([...(await verdicts[i])]).toEqual(valid.map(Number));
    }
  });

  test("judges items alike", async () => {
    const { items, valid } = makeItems(9, 5);
    expect(await pool.verifyItems(items, PREFIX)).toEqual(valid);
    expect(await pool.verifyItems(items)).toEqual(valid.map(() => false));
    expect(await pool.verifyItems([])).toEqual([]);
  });

  test("counts what is under way and what it has judged", async () => {
    const before = pool.verifiedSignatures;
    const { items } = makeItems(3, 6);
    const verdicts = Array.from({ length: 9 }, () => pool.verifyItems(items, PREFIX));
    expect(pool.batchesUnderWay).toBe(9);
    await Promise.all(verdicts);
    expect(pool.batchesUnderWay).toBe(0);
    expect(pool.verifiedSignatures - before).toBe(27);
  });

  test("gives keys that sign often a table, by which it judges as before", async () => {
    const { items, valid } = makeItems(30, 9);
    const keys = items.slice(0, 3).map(({ publicKey }) => publicKey);
    pool.countCommitted(Array.from({ length: 3 * TABLE_USES - 1 }, (_, i) => keys[i % 3]));
    while (pool.earnedTables < 2) {
      expect(await pool.verifyItems(items, PREFIX)).toEqual(valid);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await pool.verifyItems(items, PREFIX)).toEqual(valid);
    expect(pool.earnedTables).toBe(2);
  });

  test("rejects a batch that isn't one and goes on", async () => {
    await expect(pool.verify(new ArrayBuffer(3))).rejects.toThrow("begins with its header");
    const { items, valid } = makeItems(3, 7);
    expect(await pool.verifyItems(items, PREFIX)).toEqual(valid);
  });
});

test("a pool closes after the batches under way, and takes none afterwards", async () => {
  const pool = await VerifyPool.start({ workers: 1 });
  const { items, valid } = makeItems(6, 8);
  const verdicts = Array.from({ length: 5 }, () => pool.verifyItems(items, PREFIX));
  await pool.close();
  expect(await Promise.all(verdicts)).toEqual(Array.from({ length: 5 }, () => valid));
  await expect(pool.verifyItems(items)).rejects.toThrow("closed pool");
});

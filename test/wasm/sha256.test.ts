import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex, utf8Bytes } from "../../src/base/bytes.js";
import { hasSimd } from "../../src/wasm/loadKernel.js";
import { subjects } from "./sha256Subjects.js";

function reference(...parts: Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    hash.update(part);
  }
  return hash.digest("hex");
}

/** Bytes that differ from place to place, so that a block taken from the wrong offset shows. */
function pattern(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (Math.imul(i + seed, 2_654_435_761) >>> 13) & 255);
}

function pack(messages: Uint8Array[], firstOffset = 0): { packed: Uint8Array; offsets: Uint32Array } {
  const offsets = new Uint32Array(messages.length + 1);
  offsets[0] = firstOffset;
  messages.forEach((message, i) => {
    offsets[i + 1] = offsets[i] + message.length;
  });
  const packed = new Uint8Array(offsets[messages.length]);
  messages.forEach((message, i) => {
    packed.set(message, offsets[i]);
  });
  return { packed, offsets };
}

function splitHashes(hashes: Uint8Array): string[] {
  return Array.from({ length: hashes.length / 32 }, (_, i) => toHex(hashes.subarray(32 * i, 32 * i + 32)));
}

test("the engine that runs the tests has SIMD", () => {
  expect(hasSimd()).toBe(true);
});

describe.each(subjects)("SHA-256 by the %s", (_name, subject) => {
  test.each([
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    [
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ],
    [
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
    ],
  ])("matches the published digest of '%s'", (text, digest) => {
    expect(toHex(subject.sha256(utf8Bytes(text)))).toBe(digest);
  });

  test("matches the published digest of a million times 'a'", () => {
    const message = new Uint8Array(1_000_000).fill(0x61);
    const digest = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    expect(toHex(subject.sha256(message))).toBe(digest);
    expect(subject.sha256Many([message, message]).map(toHex)).toEqual([digest, digest]);
  });

  test("matches node:crypto at every length up to 300", () => {
    for (let length = 0; length <= 300; length++) {
      const message = pattern(length, length);
      expect(toHex(subject.sha256(message)), `length ${length}`).toBe(reference(message));
      expect(toHex(subject.hashLeaf(message)), `leaf of length ${length}`).toBe(reference(Uint8Array.of(0), message));
    }
  });

  test("matches node:crypto around the size of the kernel's input area", () => {
    for (const length of [262_079, 262_080, 262_143, 262_144, 262_145, 262_208, 524_287, 524_288, 700_001]) {
      const message = pattern(length);
      expect(toHex(subject.sha256(message)), `length ${length}`).toBe(reference(message));
      expect(toHex(subject.hashLeaf(message)), `leaf of length ${length}`).toBe(reference(Uint8Array.of(0), message));
    }
  });

  test("returns arrays that later calls leave alone", () => {
    const first = subject.sha256(pattern(10));
    const copy = first.slice();
    subject.sha256(pattern(20));
    subject.sha256Many([pattern(1), pattern(2)]);
    expect(first).toEqual(copy);
    expect(first.buffer.byteLength).toBe(32);
  });

  test("reads a view that starts in the middle of its buffer", () => {
    const buffer = pattern(200);
    expect(toHex(subject.sha256(buffer.subarray(3, 103)))).toBe(reference(buffer.slice(3, 103)));
  });

  test("digests of many messages agree with node:crypto, whatever their lengths and number", () => {
    const lengths = fc.array(fc.oneof(fc.nat(70), fc.nat(300), fc.constantFrom(55, 56, 63, 64, 119, 120, 128)), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(lengths, fc.nat(), fc.nat(100), (lengthList, seed, firstOffset) => {
        const messages = lengthList.map((length, i) => pattern(length, seed + i));
        const expected = messages.map((message) => reference(message));
        expect(subject.sha256Many(messages).map(toHex)).toEqual(expected);
        const { packed, offsets } = pack(messages, firstOffset);
        const out = new Uint8Array(32 * messages.length);
        subject.sha256Batch(packed, offsets, out);
        expect(splitHashes(out)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  test("a batch may mix long messages with short ones", () => {
    const messages = [5, 300_000, 0, 64, 262_144, 1, 2, 3, 200_000, 100_000, 7, 600_000].map((n, i) => pattern(n, i));
    const expected = messages.map((message) => reference(message));
    expect(subject.sha256Many(messages).map(toHex)).toEqual(expected);
    const { packed, offsets } = pack(messages, 1);
    const out = new Uint8Array(32 * messages.length);
    subject.sha256Batch(packed, offsets, out);
    expect(splitHashes(out)).toEqual(expected);
  });

  test("a batch may hold more messages than a chunk", () => {
    const messages = Array.from({ length: 4_100 }, (_, i) => pattern(i % 90, i));
    const expected = messages.map((message) => reference(message));
    expect(subject.sha256Many(messages).map(toHex)).toEqual(expected);
    const { packed, offsets } = pack(messages);
    const out = new Uint8Array(32 * messages.length);
    subject.sha256Batch(packed, offsets, out);
    expect(splitHashes(out)).toEqual(expected);
  });

  test("an empty batch writes nothing", () => {
    expect(subject.sha256Many([])).toEqual([]);
    subject.sha256Batch(new Uint8Array(0), new Uint32Array(1), new Uint8Array(0));
    subject.hashInnerBatch(new Uint8Array(0), new Uint8Array(0));
  });

  test("inner nodes are SHA-256(01 || left || right), alone and in batches, also in place", () => {
    for (const count of [1, 2, 3, 4, 5, 6, 7, 8, 9, 4_097]) {
      const pairs = pattern(64 * count, count);
      const expected: string[] = [];
      for (let i = 0; i < count; i++) {
        const pair = pairs.subarray(64 * i, 64 * i + 64);
        expected.push(reference(Uint8Array.of(1), pair));
        expect(toHex(subject.hashInner(pair.slice(0, 32), pair.slice(32)))).toBe(expected[i]);
      }
      const out = new Uint8Array(32 * count);
      subject.hashInnerBatch(pairs, out);
      expect(splitHashes(out)).toEqual(expected);
      subject.hashInnerBatch(pairs, pairs.subarray(0, 32 * count));
      expect(splitHashes(pairs.subarray(0, 32 * count))).toEqual(expected);
    }
  });

  test("inner nodes are right for every value of the byte that falls into the second block", () => {
    const pairs = pattern(64 * 256);
    for (let last = 0; last < 256; last++) {
      pairs[64 * last + 63] = last;
    }
    const out = new Uint8Array(32 * 256);
    subject.hashInnerBatch(pairs, out);
    for (let last = 0; last < 256; last++) {
      const expected = reference(Uint8Array.of(1), pairs.subarray(64 * last, 64 * last + 64));
      expect(toHex(out.subarray(32 * last, 32 * last + 32))).toBe(expected);
    }
  });

  test("keyed leaves are SHA-256(00 || key || SHA-256(value))", () => {
    for (const count of [0, 1, 2, 3, 4, 5, 2_049]) {
      const keys = pattern(32 * count, 7);
      const values = Array.from({ length: count }, (_, i) => pattern((i * 37) % 150, i));
      const { packed, offsets } = pack(values, 5);
      const out = new Uint8Array(32 * count);
      subject.hashKeyedLeafBatch(keys, packed, offsets, out);
      const expected = values.map((value, i) => {
        const valueHash = createHash("sha256").update(value).digest();
        return reference(Uint8Array.of(0), keys.subarray(32 * i, 32 * i + 32), valueHash);
      });
      expect(splitHashes(out)).toEqual(expected);
    }
  });

  test("lengths that don't fit together are refused", () => {
    const three = new Uint8Array(3);
    const hash = new Uint8Array(32);
    expect(() => subject.sha256Batch(three, Uint32Array.of(0, 4), hash)).toThrow("expected offsets up to 3, got 4");
    expect(() => subject.sha256Batch(three, Uint32Array.of(2, 1), hash)).toThrow("expected ascending offsets");
    expect(() => subject.sha256Batch(three, new Uint32Array(0), hash)).toThrow("got none");
    expect(() => subject.sha256Batch(three, Uint32Array.of(0, 3), three)).toThrow("expected 32 bytes, got 3");
    expect(() => subject.hashInner(hash, three)).toThrow("expected 32 bytes, got 3");
    expect(() => subject.hashInner(three, hash)).toThrow("expected 32 bytes, got 3");
    expect(() => subject.hashInnerBatch(new Uint8Array(65), hash)).toThrow("multiple of 64 bytes, got 65");
    expect(() => subject.hashInnerBatch(new Uint8Array(128), hash)).toThrow("expected 64 bytes, got 32");
    expect(() => subject.hashKeyedLeafBatch(three, three, Uint32Array.of(0, 3), hash)).toThrow("expected 32 bytes");
    expect(() => subject.plainTreeRoot(new Uint8Array(0))).toThrow("expected one hash or more, got 0 bytes");
  });
});

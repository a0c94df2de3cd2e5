import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, equalBytes, fromHex, toHex } from "../../src/base/bytes.js";
import * as twin from "../../src/wasm/sha256Twin.js";
import { subjects } from "./sha256Subjects.js";

interface Tree {
  count: number;
  root: string;
}

interface Proof {
  index: number;
  count: number;
  path: string[];
}

interface Vectors {
  certificateTransparency: { leaves: string[]; trees: Tree[]; proofs: Proof[] };
  numbered: { trees: Tree[]; proofs: Proof[] };
}

const vectors: Vectors = JSON.parse(readFileSync(new URL("../vectors/merkle.json", import.meta.url), "utf8"));

function bytes(hex: string): Uint8Array {
  const decoded = fromHex(hex);
  expect(decoded).toBeDefined();
  return decoded!;
}

function numberedLeaves(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => Uint8Array.of(i >>> 24, i >>> 16, i >>> 8, i));
}

/** Leaves whose lengths and bytes differ. */
function variedLeaves(count: number, seed: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const length = Math.imul(i + seed, 40_503) % 130;
    return Uint8Array.from({ length: Math.abs(length) }, (_, j) => (i * 31 + j * 7 + seed) & 255);
  });
}

function pack(leaves: Uint8Array[]): { packed: Uint8Array; offsets: Uint32Array } {
  const offsets = new Uint32Array(leaves.length + 1);
  leaves.forEach((leaf, i) => {
    offsets[i + 1] = offsets[i] + leaf.length;
  });
  return { packed: concatBytes(...leaves), offsets };
}

describe.each(subjects)("Merkle trees by the %s", (_name, subject) => {
  const ctLeaves = vectors.certificateTransparency.leaves.map(bytes);

  test("no leaves have the root SHA-256 of nothing", () => {
    const expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    expect(toHex(subject.merkleRoot([]))).toBe(expected);
    expect(toHex(subject.merkleRootBatch(new Uint8Array(0), new Uint32Array(1)))).toBe(expected);
  });

  test.each(vectors.certificateTransparency.trees)(
    "$count leaves of Certificate Transparency's tests have their published root",
    ({ count, root }) => {
      expect(toHex(subject.merkleRoot(ctLeaves.slice(0, count)))).toBe(root);
    },
  );

  test("audit paths of Certificate Transparency's tests are found and accepted", () => {
    for (const { index, count, path } of vectors.certificateTransparency.proofs) {
      const leaves = ctLeaves.slice(0, count);
      expect(subject.merkleProof(leaves, index).map(toHex)).toEqual(path);
      const root = bytes(vectors.certificateTransparency.trees[count].root);
      expect(subject.verifyMerkleProof(leaves[index], index, count, path.map(bytes), root)).toBe(true);
    }
  });

  test("numbered leaves have the roots and paths of the vectors, across the kernel's chunks", () => {
    for (const { count, root } of vectors.numbered.trees) {
      const leaves = numberedLeaves(count);
      expect(toHex(subject.merkleRoot(leaves)), `${count} leaves`).toBe(root);
      const { packed, offsets } = pack(leaves);
      expect(toHex(subject.merkleRootBatch(packed, offsets)), `${count} packed leaves`).toBe(root);
      expect(toHex(subject.merkleRootOfHashes(subject.merkleLeafHashes(leaves))), `${count} hashes`).toBe(root);
    }
    for (const { index, count, path } of vectors.numbered.proofs) {
      const leaves = numberedLeaves(count);
      expect(subject.merkleProof(leaves, index).map(toHex)).toEqual(path);
      const root = bytes(vectors.numbered.trees.find((tree) => tree.count === count)!.root);
      expect(subject.verifyMerkleProof(leaves[index], index, count, path.map(bytes), root)).toBe(true);
    }
  });

  test("roots and paths over leaves of any lengths agree with RFC 6962's recursive definition", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(1000), fc.nat(), (count, seed, pick) => {
        const leaves = variedLeaves(count, seed);
        const index = pick % count;
        const root = subject.merkleRoot(leaves);
        expect(root).toEqual(twin.merkleRoot(leaves));
        const { packed, offsets } = pack(leaves);
        expect(subject.merkleRootBatch(packed, offsets)).toEqual(root);
        expect(subject.merkleLeafHashes(leaves)).toEqual(twin.merkleLeafHashes(leaves));
        expect(subject.merkleRootOfHashes(subject.merkleLeafHashes(leaves))).toEqual(root);
        const path = subject.merkleProof(leaves, index);
        expect(path).toEqual(twin.merkleProof(leaves, index));
        expect(subject.verifyMerkleProof(leaves[index], index, count, path, root)).toBe(true);
      }),
    );
  });

  test("a tree may have leaves longer than a chunk", () => {
    const leaves = [10, 300_000, 262_143, 262_144, 0, 200_000, 100_000].map((length, i) =>
      new Uint8Array(length).fill(i),
    );
    const root = twin.merkleRoot(leaves);
    expect(subject.merkleRoot(leaves)).toEqual(root);
    const { packed, offsets } = pack(leaves);
    expect(subject.merkleRootBatch(packed, offsets)).toEqual(root);
  });

  test("a plain tree pairs hashes without prefixes", () => {
    for (const count of [1, 2, 3, 4, 5, 6, 7, 8, 11, 4_096, 4_097, 9_000]) {
      const hashes = Uint8Array.from({ length: 32 * count }, (_, i) => (i * 37) & 255);
      const copy = hashes.slice();
      expect(subject.plainTreeRoot(hashes), `${count} hashes`).toEqual(twin.plainTreeRoot(hashes));
      // Compared at once: an assertion over every byte takes seconds.
      expect(equalBytes(hashes, copy)).toBe(true);
    }
  });

  test("the index of a proof must be a leaf's", () => {
    for (const index of [-1, 3, 0.5, Number.NaN]) {
      expect(() => subject.merkleProof(ctLeaves.slice(0, 3), index)).toThrow(RangeError);
    }
    expect(() => subject.merkleProof([], 0)).toThrow("expected an index below 0, got 0");
  });
});

describe.each(subjects)("Forged proofs are refused by the %s", (_name, subject) => {
  const counts = [1, 2, 3, 5, 6, 7, 8, 13];

  function eachProof(check: (leaves: Uint8Array[], index: number, path: Uint8Array[], root: Uint8Array) => void): void {
    for (const count of counts) {
      const leaves = variedLeaves(count, 5).map((leaf, i) => concatBytes(leaf, Uint8Array.of(i)));
      const root = subject.merkleRoot(leaves);
      for (let index = 0; index < count; index++) {
        check(leaves, index, subject.merkleProof(leaves, index), root);
      }
    }
  }

  test("another leaf", () => {
    eachProof((leaves, index, path, root) => {
      const forged = concatBytes(leaves[index], Uint8Array.of(0));
      expect(subject.verifyMerkleProof(forged, index, leaves.length, path, root)).toBe(false);
    });
  });

  test("another index, inside or outside the tree", () => {
    eachProof((leaves, index, path, root) => {
      for (let other = -1; other <= leaves.length + 1; other++) {
        if (other !== index) {
          expect(subject.verifyMerkleProof(leaves[index], other, leaves.length, path, root)).toBe(false);
        }
      }
      for (const other of [index + 0.5, index + 2 ** 32, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(subject.verifyMerkleProof(leaves[index], other, leaves.length, path, root)).toBe(false);
      }
    });
  });

  test("a path that is too short or too long", () => {
    eachProof((leaves, index, path, root) => {
      const verify = (other: Uint8Array[]) =>
        subject.verifyMerkleProof(leaves[index], index, leaves.length, other, root);
      expect(verify([...path, root])).toBe(false);
      expect(verify([new Uint8Array(32), ...path])).toBe(false);
      if (path.length > 0) {
        expect(verify(path.slice(1))).toBe(false);
        expect(verify(path.slice(0, -1))).toBe(false);
        expect(verify([])).toBe(false);
      }
    });
  });

  test("any byte of the path or the root changed, or one of them of another length", () => {
    eachProof((leaves, index, path, root) => {
      const verify = (otherPath: Uint8Array[], otherRoot: Uint8Array) =>
        subject.verifyMerkleProof(leaves[index], index, leaves.length, otherPath, otherRoot);
      for (let at = 0; at < path.length; at++) {
        const changed = path.map((hash) => hash.slice());
        changed[at][at] ^= 1;
        expect(verify(changed, root)).toBe(false);
        for (const length of [0, 31, 33]) {
          const resized = path.with(at, concatBytes(path[at], path[at]).subarray(0, length));
          expect(verify(resized, root)).toBe(false);
        }
      }
      for (const length of [0, 31, 33]) {
        expect(verify(path, concatBytes(root, root).subarray(0, length))).toBe(false);
      }
    });
  });

  test("an inner node presented as a leaf, and a leaf's hash as an inner node", () => {
    const leaves = variedLeaves(4, 1);
    const root = subject.merkleRoot(leaves);
    const left = subject.hashInner(subject.hashLeaf(leaves[0]), subject.hashLeaf(leaves[1]));
    const right = subject.hashInner(subject.hashLeaf(leaves[2]), subject.hashLeaf(leaves[3]));
    expect(subject.hashInner(left, right)).toEqual(root);
    // The bytes that the root is the hash of, as a leaf of a smaller tree.
    expect(subject.verifyMerkleProof(concatBytes(left, right), 0, 1, [], root)).toBe(false);
    expect(subject.verifyMerkleProof(concatBytes(Uint8Array.of(1), left, right), 0, 1, [], root)).toBe(false);
    const leftBytes = concatBytes(subject.hashLeaf(leaves[0]), subject.hashLeaf(leaves[1]));
    expect(subject.verifyMerkleProof(leftBytes, 0, 2, [right], root)).toBe(false);
  });

  test("a count that asks for another path", () => {
    eachProof((leaves, index, path, root) => {
      for (let count = 0; count <= 2 * leaves.length + 2; count++) {
        // The same path may be right for other counts: only where both of index and count lead through the same turns.
        const accepted = subject.verifyMerkleProof(leaves[index], index, count, path, root);
        expect(accepted).toBe(twin.verifyMerkleProof(leaves[index], index, count, path, root));
        if (count <= index) {
          expect(accepted).toBe(false);
        }
      }
      expect(subject.verifyMerkleProof(leaves[index], index, Number.NaN, path, root)).toBe(false);
    });
  });

  test("verdicts on random paths agree with the recursive definition, also for counts beyond 32 bits", () => {
    const size = fc.oneof(fc.nat(20), fc.nat(2 ** 34), fc.nat(2 ** 53 - 2));
    fc.assert(
      fc.property(size, size, fc.nat(100), (a, b, leafNumber) => {
        const [index, count] = a < b ? [a, b] : [b, a + 1];
        const leaf = Uint8Array.of(leafNumber);
        // The path's length by the definition: one hash for each split on the way down.
        const turns: boolean[] = [];
        for (let at = index, left = count; left > 1; ) {
          let middle = 1;
          while (middle * 2 < left) {
            middle *= 2;
          }
          turns.unshift(at < middle);
          [at, left] = at < middle ? [at, middle] : [at - middle, left - middle];
        }
        const path = turns.map((_, i) => twin.sha256(Uint8Array.of(i)));
        let root = twin.hashLeaf(leaf);
        turns.forEach((isLeft, i) => {
          root = isLeft ? twin.hashInner(root, path[i]) : twin.hashInner(path[i], root);
        });
        expect(subject.verifyMerkleProof(leaf, index, count, path, root)).toBe(true);
        expect(subject.verifyMerkleProof(leaf, index, count, [...path, root], root)).toBe(false);
        expect(subject.verifyMerkleProof(leaf, index, count, path.slice(0, -1), root)).toBe(path.length === 0);
      }),
      { numRuns: 50 },
    );
  });
});

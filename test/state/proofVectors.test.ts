import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../src/base/bytes.js";
import { EMPTY_ROOT, stateLeafHash, verifyMembership, verifyNonMembership } from "../../src/protocol/stateProof.js";
import { decodeProof, packageSaysAbsent, packageSaysPresent } from "./proofSupport.js";
import { type ProofVector, type StateProofVectors, stateProofVectors } from "./proofVectors.js";
import { naiveRoot } from "./treeSupport.js";

const PATH = new URL("../vectors/stateProof.json", import.meta.url);

function holds(root: string, { key, value, proof }: ProofVector): boolean {
  const rootBytes = fromHex(root)!;
  const keyBytes = fromHex(key)!;
  const proofBytes = fromHex(proof)!;
  return value === null
    ? verifyNonMembership(rootBytes, keyBytes, proofBytes)
    : verifyMembership(rootBytes, keyBytes, fromHex(value)!, proofBytes);
}

function holdsForPackage(root: string, { key, value, proof }: ProofVector): boolean {
  const decoded = decodeProof(fromHex(proof)!);
  return value === null
    ? packageSaysAbsent(fromHex(root)!, fromHex(key)!, decoded)
    : packageSaysPresent(fromHex(root)!, fromHex(key)!, fromHex(value)!, decoded);
}

describe("state proof vectors", () => {
  if (process.env.UPDATE_VECTORS !== undefined) {
    writeFileSync(PATH, `${JSON.stringify(stateProofVectors(), null, 2)}\n`);
  }
  const vectors = JSON.parse(readFileSync(PATH, "utf8")) as StateProofVectors;

  test("are what the tree makes", () => {
    expect(stateProofVectors()).toEqual(vectors);
  });

  test("have the roots of the definition, and proofs that hold for both verifiers", () => {
    for (const { leaves, root, proofs } of vectors.trees) {
      const sorted = [...leaves].sort((a, b) => (a.key < b.key ? -1 : 1));
      expect(root).toBe(
        toHex(naiveRoot(sorted.map(({ key, value }) => ({ key: fromHex(key)!, value: fromHex(value)! })))),
      );
      for (const proof of proofs) {
        expect(holds(root, proof)).toBe(true);
        expect(holdsForPackage(root, proof)).toBe(root !== toHex(EMPTY_ROOT));
      }
    }
  });

  test("of forged proofs hold for neither", () => {
    const formOnly = ["a byte behind the proof", "the last byte missing"];
    for (const vector of vectors.refused) {
      expect(holds(vector.root, vector), vector.name).toBe(false);
      if (!formOnly.includes(vector.name)) {
        expect(holdsForPackage(vector.root, vector), vector.name).toBe(false);
      }
    }
  });
});

describe("the example of docs/state-tree.md", () => {
  const text = readFileSync(new URL("../../docs/state-tree.md", import.meta.url), "utf8");
  const vectors = JSON.parse(readFileSync(PATH, "utf8")) as StateProofVectors;

  test("is the vector of two leaves", () => {
    const { leaves, root, proofs } = vectors.trees.find(({ name }) => name === "two leaves")!;
    expect(text).toContain(root);
    expect(text).toContain(proofs[0].proof);
    for (const { key, value } of leaves) {
      const hash = toHex(stateLeafHash(fromHex(key)!, fromHex(value)!));
      expect(text).toContain(`\`${key.slice(0, 4)}…${key.slice(-4)}\` with value \`${value}\``);
      expect(text).toContain(hash);
    }
  });
});

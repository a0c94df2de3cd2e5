// The state tree's test vectors for other implementations, test/vectors/stateProof.json, made from the tree itself.
// `UPDATE_VECTORS=1 npx vitest run test/state/proofVectors.test.ts` writes the file.

import { toHex } from "../../src/base/bytes.js";
import { decodeStateProof, encodeStateProof, STATE_PROOF_SPEC } from "../../src/protocol/stateProof.js";
import { StateTree } from "../../src/state/tree/stateTree.js";
import { decodeExistence, encodeProof, shiftedKey, withLength } from "./proofSupport.js";
import { hashedKey, type Leaf, MemoryStore, seededValue } from "./treeSupport.js";

export interface ProofVector {
  /** What is claimed: this value under the key, or null: nothing. */
  key: string;
  value: string | null;
  proof: string;
}

export interface TreeVector {
  name: string;
  leaves: { key: string; value: string }[];
  root: string;
  proofs: ProofVector[];
}

export interface RefusedVector extends ProofVector {
  name: string;
  root: string;
}

export interface StateProofVectors {
  description: string;
  proofSpec: object;
  trees: TreeVector[];
  refused: RefusedVector[];
}

function filledKey(fill: number, ...flippedBits: number[]): Uint8Array {
  const key = new Uint8Array(32).fill(fill);
  for (const bit of flippedBits) {
    key[bit >> 3] ^= 0x80 >> (bit & 7);
  }
  return key;
}

function treeOf(leaves: readonly Leaf[]): StateTree {
  const tree = StateTree.open(new MemoryStore(), { pageCacheBytes: 1 << 20, historyHeights: 0 });
  tree.commit(0, tree.prepare(leaves));
  return tree;
}

function treeVector(name: string, leaves: readonly Leaf[], asked: readonly Uint8Array[]): TreeVector {
  const tree = treeOf(leaves);
  const proofs = asked.map((key) => {
    const value = tree.get(key);
    return { key: toHex(key), value: value === undefined ? null : toHex(value), proof: toHex(tree.prove(key)) };
  });
  const listed = leaves.map(({ key, value }) => ({ key: toHex(key), value: toHex(value) }));
  return { name, leaves: listed, root: toHex(tree.root), proofs };
}

function treeVectors(): TreeVector[] {
  const hashed = Array.from({ length: 20 }, (_, i) => ({ key: hashedKey(i), value: seededValue(i) }));
  const ends = [filledKey(0), filledKey(0xff)];
  const crowded = [[], [255], [254], [200], [199, 255], [6], [5, 7], [0]].map((bits, i) => ({
    key: filledKey(0, ...bits),
    value: Uint8Array.of(i + 1),
  }));
  return [
    treeVector("no leaf", [], [hashedKey(0)]),
    treeVector("one leaf", hashed.slice(0, 1), [hashedKey(0), hashedKey(1), ...ends]),
    treeVector("two leaves", hashed.slice(0, 2), [hashedKey(0), hashedKey(1), hashedKey(2), ...ends]),
    treeVector("twenty leaves", hashed, [hashedKey(3), hashedKey(19), hashedKey(20), hashedKey(21), ...ends]),
    treeVector("keys that share up to 255 bits", crowded, [
      ...crowded.map(({ key }) => key),
      filledKey(0, 253),
      filledKey(0, 5),
      filledKey(0xff),
    ]),
    treeVector(
      "values of 1, 55, 56, 64 and 4096 bytes",
      [1, 55, 56, 64, 4096].map((length, i) => ({ key: hashedKey(i), value: seededValue(length, length) })),
      [hashedKey(4)],
    ),
  ];
}

/** Claims that are false or badly formed, each with a proof that a careless verifier might take. */
function refusedVectors(): RefusedVector[] {
  const leaves = Array.from({ length: 20 }, (_, i) => ({ key: hashedKey(i), value: seededValue(i) }));
  leaves.sort((a, b) => (toHex(a.key) < toHex(b.key) ? -1 : 1));
  const tree = treeOf(leaves);
  const root = toHex(tree.root);
  const leafProof = (index: number): Parameters<typeof encodeStateProof>[0] & { kind: "present" } => {
    const proof = decodeStateProof(tree.prove(leaves[index].key));
    if (proof.kind !== "present") {
      throw new Error("a leaf of the tree is present");
    }
    return proof;
  };
  const absence = (key: Uint8Array, left?: number, right?: number): string =>
    toHex(
      encodeStateProof({
        kind: "absent",
        absence: {
          key,
          left: left === undefined ? undefined : leafProof(left).leaf,
          right: right === undefined ? undefined : leafProof(right).leaf,
        },
      }),
    );
  const at = leaves.findIndex((leaf, i) => i >= 7 && leaf.key[1] < leaf.key[0]);
  const { key, value } = leaves[at];
  const claim = (name: string, proof: string, claimed: Uint8Array | null): RefusedVector => ({
    name,
    root,
    key: toHex(key),
    value: claimed === null ? null : toHex(claimed),
    proof,
  });
  const honest = leafProof(at).leaf;
  const [lowest, ...above] = honest.path;
  const mirrored = [{ ...lowest, fromLeft: !lowest.fromLeft }, ...above];
  const encoded = toHex(tree.prove(key));
  // 31 bytes of the key, the first one having moved into the leaf's prefix; they sort before the key itself.
  const shorter = (length: number): string => {
    const left = shiftedKey(decodeExistence(tree.prove(key)), 1, length);
    const right = withLength(decodeExistence(tree.prove(leaves[at + 1].key)), length);
    return toHex(encodeProof({ nonexist: { key, left, right } }));
  };
  return [
    claim("neighbours that are not adjacent", absence(key, at - 2, at + 1), null),
    claim("the key's neighbours, although the key is there", absence(key, at - 1, at + 1), null),
    claim("left neighbour only, which is not the last leaf", absence(key, at - 1), null),
    claim("right neighbour only, which is not the first leaf", absence(key, undefined, at + 1), null),
    claim("no neighbour in a tree that has leaves", absence(key), null),
    claim("the key's own leaf as its left neighbour", absence(key, at, at + 1), null),
    ...[0, 7].map((length) =>
      claim(
        `the key's own leaf under a shorter key as its left neighbour, length operation ${length}`,
        shorter(length),
        null,
      ),
    ),
    claim("neighbours in each other's place", absence(key, at + 1, at - 1), null),
    claim("another value", encoded, leaves[at + 1].value),
    claim("a mirrored step", toHex(encodeStateProof({ kind: "present", leaf: { ...honest, path: mirrored } })), value),
    claim("a step left out", toHex(encodeStateProof({ kind: "present", leaf: { ...honest, path: above } })), value),
    claim("a byte behind the proof", `${encoded}00`, value),
    claim("the last byte missing", encoded.slice(0, -2), value),
  ];
}

export function stateProofVectors(): StateProofVectors {
  const leafSpec = { ...STATE_PROOF_SPEC.leafSpec, prefix: "00" };
  return {
    description:
      "State trees with their roots and proofs, and proofs that must be refused. Bytes are lower-case hex; see docs/state-tree.md.",
    proofSpec: { ...STATE_PROOF_SPEC, leafSpec },
    trees: treeVectors(),
    refused: refusedVectors(),
  };
}

import { ics23 } from "@confio/ics23";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesKey, compareBytes, toHex } from "../../src/base/bytes.js";
import {
  decodeStateProof,
  EMPTY_ROOT,
  encodeStateProof,
  provenValue,
  verifyMembership,
  verifyNonMembership,
} from "../../src/protocol/stateProof.js";
import type { StateChange } from "../../src/protocol/writeSet.js";
import { StateHistoryError } from "../../src/state/tree/errors.js";
import { StateTree } from "../../src/state/tree/stateTree.js";
import {
  decodeExistence,
  decodeProof,
  type Existence,
  encodeProof,
  OUR_SPEC,
  type Proof,
  packageSaysAbsent,
  packageSaysPresent,
  SPARSE_TREE_SPEC,
  shiftedKey,
  withLength,
} from "./proofSupport.js";
import { hashedKey, hexOf, type Leaf, MemoryStore, NaiveState, seededValue, sha256 } from "./treeSupport.js";

const { NO_PREFIX, REQUIRE_32_BYTES } = ics23.LengthOp;

function treeOf(leaves: readonly Leaf[], historyHeights = 4): StateTree {
  const tree = StateTree.open(new MemoryStore(), { pageCacheBytes: 1 << 20, historyHeights });
  tree.commit(0, tree.prepare(leaves));
  return tree;
}

function sampleLeaves(count: number): Leaf[] {
  const leaves = Array.from({ length: count }, (_, i) => ({ key: hashedKey(i), value: seededValue(i) }));
  return leaves.sort((a, b) => compareBytes(a.key, b.key));
}

/** Asserts that both verifiers accept what a proof says about `key`, and nothing else about it. */
function expectProven(root: Uint8Array, key: Uint8Array, value: Uint8Array | undefined, bytes: Uint8Array): void {
  const proof = decodeProof(bytes);
  expect(hexOf(provenValue(root, key, bytes))).toBe(hexOf(value));
  if (value === undefined) {
    expect(verifyNonMembership(root, key, bytes)).toBe(true);
    expect(packageSaysAbsent(root, key, proof)).toBe(toHex(root) !== toHex(EMPTY_ROOT));
    expect(packageSaysAbsent(root, key, proof, SPARSE_TREE_SPEC)).toBe(false);
    expect(verifyMembership(root, key, Uint8Array.of(1), bytes)).toBe(false);
  } else {
    expect(verifyMembership(root, key, value, bytes)).toBe(true);
    expect(packageSaysPresent(root, key, value, proof)).toBe(true);
    expect(verifyMembership(root, key, Uint8Array.of(...value, 0), bytes)).toBe(false);
    expect(verifyNonMembership(root, key, bytes)).toBe(false);
  }
}

/** Asserts that neither verifier takes a proof as saying that `key` is absent. */
function expectAbsenceRefused(root: Uint8Array, key: Uint8Array, proof: Proof): void {
  expect(packageSaysAbsent(root, key, proof)).toBe(false);
  expect(verifyNonMembership(root, key, encodeProof(proof))).toBe(false);
}

function expectPresenceRefused(root: Uint8Array, key: Uint8Array, value: Uint8Array, proof: Proof): void {
  expect(packageSaysPresent(root, key, value, proof)).toBe(false);
  expect(verifyMembership(root, key, value, encodeProof(proof))).toBe(false);
}

describe("honest proofs", () => {
  test("present and absent keys are proven at every kept height, in trees of any shape", () => {
    const key = fc.oneof(
      fc.nat(60).map(hashedKey),
      fc.tuple(fc.constantFrom(0, 0x80, 0xff), fc.nat(255), fc.nat(255)).map(([fill, a, b]) => {
        const bytes = new Uint8Array(32).fill(fill);
        bytes[a >> 3] ^= 1 << (a & 7);
        bytes[b >> 3] ^= 1 << (b & 7);
        return bytes;
      }),
    );
    const value = fc.option(fc.uint8Array({ minLength: 1, maxLength: 60 }), { nil: undefined, freq: 3 });
    const batch = fc.uniqueArray(fc.record({ key, value }), { selector: (change) => toHex(change.key), maxLength: 30 });
    fc.assert(
      fc.property(
        fc.array(batch, { minLength: 1, maxLength: 5 }),
        fc.array(key, { maxLength: 8 }),
        (batches, others) => {
          const tree = treeOf([]);
          const states = [new NaiveState()];
          batches.forEach((changes: StateChange[], i) => {
            tree.commit(i + 1, tree.prepare(changes));
            const state = states[i].copy();
            state.apply(changes);
            states.push(state);
          });
          const asked = [
            ...others,
            ...batches
              .flat()
              .slice(0, 12)
              .map((change) => change.key),
          ];
          for (let height = tree.oldestHeight; height <= tree.height; height++) {
            const root = tree.rootAt(height);
            expect(toHex(root)).toBe(toHex(states[height].root()));
            for (const each of asked) {
              const expected = states[height].leaves.get(bytesKey(each));
              expect(hexOf(tree.getAt(height, each))).toBe(hexOf(expected));
              expectProven(root, each, expected, tree.prove(each, height));
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test("keys before the first leaf and behind the last one have one neighbour", () => {
    const tree = treeOf([{ key: new Uint8Array(32).fill(0x55), value: Uint8Array.of(1) }, ...sampleLeaves(20)]);
    for (const fill of [0, 0xff]) {
      const key = new Uint8Array(32).fill(fill);
      const bytes = tree.prove(key);
      expectProven(tree.root, key, undefined, bytes);
      const nonexist = decodeProof(bytes).nonexist!;
      expect(!nonexist.left).toBe(fill === 0);
      expect(!nonexist.right).toBe(fill === 0xff);
    }
  });

  test("an empty tree proves absence by its root alone", () => {
    const tree = treeOf([]);
    const key = hashedKey(1);
    const bytes = tree.prove(key);
    expect(toHex(bytes)).toBe(`12220a20${toHex(key)}`);
    expectProven(tree.root, key, undefined, bytes);
    expect(verifyNonMembership(sha256(tree.root), key, bytes)).toBe(false);
  });

  test("a single leaf proves itself and the absence of all other keys", () => {
    const [leaf] = sampleLeaves(1);
    const tree = treeOf([leaf]);
    expectProven(tree.root, leaf.key, leaf.value, tree.prove(leaf.key));
    expectProven(tree.root, hashedKey(77), undefined, tree.prove(hashedKey(77)));
  });

  test("old heights are provable until they are no longer kept", () => {
    const tree = treeOf(sampleLeaves(30), 3);
    const key = hashedKey(5);
    for (let height = 1; height <= 6; height++) {
      tree.commit(height, tree.prepare([{ key, value: height === 4 ? undefined : Uint8Array.of(height) }]));
    }
    expect(tree.oldestHeight).toBe(3);
    expectProven(tree.rootAt(3), key, Uint8Array.of(3), tree.prove(key, 3));
    expectProven(tree.rootAt(4), key, undefined, tree.prove(key, 4));
    for (const height of [2, 7, -1, 3.5]) {
      for (const ask of [() => tree.prove(key, height), () => tree.getAt(height, key), () => tree.rootAt(height)]) {
        expect(ask).toThrow(StateHistoryError);
        expect(ask).toThrow(`expected a height from 3 to 6, got ${height}`);
      }
    }
  });

  test("the package encodes the same proof to the same meaning, and ours decodes what it encodes", () => {
    const leaves = sampleLeaves(40);
    const tree = treeOf(leaves);
    for (const key of [leaves[7].key, hashedKey(500), hashedKey(501)]) {
      const bytes = tree.prove(key);
      expect(encodeStateProof(decodeStateProof(bytes))).toEqual(bytes);
      expect(decodeProof(encodeProof(decodeProof(bytes)))).toEqual(decodeProof(bytes));
    }
  });
});

describe("forged proofs", () => {
  const leaves = sampleLeaves(200);
  const tree = treeOf(leaves);
  const { root } = tree;
  const existence = (index: number): Existence => decodeExistence(tree.prove(leaves[index].key));
  /** A leaf with a first byte that is greater than the second: without the first byte, its key sorts before itself. */
  const victim = leaves.findIndex(({ key }, i) => i > 100 && key[1] < key[0]);

  test("start from proofs that hold", () => {
    for (let i = 0; i < leaves.length; i += 20) {
      expect(packageSaysPresent(root, leaves[i].key, leaves[i].value, { exist: existence(i) })).toBe(true);
    }
    const key = hashedKey("absent");
    const next = leaves.findIndex((leaf) => compareBytes(leaf.key, key) > 0);
    const nonexist = { key, left: existence(next - 1), right: existence(next) };
    expect(packageSaysAbsent(root, key, { nonexist })).toBe(true);
  });

  test("a longer leaf prefix and a shorter key pass under the sparse-tree specification, and are refused under ours", () => {
    const { key, value } = leaves[victim];
    const shortKey = key.slice(1);
    const short = { exist: shiftedKey(existence(victim), 1, NO_PREFIX) };
    expect(packageSaysPresent(root, shortKey, value, short, SPARSE_TREE_SPEC)).toBe(true);
    expectPresenceRefused(root, shortKey, value, short);
    expectPresenceRefused(root, shortKey, value, { exist: shiftedKey(existence(victim), 1, REQUIRE_32_BYTES) });
    for (let count = 2; count < 32; count++) {
      for (const length of [NO_PREFIX, REQUIRE_32_BYTES]) {
        expectPresenceRefused(root, key.slice(count), value, { exist: shiftedKey(existence(victim), count, length) });
      }
    }
  });

  test("absence of a present key by its own leaf under a shorter key passes there, and is refused under ours", () => {
    const { key } = leaves[victim];
    for (const length of [NO_PREFIX, REQUIRE_32_BYTES]) {
      const left = shiftedKey(existence(victim), 1, length);
      const right = withLength(existence(victim + 1), length);
      const forged = { nonexist: { key, left, right } };
      expect(packageSaysAbsent(root, key, forged, SPARSE_TREE_SPEC)).toBe(length === NO_PREFIX);
      expectAbsenceRefused(root, key, forged);
    }
  });

  test("honest absence proofs are refused under the sparse-tree specification", () => {
    const key = hashedKey("absent");
    const honest = decodeProof(tree.prove(key));
    expect(packageSaysAbsent(root, key, honest)).toBe(true);
    expect(packageSaysAbsent(root, key, honest, SPARSE_TREE_SPEC)).toBe(false);
  });

  test("leaf prefixes that are longer, shorter or another", () => {
    const { key, value } = leaves[3];
    for (const prefix of [[], [1], [0, 0], [0, 1], [0, ...key], [...key]]) {
      const honest = existence(3);
      expectPresenceRefused(root, key, value, {
        exist: { ...honest, leaf: { ...honest.leaf, prefix: Uint8Array.from(prefix) } },
      });
    }
  });

  test("every other leaf operation", () => {
    const { key, value } = leaves[3];
    const honest = existence(3);
    for (const field of ["hash", "prehashKey", "prehashValue", "length"] as const) {
      for (let operation = 0; operation <= 8; operation++) {
        if (operation !== honest.leaf![field]) {
          expectPresenceRefused(root, key, value, {
            exist: { ...honest, leaf: { ...honest.leaf, [field]: operation } },
          });
        }
      }
    }
  });

  test("absence between leaves that are no neighbours", () => {
    for (const [left, right] of [
      [9, 11],
      [8, 11],
      [0, 199],
      [9, 12],
    ]) {
      const { key } = leaves[10];
      expectAbsenceRefused(root, key, { nonexist: { key, left: existence(left), right: existence(right) } });
    }
  });

  test("absence with a neighbour missing, swapped, or on the wrong side", () => {
    const { key } = leaves[10];
    const left = existence(9);
    const right = existence(11);
    const wrong: ics23.INonExistenceProof[] = [
      { key },
      { key, left },
      { key, right },
      { key, left: right, right: left },
      { key, left, right: left },
    ];
    for (const nonexist of wrong) {
      expectAbsenceRefused(root, key, { nonexist });
    }
    const absent = hashedKey("absent");
    const honest = decodeProof(tree.prove(absent)).nonexist!;
    const halves: ics23.INonExistenceProof[] = [
      { key: absent },
      { key: absent, left: honest.left! },
      { key: absent, right: honest.right! },
      { key: absent, left: honest.right!, right: honest.left! },
    ];
    for (const nonexist of halves) {
      expectAbsenceRefused(root, absent, { nonexist });
    }
  });

  test("absence of the first and the last leaf by their only neighbour", () => {
    const first = leaves[0].key;
    const last = leaves[199].key;
    expectAbsenceRefused(root, first, { nonexist: { key: first, right: existence(1) } });
    expectAbsenceRefused(root, first, { nonexist: { key: first, right: existence(0) } });
    expectAbsenceRefused(root, last, { nonexist: { key: last, left: existence(198) } });
    expectAbsenceRefused(root, last, { nonexist: { key: last, left: existence(199) } });
  });

  test("inner nodes as leaves, and leaves as inner nodes", () => {
    const honest = existence(20);
    const [step, ...above] = honest.path!;
    // The lowest inner node's two children in the place of a key and a value's hash.
    const left = step.suffix!.length > 0;
    const below = sha256(Uint8Array.of(0), honest.key!, sha256(honest.value!));
    const sibling = left ? step.suffix! : step.prefix!.slice(1);
    const pair = left ? [below, sibling] : [sibling, below];
    for (const prehashValue of [0, 1]) {
      for (const prefix of [0, 1]) {
        const leaf = { ...honest.leaf, prehashValue, prefix: Uint8Array.of(prefix) };
        expectPresenceRefused(root, pair[0], pair[1], { exist: { key: pair[0], value: pair[1], leaf, path: above } });
      }
    }
    // A leaf's preimage as that of an inner node over its key.
    const asInner = { hash: 1, prefix: Uint8Array.of(0), suffix: sha256(honest.value!) };
    for (const value of [honest.key!, honest.value!]) {
      expectPresenceRefused(root, honest.key!, value, { exist: { ...honest, path: [asInner, ...honest.path!] } });
    }
  });

  test("a key that is itself a leaf's hash lends its place to that leaf only in a lax verifier", () => {
    // @confio/ics23 0.6.8 lets an inner prefix of exactly 00 pass, so a leaf could stand for an inner node over its own
    // key. Ours refuses; for others' sake a state key is never the hash of 65 bytes that begin with 00
    // (docs/state-tree.md).
    const fake = { key: hashedKey("fake"), value: seededValue(3) };
    const real = { key: sha256(Uint8Array.of(0), fake.key, sha256(fake.value)), value: seededValue(4) };
    const lent = treeOf([...leaves, real]);
    const honest = decodeExistence(lent.prove(real.key));
    const asInner = { hash: 1, prefix: Uint8Array.of(0), suffix: sha256(real.value) };
    const forged: Proof = { exist: { ...honest, ...fake, path: [asInner, ...honest.path!] } };
    expect(packageSaysPresent(lent.root, fake.key, fake.value, forged)).toBe(true);
    expect(verifyMembership(lent.root, fake.key, fake.value, encodeProof(forged))).toBe(false);
  });

  test("steps left out, added, reordered, mirrored or with other prefixes", () => {
    const { key, value } = leaves[50];
    const honest = existence(50);
    const path = honest.path!;
    const forgedPaths: ics23.IInnerOp[][] = [
      path.slice(1),
      path.slice(0, -1),
      [...path, path[0]],
      [...path].reverse(),
      [],
    ];
    path.forEach((step, i) => {
      const sibling = step.suffix!.length > 0 ? step.suffix! : step.prefix!.slice(1);
      const mirrored =
        step.suffix!.length > 0
          ? { ...step, prefix: Uint8Array.of(1, ...sibling), suffix: new Uint8Array(0) }
          : { ...step, prefix: Uint8Array.of(1), suffix: sibling };
      const replace = (other: ics23.IInnerOp): ics23.IInnerOp[] => path.map((each, j) => (i === j ? other : each));
      forgedPaths.push(replace(mirrored));
      for (const prefix of [0, 2, 255]) {
        forgedPaths.push(replace({ ...step, prefix: Uint8Array.of(prefix, ...step.prefix!.slice(1)) }));
      }
      forgedPaths.push(replace({ ...step, prefix: step.prefix!.slice(0, -1) }));
      forgedPaths.push(replace({ ...step, prefix: Uint8Array.of(...step.prefix!, 0) }));
      forgedPaths.push(replace({ ...step, suffix: Uint8Array.of(...step.suffix!, 0) }));
      forgedPaths.push(replace({ ...step, hash: 2 }));
      forgedPaths.push(replace({ ...step, hash: 0 }));
    });
    for (const forged of forgedPaths) {
      expectPresenceRefused(root, key, value, { exist: { ...honest, path: forged } });
    }
  });

  test("another key, value or root", () => {
    const bytes = tree.prove(leaves[1].key);
    const { key, value } = leaves[1];
    expect(verifyMembership(root, key, value, bytes)).toBe(true);
    expect(verifyMembership(root, leaves[2].key, value, bytes)).toBe(false);
    expect(verifyMembership(root, key, leaves[2].value, bytes)).toBe(false);
    expect(verifyMembership(sha256(root), key, value, bytes)).toBe(false);
    const absent = hashedKey("absent");
    const absence = tree.prove(absent);
    expect(verifyNonMembership(root, absent, absence)).toBe(true);
    const near = absent.slice();
    near[31] ^= 1;
    // The neighbours are the same, but the proof names the key it was made for.
    expect(verifyNonMembership(root, near, absence)).toBe(false);
    expect(packageSaysAbsent(root, near, decodeProof(absence), OUR_SPEC)).toBe(true);
  });

  test("any changed byte, cut or addition makes a proof worthless", () => {
    for (const key of [leaves[33].key, hashedKey("absent")]) {
      const bytes = tree.prove(key);
      expect(provenValue(root, key, bytes)).not.toBeUndefined();
      for (let i = 0; i < bytes.length; i++) {
        const changed = bytes.slice();
        changed[i] ^= 1 << (i & 7);
        expect(provenValue(root, key, changed)).toBeUndefined();
        expect(provenValue(root, key, bytes.subarray(0, i))).toBeUndefined();
      }
      expect(provenValue(root, key, Uint8Array.of(...bytes, 0))).toBeUndefined();
      expect(provenValue(root, key, Uint8Array.of(...bytes, ...bytes))).toBeUndefined();
    }
  });

  test("other encodings of the same proof are refused", () => {
    const { key, value } = leaves[33];
    const bytes = tree.prove(key);
    // Explicit zero fields, as the package's own encoder may write them, and a length in more bytes than it needs.
    const explicit = encodeProof({ exist: { ...existence(33), leaf: { ...existence(33).leaf, prehashKey: 0 } } });
    const longer = Uint8Array.of(bytes[0], bytes[1], bytes[2] | 0x80, 0, ...bytes.subarray(3));
    for (const other of [explicit, longer]) {
      expect(toHex(other)).not.toBe(toHex(bytes));
      expect(packageSaysPresent(root, key, value, decodeProof(other))).toBe(true);
      expect(verifyMembership(root, key, value, other)).toBe(false);
    }
  });

  test("random bytes are no proof", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(0x0a, 0x12, 0x1a), (bytes, tag) => {
        const tagged = Uint8Array.of(tag, bytes.length & 127, ...bytes);
        expect(provenValue(root, leaves[0].key, bytes)).toBeUndefined();
        expect(provenValue(root, leaves[0].key, tagged)).toBeUndefined();
      }),
    );
  });
});

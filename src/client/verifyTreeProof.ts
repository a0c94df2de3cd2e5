// ICS-23 proofs of the state tree, under the chain's one ProofSpec: SHA-256; leaf = H(00 || key || H(value)) with a 32-byte key;
// inner = H(01 || left || right), no empty children, no depth limit but 256. Absence is two neighbours with the key between
// them, or one where the key lies before the first or after the last leaf.

import { compareBytes, concatBytes, equalBytes } from "../base/bytes.js";
import { CodedError } from "../protocol/errors.js";
import { sha256 } from "../wasm/sha256.js";
import { type ProtobufField, readProtobuf } from "./readProtobuf.js";

const HASH_NONE = 0;
const HASH_SHA256 = 1;
const LENGTH_REQUIRE_32_BYTES = 7;
const LEAF_PREFIX = Uint8Array.of(0);
const INNER_PREFIX = 1;
const HASH_BYTES = 32;
// The key's bits: no path in a binary tree over 32-byte keys is longer.
const PATH_STEPS_MAX = 256;

/** One step up: the sibling, and whether it lies to the left. */
interface PathStep {
  sibling: Uint8Array;
  siblingLeft: boolean;
}

interface Existence {
  key: Uint8Array;
  value: Uint8Array;
  /** From the leaf up. */
  path: PathStep[];
}

function badProof(message: string): CodedError {
  return new CodedError("BAD_PROOF", message);
}

function bytesOf(fields: ProtobufField[], number: number): Uint8Array | undefined {
  return fields.find((field) => field.number === number)?.bytes;
}

function numberOf(fields: ProtobufField[], number: number): number {
  return fields.find((field) => field.number === number)?.value ?? 0;
}

function expectLeafOperation(bytes: Uint8Array | undefined): void {
  const fields = readProtobuf(bytes ?? new Uint8Array());
  const isSpec =
    numberOf(fields, 1) === HASH_SHA256 &&
    numberOf(fields, 2) === HASH_NONE &&
    numberOf(fields, 3) === HASH_SHA256 &&
    numberOf(fields, 4) === LENGTH_REQUIRE_32_BYTES &&
    equalBytes(bytesOf(fields, 5) ?? new Uint8Array(), LEAF_PREFIX);
  if (!isSpec) {
    throw badProof("the leaf is not hashed as this chain's tree hashes leaves");
  }
}

function readStep(bytes: Uint8Array): PathStep {
  const fields = readProtobuf(bytes);
  const prefix = bytesOf(fields, 2) ?? new Uint8Array();
  const suffix = bytesOf(fields, 3) ?? new Uint8Array();
  if (numberOf(fields, 1) !== HASH_SHA256 || prefix[0] !== INNER_PREFIX) {
    throw badProof("an inner node is not hashed as this chain's tree hashes them");
  }
  if (prefix.length === 1 && suffix.length === HASH_BYTES) {
    return { sibling: suffix, siblingLeft: false };
  }
  if (prefix.length === 1 + HASH_BYTES && suffix.length === 0) {
    return { sibling: prefix.slice(1), siblingLeft: true };
  }
  throw badProof("expected one sibling of 32 bytes in every step");
}

function readExistence(bytes: Uint8Array): Existence {
  const fields = readProtobuf(bytes);
  const key = bytesOf(fields, 1);
  if (key?.length !== HASH_BYTES) {
    throw badProof("expected a key of 32 bytes");
  }
  expectLeafOperation(bytesOf(fields, 3));
  const path = fields.filter((field) => field.number === 4).map((field) => readStep(field.bytes ?? new Uint8Array()));
  if (path.length > PATH_STEPS_MAX) {
    throw badProof(`expected at most ${PATH_STEPS_MAX} steps, got ${path.length}`);
  }
  return { key, value: bytesOf(fields, 2) ?? new Uint8Array(), path };
}

function rootOf({ key, value, path }: Existence): Uint8Array {
  let hash = sha256(concatBytes(LEAF_PREFIX, key, sha256(value)));
  for (const { sibling, siblingLeft } of path) {
    const prefix = Uint8Array.of(INNER_PREFIX);
    hash = sha256(siblingLeft ? concatBytes(prefix, sibling, hash) : concatBytes(prefix, hash, sibling));
  }
  return hash;
}

function expectRoot(existence: Existence, root: Uint8Array): void {
  if (!equalBytes(rootOf(existence), root)) {
    throw badProof("the proof leads to another state root");
  }
}

/** Whether no leaf lies between the two: they part at one inner node, the left one goes right from there, the right one left. */
function areNeighbours(left: PathStep[], right: PathStep[]): boolean {
  let below = 0;
  // The steps above the parting node are the same for both, siblings included.
  while (below < left.length && below < right.length) {
    const l = left[left.length - 1 - below];
    const r = right[right.length - 1 - below];
    if (l.siblingLeft !== r.siblingLeft || !equalBytes(l.sibling, r.sibling)) {
      break;
    }
    below++;
  }
  const leftOwn = left.slice(0, left.length - below);
  const rightOwn = right.slice(0, right.length - below);
  const leftTurn = leftOwn.pop();
  const rightTurn = rightOwn.pop();
  if (leftTurn === undefined || rightTurn === undefined || leftTurn.siblingLeft || !rightTurn.siblingLeft) {
    return false;
  }
  return leftOwn.every((step) => step.siblingLeft) && rightOwn.every((step) => !step.siblingLeft);
}

function verifyAbsence(bytes: Uint8Array, root: Uint8Array, key: Uint8Array): void {
  const fields = readProtobuf(bytes);
  if (!equalBytes(bytesOf(fields, 1) ?? new Uint8Array(), key)) {
    throw badProof("the proof of absence is about another key");
  }
  const leftBytes = bytesOf(fields, 2);
  const rightBytes = bytesOf(fields, 3);
  const left = leftBytes === undefined ? undefined : readExistence(leftBytes);
  const right = rightBytes === undefined ? undefined : readExistence(rightBytes);
  for (const neighbour of [left, right]) {
    if (neighbour !== undefined) {
      expectRoot(neighbour, root);
    }
  }
  const ordered =
    (left === undefined || compareBytes(left.key, key) < 0) &&
    (right === undefined || compareBytes(key, right.key) < 0);
  const adjacent =
    left === undefined
      ? right?.path.every((step) => !step.siblingLeft)
      : right === undefined
        ? left.path.every((step) => step.siblingLeft)
        : areNeighbours(left.path, right.path);
  if (!ordered || adjacent !== true) {
    throw badProof("the proof of absence does not enclose the key");
  }
}

/**
 * Checks that an encoded ICS-23 CommitmentProof proves `value` (undefined: nothing) under `key` of 32 bytes in the tree with
 * this root. Throws BAD_PROOF.
 */
export function verifyTreeProof(
  proof: Uint8Array,
  root: Uint8Array,
  key: Uint8Array,
  value: Uint8Array | undefined,
): void {
  const fields = readProtobuf(proof);
  if (fields.length !== 1) {
    throw badProof("expected one proof");
  }
  const [{ number, bytes }] = fields;
  if (value === undefined) {
    if (number !== 2 || bytes === undefined) {
      throw badProof("expected a proof of absence");
    }
    verifyAbsence(bytes, root, key);
    return;
  }
  if (number !== 1 || bytes === undefined) {
    throw badProof("expected a proof of presence");
  }
  const existence = readExistence(bytes);
  if (!equalBytes(existence.key, key) || !equalBytes(existence.value, value)) {
    throw badProof("the proof is about another key or value");
  }
  expectRoot(existence, root);
}

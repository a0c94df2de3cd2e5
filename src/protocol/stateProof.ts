// Checks of proofs that the state holds a value under a key, or holds nothing there. Pure; runs in a browser. Proofs are
// ICS-23 CommitmentProofs in protobuf, of the one shape and encoding that docs/state-tree.md describes: stricter than
// what a general ICS-23 verifier accepts, so that a proof has one encoding and nothing in it can be read in two ways.

import { compareBytes, concatBytes, equalBytes } from "../base/bytes.js";
import { hashInner, sha256 } from "../wasm/sha256.js";
import { CodedError } from "./errors.js";
import { STATE_VALUE_BYTES_MAX } from "./limits.js";

export const STATE_KEY_BYTES = 32;
export const HASH_BYTES = 32;
/** Inner nodes above a leaf: at most one for each bit of its key. */
export const STATE_PATH_STEPS_MAX = 256;

/** The root of a state without leaves: SHA-256 of nothing. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0));

/**
 * The ICS-23 ProofSpec under which state proofs are checked elsewhere, in the field names of `@confio/ics23`. Enumerations as
 * numbers: hash operations 0 NO_HASH, 1 SHA256; length operation 7 REQUIRE_32_BYTES.
 */
export const STATE_PROOF_SPEC = {
  leafSpec: { hash: 1, prehashKey: 0, prehashValue: 1, length: 7, prefix: Uint8Array.of(0) },
  innerSpec: { childOrder: [0, 1], childSize: 32, minPrefixLength: 1, maxPrefixLength: 1, hash: 1 },
  maxDepth: STATE_PATH_STEPS_MAX,
};

/** One inner node on the way from a leaf to the root. */
export interface PathStep {
  /** Whether the way comes from the node's left child; `sibling` is the hash of the other one. */
  fromLeft: boolean;
  sibling: Uint8Array;
}

/** A leaf and the inner nodes above it, lowest first. */
export interface LeafProof {
  key: Uint8Array;
  value: Uint8Array;
  path: PathStep[];
}

/** That `key` has no leaf: the leaves right before and right after it, where there are such. */
export interface AbsenceProof {
  key: Uint8Array;
  left: LeafProof | undefined;
  right: LeafProof | undefined;
}

export type StateProof = { kind: "present"; leaf: LeafProof } | { kind: "absent"; absence: AbsenceProof };

/** LeafOp: hash SHA256, prehash_key NO_HASH (not encoded), prehash_value SHA256, length REQUIRE_32_BYTES, prefix 00. */
const LEAF_OP = Uint8Array.of(0x08, 1, 0x18, 1, 0x20, 7, 0x2a, 1, 0);
/** InnerOp of a left child, up to the sibling: hash SHA256, prefix 01, suffix of 32 bytes. */
const LEFT_STEP = Uint8Array.of(0x08, 1, 0x12, 1, 1, 0x1a, 32);
/** InnerOp of a right child, up to the sibling: hash SHA256, prefix of 33 bytes that begins with 01. */
const RIGHT_STEP = Uint8Array.of(0x08, 1, 0x12, 33, 1);

const PRESENT_TAG = 0x0a;
const ABSENT_TAG = 0x12;
const KEY_TAG = 0x0a;
const VALUE_TAG = 0x12;
const LEAF_TAG = 0x1a;
const STEP_TAG = 0x22;
const LEFT_TAG = 0x12;
const RIGHT_TAG = 0x1a;

/** A field of bytes: tag, length as a varint, content. */
function field(tag: number, content: Uint8Array): Uint8Array {
  const head = [tag];
  let length = content.length;
  while (length > 127) {
    head.push((length & 127) | 128);
    length >>>= 7;
  }
  head.push(length);
  return concatBytes(Uint8Array.from(head), content);
}

function encodeLeafProof(proof: LeafProof): Uint8Array {
  const steps = proof.path.map((step) =>
    field(STEP_TAG, concatBytes(step.fromLeft ? LEFT_STEP : RIGHT_STEP, step.sibling)),
  );
  return concatBytes(field(KEY_TAG, proof.key), field(VALUE_TAG, proof.value), field(LEAF_TAG, LEAF_OP), ...steps);
}

/** The bytes of a proof, an ICS-23 CommitmentProof. */
export function encodeStateProof(proof: StateProof): Uint8Array {
  if (proof.kind === "present") {
    return field(PRESENT_TAG, encodeLeafProof(proof.leaf));
  }
  const { key, left, right } = proof.absence;
  const parts = [field(KEY_TAG, key)];
  if (left !== undefined) {
    parts.push(field(LEFT_TAG, encodeLeafProof(left)));
  }
  if (right !== undefined) {
    parts.push(field(RIGHT_TAG, encodeLeafProof(right)));
  }
  return field(ABSENT_TAG, concatBytes(...parts));
}

/** Takes fields off a proof, in the one order and form that is valid. */
class ProofReader {
  private readonly bytes: Uint8Array;
  private offset = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get atEnd(): boolean {
    return this.offset === this.bytes.length;
  }

  /** Whether the next field is `tag`. */
  next(tag: number): boolean {
    return this.bytes[this.offset] === tag;
  }

  /** The content of the next field, which must be `tag` and at least 1 and at most `bytesMax` bytes. */
  field(tag: number, bytesMax: number): Uint8Array {
    if (!this.next(tag)) {
      throw malformed(`expected field ${tag} at offset ${this.offset}, got ${this.bytes[this.offset] ?? "the end"}`);
    }
    this.offset++;
    const length = this.length();
    if (length < 1 || length > Math.min(bytesMax, this.bytes.length - this.offset)) {
      throw malformed(`expected 1 to ${bytesMax} bytes within the proof, got ${length}`);
    }
    this.offset += length;
    return this.bytes.slice(this.offset - length, this.offset);
  }

  /** A varint in its shortest form, below 2^28. */
  private length(): number {
    let length = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.bytes[this.offset++] ?? 0;
      length |= (byte & 127) << shift;
      if (byte < 128) {
        if (byte === 0 && shift > 0) {
          break;
        }
        return length;
      }
    }
    throw malformed(`expected a length in its shortest form before offset ${this.offset}`);
  }

  end(): void {
    if (!this.atEnd) {
      throw malformed(`expected the end of the field, got ${this.bytes.length - this.offset} more bytes`);
    }
  }
}

function malformed(message: string): CodedError {
  return new CodedError("BAD_PROOF", message);
}

const BYTES_MAX = 65_536;

function decodeKey(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== STATE_KEY_BYTES) {
    throw malformed(`expected a key of ${STATE_KEY_BYTES} bytes, got ${bytes.length}`);
  }
  return bytes;
}

function decodeStep(bytes: Uint8Array): PathStep {
  for (const fromLeft of [true, false]) {
    const head = fromLeft ? LEFT_STEP : RIGHT_STEP;
    if (bytes.length === head.length + HASH_BYTES && equalBytes(bytes.subarray(0, head.length), head)) {
      return { fromLeft, sibling: bytes.slice(head.length) };
    }
  }
  throw malformed("expected an inner node with one sibling of 32 bytes and prefix 01");
}

function decodeLeafProof(bytes: Uint8Array): LeafProof {
  const reader = new ProofReader(bytes);
  const key = decodeKey(reader.field(KEY_TAG, STATE_KEY_BYTES));
  const value = reader.field(VALUE_TAG, STATE_VALUE_BYTES_MAX);
  if (!equalBytes(reader.field(LEAF_TAG, LEAF_OP.length), LEAF_OP)) {
    throw malformed("expected the leaf operation of the state's proof specification");
  }
  const path: PathStep[] = [];
  while (!reader.atEnd) {
    if (path.length === STATE_PATH_STEPS_MAX) {
      throw malformed(`expected at most ${STATE_PATH_STEPS_MAX} inner nodes`);
    }
    path.push(decodeStep(reader.field(STEP_TAG, RIGHT_STEP.length + LEFT_STEP.length + HASH_BYTES)));
  }
  return { key, value, path };
}

/** The inverse of `encodeStateProof`; throws BAD_PROOF for every other bytes. It checks the form only, no hash. */
export function decodeStateProof(bytes: Uint8Array): StateProof {
  const outer = new ProofReader(bytes);
  if (outer.next(PRESENT_TAG)) {
    const leaf = decodeLeafProof(outer.field(PRESENT_TAG, BYTES_MAX));
    outer.end();
    return { kind: "present", leaf };
  }
  const inner = new ProofReader(outer.field(ABSENT_TAG, BYTES_MAX));
  outer.end();
  const key = decodeKey(inner.field(KEY_TAG, STATE_KEY_BYTES));
  const left = inner.next(LEFT_TAG) ? decodeLeafProof(inner.field(LEFT_TAG, BYTES_MAX)) : undefined;
  const right = inner.next(RIGHT_TAG) ? decodeLeafProof(inner.field(RIGHT_TAG, BYTES_MAX)) : undefined;
  inner.end();
  return { kind: "absent", absence: { key, left, right } };
}

const LEAF_PREFIX = Uint8Array.of(0);

/** The hash of a leaf: SHA-256(00 || key || SHA-256(value)). */
export function stateLeafHash(key: Uint8Array, value: Uint8Array): Uint8Array {
  return sha256(concatBytes(LEAF_PREFIX, key, sha256(value)));
}

/** The root that a leaf's proof leads to. */
function pathRoot(proof: LeafProof): Uint8Array {
  let hash = stateLeafHash(proof.key, proof.value);
  for (const { fromLeft, sibling } of proof.path) {
    hash = fromLeft ? hashInner(hash, sibling) : hashInner(sibling, hash);
  }
  return hash;
}

function sameStep(a: PathStep, b: PathStep): boolean {
  return a.fromLeft === b.fromLeft && equalBytes(a.sibling, b.sibling);
}

/** Whether no leaf lies between two leaves under the same root. */
function areNeighbours(left: PathStep[], right: PathStep[]): boolean {
  let leftSteps = left.length;
  let rightSteps = right.length;
  while (leftSteps > 0 && rightSteps > 0 && sameStep(left[leftSteps - 1], right[rightSteps - 1])) {
    leftSteps--;
    rightSteps--;
  }
  if (leftSteps === 0 || rightSteps === 0) {
    return false;
  }
  // Where the two ways part, one goes left and one right; from there on, each keeps to the side of the other.
  return (
    left[leftSteps - 1].fromLeft &&
    !right[rightSteps - 1].fromLeft &&
    left.slice(0, leftSteps - 1).every((step) => !step.fromLeft) &&
    right.slice(0, rightSteps - 1).every((step) => step.fromLeft)
  );
}

function absenceHolds(root: Uint8Array, { key, left, right }: AbsenceProof): boolean {
  if (left !== undefined && (compareBytes(left.key, key) >= 0 || !equalBytes(pathRoot(left), root))) {
    return false;
  }
  if (right !== undefined && (compareBytes(key, right.key) >= 0 || !equalBytes(pathRoot(right), root))) {
    return false;
  }
  if (left === undefined) {
    return right === undefined ? equalBytes(root, EMPTY_ROOT) : right.path.every((step) => step.fromLeft);
  }
  return right === undefined ? left.path.every((step) => !step.fromLeft) : areNeighbours(left.path, right.path);
}

/**
 * What a proof says about `key` (32 bytes) in the state with `root` (32 bytes): its value, or null where the proof shows
 * that it has none. Undefined: the proof is malformed or doesn't lead to this root and key, and says nothing.
 */
export function provenValue(root: Uint8Array, key: Uint8Array, proofBytes: Uint8Array): Uint8Array | null | undefined {
  let proof: StateProof;
  try {
    proof = decodeStateProof(proofBytes);
  } catch (error) {
    if (error instanceof CodedError) {
      return undefined;
    }
    throw error;
  }
  if (proof.kind === "present") {
    return equalBytes(proof.leaf.key, key) && equalBytes(pathRoot(proof.leaf), root) ? proof.leaf.value : undefined;
  }
  return equalBytes(proof.absence.key, key) && absenceHolds(root, proof.absence) ? null : undefined;
}

/** Whether the proof shows that the state with `root` holds exactly `value` under `key`. Never throws for bad proofs. */
export function verifyMembership(
  root: Uint8Array,
  key: Uint8Array,
  value: Uint8Array,
  proofBytes: Uint8Array,
): boolean {
  const proven = provenValue(root, key, proofBytes);
  return proven instanceof Uint8Array && equalBytes(proven, value);
}

/** Whether the proof shows that the state with `root` holds nothing under `key`. Never throws for bad proofs. */
export function verifyNonMembership(root: Uint8Array, key: Uint8Array, proofBytes: Uint8Array): boolean {
  return provenValue(root, key, proofBytes) === null;
}

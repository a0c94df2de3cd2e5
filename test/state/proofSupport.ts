// State proofs in the hands of `@confio/ics23`, an implementation that is not ours, and a way to build forged ones.

import { ics23, verifyMembership, verifyNonMembership } from "@confio/ics23";
import { smtSpec } from "@confio/ics23/build/proofs.js";
import { STATE_PROOF_SPEC } from "../../src/protocol/stateProof.js";

export const OUR_SPEC: ics23.IProofSpec = STATE_PROOF_SPEC;
export const SPARSE_TREE_SPEC: ics23.IProofSpec = smtSpec;

export type Proof = ics23.ICommitmentProof;
export type Existence = ics23.IExistenceProof;

export function decodeProof(bytes: Uint8Array): Proof {
  return ics23.CommitmentProof.decode(bytes);
}

/** The proof of presence in `bytes` with all fields in place: spreading a decoded message would lose those that are zero. */
export function decodeExistence(bytes: Uint8Array): Existence {
  const { key, value, leaf, path } = ics23.CommitmentProof.decode(bytes).exist!;
  const { hash, prehashKey, prehashValue, length, prefix } = leaf as Required<ics23.ILeafOp>;
  const steps = (path as Required<ics23.IInnerOp>[]).map((step) => ({
    hash: step.hash,
    prefix: step.prefix,
    suffix: step.suffix,
  }));
  return { key: key!, value: value!, leaf: { hash, prehashKey, prehashValue, length, prefix }, path: steps };
}

export function encodeProof(proof: Proof): Uint8Array {
  return new Uint8Array(ics23.CommitmentProof.encode(proof).finish());
}

export function packageSaysPresent(
  root: Uint8Array,
  key: Uint8Array,
  value: Uint8Array,
  proof: Proof,
  spec = OUR_SPEC,
): boolean {
  return verifyMembership(proof, spec, root, key, value);
}

export function packageSaysAbsent(root: Uint8Array, key: Uint8Array, proof: Proof, spec = OUR_SPEC): boolean {
  return verifyNonMembership(proof, spec, root, key);
}

/** A leaf operation in which the key's first `count` bytes are moved to the end of the prefix. */
export function shiftedKey(proof: Existence, count: number, length: ics23.LengthOp): Existence {
  const key = proof.key!;
  const prefix = Uint8Array.of(0, ...key.subarray(0, count));
  return { ...proof, key: key.slice(count), leaf: { ...proof.leaf, prefix, length } };
}

/** The same proof with the leaf operation's length rule replaced. */
export function withLength(proof: Existence, length: ics23.LengthOp): Existence {
  return { ...proof, leaf: { ...proof.leaf, length } };
}

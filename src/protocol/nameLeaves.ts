// Names in the state: commitments that wait to be revealed, and names that are held. A light client proves what a name points to by
// the leaf and the time of the block that the proof is for.

import { concatBytes, utf8Bytes } from "../base/bytes.js";
import { sha256 } from "../wasm/sha256.js";
import { nameSkeleton } from "./names.js";
import { decodeTokenText } from "./operations/createToken.js";
import { LEAF_KINDS, leafReader } from "./stateLeaves.js";
import { Writer } from "./wire.js";

/** A commitment, which counts up to `heightExpires`. */
export interface NameCommitmentLeaf {
  heightExpires: number;
  height: number;
}

export interface NameLeaf {
  owner: Uint8Array;
  /** The account or contract that the name stands for. */
  target: Uint8Array;
  /** Block time from which on the name stands for nothing. */
  timeMsExpires: number;
  /** TTC units held for it. */
  deposit: bigint;
  heightRegistered: number;
  /** As it is written: others with its skeleton are not this name. */
  name: string;
}

export function nameCommitmentKey(commitment: Uint8Array): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(LEAF_KINDS.nameCommitment), commitment));
}

/** Key of the leaf of a name and of all that look like it. */
export function nameKey(name: string): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(LEAF_KINDS.name), utf8Bytes(nameSkeleton(name))));
}

export function encodeNameCommitment({ heightExpires, height }: NameCommitmentLeaf): Uint8Array {
  return new Writer(17).u8(LEAF_KINDS.nameCommitment).u64(BigInt(heightExpires)).u64(BigInt(height)).finish();
}

export function decodeNameCommitment(bytes: Uint8Array): NameCommitmentLeaf {
  const reader = leafReader(bytes, LEAF_KINDS.nameCommitment);
  const leaf = { heightExpires: reader.safe(), height: reader.safe() };
  reader.end();
  return leaf;
}

export function encodeNameLeaf(leaf: NameLeaf): Uint8Array {
  const writer = new Writer(160).u8(LEAF_KINDS.name).raw(leaf.owner).raw(leaf.target);
  writer.u64(BigInt(leaf.timeMsExpires)).u64(leaf.deposit).u64(BigInt(leaf.heightRegistered));
  return writer.short(utf8Bytes(leaf.name)).finish();
}

export function decodeNameLeaf(bytes: Uint8Array): NameLeaf {
  const reader = leafReader(bytes, LEAF_KINDS.name);
  const leaf: NameLeaf = {
    owner: reader.raw(32),
    target: reader.raw(32),
    timeMsExpires: reader.safe(),
    deposit: reader.amountOrZero(),
    heightRegistered: reader.safe(),
    name: decodeTokenText(reader.short()),
  };
  reader.end();
  return leaf;
}

/** The leaf where `name` itself, and none that looks like it, stands for something at this time; else undefined. */
export function heldName(leaf: NameLeaf | undefined, name: string, timeMs: number): NameLeaf | undefined {
  return leaf !== undefined && leaf.name === name && timeMs < leaf.timeMsExpires ? leaf : undefined;
}

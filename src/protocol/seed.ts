// The chain's seed: randomness that proposers bring one after another, each by a proof of what its key gives for the seed before
// (ECVRF, src/protocol/vrf.ts). Proofs are owed in blocks alone that follow a question; why and with what bias: docs/decisions/contract-randomness.md.

import { equalBytes } from "../base/bytes.js";
import { sha256 } from "../wasm/sha256.js";
import { CodedError } from "./errors.js";
import { signedMessage, TAGS, taggedHash } from "./hashing.js";
import { decodeSystemLeaf, encodeSystemLeaf, LEAF_KINDS, leafReader, systemKey } from "./stateLeaves.js";
import { verifyRandom } from "./vrf.js";
import { Reader, Writer } from "./wire.js";
import type { StateChange } from "./writeSet.js";

export const SEED_BYTES = 32;
/** An answer can be read for so many heights. */
export const SEED_HEIGHTS_MAX = 1_000_000;
/** Places of answers in the state: more than heights for which they count, so that none is overwritten while it does. */
const SEED_PLACES = 1 << 20;
const SEED_LEAF = "seed";
export const seedKey: Uint8Array = systemKey(SEED_LEAF);

/** The state's "seed" leaf. Without one nobody has asked yet. */
export interface SeedLeaf {
  seed: Uint8Array;
  /** Blocks of these heights, both included, owe a proof. */
  heightFirst: number;
  heightLast: number;
}

export function encodeSeedLeaf(leaf: SeedLeaf): Uint8Array {
  const writer = new Writer(48).raw(leaf.seed).u64(BigInt(leaf.heightFirst)).u64(BigInt(leaf.heightLast));
  return encodeSystemLeaf(writer.finish());
}

export function decodeSeedLeaf(bytes: Uint8Array): SeedLeaf {
  const reader = new Reader(decodeSystemLeaf(bytes));
  const leaf = { seed: reader.raw(SEED_BYTES), heightFirst: reader.safe(), heightLast: reader.safe() };
  reader.end();
  return leaf;
}

/** The seed of one height that somebody asked for; undefined until that height has its own. */
export interface AskedSeedLeaf {
  height: number;
  seed: Uint8Array | undefined;
}

export function askedSeedKey(height: number): Uint8Array {
  return sha256(
    new Writer(5)
      .u8(LEAF_KINDS.seed)
      .u32(height % SEED_PLACES)
      .finish(),
  );
}

export function encodeAskedSeed({ height, seed }: AskedSeedLeaf): Uint8Array {
  const writer = new Writer(42)
    .u8(LEAF_KINDS.seed)
    .u64(BigInt(height))
    .u8(seed === undefined ? 0 : 1);
  return writer.raw(seed ?? new Uint8Array(0)).finish();
}

export function decodeAskedSeed(bytes: Uint8Array): AskedSeedLeaf {
  const reader = leafReader(bytes, LEAF_KINDS.seed);
  const leaf = { height: reader.safe(), seed: reader.flag() ? reader.raw(SEED_BYTES) : undefined };
  reader.end();
  return leaf;
}

/** Whether the block of `height` owes a proof. */
export function owesSeed(leaf: SeedLeaf | undefined, height: number): leaf is SeedLeaf {
  return leaf !== undefined && height >= leaf.heightFirst && height <= leaf.heightLast;
}

/** The leaf after a question at `height` that is answered `heights` later. */
export function askSeed(
  leaf: SeedLeaf | undefined,
  genesisHash: Uint8Array,
  height: number,
  heights: number,
): SeedLeaf {
  const { seed, heightFirst, heightLast } = leaf ?? { seed: genesisHash, heightFirst: 0, heightLast: 0 };
  const isOwing = heightLast >= height;
  return { seed, heightFirst: isOwing ? heightFirst : height + 1, heightLast: Math.max(heightLast, height + heights) };
}

/** After how many heights a question is answered: as many proposers as can't all be among the third that may be faulty. */
export function seedHeights(delegates: number): number {
  return Math.floor(delegates / 3) + 1;
}

/** What the proposer of `height` proves its output for. */
export function seedInput(genesisHash: Uint8Array, height: number, seed: Uint8Array): Uint8Array {
  return signedMessage(TAGS.seed, genesisHash, new Writer(40).u64(BigInt(height)).raw(seed).finish());
}

/** The seed after the block of `height` by `proposer`, from the one before. Throws BAD_RESULT where the proof does not hold. */
export function nextSeed(
  genesisHash: Uint8Array,
  height: number,
  seed: Uint8Array,
  by: { proposer: Uint8Array; proof: Uint8Array },
): Uint8Array {
  const output = verifyRandom(by.proposer, seedInput(genesisHash, height, seed), by.proof);
  if (output === undefined) {
    throw new CodedError("BAD_RESULT", `the proposer's proof for the seed of height ${height} does not hold`, {
      field: "seedProof",
    });
  }
  return taggedHash(TAGS.seed, output);
}

/**
 * What a block makes of the seed, for who takes its write set without executing it: a proof must be there exactly where the block owes one,
 * and hold, and the seed that is written must be the one that it gives. `before`: the seed's leaf before the block. Throws BAD_RESULT.
 */
export function expectSeedProven(
  genesisHash: Uint8Array,
  height: number,
  before: SeedLeaf | undefined,
  by: { proposer: Uint8Array; proof: Uint8Array },
  changes: readonly StateChange[],
): void {
  const refuse = (message: string): never => {
    throw new CodedError("BAD_RESULT", message, { field: "seedProof" });
  };
  const isOwed = owesSeed(before, height);
  if (isOwed !== by.proof.length > 0) {
    refuse(`expected ${isOwed ? "a" : "no"} proof for the chain's seed at height ${height}`);
  }
  const seedBefore = before?.seed ?? genesisHash;
  const expected = isOwed ? nextSeed(genesisHash, height, seedBefore, by) : seedBefore;
  const written = changes.find(({ key }) => equalBytes(key, seedKey))?.value;
  if (!equalBytes(written === undefined ? seedBefore : decodeSeedLeaf(written).seed, expected)) {
    refuse(`the chain's seed after height ${height} is not the one that its proof gives`);
  }
  // The answer for this height, where somebody asked for it: the place is written in no other way in this block.
  const place = askedSeedKey(height);
  const answer = changes.find(({ key }) => equalBytes(key, place))?.value;
  const told = answer && decodeAskedSeed(answer);
  if (told?.height === height && !equalBytes(told.seed ?? seedBefore, expected)) {
    refuse(`the seed that is told for height ${height} is not the one that its proof gives`);
  }
}

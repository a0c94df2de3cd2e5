// The chain's seed in a block: what contracts ask for, and what the proposer's proof makes of it at the block's end.

import { CodedError } from "../../protocol/errors.js";
import {
  type AskedSeedLeaf,
  askedSeedKey,
  askSeed,
  decodeAskedSeed,
  decodeSeedLeaf,
  encodeAskedSeed,
  encodeSeedLeaf,
  nextSeed,
  owesSeed,
  type SeedLeaf,
  seedKey,
} from "../../protocol/seed.js";
import type { BlockScope } from "../blockScope.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import type { LeafCodec, LeafEntry, WorkingState } from "../workingState.js";

const seedCodec: LeafCodec<SeedLeaf> = { encode: encodeSeedLeaf, decode: decodeSeedLeaf };
const askedCodec: LeafCodec<AskedSeedLeaf> = { encode: encodeAskedSeed, decode: decodeAskedSeed };

/** The place of the seed of `height`, which may hold an older one. */
export function askedSeedEntry(state: WorkingState, height: number): LeafEntry<AskedSeedLeaf> {
  return state.entry(askedSeedKey(height), askedCodec);
}

/** Takes note that contracts ask for the seeds of these heights, which lie ahead. */
export function keepSeedAsks({ state, genesisHash, height }: LedgerContext, heights: readonly number[]): void {
  for (const asked of heights) {
    const entry = state.entry(seedKey, seedCodec);
    state.set(entry, askSeed(entry.leaf, genesisHash, height, asked - height));
    const place = askedSeedEntry(state, asked);
    if (place.leaf?.height !== asked) {
      state.set(place, { height: asked, seed: undefined });
    }
  }
}

/** The step of every block that owes a proof. Throws BAD_RESULT where it lacks one, has one that doesn't hold, or owes none. */
export function mixSeed(scope: BlockScope, by: { proposer: Uint8Array; proof: Uint8Array }): void {
  const { state, genesisHash, height } = scope;
  const entry = state.entry(seedKey, seedCodec);
  const { leaf } = entry;
  if (!owesSeed(leaf, height)) {
    if (by.proof.length > 0) {
      throw new CodedError("BAD_RESULT", "expected no proof for a seed that nobody asked for", { field: "seedProof" });
    }
    return;
  }
  const seed = nextSeed(genesisHash, height, leaf.seed, by);
  state.set(entry, { ...leaf, seed });
  const place = askedSeedEntry(state, height);
  if (place.leaf?.height === height) {
    state.set(place, { height, seed });
  }
}

// The leaves of names as a block's working state holds them, and who may do what with a name.

import { equalBytes } from "../../base/bytes.js";
import * as leaves from "../../protocol/nameLeaves.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { fail } from "../ledger/ledgerFailure.js";
import type { LeafCodec, LeafEntry, WorkingState } from "../workingState.js";

const commitmentCodec: LeafCodec<leaves.NameCommitmentLeaf> = {
  encode: leaves.encodeNameCommitment,
  decode: leaves.decodeNameCommitment,
};
const nameCodec: LeafCodec<leaves.NameLeaf> = { encode: leaves.encodeNameLeaf, decode: leaves.decodeNameLeaf };

export function commitmentEntry(state: WorkingState, commitment: Uint8Array): LeafEntry<leaves.NameCommitmentLeaf> {
  return state.entry(leaves.nameCommitmentKey(commitment), commitmentCodec);
}

/** The place of a name and of all that look like it. */
export function nameEntry(state: WorkingState, name: string): LeafEntry<leaves.NameLeaf> {
  return state.entry(leaves.nameKey(name), nameCodec);
}

/** The leaf of the name itself, whether its time is over or not. Throws UNKNOWN_NAME. */
export function expectNameLeaf(
  context: LedgerContext,
  name: string,
): { entry: LeafEntry<leaves.NameLeaf>; leaf: leaves.NameLeaf } {
  const entry = nameEntry(context.state, name);
  const { leaf } = entry;
  return leaf === undefined || leaf.name !== name ? fail("UNKNOWN_NAME") : { entry, leaf };
}

/** The leaf of a name of the operation's account. Throws UNKNOWN_NAME or NOT_AUTHORIZED. */
export function expectOwnName(
  context: LedgerContext,
  { account, name }: { account: number; name: string },
): { entry: LeafEntry<leaves.NameLeaf>; leaf: leaves.NameLeaf } {
  const found = expectNameLeaf(context, name);
  return equalBytes(found.leaf.owner, context.signers[account].address) ? found : fail("NOT_AUTHORIZED");
}

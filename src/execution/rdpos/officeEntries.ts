// The leaves of partners, master nodes and proposals as a block's working state holds them.

import * as leaves from "../../protocol/officeLeaves.js";
import { systemKey } from "../../protocol/stateLeaves.js";
import type { LeafCodec, LeafEntry, WorkingState } from "../workingState.js";
import type { AddressPages } from "./addressPages.js";

const partnerCodec: LeafCodec<leaves.PartnerLeaf> = {
  encode: leaves.encodePartnerLeaf,
  decode: leaves.decodePartnerLeaf,
};
const masterCodec: LeafCodec<leaves.MasterLeaf> = { encode: leaves.encodeMasterLeaf, decode: leaves.decodeMasterLeaf };
const pageCodec: LeafCodec<Uint8Array[]> = { encode: leaves.encodeOfficePage, decode: leaves.decodeOfficePage };
const countCodec: LeafCodec<number> = { encode: leaves.encodeOfficeCount, decode: leaves.decodeOfficeCount };
const challengeCodec: LeafCodec<leaves.Challenge> = { encode: leaves.encodeChallenge, decode: leaves.decodeChallenge };
const proposalCodec: LeafCodec<leaves.ProposalLeaf> = {
  encode: leaves.encodeProposalLeaf,
  decode: leaves.decodeProposalLeaf,
};
const voteCodec: LeafCodec<boolean> = { encode: leaves.encodeProposalVote, decode: leaves.decodeProposalVote };
const listCodec: LeafCodec<leaves.ProposalList> = {
  encode: leaves.encodeProposalList,
  decode: leaves.decodeProposalList,
};
const upgradeCodec: LeafCodec<leaves.Upgrade> = { encode: leaves.encodeUpgrade, decode: leaves.decodeUpgrade };

const challengeKey = systemKey(leaves.CHALLENGE_LEAF);
const proposalsKey = systemKey(leaves.PROPOSALS_LEAF);
const upgradeKey = systemKey(leaves.UPGRADE_LEAF);
const countKeys = { masters: systemKey("masters"), partners: systemKey("partners") };

export function partnerEntry(state: WorkingState, address: Uint8Array): LeafEntry<leaves.PartnerLeaf> {
  return state.entry(leaves.partnerKey(address), partnerCodec);
}

export function masterEntry(state: WorkingState, address: Uint8Array): LeafEntry<leaves.MasterLeaf> {
  return state.entry(leaves.masterKey(address), masterCodec);
}

function pagesOf(list: leaves.OfficeList): AddressPages {
  const count = (state: WorkingState): LeafEntry<number> => state.entry(countKeys[list], countCodec);
  return {
    page: (state, page) => state.entry(leaves.officePageKey(list, page), pageCodec),
    count: (state) => count(state).leaf ?? 0,
    setCount: (state, value) => state.set(count(state), value),
  };
}

export const MASTER_PAGES = pagesOf("masters");
export const PARTNER_PAGES = pagesOf("partners");

export function challengeEntry(state: WorkingState): LeafEntry<leaves.Challenge> {
  return state.entry(challengeKey, challengeCodec);
}

export function proposalEntry(state: WorkingState, number: number): LeafEntry<leaves.ProposalLeaf> {
  return state.entry(leaves.proposalKey(number), proposalCodec);
}

/** The mark that somebody has voted on a proposal. */
export function proposalVoteEntry(state: WorkingState, number: number, voter: Uint8Array): LeafEntry<boolean> {
  return state.entry(leaves.proposalVoteKey(number, voter), voteCodec);
}

export function proposalListEntry(state: WorkingState): LeafEntry<leaves.ProposalList> {
  return state.entry(proposalsKey, listCodec);
}

export function upgradeEntry(state: WorkingState): LeafEntry<leaves.Upgrade> {
  return state.entry(upgradeKey, upgradeCodec);
}

// Typed views over the leaves of candidates, votes, partners, master nodes and proposals.

import {
  type CandidateLeaf,
  candidateKey,
  candidatePageKey,
  decodeCandidateLeaf,
  decodeCandidatePage,
  decodeDelegateKeyLeaf,
  decodeElectionTotals,
  decodeUnbondingLeaf,
  decodeVoteLeaf,
  delegateKeyKey,
  ELECTION_LEAF,
  type ElectionTotals,
  type NativeUnits,
  PAGE_ADDRESSES,
  type UnbondingLeaf,
  unbondingKey,
  type VoteLeaf,
  voteKey,
} from "../protocol/delegateLeaves.js";
import {
  CHALLENGE_LEAF,
  type Challenge,
  decodeChallenge,
  decodeMasterLeaf,
  decodeOfficeCount,
  decodeOfficePage,
  decodePartnerLeaf,
  decodeProposalLeaf,
  decodeProposalList,
  decodeUpgrade,
  type MasterLeaf,
  masterKey,
  type OfficeList,
  officePageKey,
  type PartnerLeaf,
  PROPOSALS_LEAF,
  type ProposalLeaf,
  partnerKey,
  proposalKey,
  UPGRADE_LEAF,
  type Upgrade,
} from "../protocol/officeLeaves.js";
import { addNative, earnedBetween } from "../protocol/rewards.js";
import { systemKey } from "../protocol/stateLeaves.js";
import type { StateReader } from "./views.js";

const NOTHING: NativeUnits = [0n, 0n, 0n];

function read<T>(state: StateReader, key: Uint8Array, decode: (bytes: Uint8Array) => T): T | undefined {
  const value = state.get(key);
  return value && decode(value);
}

export function readElectionTotals(state: StateReader): ElectionTotals {
  return read(state, systemKey(ELECTION_LEAF), decodeElectionTotals) ?? { candidates: 0, locked: 0n };
}

export function readCandidate(state: StateReader, owner: Uint8Array): CandidateLeaf | undefined {
  return read(state, candidateKey(owner), decodeCandidateLeaf);
}

/** The candidate that a delegate's key belongs to. */
export function readOwnerOfKey(state: StateReader, publicKey: Uint8Array): Uint8Array | undefined {
  return read(state, delegateKeyKey(publicKey), decodeDelegateKeyLeaf);
}

function slice(
  from: number,
  limit: number,
  count: number,
  page: (number: number) => Uint8Array[] | undefined,
): Uint8Array[] {
  const end = Math.min(count, from + limit);
  const addresses: Uint8Array[] = [];
  for (let place = from; place < end; place++) {
    const address = page(Math.floor(place / PAGE_ADDRESSES))?.[place % PAGE_ADDRESSES];
    if (address !== undefined) {
      addresses.push(address);
    }
  }
  return addresses;
}

function cached<T>(load: (number: number) => T): (number: number) => T {
  const known = new Map<number, T>();
  return (number) => {
    const found = known.get(number) ?? load(number);
    known.set(number, found);
    return found;
  };
}

/** Addresses of listed candidates from place `from` on. */
export function readCandidateList(state: StateReader, from: number, limit: number): Uint8Array[] {
  const page = cached((number: number) => read(state, candidatePageKey(number), decodeCandidatePage));
  return slice(from, limit, readElectionTotals(state).candidates, page);
}

export function readOfficeCount(state: StateReader, list: OfficeList): number {
  return read(state, systemKey(list), decodeOfficeCount) ?? 0;
}

/** Addresses of partners or master nodes from place `from` on. */
export function readOfficeList(state: StateReader, list: OfficeList, from: number, limit: number): Uint8Array[] {
  const page = cached((number: number) => read(state, officePageKey(list, number), decodeOfficePage));
  return slice(from, limit, readOfficeCount(state, list), page);
}

export function readVote(state: StateReader, voter: Uint8Array): VoteLeaf | undefined {
  return read(state, voteKey(voter), decodeVoteLeaf);
}

/** What an account could claim now, as voter and as candidate. */
export function readClaimable(state: StateReader, address: Uint8Array): NativeUnits {
  const vote = readVote(state, address);
  let due = addNative(vote?.earned ?? NOTHING, readCandidate(state, address)?.earned ?? NOTHING);
  for (const { candidate, weight, accumulators } of vote?.shares ?? []) {
    const now = readCandidate(state, candidate)?.accumulators ?? accumulators;
    due = addNative(due, now.map((value, i) => earnedBetween(weight, accumulators[i], value)) as NativeUnits);
  }
  return due;
}

export function readUnbonding(state: StateReader, owner: Uint8Array): UnbondingLeaf["parts"] {
  return read(state, unbondingKey(owner), decodeUnbondingLeaf)?.parts ?? [];
}

export function readPartner(state: StateReader, address: Uint8Array): PartnerLeaf | undefined {
  return read(state, partnerKey(address), decodePartnerLeaf);
}

export function readMaster(state: StateReader, address: Uint8Array): MasterLeaf | undefined {
  return read(state, masterKey(address), decodeMasterLeaf);
}

export function readChallenge(state: StateReader): Challenge | undefined {
  return read(state, systemKey(CHALLENGE_LEAF), decodeChallenge);
}

export function readProposal(state: StateReader, number: number): ProposalLeaf | undefined {
  return read(state, proposalKey(number), decodeProposalLeaf);
}

/** How many proposals there ever were: their numbers begin at 1. */
export function readProposalCount(state: StateReader): number {
  return read(state, systemKey(PROPOSALS_LEAF), decodeProposalList)?.count ?? 0;
}

export function readUpgrade(state: StateReader): Upgrade | undefined {
  return read(state, systemKey(UPGRADE_LEAF), decodeUpgrade);
}

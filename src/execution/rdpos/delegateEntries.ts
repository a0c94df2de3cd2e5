// The leaves of candidates and votes as a block's working state holds them.

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
  encodeCandidateLeaf,
  encodeCandidatePage,
  encodeDelegateKeyLeaf,
  encodeElectionTotals,
  encodeUnbondingLeaf,
  encodeVoteLeaf,
  type UnbondingLeaf,
  unbondingKey,
  type VoteLeaf,
  voteKey,
} from "../../protocol/delegateLeaves.js";
import { type Delegate, decodeDelegates, encodeDelegates } from "../../protocol/delegates.js";
import { type ChainParameters, decodeParameters, encodeParameters } from "../../protocol/parameters.js";
import {
  decodeNextDelegates,
  decodeRound,
  encodeNextDelegates,
  encodeRound,
  type NextDelegates,
  type Round,
} from "../../protocol/round.js";
import { decodeSystemLeaf, encodeSystemLeaf, systemKey } from "../../protocol/stateLeaves.js";
import { DELEGATES_LEAF, DELEGATES_NEXT_LEAF, PARAMETERS_LEAF, ROUND_LEAF } from "../../state/views.js";
import type { LeafCodec, LeafEntry, WorkingState } from "../workingState.js";

const candidateCodec: LeafCodec<CandidateLeaf> = { encode: encodeCandidateLeaf, decode: decodeCandidateLeaf };
const pageCodec: LeafCodec<Uint8Array[]> = { encode: encodeCandidatePage, decode: decodeCandidatePage };
const voteCodec: LeafCodec<VoteLeaf> = { encode: encodeVoteLeaf, decode: decodeVoteLeaf };
const delegateKeyCodec: LeafCodec<Uint8Array> = { encode: encodeDelegateKeyLeaf, decode: decodeDelegateKeyLeaf };
const unbondingCodec: LeafCodec<UnbondingLeaf> = { encode: encodeUnbondingLeaf, decode: decodeUnbondingLeaf };
const electionCodec: LeafCodec<ElectionTotals> = { encode: encodeElectionTotals, decode: decodeElectionTotals };
const electionKey = systemKey(ELECTION_LEAF);

/** The codec of a system leaf by that of its content. */
export function systemCodec<T>(encode: (value: T) => Uint8Array, decode: (bytes: Uint8Array) => T): LeafCodec<T> {
  return {
    encode: (value) => encodeSystemLeaf(encode(value)),
    decode: (bytes) => decode(decodeSystemLeaf(bytes)),
  };
}

const roundCodec = systemCodec<Round>(encodeRound, decodeRound);
const delegatesCodec = systemCodec<Delegate[]>(encodeDelegates, decodeDelegates);
const nextCodec = systemCodec<NextDelegates>(encodeNextDelegates, decodeNextDelegates);
const roundKey = systemKey(ROUND_LEAF);
const parametersCodec = systemCodec<ChainParameters>(encodeParameters, decodeParameters);
const parametersKey = systemKey(PARAMETERS_LEAF);
const delegatesKey = systemKey(DELEGATES_LEAF);
const nextKey = systemKey(DELEGATES_NEXT_LEAF);

/** The round in hand. */
export function roundEntry(state: WorkingState): LeafEntry<Round> {
  return state.entry(roundKey, roundCodec);
}

export function delegatesEntry(state: WorkingState): LeafEntry<Delegate[]> {
  return state.entry(delegatesKey, delegatesCodec);
}

/** The set elected for the next round. */
export function nextDelegatesEntry(state: WorkingState): LeafEntry<NextDelegates> {
  return state.entry(nextKey, nextCodec);
}

export function candidateEntry(state: WorkingState, owner: Uint8Array): LeafEntry<CandidateLeaf> {
  return state.entry(candidateKey(owner), candidateCodec);
}

export function candidatePageEntry(state: WorkingState, page: number): LeafEntry<Uint8Array[]> {
  return state.entry(candidatePageKey(page), pageCodec);
}

export function voteEntry(state: WorkingState, voter: Uint8Array): LeafEntry<VoteLeaf> {
  return state.entry(voteKey(voter), voteCodec);
}

/** Whose a delegate's key is. */
export function delegateKeyEntry(state: WorkingState, publicKey: Uint8Array): LeafEntry<Uint8Array> {
  return state.entry(delegateKeyKey(publicKey), delegateKeyCodec);
}

export function unbondingEntry(state: WorkingState, owner: Uint8Array): LeafEntry<UnbondingLeaf> {
  return state.entry(unbondingKey(owner), unbondingCodec);
}

const NO_TOTALS: ElectionTotals = { candidates: 0, locked: 0n };

export function electionTotals(state: WorkingState): ElectionTotals {
  return state.entry(electionKey, electionCodec).leaf ?? NO_TOTALS;
}

export function setElectionTotals(state: WorkingState, totals: ElectionTotals): void {
  state.set(state.entry(electionKey, electionCodec), totals);
}

/** The chain's parameters as the block leaves them: those of the next one. */
export function parametersEntry(state: WorkingState): LeafEntry<ChainParameters> {
  return state.entry(parametersKey, parametersCodec);
}

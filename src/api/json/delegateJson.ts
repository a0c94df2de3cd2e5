// Candidates, votes, partners, master nodes and proposals as JSON.

import { toHex } from "../../base/bytes.js";
import type {
  CandidateJson,
  MasterJson,
  NativeAmountsJson,
  PartnerJson,
  ProposalJson,
  RoundJson,
} from "../../protocol/delegateApiTypes.js";
import { CANDIDATE_STATES, type CandidateLeaf, type NativeUnits } from "../../protocol/delegateLeaves.js";
import type { MasterLeaf, PartnerLeaf, ProposalLeaf } from "../../protocol/officeLeaves.js";
import { electorateOf } from "../../protocol/proposalContent.js";
import { type Round, roundHeightLast } from "../../protocol/round.js";
import { addressText } from "./addressText.js";
import { proposalContentJson } from "./delegateOperationJson.js";

export function nativeAmountsJson([ttc, ttm, ttmi]: NativeUnits): NativeAmountsJson {
  return { TTC: ttc.toString(), TTM: ttm.toString(), TTMI: ttmi.toString() };
}

export function roundJson(round: Round): RoundJson {
  return { number: round.number, heightFirst: round.heightFirst, heightLast: roundHeightLast(round) };
}

const STATE_NAMES = Object.fromEntries(Object.entries(CANDIDATE_STATES).map(([name, state]) => [state, name]));

export function candidateJson(owner: Uint8Array, leaf: CandidateLeaf, isDelegate: boolean): CandidateJson {
  const { name, site, payBasisPoints, rounds, signed, proposed, missed, heightRegistered, suspendedUntil } = leaf;
  return {
    address: addressText(owner),
    name,
    site,
    delegateKey: toHex(leaf.delegateKey),
    state: STATE_NAMES[leaf.state] as CandidateJson["state"],
    votes: leaf.votes.toString(),
    payBasisPoints,
    deposit: leaf.deposit.toString(),
    isDelegate,
    ...(suspendedUntil === 0 ? {} : { suspendedUntil }),
    rounds,
    signed,
    proposed,
    missed,
    earned: nativeAmountsJson(leaf.earned),
    heightRegistered,
  };
}

export function partnerJson(address: Uint8Array, leaf: PartnerLeaf): PartnerJson {
  const { name, site, heightAdmitted, heightLast, grantsPaid } = leaf;
  return {
    address: addressText(address),
    name,
    site,
    heightAdmitted,
    heightLast,
    feesTtcUnits: leaf.feesTtcUnits.toString(),
    earned: nativeAmountsJson(leaf.earned),
    grantsPaid,
  };
}

/** `latest`: the number of the latest challenge. */
export function masterJson(address: Uint8Array, leaf: MasterLeaf, latest: number): MasterJson {
  const { name, site, heightRegistered, answered, challengeFirst } = leaf;
  return {
    address: addressText(address),
    name,
    site,
    heightRegistered,
    challenges: latest - challengeFirst,
    answered,
  };
}

export function proposalJson(number: number, leaf: ProposalLeaf): ProposalJson {
  const { state, heightLast, heightActive, content } = leaf;
  return {
    number,
    proposer: addressText(leaf.proposer),
    state,
    electorate: electorateOf(content),
    heightLast,
    heightActive,
    yes: leaf.yes.toString(),
    no: leaf.no.toString(),
    content: proposalContentJson(content),
  };
}

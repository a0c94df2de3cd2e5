// The operations of partners and master nodes, and of votes on what the chain is to be, one type per kind.

import type { TokenId } from "../tokens.js";

/** Pays out a partner's share of fees, and the grants that are due. */
export interface ClaimPartner {
  kind: "claimPartner";
  account: number;
}

/** Puts a company's node on the public list, against a deposit. */
export interface RegisterMaster {
  kind: "registerMaster";
  account: number;
  name: string;
  site: string;
}

/** Answers the present challenge of the master nodes. */
export interface AnswerChallenge {
  kind: "answerChallenge";
  account: number;
  /** 32 bytes: see challengeAnswer. */
  answer: Uint8Array;
}

/** Takes the node off the list; the deposit can be withdrawn after the unbonding time. */
export interface ResignMaster {
  kind: "resignMaster";
  account: number;
}

/** What a vote can decide. */
export type ProposalContent =
  | { kind: "parameter"; name: string; value: bigint }
  | { kind: "quote"; token: TokenId; units: bigint; ttcUnits: bigint }
  | { kind: "upgrade"; version: number }
  | { kind: "partner"; partner: Uint8Array; name: string; site: string };

/** Proposes a change; a delegate's right. */
export interface Propose {
  kind: "propose";
  account: number;
  /** The first height for which the change holds. */
  heightActive: number;
  content: ProposalContent;
}

/** Votes on an open proposal, once. */
export interface VoteProposal {
  kind: "voteProposal";
  account: number;
  proposal: number;
  approve: boolean;
}

export type OfficeOperation = ClaimPartner | RegisterMaster | AnswerChallenge | ResignMaster | Propose | VoteProposal;

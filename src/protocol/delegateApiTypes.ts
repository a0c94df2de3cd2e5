// The JSON of delegates, votes, partners, master nodes and proposals, beside apiTypes.ts.

import type { AddressText, AmountText, Hex } from "./apiTexts.js";
import type { TokenId } from "./tokens.js";

/** Operations of candidates and voters. */
export type DelegateOperationJson =
  | {
      kind: "registerCandidate" | "updateCandidate";
      account: AddressText;
      delegateKey: Hex;
      payBasisPoints: number;
      name: string;
      site: string;
    }
  | { kind: "vote"; account: AddressText; amount: AmountText; candidates: AddressText[] }
  | { kind: "unlock"; account: AddressText; amount: AmountText }
  | { kind: "reportDoubleSign"; account: AddressText; evidence: Hex }
  | { kind: "registerMaster"; account: AddressText; name: string; site: string }
  | { kind: "answerChallenge"; account: AddressText; answer: Hex }
  | { kind: "propose"; account: AddressText; heightActive: number; content: ProposalContentJson }
  | { kind: "voteProposal"; account: AddressText; proposal: number; approve: boolean }
  | {
      kind: "resignCandidate" | "resumeCandidate" | "withdraw" | "claimRewards" | "claimPartner" | "resignMaster";
      account: AddressText;
    };

export type ProposalContentJson =
  | { kind: "parameter"; name: string; value: AmountText }
  | { kind: "quote"; token: TokenId; units: AmountText; ttcUnits: AmountText }
  | { kind: "upgrade"; version: number }
  | { kind: "partner"; partner: AddressText; name: string; site: string };

/** One amount for each of the chain's own tokens. */
export interface NativeAmountsJson {
  TTC: AmountText;
  TTM: AmountText;
  TTMI: AmountText;
}

export interface RoundJson {
  number: number;
  heightFirst: number;
  heightLast: number;
}

export interface CandidateJson {
  address: AddressText;
  name: string;
  site: string;
  delegateKey: Hex;
  state: "listed" | "resigned" | "barred";
  votes: AmountText;
  /** Share of the rewards that voters get, in hundredths of a percent. */
  payBasisPoints: number;
  deposit: AmountText;
  /** Whether it is one of the present round's delegates. */
  isDelegate: boolean;
  /** The round from which it may come back; absent: not suspended. */
  suspendedUntil?: number;
  rounds: number;
  signed: number;
  proposed: number;
  missed: number;
  earned: NativeAmountsJson;
  heightRegistered: number;
}

export interface CandidatesJson {
  round: RoundJson;
  /** TTC units locked in all. */
  locked: AmountText;
  count: number;
  candidates: CandidateJson[];
  /** Give it as `from` for those that follow; absent at the end. */
  next?: number;
}

export interface VotesJson {
  address: AddressText;
  locked: AmountText;
  shares: { candidate: AddressText; weight: AmountText }[];
  claimable: NativeAmountsJson;
  unbonding: { withdrawableMs: number; amount: AmountText }[];
}

export interface PartnerJson {
  address: AddressText;
  name: string;
  site: string;
  heightAdmitted: number;
  heightLast: number;
  feesTtcUnits: AmountText;
  earned: NativeAmountsJson;
  grantsPaid: number;
}

export interface PartnersJson {
  treasury: AmountText;
  count: number;
  partners: PartnerJson[];
  next?: number;
}

export interface MasterJson {
  address: AddressText;
  name: string;
  site: string;
  heightRegistered: number;
  challenges: number;
  answered: number;
}

export interface MastersJson {
  challenge?: { number: number; height: number; value: Hex };
  count: number;
  masters: MasterJson[];
  next?: number;
}

export interface ProposalJson {
  number: number;
  proposer: AddressText;
  state: "open" | "passed" | "rejected" | "active" | "failed";
  electorate: "holders" | "delegates";
  heightLast: number;
  heightActive: number;
  /** Units of locked TTC, or delegates. */
  yes: AmountText;
  no: AmountText;
  content: ProposalContentJson;
}

export interface ProposalsJson {
  count: number;
  /** Newest first. */
  proposals: ProposalJson[];
  upgrade?: { version: number; heightActive: number };
}

/** The last block that a set signed, and the write set that names the one after it. */
export interface DelegateChangeJson {
  height: number;
  resultProof: { header: Hex; certificate: Hex; result: Hex; entryCount: number; path: Hex[] };
  /** Absent where the set is still the present one. */
  writeSet?: Hex;
}

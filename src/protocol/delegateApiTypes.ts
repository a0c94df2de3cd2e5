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

// Actions of candidates, voters, partners, master nodes and whoever decides on proposals.

import { compareBytes } from "../base/bytes.js";
import type { CandidateFace } from "../protocol/operations/delegateOperations.js";
import type { ProposalContent } from "../protocol/operations/officeOperations.js";
import type { Signer } from "../protocol/transaction.js";
import { type Action, type AddressLike, addressBytes } from "./actions.js";

/** `delegate`: the key that shall sign blocks; it signs this too. */
export function registerCandidate(by: Signer, delegate: Signer, face: Omit<CandidateFace, "delegateKey">): Action {
  const operation = { kind: "registerCandidate" as const, delegateKey: delegate.publicKey, ...face };
  return { by, operation, alsoSigning: [delegate] };
}

/** Changes what the candidate says of itself; another key counts from the next election on. */
export function updateCandidate(by: Signer, delegate: Signer, face: Omit<CandidateFace, "delegateKey">): Action {
  const operation = { kind: "updateCandidate" as const, delegateKey: delegate.publicKey, ...face };
  return { by, operation, alsoSigning: [delegate] };
}

export function resignCandidate(by: Signer): Action {
  return { by, operation: { kind: "resignCandidate" } };
}

export function resumeCandidate(by: Signer): Action {
  return { by, operation: { kind: "resumeCandidate" } };
}

/** Locks `amount` TTC units more and divides all that is locked among the candidates. */
export function vote(by: Signer, { amount, candidates }: { amount: bigint; candidates: AddressLike[] }): Action {
  const addresses = candidates.map(addressBytes).sort(compareBytes);
  return { by, operation: { kind: "vote", amount, candidates: addresses } };
}

export function unlock(by: Signer, amount: bigint): Action {
  return { by, operation: { kind: "unlock", amount } };
}

export function withdraw(by: Signer): Action {
  return { by, operation: { kind: "withdraw" } };
}

export function claimRewards(by: Signer): Action {
  return { by, operation: { kind: "claimRewards" } };
}

/** `evidence`: see docs/protocol.md. */
export function reportDoubleSign(by: Signer, evidence: Uint8Array): Action {
  return { by, operation: { kind: "reportDoubleSign", evidence } };
}

export function claimPartner(by: Signer): Action {
  return { by, operation: { kind: "claimPartner" } };
}

export function registerMaster(by: Signer, face: { name: string; site: string }): Action {
  return { by, operation: { kind: "registerMaster", ...face } };
}

export function answerChallenge(by: Signer, answer: Uint8Array): Action {
  return { by, operation: { kind: "answerChallenge", answer } };
}

export function resignMaster(by: Signer): Action {
  return { by, operation: { kind: "resignMaster" } };
}

/** Proposes a change that shall hold from height `heightActive` on. */
export function propose(by: Signer, heightActive: number, content: ProposalContent): Action {
  return { by, operation: { kind: "propose", heightActive, content } };
}

export function voteProposal(by: Signer, proposal: number, approve: boolean): Action {
  return { by, operation: { kind: "voteProposal", proposal, approve } };
}

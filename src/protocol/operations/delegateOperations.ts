// The operations of candidates, voters and the chain's other offices, one type per kind. `account` is the index of the signer whose
// account acts.

/** What a candidate says of itself. */
export interface CandidateFace {
  /** The key that signs blocks and results. It must be among the transaction's signers: nobody stands with another's key. */
  delegateKey: Uint8Array;
  /** Share of its rewards that the candidate passes on to its voters, in hundredths of a percent. */
  payBasisPoints: number;
  name: string;
  /** Where people learn more; may be empty. */
  site: string;
}

/** Stands for election, against a deposit. */
export interface RegisterCandidate extends CandidateFace {
  kind: "registerCandidate";
  account: number;
}

/** Changes what the candidate says of itself; another key counts from the next election on. */
export interface UpdateCandidate extends CandidateFace {
  kind: "updateCandidate";
  account: number;
}

/** Stands no more; the deposit can be withdrawn after the unbonding time. */
export interface ResignCandidate {
  kind: "resignCandidate";
  account: number;
}

/** Comes back after a suspension. */
export interface ResumeCandidate {
  kind: "resumeCandidate";
  account: number;
}

/** Locks more TTC, or none, and divides all that is locked among these candidates. */
export interface Vote {
  kind: "vote";
  account: number;
  /** TTC units locked besides those that are. */
  amount: bigint;
  /** Addresses in ascending order. */
  candidates: Uint8Array[];
}

/** Takes votes back; the coins can be withdrawn after the unbonding time. */
export interface Unlock {
  kind: "unlock";
  account: number;
  amount: bigint;
}

/** Pays out unlocked coins and deposits whose time has come. */
export interface Withdraw {
  kind: "withdraw";
  account: number;
}

/** Pays out the rewards of a voter and candidate. */
export interface ClaimRewards {
  kind: "claimRewards";
  account: number;
}

/** Reports two blocks of one height that one delegate signed. */
export interface ReportDoubleSign {
  kind: "reportDoubleSign";
  account: number;
  evidence: Uint8Array;
}

export type DelegateOperation =
  | RegisterCandidate
  | UpdateCandidate
  | ResignCandidate
  | ResumeCandidate
  | Vote
  | Unlock
  | Withdraw
  | ClaimRewards
  | ReportDoubleSign;

// The operations on names, one type per kind.

/** Commits to a name without telling it. */
export interface CommitName {
  kind: "commitName";
  account: number;
  /** 32 bytes: see nameCommitment. */
  commitment: Uint8Array;
}

/** Reveals a name that the account committed to, and takes it. */
export interface RevealName {
  kind: "revealName";
  account: number;
  name: string;
  /** 32 bytes. */
  salt: Uint8Array;
  /** The account or contract that it is to stand for. */
  target: Uint8Array;
}

/** Lets the account's name stand for another account or contract. */
export interface SetName {
  kind: "setName";
  account: number;
  name: string;
  target: Uint8Array;
}

/** Pays for another lease of a name; whose it is makes no difference. */
export interface RenewName {
  kind: "renewName";
  account: number;
  name: string;
}

/** Gives the account's name to somebody, for whom it stands from then on; the deposit goes with it. */
export interface TransferName {
  kind: "transferName";
  account: number;
  name: string;
  to: Uint8Array;
}

/** Gives the account's name up; the deposit comes back. */
export interface ReleaseName {
  kind: "releaseName";
  account: number;
  name: string;
}

export type NameOperation = CommitName | RevealName | SetName | RenewName | TransferName | ReleaseName;

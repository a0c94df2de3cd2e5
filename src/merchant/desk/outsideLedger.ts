// What the desk needs of a ledger outside the chain. Every call carries a key of the order's step, and the ledger does it once for a
// key: a call whose answer was lost is made again with the same key and gives the same answer.

export interface OutsideLedger {
  readonly name: string;
  /** Takes units from an account; gives the ledger's own receipt. Throws DeskRefusal OUTSIDE_REFUSED, or NotYet. */
  take(key: string, account: string, units: bigint): Promise<string>;
  /** Gives units to an account. Throws as `take` does. */
  give(key: string, account: string, units: bigint): Promise<string>;
  /** Gives back what `take` took under this key. Throws NotYet only: what was taken must come back. */
  giveBack(key: string, account: string, units: bigint): Promise<string>;
}

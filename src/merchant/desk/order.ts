// An order of the exchange desk: value that moves between the chain and ledgers outside it (a bank, a partner's points, another
// chain), as steps that all happen or are all undone. Units are decimal text, so that a row is plain JSON.

import type { TokenId } from "../../protocol/tokens.js";

export interface Share {
  /** ttc1… text. */
  to: string;
  units: string;
}

export type Step =
  /** Waits until somebody paid the purse on the chain with the order's reference; undone by paying it back to the payer. */
  | { kind: "await"; purse: string; token: TokenId; units: string; expiryHeight: number }
  /** Takes units away from an account of an outside ledger; undone by giving them back. */
  | { kind: "take"; ledger: string; account: string; units: string }
  /** Gives units to an account of an outside ledger. What was given can't be taken back. */
  | { kind: "give"; ledger: string; account: string; units: string }
  /** Pays from a purse in one transaction; `mint` makes the units first. Undone where all payees are purses of this desk. */
  | { kind: "pay"; purse: string; token: TokenId; shares: Share[]; mint: boolean; toPurse?: string }
  /** Takes units of a purse out of the supply. */
  | { kind: "burn"; purse: string; token: TokenId; units: string };

export type OrderKind = "charge" | "redeem" | "points" | "swap" | "coin" | "reward" | "grant";

export interface Reason {
  code: DeskRefusalCode;
  message: string;
}

export interface Order {
  /** The caller's key: the same key is the same order for ever. */
  key: string;
  kind: OrderKind;
  /** What the caller asked for, where the steps depend on prices and heights too: under the key, the same is the same order whatever those are now. */
  asked?: string;
  steps: Step[];
  /** Whose day the limits count, "ledger/account"; none where the kind has no limits. */
  counted?: { ledger: string; account: string; units: string; day: string };
  /** "running": `at` is the next step to do; "undoing": the step to undo next. */
  state: "running" | "undoing" | "done" | "undone";
  at: number;
  /** Evidence of each step done: a transaction's id, the outside ledger's own receipt. */
  receipts: string[];
  /** Who paid an awaited payment, ttc1… text. */
  payer?: string;
  /** Why it is being undone, or was. */
  reason?: Reason;
  /** Why the present step has not come through yet; it is tried again. */
  waitsFor?: string;
  createdMs: number;
  updatedMs: number;
}

/** Reasons for which the desk or an outside ledger says no. docs/desk.md lists the same; a test compares the two. */
export const DESK_REFUSALS = {
  LIMIT_ORDER: "One order moves less or more than this desk does.",
  LIMIT_DAY: "The account's limit of this day is used up, or the desk's.",
  RESERVE_SHORT: "The purse that would pay does not hold enough beside what it has promised.",
  QUOTE_STALE: "There is no price that is young enough and on which the sources agree.",
  NOTHING_LEFT: "What is asked for comes to less than one unit.",
  OUTSIDE_REFUSED: "The ledger outside said no.",
  CHAIN_REFUSED: "The chain refused the payment.",
  UNPAID: "Nobody paid before the expiry height, and nobody can any more.",
  KEY_REUSED: "The key names another order.",
  UNKNOWN_CODE: "The deposit names no charge code.",
  DEPOSIT_USED: "This deposit has been credited before.",
} as const;

export type DeskRefusalCode = keyof typeof DESK_REFUSALS;

/** A refusal for good: nothing has moved. */
export class DeskRefusal extends Error {
  override readonly name = "DeskRefusal";

  constructor(
    readonly code: DeskRefusalCode,
    detail = "",
  ) {
    super(DESK_REFUSALS[code] + (detail === "" ? "" : ` ${detail}`));
  }
}

/** Not yet, or not known: the step is tried again with the same key. */
export class NotYet extends Error {
  override readonly name = "NotYet";
}

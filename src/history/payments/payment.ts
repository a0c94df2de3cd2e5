// Payments: what moved of a token from whom to whom, as business looks it up. A payment is a pure function of a committed block, and
// whichever store keeps it answers the same questions with the same bytes and cursors.

import type { TokenId } from "../../protocol/tokens.js";

export const PAYMENT_KINDS = ["transfer", "mint", "burn", "contractTransfer"] as const;
export type PaymentKind = (typeof PAYMENT_KINDS)[number];

/** Parts below are operations, parts from here on transfers that contracts made. */
export const CONTRACT_PARTS = 256;

export interface Payment {
  height: number;
  /** Place of the transaction among its block's. */
  index: number;
  /** Which of its transaction's payments: an operation's number, or from CONTRACT_PARTS on for transfers that a contract made. */
  part: number;
  id: Uint8Array;
  timeMs: number;
  /** A receipt's code: 0 is a payment that took place. */
  code: number;
  kind: PaymentKind;
  /** Who paid; for a mint, who issued. */
  from: Uint8Array;
  /** Who was paid; undefined for a burn. */
  to: Uint8Array | undefined;
  token: TokenId;
  amount: bigint;
  reference: Uint8Array | undefined;
  memo: Uint8Array | undefined;
  /** The lane of the payer, where the payer is the transaction's first signer; else 0. */
  lane: number;
  /** On the first payment of its transaction: what the transaction cost, and who paid that. */
  fee: { amount: bigint; token: TokenId; payer: Uint8Array } | undefined;
}

/** What payments are looked up by. */
export type PaymentSubject =
  | { kind: "account"; account: Uint8Array }
  /** Payments that the account made on the till's lane, and those to it whose reference names the till. Tills count from 1. */
  | { kind: "till"; account: Uint8Array; till: number }
  | { kind: "token"; token: TokenId }
  | { kind: "reference"; reference: Uint8Array }
  | { kind: "memo"; memo: Uint8Array };

/** `committed`: it took place. `failed`: its transaction is in a block and took no effect; only payers have those. */
export type PaymentState = "committed" | "failed";

export interface PaymentQuery {
  of: PaymentSubject;
  /** Both where undefined. */
  state?: PaymentState | undefined;
  /** Of an account: only what it was paid, as a merchant asks, or only what it paid. */
  direction?: "in" | "out" | undefined;
  /** From this time on. */
  fromMs?: number | undefined;
  /** Before this time. */
  toMs?: number | undefined;
  /** The cursor that the page before gave as next. */
  before?: string | undefined;
  limit: number;
}

export interface PaymentPage {
  /** Newest first. */
  payments: Payment[];
  /** Where the next page begins; undefined at the end. A page may be short and have a next one where few payments match. */
  next: string | undefined;
  /** The block up to which the answer is whole. */
  height: number;
}

export interface DayTotalsQuery {
  of: PaymentSubject & { kind: "account" | "till" | "token" };
  /** Days as "2026-11-25", both included. */
  fromDay: string;
  toDay: string;
  /** An IANA name such as "Asia/Seoul". */
  timeZone: string;
}

/** What one day brought in one token. Of a token itself, everything counts as `in`. */
export interface DayTotal {
  day: string;
  token: TokenId;
  inCount: number;
  inAmount: bigint;
  outCount: number;
  outAmount: bigint;
}

export interface PaymentHistory {
  /** The latest block whose payments can be looked up. */
  height(): Promise<number>;
  /** Throws BAD_REQUEST for a cursor that isn't one, and for till 0. */
  payments(query: PaymentQuery): Promise<PaymentPage>;
  /** In the order of days, then of tokens; days and tokens without payments are left out. */
  dayTotals(query: DayTotalsQuery): Promise<DayTotal[]>;
}

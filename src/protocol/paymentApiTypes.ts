// What the API tells of payments, as JSON.

import type { AddressText, AmountText, CodeText, Hex } from "./apiTypes.js";
import type { TokenId } from "./tokens.js";

export interface PaymentJson {
  height: number;
  index: number;
  /** Which of its transaction's payments: an operation's number, or 256 and more for a contract's. */
  part: number;
  id: Hex;
  timeMs: number;
  code: CodeText;
  kind: "transfer" | "mint" | "burn" | "contractTransfer";
  from: AddressText;
  /** Absent where it was burned. */
  to?: AddressText;
  token: TokenId;
  amount: AmountText;
  reference?: Hex;
  memo?: Hex;
  /** The payer's lane; absent for lane 0. */
  lane?: number;
  /** On the first payment of its transaction. */
  fee?: { amount: AmountText; token: TokenId; payer: AddressText };
}

export interface PaymentsJson {
  payments: PaymentJson[];
  /** Give it as `before` for the page that follows; absent at the end. A page may be short and have a next one. */
  next?: string;
  /** The block up to which the answer is whole. */
  height: number;
}

export interface DayTotalJson {
  day: string;
  token: TokenId;
  inCount: number;
  inAmount: AmountText;
  outCount: number;
  outAmount: AmountText;
}

export interface DayTotalsJson {
  totals: DayTotalJson[];
}

/** Where the store of payments stands. */
export interface PaymentIndexJson {
  store: "lmdb" | "cassandra";
  state: "connecting" | "following" | "failing" | "ended";
  height: number;
  epoch?: number;
  problem?: string;
}

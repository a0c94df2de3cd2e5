// What payments a client asks for.

import type { TokenId } from "../protocol/tokens.js";
import type { AddressLike } from "./actions.js";

export interface PaymentsAsked {
  account?: AddressLike;
  /** With account: one of its tills. */
  till?: number;
  token?: TokenId;
  reference?: string;
  memo?: string;
  state?: "committed" | "failed";
  direction?: "in" | "out";
  fromMs?: number;
  toMs?: number;
  before?: string;
  limit?: number;
}

export interface PaymentDaysAsked {
  account?: AddressLike;
  till?: number;
  token?: TokenId;
  fromDay: string;
  toDay: string;
  timeZone?: string;
}

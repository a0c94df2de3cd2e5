// One line of a store's journal. Every line has two sides: the store's holding of the token, and the account that `purpose` names, which
// gets the opposite. So the purposes of a token always sum to what the store holds.

import type { TokenId } from "../../protocol/tokens.js";

/** In the order in which statements show them. */
export const PURPOSES = [
  /** Paid under a reference. */
  "sale",
  /** Given back for a sale. */
  "refund",
  /** The mileage token: paid by customers, and given to them. */
  "mileageRedeemed",
  "mileageGiven",
  /** Came without a reference. */
  "unreferenced",
  /** Sent to others without being a refund. */
  "paidOut",
  /** Issued to the store or burned by it. */
  "issued",
  "burned",
  /** Moved by contracts. */
  "contract",
  /** What the store's transactions cost. */
  "fee",
  /** Held by the chain for state that exists, and given back. */
  "deposit",
  /** What the chain itself moved: locked votes, rewards, a closed account. */
  "other",
] as const;
export type Purpose = (typeof PURPOSES)[number];

export interface Posting {
  height: number;
  timeMs: number;
  /** Place of the transaction among its block's; undefined for `other`, which belongs to the whole block. */
  index: number | undefined;
  id: Uint8Array | undefined;
  purpose: Purpose;
  token: TokenId;
  /** What it did to the store's holding. */
  units: bigint;
  /** What |units| was worth at the block's quote, with the sign of units; undefined without a quote. */
  won: bigint | undefined;
  /** Numbers of till and staff; 0 where nobody is named. */
  till: number;
  staff: number;
  counterparty: Uint8Array | undefined;
  reference: Uint8Array | undefined;
}

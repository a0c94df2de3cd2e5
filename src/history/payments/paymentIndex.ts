// Which store answers for payments, and how far it is, as a node tells it.

import type { PaymentHistory } from "./payment.js";

export interface PaymentIndexStatus {
  store: "lmdb" | "cassandra";
  /** `failing`: the store does not take rows now, and is tried again. `ended`: another indexer writes, or the rows are of another chain. */
  state: "connecting" | "following" | "failing" | "ended";
  /** The block up to which payments can be looked up. */
  height: number;
  /** Which indexer of a shared store this one is. */
  epoch?: number;
  problem?: string;
}

/** Payments with what is known of their store. */
export interface PaymentIndex {
  history: PaymentHistory;
  status(): PaymentIndexStatus;
}

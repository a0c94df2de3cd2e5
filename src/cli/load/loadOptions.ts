// What a load run is asked to do.

export interface LoadOptions {
  /** Accounts that pay. */
  tills: number;
  /** Accounts that are paid. */
  merchants: number;
  /** Further accounts that are only paid: the state is as large, and payments spread over them. */
  payees: number;
  /** Share of the payments that go to merchant 0. */
  hotShare: number;
  /** Transactions a second. */
  rate: number;
  seconds: number;
  /** Shares of all transactions, each from 0 to 1. */
  refunds: number;
  duplicates: number;
  doublePay: number;
  references: number;
  mileage: number;
  /** The standard contract that the payments go through; undefined: plain payments. */
  contract?: "token";
  /** WebSocket connections; each sender keeps to one. */
  connections: number;
  /** The node; undefined: a chain of its own, made for this run and removed after it. */
  url?: string;
  /** Same seed, same keys and same payments. */
  seed: number;
  /** Sign everything before the clock starts. */
  presign: boolean;
  /** How long outcomes are waited for after the last arrival. */
  drainSeconds: number;
  /** How many committed transactions are asked for by id in the audit. */
  verifyIds: number;
  json?: boolean;
}

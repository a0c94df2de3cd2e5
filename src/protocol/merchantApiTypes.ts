// What a merchant's gateway says over HTTP, in its webhooks and in its stream of events (docs/merchant.md). Amounts are decimal
// strings of smallest units, bytes lower-case hex, addresses ttc1… texts, moments milliseconds since 1970.

import type { TokenId } from "./tokens.js";

/** What a person of a store may do: docs/merchant.md has the table. */
export const STAFF_ROLES = ["owner", "manager", "cashier", "viewer"] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

/** What a request may need; a role holds some of them, a key may be given fewer. */
export const MERCHANT_SCOPES = ["read", "sell", "refund", "manage", "own"] as const;
export type MerchantScope = (typeof MERCHANT_SCOPES)[number];

export interface StoreJson {
  id: string;
  name: string;
  /** Who is paid. */
  payee: string;
  /** IANA name, such as Asia/Seoul: a day of the store ends at its midnight. */
  timeZone: string;
  /** Four digits of ISO 18245. */
  categoryCode: string;
  city: string;
  /** What the store takes where an invoice names nothing else. */
  tokens: TokenId[];
  /** What came to `payee` in blocks above this height counts. */
  heightCreated: number;
  createdMs: number;
}

export interface TillJson {
  id: string;
  /** From 1 on, within the store: what references carry. */
  number: number;
  name: string;
}

export interface StaffJson {
  id: string;
  /** From 1 on, within the store: what references carry. */
  number: number;
  name: string;
  role: StaffRole;
  active: boolean;
}

export interface MerchantKeyJson {
  id: string;
  name: string;
  staff: string;
  scopes: MerchantScope[];
  createdMs: number;
  revoked: boolean;
}

/** A price: "KRW" in won, or a token in its units. */
export interface PriceJson {
  currency: "KRW" | TokenId;
  amount: string;
}

/** What one unit of the price's currency was worth when the invoice was made: `units` of the token for `price` of the currency. */
export interface LockedQuoteJson {
  source: string;
  units: string;
  price: string;
  /** The moment that the quote speaks of, and how far its sources lay apart where there were several. */
  atMs: number;
  spreadBasisPoints?: number;
}

/** One way to pay a part of an invoice: so much of one token. */
export interface PayOptionJson {
  token: TokenId;
  amount: string;
  quote?: LockedQuoteJson;
}

/** What is paid with one reference: the whole invoice, or one of its instalments. */
export interface InvoicePartJson {
  reference: string;
  heightExpiry: number;
  /** Its share of the price. */
  price: string;
  options: PayOptionJson[];
  /** The payment request as text, for QR codes and links; of the first option. */
  uri: string;
}

export interface PaymentJson {
  /** height-index-operation: where it stands in the chain. */
  id: string;
  transactionId: string;
  height: number;
  timeMs: number;
  payer: string;
  token: TokenId;
  amount: string;
  /** Which part of the invoice it pays. */
  part: number;
}

export interface RefundJson {
  id: string;
  to: string;
  token: TokenId;
  amount: string;
  reference: string;
  heightExpiry: number;
  /** asked: waits for the store's signature; sent: committed; expired: was never sent and never can be. */
  state: "asked" | "sent" | "expired";
  uri: string;
  reason?: string;
  staff: string;
  createdMs: number;
  transactionId?: string;
  height?: number;
}

export const INVOICE_STATES = [
  "open",
  "paid_in_part",
  "paid",
  "overpaid",
  "expired",
  "refunded_in_part",
  "refunded",
] as const;
/** docs/merchant.md says exactly what each means. */
export type InvoiceState = (typeof INVOICE_STATES)[number];

export interface InvoiceJson {
  id: string;
  store: string;
  till?: string;
  staff: string;
  state: InvoiceState;
  /** Whether the chain would still take a payment. */
  payable: boolean;
  price: PriceJson;
  payee: string;
  parts: InvoicePartJson[];
  payments: PaymentJson[];
  refunds: RefundJson[];
  /** The shop's own number for it, and what the buyer is shown. */
  order?: string;
  label?: string;
  metadata?: Record<string, string>;
  /** Where the checkout page leads back to. */
  returnUrl?: string;
  /** Given to the payer in the same transaction, by a wallet that asks for it. */
  mileage?: { token: TokenId; amount: string };
  heightCreated: number;
  createdMs: number;
  /** Height and block's time at which it was first paid in full. */
  heightPaid?: number;
  paidMs?: number;
  /** Grows with every change. */
  version: number;
}

/** A payment to a store that belongs to no invoice. */
export interface UnassignedJson extends Omit<PaymentJson, "part"> {
  reason: "no_reference" | "foreign_reference" | "token_not_accepted";
  reference?: string;
  memo?: string;
  /** The invoice that somebody assigned it to. */
  assigned?: string;
}

export const MERCHANT_EVENTS = [
  "invoice.paid_in_part",
  "invoice.paid",
  "invoice.overpaid",
  "invoice.expired",
  "invoice.ended_in_part",
  "invoice.refunded_in_part",
  "invoice.refunded",
  "invoice.excess_refunded",
  "payment.unassigned",
  "webhook.failing",
  "webhook.disabled",
] as const;
export type MerchantEventType = (typeof MERCHANT_EVENTS)[number];

/** What webhooks, WebSocket and poll all tell. */
export interface MerchantEventJson {
  /** The same however often it is told. */
  id: string;
  /** Grows by one within a store. */
  sequence: number;
  type: MerchantEventType;
  /** ISO 8601, of the block for what blocks do. */
  timestamp: string;
  data: {
    invoice?: InvoiceJson;
    payment?: PaymentJson | UnassignedJson;
    refund?: RefundJson;
    webhook?: { id: string; url: string; reason: string };
  };
}

export interface WebhookJson {
  id: string;
  url: string;
  /** All where empty. */
  events: MerchantEventType[];
  state: "active" | "failing" | "disabled";
  /** Since when nothing was accepted. */
  failingSinceMs?: number;
  createdMs: number;
}

export interface WebhookAttemptJson {
  event: string;
  sequence: number;
  type: MerchantEventType;
  attempt: number;
  atMs: number;
  durationMs: number;
  /** The receiver's HTTP status; absent where none came. */
  status?: number;
  error?: string;
  /** When it is tried again; absent where it was accepted or given up. */
  nextMs?: number;
}

/** What the checkout page and any wallet may know of an invoice. */
export interface CheckoutJson {
  id: string;
  store: string;
  state: InvoiceState;
  payable: boolean;
  price: PriceJson;
  payee: string;
  parts: InvoicePartJson[];
  /** By part: what is still due, in each option's token, in the order of the part's options. */
  due: string[][];
  label?: string;
  order?: string;
  returnUrl?: string;
  mileage?: { token: TokenId; amount: string };
  transactionIds: string[];
  /** The EMVCo merchant-presented code of the first part that is open. */
  emv?: string;
  height: number;
  version: number;
}

/** A purchase of an invoice with mileage, before it is signed: the payer moves `paid` and `spent` to the store, the store `earned` to the payer. */
export interface MileageOfferJson {
  /** The invoice's part that is due, and its reference, which both payments carry. */
  part: number;
  reference: string;
  priceToken: TokenId;
  mileageToken: TokenId;
  /** What is due in the price's token without mileage, and with `spent` of it. */
  price: string;
  paid: string;
  spent: string;
  earned: string;
  /** The most mileage that may be spent. */
  spendable: string;
  /** The customer's. */
  grade: string;
  /** The store's account, and its key in hex: the second signer. */
  store: string;
  storeKey: string;
}

/** A customer's code as it stands. */
export interface PresentedCodeJson {
  digits: string;
  heightExpiry: number;
  /** The invoice that a till claimed it for, and the request to pay. */
  invoice?: string;
  uri?: string;
}

/** The chain's word that a payment was never made and can't be any more: absence of each option's mark at the height of expiry. */
export interface AbsenceJson {
  height: number;
  proofs: { part: number; token: TokenId; amount: string; proof: unknown }[];
}

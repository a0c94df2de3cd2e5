// Makes an invoice: its parts with a reference each, and for each token that the store takes the amount that is worth the price at
// a quote locked for the invoice's life. Amounts are rounded up to a whole unit. Checks all that the chain would refuse later.

import { toHex } from "../../base/bytes.js";
import { formatPaymentUri } from "../../client/paymentUri.js";
import { makeReference } from "../../client/references.js";
import { CodedError } from "../../protocol/errors.js";
import { AMOUNT_MAX } from "../../protocol/limits.js";
import type {
  InvoiceJson,
  InvoicePartJson,
  PayOptionJson,
  PriceJson,
  StoreJson,
} from "../../protocol/merchantApiTypes.js";
import type { TokenId } from "../../protocol/tokens.js";
import type { GatewayParts } from "../gatewayParts.js";
import { newId } from "../newId.js";
import type { QuoteSource } from "../quotes/quoteSource.js";
import { orderedNumber } from "../rows/merchantRows.js";

const ID_BYTES = 16;
const CHAIN_TAG_HEX_DIGITS = 8;

export interface NewInvoice {
  store: StoreJson;
  staff: string;
  till?: string;
  price: PriceJson;
  /** What the store takes for this one; at least one. */
  tokens: TokenId[];
  /** Heights from now within which it can be paid. */
  expiryHeights: number;
  /** Shares of the price and the heights from now within which each can be paid; one share where absent. */
  instalments?: { amount: bigint; expiryHeights: number }[];
  order?: string;
  label?: string;
  metadata?: Record<string, string>;
  returnUrl?: string;
  mileage?: { token: TokenId; amount: string };
}

function divideUp(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}

/** So much of `token` is worth `amount` of the price's currency. Throws QUOTE_UNAVAILABLE or AMOUNT_OUT_OF_RANGE. */
function optionFor(quotes: QuoteSource, currency: string, amount: bigint, token: TokenId): PayOptionJson {
  if (token === currency) {
    return { token, amount: `${amount}` };
  }
  const wanted = quotes.wonQuote(token);
  const priced = currency === "KRW" ? undefined : quotes.wonQuote(currency);
  // `units` of the token are worth `price` of the currency.
  const units = priced === undefined ? wanted.units : wanted.units * priced.won;
  const price = priced === undefined ? wanted.won : wanted.won * priced.units;
  const due = divideUp(amount * units, price);
  if (due > AMOUNT_MAX) {
    throw new CodedError("AMOUNT_OUT_OF_RANGE", `expected a price below 2^63 units of ${token}, got ${due}`);
  }
  const spread = Math.max(wanted.spreadBasisPoints ?? -1, priced?.spreadBasisPoints ?? -1);
  return {
    token,
    amount: `${due}`,
    quote: {
      source: priced === undefined ? wanted.source : `${wanted.source}, ${priced.source}`,
      units: `${units}`,
      price: `${price}`,
      atMs: Math.min(wanted.atMs, priced?.atMs ?? wanted.atMs),
      ...(spread < 0 ? {} : { spreadBasisPoints: spread }),
    },
  };
}

function makePart(
  { chain, quotes, random, stores }: GatewayParts,
  { store, staff, till, price, tokens, label }: NewInvoice,
  share: { amount: bigint; expiryHeights: number },
): InvoicePartJson {
  const { referenceHeightsMax } = chain.parameters;
  if (share.expiryHeights > referenceHeightsMax) {
    throw new CodedError(
      "REFERENCE_TOO_FAR",
      `expected an expiry within ${referenceHeightsMax} heights, got ${share.expiryHeights}`,
    );
  }
  const heightExpiry = chain.height + share.expiryHeights;
  // So that settlement knows from the chain alone who sold.
  const reference = makeReference(heightExpiry, random, {
    till: till === undefined ? 0 : stores.tills.expect(store.id, till).number,
    staff: stores.staff.expect(store.id, staff).number,
    purpose: "sale",
  });
  const options = tokens.map((token) => optionFor(quotes, price.currency, share.amount, token));
  return {
    reference: toHex(reference),
    heightExpiry,
    price: `${share.amount}`,
    options,
    uri: formatPaymentUri({
      payee: store.payee,
      token: options[0].token,
      amount: BigInt(options[0].amount),
      reference,
      chain: toHex(chain.genesisHash).slice(0, CHAIN_TAG_HEX_DIGITS),
      label: label ?? store.name,
    }),
  };
}

/** Makes the invoice and its rows; the caller waits for them to be durable. */
export function createInvoice(parts: GatewayParts, wanted: NewInvoice): InvoiceJson {
  const { chain, clock, random, rows } = parts;
  const { store, staff, till, price, order, label, metadata, returnUrl, mileage } = wanted;
  const whole = { amount: BigInt(price.amount), expiryHeights: wanted.expiryHeights };
  const id = newId(random, "inv", ID_BYTES);
  const createdMs = clock.nowMs();
  const invoice: InvoiceJson = {
    id,
    store: store.id,
    ...(till === undefined ? {} : { till }),
    staff,
    state: "open",
    payable: true,
    price,
    payee: store.payee,
    parts: (wanted.instalments ?? [whole]).map((share) => makePart(parts, wanted, share)),
    payments: [],
    refunds: [],
    ...(order === undefined ? {} : { order }),
    ...(label === undefined ? {} : { label }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(returnUrl === undefined ? {} : { returnUrl }),
    ...(mileage === undefined ? {} : { mileage }),
    heightCreated: chain.height,
    createdMs,
    version: 1,
  };
  rows.put("invoice", id, invoice);
  rows.put("invoiceByStore", `${store.id}/${orderedNumber(createdMs)}-${id}`, 0);
  for (const [part, { reference, heightExpiry }] of invoice.parts.entries()) {
    parts.references.add(store.payee, reference, { invoice: id, part }, heightExpiry);
  }
  return invoice;
}

// Invoices: made, looked up, refunded; and payments that came without one.

import { queryParameter } from "../../http/route.js";
import { CodedError } from "../../protocol/errors.js";
import { INVOICE_STATES, type InvoiceJson, type UnassignedJson } from "../../protocol/merchantApiTypes.js";
import { askRefund, assignPayment, findInvoice } from "../invoices/changeInvoice.js";
import { createInvoice, type NewInvoice } from "../invoices/createInvoice.js";
import type { BodyReader } from "./bodyReader.js";
import { type CommandCall, command, type MerchantRoute, question } from "./merchantRoute.js";
import { LIMIT, PAGE_MOST } from "./pageParameters.js";
import { REQUEST_SCHEMAS } from "./requestSchemas.js";

const TOKENS_MAX = 8;
const PARTS_MAX = 24;
const LABEL_CHARACTERS_MAX = 60;
const ORDER_CHARACTERS_MAX = 80;
const METADATA_MAX = 20;
const METADATA_CHARACTERS_MAX = 200;
/** A minute and a half under load, half an hour on an idle chain. */
const EXPIRY_HEIGHTS_DEFAULT = 900;
const EXPIRY_HEIGHTS_LEAST = 10;
const PAGE_USUAL = 20;
/** Rows that one page of a filtered list looks at. */
const LOOKS_MAX = 10_000;

function instalmentsOf(body: BodyReader, price: bigint): NewInvoice["instalments"] {
  if (!body.has("instalments")) {
    return undefined;
  }
  const list = body.objects("instalments", PARTS_MAX).map((part) => ({
    amount: part.units("amount"),
    expiryHeights: part.whole("expiryHeights", EXPIRY_HEIGHTS_LEAST, Number.MAX_SAFE_INTEGER),
  }));
  const sum = list.reduce((total, { amount }) => total + amount, 0n);
  if (sum !== price) {
    throw new CodedError("BAD_REQUEST", `expected instalments that add up to ${price}, got ${sum}`);
  }
  return list;
}

function newInvoice({ gateway, body, principal }: CommandCall): NewInvoice {
  const { store, staff } = principal;
  const { stores } = gateway.parts;
  const priced = body.object("price");
  const currency = priced.currency("currency");
  const amount = priced.units("amount");
  const till = body.optionalText("till", LABEL_CHARACTERS_MAX);
  if (till !== undefined) {
    stores.tills.expect(store.id, till);
  }
  const usual = currency === "KRW" ? store.tokens : [currency];
  const expiryHeights = body.has("expiryHeights")
    ? body.whole("expiryHeights", EXPIRY_HEIGHTS_LEAST, Number.MAX_SAFE_INTEGER)
    : EXPIRY_HEIGHTS_DEFAULT;
  const order = body.optionalText("order", ORDER_CHARACTERS_MAX);
  const label = body.optionalText("label", LABEL_CHARACTERS_MAX);
  const metadata = body.optionalTexts("metadata", METADATA_MAX, METADATA_CHARACTERS_MAX);
  const returnUrl = body.optionalUrl("returnUrl");
  const instalments = instalmentsOf(body, amount);
  const mileage = body.has("mileage") ? body.object("mileage") : undefined;
  return {
    store,
    staff: staff.id,
    ...(till === undefined ? {} : { till }),
    price: { currency, amount: `${amount}` },
    tokens: body.has("tokens") ? body.tokens("tokens", TOKENS_MAX) : usual,
    expiryHeights,
    ...(instalments === undefined ? {} : { instalments }),
    ...(order === undefined ? {} : { order }),
    ...(label === undefined ? {} : { label }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(returnUrl === undefined ? {} : { returnUrl }),
    ...(mileage === undefined
      ? {}
      : { mileage: { token: mileage.token("token"), amount: `${mileage.units("amount")}` } }),
  };
}

const create = command({
  path: "/v1/merchant/invoices",
  summary: "Makes an invoice",
  scope: "sell",
  body: REQUEST_SCHEMAS.newInvoice,
  answer: { schema: "Invoice", description: "The invoice, open" },
  errors: ["QUOTE_UNAVAILABLE", "AMOUNT_OUT_OF_RANGE", "REFERENCE_TOO_FAR", "NOT_FOUND", "GATEWAY_BEHIND"],
  run(call) {
    if (!call.gateway.isFollowing) {
      throw new CodedError("GATEWAY_BEHIND");
    }
    return createInvoice(call.gateway.parts, newInvoice(call));
  },
});

const one = question({
  path: "/v1/merchant/invoices/{invoice}",
  summary: "One invoice",
  scope: "read",
  answer: { schema: "Invoice", description: "The invoice as of the gateway's height" },
  errors: ["NOT_FOUND"],
  ask: ({ gateway, request, principal }) => findInvoice(gateway.parts, principal.store.id, request.path("invoice")),
});

const list = question({
  path: "/v1/merchant/invoices",
  summary: "The store's invoices, newest first",
  scope: "read",
  parameters: [
    queryParameter("state", "Only those in this state", { type: "string", enum: [...INVOICE_STATES] }),
    queryParameter("before", "The `next` of the page before", { type: "string" }),
    LIMIT,
  ],
  answer: { schema: "Invoices", description: "A page; it may be short, or empty, and still name a next one" },
  ask({ gateway, request, principal }) {
    const { rows } = gateway.parts;
    const limit = request.limit(PAGE_USUAL, PAGE_MOST);
    const state = request.optional("state");
    const prefix = `${principal.store.id}/`;
    const before = request.optional("before");
    const range = {
      start: prefix,
      end: before === undefined ? `${principal.store.id}0` : prefix + before,
      reverse: true,
    };
    const invoices: InvoiceJson[] = [];
    let looks = 0;
    for (const { key } of rows.range("invoiceByStore", range)) {
      const invoice = rows.get<InvoiceJson>("invoice", key.slice(key.indexOf("-") + 1));
      if (invoice !== undefined && (state === undefined || invoice.state === state)) {
        invoices.push(invoice);
      }
      if (invoices.length === limit || ++looks === LOOKS_MAX) {
        return { invoices, next: key.slice(prefix.length) };
      }
    }
    return { invoices };
  },
});

const absence = question({
  path: "/v1/merchant/invoices/{invoice}/absence",
  summary: "The chain's proof that an expired invoice was not paid and can't be any more",
  scope: "read",
  answer: { schema: "Absence", description: "A proof for each option, as /v1/proofs gives it" },
  errors: ["NOT_FOUND"],
  ask({ gateway, request, principal }) {
    const { id } = findInvoice(gateway.parts, principal.store.id, request.path("invoice"));
    return gateway.absences.find(id);
  },
});

const refund = command({
  path: "/v1/merchant/invoices/{invoice}/refunds",
  summary: "Asks for a refund: a payment request that the store's own key signs",
  scope: "refund",
  body: REQUEST_SCHEMAS.newRefund,
  answer: { schema: "Refund", description: "The request; it is `sent` once a block holds it" },
  errors: ["NOT_FOUND", "REFUND_TOO_LARGE", "AMOUNT_OUT_OF_RANGE", "BAD_ADDRESS", "FOREIGN_ADDRESS"],
  run({ gateway, request, body, principal }) {
    const invoice = findInvoice(gateway.parts, principal.store.id, request.path("invoice"));
    const reason = body.optionalText("reason", ORDER_CHARACTERS_MAX);
    const to = body.has("to") ? body.address("to") : invoice.payments[0]?.payer;
    if (to === undefined || to === invoice.payee) {
      throw new CodedError("BAD_REQUEST", "expected a paid invoice, and an address other than the store's own");
    }
    return askRefund(gateway.parts, invoice, {
      token: body.token("token"),
      amount: body.units("amount"),
      to,
      ...(reason === undefined ? {} : { reason }),
      staff: principal.staff.id,
    });
  },
});

const unassigned = question({
  path: "/v1/merchant/unassigned",
  summary: "Payments to the store that belong to no invoice, oldest first",
  scope: "read",
  parameters: [queryParameter("after", "The `next` of the page before", { type: "string" }), LIMIT],
  answer: { schema: "UnassignedList", description: "A page" },
  ask({ gateway, request, principal }) {
    const limit = request.limit(PAGE_USUAL, PAGE_MOST);
    const prefix = `${principal.store.id}/`;
    const after = request.optional("after");
    const start = after === undefined ? prefix : `${prefix}${after}!`;
    const end = `${principal.store.id}0`;
    const found = [...gateway.parts.rows.range<UnassignedJson>("unassigned", { start, end, limit })];
    const last = found.at(-1)?.key.slice(prefix.length);
    return { payments: found.map(({ value }) => value), ...(found.length === limit ? { next: last } : {}) };
  },
});

const assign = command({
  path: "/v1/merchant/invoices/{invoice}/assign",
  summary: "Counts a payment that came without the invoice's reference for the invoice",
  scope: "manage",
  body: REQUEST_SCHEMAS.assignment,
  answer: { schema: "Invoice", description: "The invoice" },
  errors: ["NOT_FOUND"],
  run({ gateway, request, body, principal }) {
    const invoice = findInvoice(gateway.parts, principal.store.id, request.path("invoice"));
    const part = body.has("part") ? body.whole("part", 0, invoice.parts.length - 1) : 0;
    return assignPayment(gateway.parts, invoice, part, body.text("payment", ORDER_CHARACTERS_MAX));
  },
});

export const INVOICE_ROUTES: MerchantRoute[] = [create, one, list, absence, refund, unassigned, assign];

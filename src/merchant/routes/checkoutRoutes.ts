// What a buyer's wallet, the checkout page and a shop's page may know of an invoice: whoever has its id, which can't be guessed.

import { refTo, WHOLE } from "../../http/openapi/schema.js";
import { JSON_TYPE, jsonAnswer, queryParameter, type RouteParameter } from "../../http/route.js";
import { CodedError } from "../../protocol/errors.js";
import type { CheckoutJson, InvoiceJson } from "../../protocol/merchantApiTypes.js";
import type { Gateway } from "../gateway.js";
import { emvCodeOf } from "../invoices/emvCodeOf.js";
import { dueOfPart } from "../invoices/standing.js";
import type { MerchantRoute } from "./merchantRoute.js";
import { WAIT } from "./pageParameters.js";
import { patienceOf, waitFor } from "./waitFor.js";

export const INVOICE_PARAMETER: RouteParameter = {
  name: "invoice",
  in: "path",
  required: true,
  description: "The invoice's id",
  schema: { type: "string" },
};

/** The invoice of whoever knows its id. Throws NOT_FOUND. */
export function knownInvoice(gateway: Gateway, id: string): InvoiceJson {
  const invoice = gateway.parts.rows.get<InvoiceJson>("invoice", id);
  if (invoice === undefined) {
    throw new CodedError("NOT_FOUND", `there is no invoice "${id.slice(0, 40)}"`);
  }
  return invoice;
}

/** What the buyer's side may see. */
function checkoutJson(gateway: Gateway, invoice: InvoiceJson): CheckoutJson {
  const { id, state, payable, price, payee, parts, label, order, returnUrl, mileage, version } = invoice;
  const store = gateway.parts.stores.expect(invoice.store);
  const emv = emvCodeOf(gateway.parts, store, invoice);
  return {
    id,
    store: store.name,
    state,
    payable,
    price,
    payee,
    parts,
    due: parts.map((_, part) => dueOfPart(invoice, part).map(String)),
    ...(label === undefined ? {} : { label }),
    ...(order === undefined ? {} : { order }),
    ...(returnUrl === undefined ? {} : { returnUrl }),
    ...(mileage === undefined ? {} : { mileage }),
    transactionIds: invoice.payments.map(({ transactionId }) => transactionId),
    ...(emv === undefined ? {} : { emv }),
    height: gateway.height,
    version,
  };
}

const checkout: MerchantRoute = {
  method: "get",
  path: "/v1/merchant/checkout/{invoice}",
  summary: "An invoice as its buyer sees it",
  parameters: [
    INVOICE_PARAMETER,
    queryParameter(
      "version",
      "The version that is known already: with `wait`, the answer waits for a higher one",
      WHOLE,
    ),
    WAIT,
  ],
  answer: { description: "What may be known", content: { [JSON_TYPE]: refTo("Checkout") } },
  errors: ["NOT_FOUND"],
  async handle(request, { gateway, clock, closing }) {
    const id = request.path("invoice");
    const load = () => knownInvoice(gateway, id);
    const version = request.optionalNumber("version") ?? 0;
    const { store } = load();
    const { events } = gateway.parts;
    await waitFor(
      patienceOf(request, { clock, closing }),
      (listener) => events.subscribe((told) => told === store && listener()),
      () => (load().version > version ? true : undefined),
    );
    await gateway.parts.rows.durable();
    return jsonAnswer(checkoutJson(gateway, load()));
  },
};

export const CHECKOUT_ROUTES: MerchantRoute[] = [checkout];

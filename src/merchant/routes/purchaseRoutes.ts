// Purchases with mileage: what a wallet asks before it signs one, and where it gets the store's signature. For whoever has the invoice's
// id, as the checkout is.

import { fromHex } from "../../base/bytes.js";
import { refTo } from "../../http/openapi/schema.js";
import { JSON_TYPE, jsonAnswer } from "../../http/route.js";
import { CodedError } from "../../protocol/errors.js";
import { BodyReader } from "./bodyReader.js";
import { INVOICE_PARAMETER, knownInvoice } from "./checkoutRoutes.js";
import type { MerchantRoute } from "./merchantRoute.js";
import { REQUEST_SCHEMAS } from "./requestSchemas.js";

const TRANSACTION_HEX_MAX = 8_192;
const BODY_BYTES_MAX = 16_384;

const offer: MerchantRoute = {
  method: "post",
  path: "/v1/merchant/checkout/{invoice}/mileage/offers",
  summary: "What paying the invoice earns in mileage, and what is due where some mileage goes towards it",
  parameters: [INVOICE_PARAMETER],
  body: { content: { [JSON_TYPE]: REQUEST_SCHEMAS.purchase }, bytesMax: () => BODY_BYTES_MAX },
  answer: { description: "What the purchase would be", content: { [JSON_TYPE]: refTo("MileageOffer") } },
  errors: ["NOT_FOUND", "INVOICE_NOT_PAYABLE", "MALFORMED", "MILEAGE_UNAVAILABLE"],
  async handle(request, { gateway }) {
    const body = new BodyReader(request.jsonObject());
    const invoice = knownInvoice(gateway, request.path("invoice"));
    const spent = body.has("spent") ? body.units("spent") : 0n;
    return jsonAnswer(await gateway.purchases.offer(invoice, body.address("payer"), spent));
  },
};

const sign: MerchantRoute = {
  method: "post",
  path: "/v1/merchant/checkout/{invoice}/mileage/signatures",
  summary: "The store's signature under a purchase that its payer has signed; the same again gives the same",
  parameters: [INVOICE_PARAMETER],
  body: { content: { [JSON_TYPE]: REQUEST_SCHEMAS.signedPurchase }, bytesMax: () => BODY_BYTES_MAX },
  answer: { description: "The transaction, ready to be sent", content: { [JSON_TYPE]: refTo("SignedPurchase") } },
  errors: ["NOT_FOUND", "INVOICE_NOT_PAYABLE", "MALFORMED", "BAD_SIGNATURE", "PURCHASE_PENDING", "MILEAGE_UNAVAILABLE"],
  async handle(request, { gateway }) {
    const bytes = fromHex(new BodyReader(request.jsonObject()).text("transaction", TRANSACTION_HEX_MAX));
    if (bytes === undefined) {
      throw new CodedError("BAD_REQUEST", "expected hex as transaction");
    }
    const load = () => knownInvoice(gateway, request.path("invoice"));
    return jsonAnswer(await gateway.purchases.sign(load, bytes));
  },
};

export const PURCHASE_ROUTES: MerchantRoute[] = [offer, sign];

// Codes that customers show: handed in by wallets, claimed by tills.

import { refTo } from "../../http/openapi/schema.js";
import { JSON_TYPE, jsonAnswer } from "../../http/route.js";
import type { PresentedCodeJson } from "../../protocol/merchantApiTypes.js";
import { BodyReader } from "./bodyReader.js";
import { command, type MerchantRoute } from "./merchantRoute.js";
import { WAIT } from "./pageParameters.js";
import { REQUEST_SCHEMAS } from "./requestSchemas.js";
import { patienceOf, waitFor } from "./waitFor.js";

const TOKEN_CHARACTERS_MAX = 300;
const ID_CHARACTERS_MAX = 60;
const BODY_BYTES_MAX = 1_024;

const present: MerchantRoute = {
  method: "post",
  path: "/v1/merchant/codes",
  summary: "A wallet hands in the code that its owner shows; the same code again changes nothing",
  body: { content: { [JSON_TYPE]: REQUEST_SCHEMAS.newCode }, bytesMax: () => BODY_BYTES_MAX },
  answer: { description: "The code", content: { [JSON_TYPE]: refTo("PresentedCode") } },
  errors: ["MALFORMED", "BAD_SIGNATURE", "CODE_USED", "BUSY"],
  handle(request, { gateway }) {
    const body = new BodyReader(request.jsonObject());
    return jsonAnswer(gateway.codes.present(body.text("token", TOKEN_CHARACTERS_MAX)));
  },
};

const one: MerchantRoute = {
  method: "get",
  path: "/v1/merchant/codes/{code}",
  summary: "A customer's code, and what it was claimed for",
  parameters: [
    { name: "code", in: "path", required: true, description: "Its 18 digits", schema: { type: "string" } },
    WAIT,
  ],
  answer: { description: "The code", content: { [JSON_TYPE]: refTo("PresentedCode") } },
  errors: ["NOT_FOUND"],
  async handle(request, { gateway, clock, closing }) {
    const digits = request.path("code");
    await waitFor(
      patienceOf(request, { clock, closing }),
      (listener) => gateway.codes.onClaim(digits, listener),
      () => gateway.codes.find(digits).invoice,
    );
    await gateway.parts.rows.durable();
    return jsonAnswer(gateway.codes.find(digits));
  },
};

const claim = command({
  path: "/v1/merchant/codes/{code}/claim",
  summary: "Asks the wallet behind a customer's code to pay an invoice; a code serves one",
  scope: "sell",
  body: REQUEST_SCHEMAS.claim,
  answer: { schema: "PresentedCode", description: "The code, bound to the invoice" },
  errors: ["NOT_FOUND", "CODE_USED", "INVOICE_NOT_PAYABLE"],
  run({ gateway, request, body, principal }) {
    const invoice = body.text("invoice", ID_CHARACTERS_MAX);
    return gateway.codes.claim(principal.store.id, request.path("code"), invoice);
  },
  after: (gateway, answer) => gateway.codes.tell((answer as PresentedCodeJson).digits),
});

export const CODE_ROUTES: MerchantRoute[] = [present, one, claim];

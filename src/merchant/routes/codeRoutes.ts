// Codes that customers show: handed in by wallets, claimed by tills.

import { refTo } from "../../http/openapi/schema.js";
import { JSON_TYPE, jsonAnswer } from "../../http/route.js";
import type { PresentedCodeJson } from "../../protocol/merchantApiTypes.js";
import { BodyReader } from "./bodyReader.js";
import { WAIT } from "./eventRoutes.js";
import { command, type MerchantRoute } from "./merchantRoute.js";
import { REQUEST_SCHEMAS } from "./requestSchemas.js";

const TOKEN_CHARACTERS_MAX = 300;
const ID_CHARACTERS_MAX = 60;
const BODY_BYTES_MAX = 1_024;
const WAIT_MS_MAX = 30_000;

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
    const waitMs = Math.min(request.optionalNumber("wait") ?? 0, WAIT_MS_MAX);
    if (gateway.codes.find(digits).invoice === undefined && waitMs > 0) {
      await new Promise<void>((resolve) => {
        const end = (): void => {
          unsubscribe();
          timer.cancel();
          request.aborted.removeEventListener("abort", end);
          closing.removeEventListener("abort", end);
          resolve();
        };
        const unsubscribe = gateway.codes.onClaim(digits, end);
        const timer = clock.setTimer(waitMs, end);
        request.aborted.addEventListener("abort", end);
        closing.addEventListener("abort", end);
      });
    }
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

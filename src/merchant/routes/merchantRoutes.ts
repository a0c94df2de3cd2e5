// Every route of the gateway, in one table: its routing and its OpenAPI document are made from it.

import { openApiDocument } from "../../http/openapi/openApiDocument.js";
import { JSON_TYPE, jsonAnswer } from "../../http/route.js";
import { ANSWER_SCHEMAS } from "./answerSchemas.js";
import { CHECKOUT_ROUTES } from "./checkoutRoutes.js";
import { CODE_ROUTES } from "./codeRoutes.js";
import { EVENT_ROUTES } from "./eventRoutes.js";
import { INVOICE_ROUTES } from "./invoiceRoutes.js";
import type { MerchantRoute } from "./merchantRoute.js";
import { PURCHASE_ROUTES } from "./purchaseRoutes.js";
import { STORE_ROUTES } from "./storeRoutes.js";
import { WEBHOOK_ROUTES } from "./webhookRoutes.js";

/** Where a store's events come by WebSocket. */
export const MERCHANT_SOCKET_PATH = "/v1/merchant/ws";

const openApi: MerchantRoute = {
  method: "get",
  path: "/v1/merchant/openapi.json",
  summary: "This description",
  answer: { description: "An OpenAPI 3.1 document", content: { [JSON_TYPE]: { type: "object" } } },
  handle: (_request, { version }) =>
    jsonAnswer(
      openApiDocument({
        title: "TTChain merchant gateway",
        version,
        routes: MERCHANT_ROUTES,
        schemas: ANSWER_SCHEMAS,
        socket: {
          path: MERCHANT_SOCKET_PATH,
          summary: "The WebSocket: a store's events from a sequence number on (docs/merchant.md)",
        },
      }),
    ),
};

export const MERCHANT_ROUTES: MerchantRoute[] = [
  ...STORE_ROUTES,
  ...INVOICE_ROUTES,
  ...WEBHOOK_ROUTES,
  ...EVENT_ROUTES,
  ...CHECKOUT_ROUTES,
  ...CODE_ROUTES,
  ...PURCHASE_ROUTES,
  openApi,
];

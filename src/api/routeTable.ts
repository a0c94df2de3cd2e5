// Every route of the node, in one table: the routing, /openapi.json and the metrics' labels are made from it.

import { openApiDocument } from "../http/openapi/openApiDocument.js";
import { JSON_TYPE, jsonAnswer } from "../http/route.js";
import type { ApiRoute } from "./apiRoute.js";
import { SCHEMAS } from "./openapi/schemas.js";
import { ACCOUNT_ROUTES } from "./routes/accounts.js";
import { BLOCK_ROUTES } from "./routes/blocks.js";
import { CHAIN_ROUTES } from "./routes/chain.js";
import { CONTRACT_ACTIVITY_ROUTES } from "./routes/contractActivity.js";
import { CONTRACT_ROUTES } from "./routes/contracts.js";
import { DELEGATE_ROUTES } from "./routes/delegates.js";
import { NAME_ROUTES } from "./routes/names.js";
import { OPERATOR_ROUTES } from "./routes/operators.js";
import { PAYMENT_ROUTES } from "./routes/payments.js";
import { PROOF_ROUTES } from "./routes/proofs.js";
import { REFERENCE_ROUTES } from "./routes/references.js";
import { REQUEST_ROUTES } from "./routes/requests.js";
import { SUBMIT_ROUTES } from "./routes/submit.js";
import { TOKEN_ROUTES } from "./routes/tokens.js";
import { TRANSACTION_ROUTES } from "./routes/transactions.js";

/** Where the WebSocket is. */
export const SOCKET_PATH = "/v1/ws";

const openApi: ApiRoute = {
  method: "get",
  path: "/openapi.json",
  summary: "This description",
  answer: { description: "An OpenAPI 3.1 document", content: { [JSON_TYPE]: { type: "object" } } },
  handle: (_request, { services }) =>
    jsonAnswer(
      openApiDocument({
        title: "TTChain node",
        version: services.version,
        routes: ROUTES,
        schemas: SCHEMAS,
        socket: {
          path: SOCKET_PATH,
          summary: "The WebSocket: binary batches, subscriptions and what became of submissions (docs/api.md)",
        },
      }),
    ),
};

export const ROUTES: ApiRoute[] = [
  ...CHAIN_ROUTES,
  ...BLOCK_ROUTES,
  ...TRANSACTION_ROUTES,
  ...SUBMIT_ROUTES,
  ...ACCOUNT_ROUTES,
  ...TOKEN_ROUTES,
  ...REFERENCE_ROUTES,
  ...PAYMENT_ROUTES,
  ...CONTRACT_ROUTES,
  ...CONTRACT_ACTIVITY_ROUTES,
  ...REQUEST_ROUTES,
  ...NAME_ROUTES,
  ...DELEGATE_ROUTES,
  ...PROOF_ROUTES,
  ...OPERATOR_ROUTES,
  openApi,
];

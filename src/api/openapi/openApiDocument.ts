// /openapi.json, made from the table of routes.

import type { ErrorCode } from "../../protocol/errors.js";
import { httpStatusOf } from "../json/errorJson.js";
import { JSON_TYPE, type Route, type RouteContent } from "../route.js";
import { type JsonSchema, refTo } from "./schema.js";
import { SCHEMAS } from "./schemas.js";

function contentOf(content: RouteContent): Record<string, { schema: JsonSchema }> {
  return Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema }]));
}

/** The error answers of a route: its codes by their HTTP status. */
function errorAnswers(codes: ErrorCode[]): Record<string, object> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    byStatus.set(httpStatusOf(code), [...(byStatus.get(httpStatusOf(code)) ?? []), code]);
  }
  const answers = [...byStatus].map(([status, named]) => {
    return [`${status}`, { description: named.join(", "), content: contentOf({ [JSON_TYPE]: refTo("Error") }) }];
  });
  return Object.fromEntries(answers);
}

function operationOf(route: Route): object {
  const { summary, parameters = [], body, answer, errors = [] } = route;
  return {
    summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === undefined ? {} : { requestBody: { required: true, content: contentOf(body.content) } }),
    responses: {
      [`${answer.status ?? 200}`]: { description: answer.description, content: contentOf(answer.content) },
      ...errorAnswers(["BAD_REQUEST", ...errors, "INTERNAL"]),
    },
  };
}

/** The OpenAPI 3.1 document of these routes and of the WebSocket at `socketPath`. */
export function openApiDocument(routes: Route[], socketPath: string, version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  }
  paths[socketPath] = {
    get: {
      summary: "The WebSocket: binary batches, subscriptions and what became of submissions (docs/api.md)",
      responses: { "101": { description: "The connection becomes a WebSocket" } },
    },
  };
  return {
    openapi: "3.1.0",
    info: { title: "TTChain node", version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    paths,
    components: { schemas: SCHEMAS },
  };
}

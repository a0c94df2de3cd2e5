// A server's OpenAPI document, made from its table of routes.

import type { ErrorCode } from "../../protocol/errors.js";
import { httpStatusOf } from "../errorJson.js";
import { JSON_TYPE, type Route, type RouteContent } from "../route.js";
import { type JsonSchema, refTo } from "./schema.js";

/** What is said of a route; who serves it is another matter. */
type Described = Omit<Route<never>, "handle" | "body"> & { body?: { content: RouteContent } };

export interface DocumentParts {
  title: string;
  version: string;
  routes: readonly Described[];
  /** By name, as `refTo` refers to them. */
  schemas: Record<string, JsonSchema>;
  /** Where the WebSocket is, and what it is for; there may be none. */
  socket?: { path: string; summary: string };
}

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

function operationOf(route: Described): object {
  const { summary, parameters = [], body, answer, otherAnswers = {}, errors = [] } = route;
  const others = Object.entries(otherAnswers).map(([status, { description, content }]) => {
    return [status, { description, content: contentOf(content) }];
  });
  return {
    summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === undefined ? {} : { requestBody: { required: true, content: contentOf(body.content) } }),
    responses: {
      [`${answer.status ?? 200}`]: { description: answer.description, content: contentOf(answer.content) },
      ...Object.fromEntries(others),
      ...errorAnswers(["BAD_REQUEST", ...errors, "INTERNAL"]),
    },
  };
}

/** The OpenAPI 3.1 document of these routes and of the WebSocket, if there is one. */
export function openApiDocument({ title, version, routes, schemas, socket }: DocumentParts): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  }
  if (socket !== undefined) {
    paths[socket.path] = {
      get: {
        summary: socket.summary,
        responses: { "101": { description: "The connection becomes a WebSocket" } },
      },
    };
  }
  return {
    openapi: "3.1.0",
    info: { title, version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    paths,
    components: { schemas },
  };
}

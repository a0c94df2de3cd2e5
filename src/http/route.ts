// What a route is. A server's table of routes is made of these, and both its routing and its OpenAPI document are made from the
// table. `Context` is what the server's routes share.

import type { ErrorCode } from "../protocol/errors.js";
import type { JsonSchema } from "./openapi/schema.js";
import type { RouteRequest } from "./request.js";

export interface RouteParameter {
  name: string;
  in: "path" | "query" | "header";
  required: boolean;
  description: string;
  schema: JsonSchema;
}

export function queryParameter(
  name: string,
  description: string,
  schema: JsonSchema,
  { required = false } = {},
): RouteParameter {
  return { name, in: "query", required, description, schema };
}

/** A body's media types with their schemas. */
export type RouteContent = Record<string, JsonSchema>;

export interface RouteAnswer {
  /** 200 unless said otherwise. */
  status?: number;
  contentType: string;
  body: string | Uint8Array;
  /** After which time a retry makes sense. */
  retryAfterMs?: string | number | undefined;
}

export interface Route<Context> {
  method: "get" | "post";
  /** With parameters in braces, as in OpenAPI. */
  path: string;
  summary: string;
  parameters?: RouteParameter[];
  body?: { content: RouteContent; bytesMax: (context: Context, contentType: string) => number };
  answer: { description: string; content: RouteContent; status?: number };
  /** Answers with other statuses that are no errors of the table of codes. */
  otherAnswers?: Record<number, { description: string; content: RouteContent }>;
  /** Codes that this route may answer with, besides BAD_REQUEST and INTERNAL. */
  errors?: ErrorCode[];
  /** Further headers that it reads, in lower case. */
  headers?: readonly string[];
  /** The scope that an API key needs for it; for everybody where undefined. */
  scope?: string;
  handle(request: RouteRequest, context: Context): RouteAnswer | Promise<RouteAnswer>;
}

export const JSON_TYPE = "application/json";
export const BINARY_TYPE = "application/octet-stream";

export function jsonAnswer(value: unknown, status = 200): RouteAnswer {
  return { status, contentType: JSON_TYPE, body: JSON.stringify(value) };
}

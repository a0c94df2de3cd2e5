// What a route is. The table of routes is made of these, and both the routing and /openapi.json are made from the table.

import type { ErrorCode } from "../protocol/errors.js";
import type { ApiKeyScope } from "../storage/apiKeyFile.js";
import type { ApiContext } from "./context.js";
import type { JsonSchema } from "./openapi/schema.js";
import type { ApiRequest } from "./request.js";

export interface RouteParameter {
  name: string;
  in: "path" | "query";
  required: boolean;
  description: string;
  schema: JsonSchema;
}

/** A body's media types with their schemas. */
export type RouteContent = Record<string, JsonSchema>;

export interface ApiAnswer {
  /** 200 unless said otherwise. */
  status?: number;
  contentType: string;
  body: string | Uint8Array;
  /** After which time a retry makes sense. */
  retryAfterMs?: string | number | undefined;
}

export interface Route {
  method: "get" | "post";
  /** With parameters in braces, as in OpenAPI. */
  path: string;
  summary: string;
  parameters?: RouteParameter[];
  body?: { content: RouteContent; bytesMax: (context: ApiContext, contentType: string) => number };
  answer: { description: string; content: RouteContent; status?: number };
  /** Codes that this route may answer with, besides BAD_REQUEST and INTERNAL. */
  errors?: ErrorCode[];
  /** The scope that an API key needs for it; for everybody where undefined. */
  scope?: ApiKeyScope;
  handle(request: ApiRequest, context: ApiContext): ApiAnswer | Promise<ApiAnswer>;
}

export const JSON_TYPE = "application/json";
export const BINARY_TYPE = "application/octet-stream";

export function jsonAnswer(value: unknown, status = 200): ApiAnswer {
  return { status, contentType: JSON_TYPE, body: JSON.stringify(value) };
}

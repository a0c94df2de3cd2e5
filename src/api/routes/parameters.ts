// Parameters that several routes take, as /openapi.json describes them.

import { ADDRESS, HASH, refTo, WHOLE } from "../../http/openapi/schema.js";
import { JSON_TYPE, type RouteParameter } from "../../http/route.js";
import type { ApiRoute } from "../apiRoute.js";

export const ADDRESS_PARAMETER: RouteParameter = {
  name: "address",
  in: "path",
  required: true,
  description: "An account's address",
  schema: ADDRESS,
};

export const ID_PARAMETER: RouteParameter = {
  name: "id",
  in: "path",
  required: true,
  description: "A transaction's id",
  schema: HASH,
};

export function limitParameter(most: number): RouteParameter {
  return {
    name: "limit",
    in: "query",
    required: false,
    description: `How many at most, up to ${most}`,
    schema: { ...WHOLE, minimum: 1, maximum: most },
  };
}

/** An answer that is the named component as JSON. */
export function jsonOf(component: string, description: string): ApiRoute["answer"] {
  return { description, content: { [JSON_TYPE]: refTo(component) } };
}

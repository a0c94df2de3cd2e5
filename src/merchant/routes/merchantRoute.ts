// A route of the gateway, and commands: routes that change something. A command names itself by an Idempotency-Key, for ever: the
// same key with the same request gives the same answer, with another request it is refused. The command changes rows in one go,
// together with the row that remembers its answer, and answers when all of that is durable.

import { createHash } from "node:crypto";
import type { HttpContext } from "../../http/context.js";
import { type JsonSchema, refTo } from "../../http/openapi/schema.js";
import type { RouteRequest } from "../../http/request.js";
import { JSON_TYPE, jsonAnswer, type Route, type RouteAnswer, type RouteParameter } from "../../http/route.js";
import { CodedError, type ErrorCode } from "../../protocol/errors.js";
import type { Principal } from "../access/merchantKeyring.js";
import type { Gateway } from "../gateway.js";
import { BodyReader } from "./bodyReader.js";

/** What the routes of every instance share. */
export interface InstanceContext extends HttpContext {
  version: string;
  /** Aborted when the server begins to close. */
  closing: AbortSignal;
}

/** With the gateway, where the process holds the store. */
export interface MerchantContext extends InstanceContext {
  gateway: Gateway;
}

export interface MerchantRoute extends Omit<Route<InstanceContext>, "handle"> {
  handle(request: RouteRequest, context: MerchantContext): RouteAnswer | Promise<RouteAnswer>;
}

const BODY_BYTES_MAX = 65_536;
const KEY_PATTERN = /^[\x21-\x7e]{1,200}$/;
const OPERATOR = "operator";

export interface CommandCall {
  gateway: Gateway;
  request: RouteRequest;
  body: BodyReader;
  /** Who asks; undefined on the operator's and on public routes. */
  principal: Principal;
}

export interface Command {
  path: string;
  summary: string;
  parameters?: RouteParameter[];
  scope: string;
  body: JsonSchema;
  answer: { schema: string; description: string };
  errors?: ErrorCode[];
  /** Runs without waiting for anything, and returns the answer. */
  run(call: CommandCall): object;
  /** Adds to an answer what no row holds. */
  reveal?(gateway: Gateway, answer: object): object;
  /** Done when the command is durable, the first time only. */
  after?(gateway: Gateway, answer: object): void;
}

interface AnswerRow {
  digest: string;
  answer: object;
}

/** The request's key. Throws BAD_REQUEST. */
function idempotencyKey(request: RouteRequest): string {
  if (!KEY_PATTERN.test(request.idempotencyKey)) {
    throw new CodedError("BAD_REQUEST", "expected an Idempotency-Key header of 1 to 200 printable characters", {
      header: "Idempotency-Key",
    });
  }
  return request.idempotencyKey;
}

function parametersIn(path: string): RouteParameter[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    description: `The ${name}'s id`,
    schema: { type: "string" },
  }));
}

const KEY_PARAMETER: RouteParameter = {
  name: "Idempotency-Key",
  in: "header",
  required: true,
  description: "Names the request for ever: repeat it with the same key until it is answered",
  schema: { type: "string" },
};

/** The route of a command. */
export function command(wanted: Command): MerchantRoute {
  const { path, summary, scope, body, answer, errors = [], parameters = [] } = wanted;
  return {
    method: "post",
    path,
    summary,
    scope,
    parameters: [...parametersIn(path), KEY_PARAMETER, ...parameters],
    body: { content: { [JSON_TYPE]: body }, bytesMax: () => BODY_BYTES_MAX },
    answer: { description: answer.description, content: { [JSON_TYPE]: refTo(answer.schema) } },
    errors: ["UNAUTHORIZED", "FORBIDDEN", "IDEMPOTENCY_CONFLICT", ...errors],
    async handle(request, { gateway }) {
      const { rows } = gateway.parts;
      const key = idempotencyKey(request);
      const isOperator = scope === "merchant";
      const principal = isOperator ? undefined : gateway.keyring.expectPrincipal(request.authorization);
      const names = parametersIn(path).map(({ name }) => request.path(name));
      const digest = createHash("sha256")
        .update(JSON.stringify([path, names]))
        .update(request.body)
        .digest("hex");
      const place = `${principal?.store.id ?? OPERATOR}/${key}`;
      const known = rows.get<AnswerRow>("idempotency", place);
      if (known !== undefined && known.digest !== digest) {
        throw new CodedError("IDEMPOTENCY_CONFLICT", `the key "${key}" was used for another request`);
      }
      const call = { gateway, request, body: new BodyReader(request.jsonObject()), principal: principal as Principal };
      const result = known?.answer ?? wanted.run(call);
      if (known === undefined) {
        rows.put("idempotency", place, { digest, answer: result } satisfies AnswerRow);
      }
      await rows.durable();
      if (known === undefined) {
        wanted.after?.(gateway, result);
      }
      return jsonAnswer(wanted.reveal?.(gateway, result) ?? result);
    },
  };
}

export interface Question {
  path: string;
  summary: string;
  parameters?: RouteParameter[];
  scope: string;
  answer: { schema: string; description: string };
  errors?: ErrorCode[];
  ask(call: {
    gateway: Gateway;
    request: RouteRequest;
    principal: Principal;
    closing: AbortSignal;
  }): object | Promise<object>;
}

/** The route of a question that a store's people ask. */
export function question(wanted: Question): MerchantRoute {
  const { path, summary, scope, answer, errors = [], parameters = [] } = wanted;
  return {
    method: "get",
    path,
    summary,
    scope,
    parameters: [...parametersIn(path), ...parameters],
    answer: { description: answer.description, content: { [JSON_TYPE]: refTo(answer.schema) } },
    errors: ["UNAUTHORIZED", "FORBIDDEN", ...errors],
    async handle(request, { gateway, closing }) {
      const isOperator = scope === "merchant";
      const principal = isOperator ? undefined : gateway.keyring.expectPrincipal(request.authorization);
      return jsonAnswer(await wanted.ask({ gateway, request, principal: principal as Principal, closing }));
    },
  };
}

// The desk's HTTP interface. Every route is for holders of a key with scope `desk`: the desk moves other people's money on the word of
// whoever asks it. Orders are named by the caller's Idempotency-Key, for ever.

import { fromHex, toHex } from "../../base/bytes.js";
import type { HttpContext } from "../../http/context.js";
import { openApiDocument } from "../../http/openapi/openApiDocument.js";
import { arrayOf, type JsonSchema, objectSchema } from "../../http/openapi/schema.js";
import type { RouteRequest } from "../../http/request.js";
import { JSON_TYPE, jsonAnswer, type Route, type RouteParameter } from "../../http/route.js";
import { CodedError } from "../../protocol/errors.js";
import { ANSWER_SCHEMAS } from "../routes/answerSchemas.js";
import { BodyReader } from "../routes/bodyReader.js";
import { CALLBACK_HEADERS } from "./bank/callback.js";
import type { DeskService } from "./deskService.js";
import { DESK_REFUSALS, DeskRefusal } from "./order.js";

const DESK_SCOPE: string = "desk";
/** Of keys for the gateway, which may have purchases signed and nothing else. */
const MILEAGE_SCOPE = "mileage";

export interface DeskContext extends HttpContext {
  service: DeskService;
  version: string;
}

type DeskRoute = Route<DeskContext>;

const TEXT: JsonSchema = { type: "string" };
const UNITS: JsonSchema = { type: "string", pattern: "^[0-9]+$" };
const BODY_BYTES_MAX = 65_536;
const STATEMENT_BYTES_MAX = 8_388_608;
const CSV_TYPE = "text/csv";
const ACCOUNT_CHARACTERS_MAX = 200;
const TRANSACTION_HEX_MAX = 8_192;
const RECEIVERS_MAX = 100;
const WEIGHT_MAX = 1_000_000;
const KEY_PATTERN = /^[\x21-\x7e]{1,120}$/;

const ORDER: JsonSchema = objectSchema({ key: TEXT, kind: TEXT, state: TEXT, at: { type: "integer" } });
const DEPOSIT: JsonSchema = objectSchema({ id: TEXT, units: UNITS, state: TEXT });

const RECORDED = {
  description: "How many deposits were new, known, and are nobody's yet",
  content: {
    [JSON_TYPE]: objectSchema({
      recorded: { type: "integer" },
      known: { type: "integer" },
      unassigned: { type: "integer" },
    }),
  },
};

/** The caller's key of an order. Throws BAD_REQUEST. */
function orderKey(request: RouteRequest): string {
  if (!KEY_PATTERN.test(request.idempotencyKey)) {
    throw new CodedError("BAD_REQUEST", "expected an Idempotency-Key header of 1 to 120 printable characters");
  }
  return request.idempotencyKey;
}

const KEY_PARAMETER: RouteParameter = {
  name: "Idempotency-Key",
  in: "header",
  required: true,
  description: "Names the order for ever",
  schema: TEXT,
};

const REFUSED: NonNullable<DeskRoute["otherAnswers"]> = {
  409: {
    description: "The desk's no, with its reason (docs/desk.md)",
    content: {
      [JSON_TYPE]: objectSchema({
        code: { type: "string", enum: Object.keys(DESK_REFUSALS) },
        message: TEXT,
      }),
    },
  },
};

/** Refusals of the desk as answers: 409 with their own code, which docs/desk.md lists. */
async function answer(act: () => Promise<unknown>): Promise<ReturnType<typeof jsonAnswer>> {
  try {
    return jsonAnswer(await act());
  } catch (error) {
    if (error instanceof DeskRefusal) {
      return jsonAnswer({ code: error.code, message: error.message }, 409);
    }
    throw error;
  }
}

interface Call {
  service: DeskService;
  body: BodyReader;
  request: RouteRequest;
}

function post(
  path: string,
  summary: string,
  body: JsonSchema,
  result: { schema: JsonSchema; description: string },
  act: (call: Call) => Promise<unknown>,
  { isOrder = false, scope = DESK_SCOPE } = {},
): DeskRoute {
  return {
    method: "post",
    path,
    summary,
    scope,
    parameters: isOrder ? [KEY_PARAMETER] : [],
    body: { content: { [JSON_TYPE]: body }, bytesMax: () => BODY_BYTES_MAX },
    answer: { description: result.description, content: { [JSON_TYPE]: result.schema } },
    otherAnswers: REFUSED,
    errors: ["UNAUTHORIZED", "NOT_FOUND", "MALFORMED"],
    handle: (request, { service }) =>
      answer(() => act({ service, request, body: new BodyReader(request.jsonObject()) })),
  };
}

function get(
  path: string,
  summary: string,
  result: { schema: JsonSchema; description: string },
  act: (call: Omit<Call, "body">) => unknown,
): DeskRoute {
  return {
    method: "get",
    path,
    summary,
    scope: DESK_SCOPE,
    parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: "path",
      required: true,
      description: `The ${name}`,
      schema: TEXT,
    })),
    answer: { description: result.description, content: { [JSON_TYPE]: result.schema } },
    otherAnswers: REFUSED,
    errors: ["UNAUTHORIZED", "NOT_FOUND"],
    handle: (request, { service }) => answer(async () => act({ service, request })),
  };
}

const order = { schema: ORDER, description: "The order as it stands" };

const openApi: DeskRoute = {
  method: "get",
  path: "/v1/desk/openapi.json",
  summary: "This description",
  answer: { description: "An OpenAPI 3.1 document", content: { [JSON_TYPE]: { type: "object" } } },
  handle: (_request, { version }) => {
    const { Error: error } = ANSWER_SCHEMAS;
    return jsonAnswer(
      openApiDocument({ title: "TTChain exchange desk", version, routes: DESK_ROUTES, schemas: { Error: error } }),
    );
  },
};

export const DESK_ROUTES: readonly DeskRoute[] = [
  post(
    "/v1/desk/charge-codes",
    "The code that a bank transfer's memo must hold to arrive as TTM at an address",
    objectSchema({ address: TEXT }),
    { schema: objectSchema({ code: TEXT }), description: "Always the same code for an address" },
    async ({ service, body }) => ({ code: await service.chargeCode(body.address("address")) }),
  ),
  post(
    "/v1/desk/deposit-addresses",
    "Where coins of another chain are sent to arrive as TTC at an address",
    objectSchema({ coin: TEXT, address: TEXT }),
    { schema: objectSchema({ depositAddress: TEXT }), description: "Always the same for an address" },
    async ({ service, body }) => ({
      depositAddress: await service.depositAddress(body.text("coin", 32), body.address("address")),
    }),
  ),
  {
    method: "post",
    path: "/v1/desk/statements",
    summary: "Takes a bank's statement: each deposit is recorded and credited once, however often it is sent",
    scope: DESK_SCOPE,
    body: { content: { [CSV_TYPE]: TEXT }, bytesMax: () => STATEMENT_BYTES_MAX },
    answer: RECORDED,
    otherAnswers: REFUSED,
    errors: ["UNAUTHORIZED", "NOT_FOUND", "MALFORMED"],
    handle: (request, { service }) => answer(() => service.importStatement(new TextDecoder().decode(request.body))),
  },
  {
    method: "post",
    path: "/v1/desk/bank/movements",
    summary: "The bank tells of a movement of its account, signed with the secret that it shares with the desk",
    parameters: CALLBACK_HEADERS.map((name) => ({
      name,
      in: "header",
      required: true,
      description: "As the Standard Webhooks specification has it",
      schema: TEXT,
    })),
    headers: CALLBACK_HEADERS,
    body: {
      content: { [JSON_TYPE]: objectSchema({ id: TEXT, amount: TEXT, memo: TEXT, name: TEXT, time: TEXT }) },
      bytesMax: () => BODY_BYTES_MAX,
    },
    answer: RECORDED,
    otherAnswers: REFUSED,
    errors: ["UNAUTHORIZED", "NOT_FOUND", "MALFORMED"],
    handle: ({ headers, body }, { service }) => answer(() => service.recordCallback(headers, body)),
  },
  get(
    "/v1/desk/deposits/{ledger}",
    "Deposits of a bank or coin, and what became of them",
    { schema: objectSchema({ deposits: arrayOf(DEPOSIT) }), description: "In the order of their numbers" },
    ({ service, request }) => ({ deposits: service.depositsOf(request.path("ledger")).all() }),
  ),
  post(
    "/v1/desk/deposits/assign",
    "Says whose a deposit without a code is",
    objectSchema({ ledger: TEXT, id: TEXT, address: TEXT }),
    { schema: DEPOSIT, description: "The deposit" },
    async ({ service, body }) => {
      const deposits = service.depositsOf(body.text("ledger", 32));
      const id = body.text("id", ACCOUNT_CHARACTERS_MAX);
      await deposits.assign(id, body.address("address"));
      return deposits.deposit(id);
    },
  ),
  post(
    "/v1/desk/deposits/returned",
    "Says that a deposit was sent back where it came from",
    objectSchema({ ledger: TEXT, id: TEXT }),
    { schema: DEPOSIT, description: "The deposit" },
    async ({ service, body }) => {
      const deposits = service.depositsOf(body.text("ledger", 32));
      const id = body.text("id", ACCOUNT_CHARACTERS_MAX);
      await deposits.markReturned(id);
      return deposits.deposit(id);
    },
  ),
  post(
    "/v1/desk/redemptions",
    "Turns TTM into won at a bank account, once its holder has paid what the answer names",
    objectSchema({ account: TEXT, units: UNITS }),
    {
      schema: objectSchema({ order: ORDER, payee: TEXT, reference: TEXT }),
      description: "The order, and the payment that it waits for",
    },
    async ({ service, body, request }) => {
      const account = body.text("account", ACCOUNT_CHARACTERS_MAX);
      const { reference, ...rest } = await service.redeem(orderKey(request), account, body.units("units"));
      return { ...rest, reference: toHex(reference) };
    },
    { isOrder: true },
  ),
  post(
    "/v1/desk/points",
    "Points of a partner, destroyed there, as TTC out of the partner's reserve",
    objectSchema({ partner: TEXT, account: TEXT, points: UNITS, address: TEXT }),
    order,
    ({ service, body, request }) =>
      service.convertPoints(
        orderKey(request),
        body.text("partner", 32),
        body.text("account", ACCOUNT_CHARACTERS_MAX),
        body.units("points"),
        body.address("address"),
      ),
    { isOrder: true },
  ),
  post(
    "/v1/desk/swaps",
    "Points of one partner as points of another; the first's reserve pays the second's",
    objectSchema({
      from: objectSchema({ partner: TEXT, account: TEXT }),
      to: objectSchema({ partner: TEXT, account: TEXT }),
      points: UNITS,
    }),
    order,
    ({ service, body, request }) => {
      const side = (name: string) => {
        const fields = body.object(name);
        return { partner: fields.text("partner", 32), account: fields.text("account", ACCOUNT_CHARACTERS_MAX) };
      };
      return service.swapPoints(orderKey(request), side("from"), side("to"), body.units("points"));
    },
    { isOrder: true },
  ),
  post(
    "/v1/desk/rewards",
    "One amount out of a purse among several receivers by weights, in one transaction",
    objectSchema({
      kind: TEXT,
      purse: TEXT,
      token: TEXT,
      units: UNITS,
      receivers: arrayOf(objectSchema({ address: TEXT, weight: { type: "integer" } })),
    }),
    order,
    ({ service, body, request }) =>
      service.reward(
        orderKey(request),
        body.oneOf("kind", ["reward", "grant"]),
        body.text("purse", 32),
        body.token("token"),
        body.units("units"),
        body.objects("receivers", RECEIVERS_MAX).map((receiver) => ({
          to: receiver.address("address"),
          weight: BigInt(receiver.whole("weight", 1, WEIGHT_MAX)),
        })),
      ),
    { isOrder: true },
  ),
  post(
    "/v1/desk/mileage/quotes",
    "What a purchase earns, and how much of it mileage may pay",
    objectSchema({ address: TEXT, price: UNITS, spent: UNITS }),
    {
      schema: objectSchema({
        grade: TEXT,
        spendable: UNITS,
        earned: UNITS,
        priceToken: TEXT,
        mileageToken: TEXT,
        store: TEXT,
        storeKey: TEXT,
      }),
      description:
        "The customer's grade, the most mileage that may be spent, what is earned where `spent` is, and who signs",
    },
    async ({ service, body }) => {
      const spent = body.has("spent") ? body.units("spent") : 0n;
      const { mileage } = service;
      const { grade, spendable, earned } = await mileage.quote(body.address("address"), body.units("price"), spent);
      const { priceToken, mileageToken, store } = mileage.signs;
      const face = { priceToken, mileageToken, store: store.addressText, storeKey: toHex(store.publicKey) };
      return { grade, spendable: spendable.toString(), earned: earned.toString(), ...face };
    },
    { scope: MILEAGE_SCOPE },
  ),
  post(
    "/v1/desk/mileage/signatures",
    "The store's signature under a purchase that gives or takes mileage",
    objectSchema({ transaction: TEXT }),
    { schema: objectSchema({ id: TEXT, transaction: TEXT }), description: "The transaction, ready to be sent" },
    async ({ service, body }) => {
      const bytes = fromHex(body.text("transaction", TRANSACTION_HEX_MAX));
      if (bytes === undefined) {
        throw new CodedError("BAD_REQUEST", "expected hex as transaction");
      }
      const signed = await service.mileage.sign(bytes);
      return { id: signed.id, transaction: toHex(signed.bytes) };
    },
    { scope: MILEAGE_SCOPE },
  ),
  get("/v1/desk/orders/{key}", "An order by its full key, such as points/my-key", order, ({ service, request }) => {
    const found = service.desk.order(request.path("key"));
    if (found === undefined) {
      throw new CodedError("NOT_FOUND", "no order has this key");
    }
    return found;
  }),
  get(
    "/v1/desk/proof",
    "That TTM in circulation stands for won that the bank received",
    {
      schema: objectSchema({ day: TEXT, differenceUnits: TEXT, isComplete: { type: "boolean" } }),
      description: "The proof as of now",
    },
    ({ service }) => service.dailyProof(),
  ),
  openApi,
];

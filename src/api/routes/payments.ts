// Payments by account, till, token, reference or memo, and what days brought.

import { fromHex, toHex } from "../../base/bytes.js";
import type { DayTotal, Payment, PaymentState, PaymentSubject } from "../../history/payments/payment.js";
import { ADDRESS, HASH, HEX, oneOfTexts, TEXT, TOKEN, WHOLE } from "../../http/openapi/schema.js";
import { parseHash, parseToken, type RouteRequest } from "../../http/request.js";
import { jsonAnswer, queryParameter } from "../../http/route.js";
import { parseAddress } from "../../protocol/address.js";
import { CodedError } from "../../protocol/errors.js";
import type { DayTotalJson, DayTotalsJson, PaymentJson, PaymentsJson } from "../../protocol/paymentApiTypes.js";
import type { ApiRoute } from "../apiRoute.js";
import { addressText } from "../json/addressText.js";
import { codeText } from "../json/receiptJson.js";
import { jsonOf, limitParameter } from "./parameters.js";

const PAYMENTS_MAX = 100;
const PAYMENTS_USUAL = 20;
const TILL_MAX = 0xffffffff;

const ACCOUNT = queryParameter("account", "Whose payments", ADDRESS);
const TILL = queryParameter("till", "With account: the number of one of its tills, from 1", { ...WHOLE, minimum: 1 });
const ONE_TOKEN = queryParameter("token", "Without account: payments in this token", TOKEN);

/** What the request asks about: exactly one thing. */
function subjectOf(request: RouteRequest): PaymentSubject {
  const [account, token] = [request.optional("account"), request.optional("token")];
  const [reference, memo] = [request.optional("reference"), request.optional("memo")];
  const given = [account, token, reference, memo].filter((text) => text !== undefined);
  if (given.length !== 1) {
    throw new CodedError("BAD_REQUEST", `expected one of account, token, reference and memo, got ${given.length}`);
  }
  const till = request.optionalNumber("till");
  if (account !== undefined) {
    const address = parseAddress(account);
    if (till !== undefined && till > TILL_MAX) {
      throw new CodedError("BAD_REQUEST", `expected a till from 1 to ${TILL_MAX}, got ${till}`);
    }
    return till === undefined ? { kind: "account", account: address } : { kind: "till", account: address, till };
  }
  if (till !== undefined) {
    throw new CodedError("BAD_REQUEST", "expected an account with the till, got none");
  }
  if (token !== undefined) {
    return { kind: "token", token: parseToken(token, "token") };
  }
  return reference !== undefined
    ? { kind: "reference", reference: parseHash(reference, "reference") }
    : { kind: "memo", memo: parseMemo(memo ?? "") };
}

function parseMemo(text: string): Uint8Array {
  const memo = fromHex(text);
  if (memo === undefined) {
    throw new CodedError("BAD_REQUEST", `expected a memo in hex digits, got "${text.slice(0, 80)}"`);
  }
  return memo;
}

function choice<T extends string>(request: RouteRequest, name: string, choices: readonly T[]): T | undefined {
  const text = request.optional(name);
  const found = choices.find((one) => one === text);
  if (text !== undefined && found === undefined) {
    throw new CodedError("BAD_REQUEST", `expected ${name} to be ${choices.join(" or ")}, got "${text.slice(0, 80)}"`);
  }
  return found;
}

function paymentJson(payment: Payment): PaymentJson {
  const { to, reference, memo, lane, fee } = payment;
  return {
    height: payment.height,
    index: payment.index,
    part: payment.part,
    id: toHex(payment.id),
    timeMs: payment.timeMs,
    code: codeText(payment.code),
    kind: payment.kind,
    from: addressText(payment.from),
    ...(to === undefined ? {} : { to: addressText(to) }),
    token: payment.token,
    amount: payment.amount.toString(),
    ...(reference === undefined ? {} : { reference: toHex(reference) }),
    ...(memo === undefined ? {} : { memo: toHex(memo) }),
    ...(lane === 0 ? {} : { lane }),
    ...(fee === undefined
      ? {}
      : { fee: { amount: fee.amount.toString(), token: fee.token, payer: addressText(fee.payer) } }),
  };
}

const STATES: readonly PaymentState[] = ["committed", "failed"];

const list: ApiRoute = {
  method: "get",
  path: "/v1/payments",
  summary: "Payments of an account, a till, a token, with a reference or with a memo, newest first",
  parameters: [
    ACCOUNT,
    TILL,
    ONE_TOKEN,
    queryParameter("reference", "Payments with this reference", HASH),
    queryParameter("memo", "Payments with exactly this memo, in hex", HEX),
    queryParameter("state", "Only those that took place, or only those that failed", oneOfTexts(...STATES)),
    queryParameter("direction", "Only what the account was paid, or only what it paid", oneOfTexts("in", "out")),
    queryParameter("fromMs", "From this block time on", WHOLE),
    queryParameter("toMs", "Before this block time", WHOLE),
    queryParameter("before", "The cursor that the page before gave as next", TEXT),
    limitParameter(PAYMENTS_MAX),
  ],
  answer: jsonOf("Payments", "A page of payments"),
  errors: ["BAD_ADDRESS", "FOREIGN_ADDRESS", "HISTORY_UNREACHABLE", "HISTORY_FOREIGN"],
  async handle(request, { services }) {
    const { payments, next, height } = await services.payments.history.payments({
      of: subjectOf(request),
      state: choice(request, "state", STATES),
      direction: choice(request, "direction", ["in", "out"]),
      fromMs: request.optionalNumber("fromMs"),
      toMs: request.optionalNumber("toMs"),
      before: request.optional("before"),
      limit: request.limit(PAYMENTS_USUAL, PAYMENTS_MAX),
    });
    const answer: PaymentsJson = {
      payments: payments.map(paymentJson),
      ...(next === undefined ? {} : { next }),
      height,
    };
    return jsonAnswer(answer);
  },
};

function totalJson({ day, token, inCount, inAmount, outCount, outAmount }: DayTotal): DayTotalJson {
  return { day, token, inCount, inAmount: `${inAmount}`, outCount, outAmount: `${outAmount}` };
}

const days: ApiRoute = {
  method: "get",
  path: "/v1/payments/days",
  summary: "What each day brought an account, a till or a token",
  parameters: [
    ACCOUNT,
    TILL,
    ONE_TOKEN,
    { ...queryParameter("fromDay", "The first day, as 2026-11-25", TEXT), required: true },
    { ...queryParameter("toDay", "The last day", TEXT), required: true },
    queryParameter("timeZone", "The days' IANA time zone; UTC where absent", TEXT),
  ],
  answer: jsonOf("DayTotals", "Sums by day and token; days without payments are left out"),
  errors: ["BAD_ADDRESS", "FOREIGN_ADDRESS", "HISTORY_UNREACHABLE", "HISTORY_FOREIGN"],
  async handle(request, { services }) {
    const of = subjectOf(request);
    if (of.kind === "reference" || of.kind === "memo") {
      throw new CodedError("BAD_REQUEST", `expected an account, a till or a token, got a ${of.kind}`);
    }
    const totals = await services.payments.history.dayTotals({
      of,
      fromDay: request.required("fromDay"),
      toDay: request.required("toDay"),
      timeZone: request.optional("timeZone") ?? "UTC",
    });
    const answer: DayTotalsJson = { totals: totals.map(totalJson) };
    return jsonAnswer(answer);
  },
};

const index: ApiRoute = {
  method: "get",
  path: "/v1/payments/index",
  summary: "Which store answers for payments, and how far it is",
  answer: jsonOf("PaymentIndex", "The store, its state and its height"),
  handle: (_request, { services }) => jsonAnswer(services.payments.status()),
};

export const PAYMENT_ROUTES: ApiRoute[] = [list, days, index];

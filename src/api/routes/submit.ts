// Submitting over HTTP, at once or until the end of every transaction is known, and the faucet of a development chain.

import { assert } from "../../base/assert.js";
import { toHex } from "../../base/bytes.js";
import { LinkedList } from "../../base/linkedList.js";
import { oneOfTexts, refTo, TEXT, WHOLE } from "../../http/openapi/schema.js";
import { parseToken, parseUnits, type RouteRequest } from "../../http/request.js";
import { BINARY_TYPE, JSON_TYPE, jsonAnswer } from "../../http/route.js";
import { parseAddress } from "../../protocol/address.js";
import type { FaucetJson, SubmissionJson, SubmissionsJson } from "../../protocol/apiTypes.js";
import { CodedError, errorNumber } from "../../protocol/errors.js";
import type { ApiRoute } from "../apiRoute.js";
import { decodeBatchFrame, decodeHexBatch } from "../batchFrame.js";
import type { ApiContext } from "../context.js";
import type { Final, FinalListener, Watch } from "../finality.js";
import { receiptJson } from "../json/receiptJson.js";
import type { ApiSubmitResult } from "../services.js";
import { isWaiting } from "../submitter.js";
import { jsonOf } from "./parameters.js";
import { transactionState } from "./transactions.js";

const WAIT_USUAL_MS = 10_000;
const FAUCET_BODY_BYTES_MAX = 4_096;
const RETRY_AFTER_MS = 1_000;

function submittedTransactions(request: RouteRequest): Uint8Array[] {
  if (request.contentType === BINARY_TYPE) {
    return decodeBatchFrame(request.body).transactions;
  }
  return decodeHexBatch(request.jsonObject().transactions);
}

/** Collects the ends of one request's transactions, by their places, and calls `onAll` when none is left. */
class Wait implements FinalListener {
  readonly watches = new LinkedList<Watch>();
  readonly finals = new Map<number, Final>();
  onAll: () => void = () => undefined;

  onFinal(watch: Watch, final: Final): void {
    this.finals.set(watch.index, final);
  }

  onFinalsTold(): void {
    if (this.watches.count === 0) {
      this.onAll();
    }
  }
}

function finalJson(
  { number, height, block }: Final,
  { idKey }: ApiSubmitResult,
  { finality }: ApiContext,
): Partial<SubmissionJson> {
  if (block === undefined) {
    return number === errorNumber("EXPIRED") ? { state: "expired" } : { state: "refused", code: "SEQUENCE_USED" };
  }
  const index = idKey === undefined ? undefined : finality.placeIn(block, idKey);
  assert(index !== undefined, "a block holds what it made final");
  const { feeToken } = block.transactions[index];
  return {
    state: number === 0 ? "committed" : "failed",
    height,
    index,
    receipt: receiptJson(block.receipts[index], feeToken),
  };
}

function submissionJson(result: ApiSubmitResult, final: Final | undefined, context: ApiContext): SubmissionJson {
  const { id, error } = result;
  return {
    ...(id === undefined ? {} : { id: toHex(id) }),
    code: error?.code ?? "OK",
    ...(error === undefined ? {} : { message: error.message, details: error.details }),
    state: isWaiting(result) ? "pending" : "refused",
    ...(final === undefined ? {} : finalJson(final, result, context)),
  };
}

/** What was refused because it is in a block already is shown as it stands there. */
async function withCommitted(
  context: ApiContext,
  result: ApiSubmitResult,
  json: SubmissionJson,
): Promise<SubmissionJson> {
  if (result.id === undefined || result.error?.code !== "ALREADY_COMMITTED") {
    return json;
  }
  const known = await transactionState(context, result.id, undefined);
  if (known.state !== "committed" && known.state !== "failed") {
    return json;
  }
  const { state, height, index, receipt } = known;
  return { ...json, state, height, index, receipt };
}

function waitMsOf(request: RouteRequest, context: ApiContext): number {
  const wait = request.optional("wait");
  if (wait !== undefined && wait !== "committed") {
    throw new CodedError("BAD_REQUEST", `expected wait to be "committed" or absent, got "${wait.slice(0, 20)}"`);
  }
  const timeoutMs = request.optionalNumber("timeoutMs") ?? WAIT_USUAL_MS;
  return wait === undefined ? 0 : Math.min(timeoutMs, context.limits.waitMsMax);
}

/** Resolves when all that `wait` watches is final, when the time is up, the client goes away or the server closes. */
function waitForAll(
  wait: Wait,
  waitMs: number,
  aborted: AbortSignal,
  { services, closing }: ApiContext,
): Promise<void> {
  return new Promise((resolve) => {
    const timer = services.clock.setTimer(waitMs, done);
    const signals = [aborted, closing];
    function done(): void {
      timer.cancel();
      for (const signal of signals) {
        signal.removeEventListener("abort", done);
      }
      resolve();
    }
    wait.onAll = done;
    for (const signal of signals) {
      signal.addEventListener("abort", done);
    }
    if (wait.watches.count === 0 || signals.some((signal) => signal.aborted)) {
      done();
    }
  });
}

async function submitAndWait(
  transactions: Uint8Array[],
  request: RouteRequest,
  waitMs: number,
  context: ApiContext,
): Promise<{ results: ApiSubmitResult[]; finals: Map<number, Final> }> {
  const { finality, submitter, limits } = context;
  if (context.waiters.count >= limits.waitersMax) {
    throw new CodedError("BUSY", `${limits.waitersMax} requests wait for a commit already`, {
      retryAfterMs: RETRY_AFTER_MS,
    });
  }
  context.waiters.count++;
  const wait = new Wait();
  try {
    let results: ApiSubmitResult[] = [];
    await submitter.submitAndWatch(
      transactions,
      request.visitor,
      0,
      {
        onResults: (decided) => {
          results = decided;
        },
        onAlreadyFinal: (index, final) => wait.finals.set(index, final),
      },
      wait,
    );
    await waitForAll(wait, waitMs, request.aborted, context);
    return { results, finals: wait.finals };
  } finally {
    context.waiters.count--;
    finality.forget(wait);
  }
}

const submit: ApiRoute = {
  method: "post",
  path: "/v1/transactions",
  summary: "Submit transactions",
  parameters: [
    {
      name: "wait",
      in: "query",
      required: false,
      description: "Answer when each transaction is final, or when the time is up",
      schema: oneOfTexts("committed"),
    },
    {
      name: "timeoutMs",
      in: "query",
      required: false,
      description: `How long to wait; ${WAIT_USUAL_MS} by default`,
      schema: WHOLE,
    },
  ],
  body: {
    content: { [BINARY_TYPE]: { ...TEXT, format: "binary" }, [JSON_TYPE]: refTo("SubmitRequest") },
    bytesMax: ({ limits }, contentType) => (contentType === BINARY_TYPE ? limits.frameBytesMax : limits.jsonBytesMax),
  },
  answer: jsonOf("Submissions", "What became of each transaction, in their order"),
  errors: ["MALFORMED", "UNKNOWN_VERSION", "NON_CANONICAL", "TOO_LARGE", "BUSY"],
  async handle(request, context) {
    const transactions = submittedTransactions(request);
    const waitMs = waitMsOf(request, context);
    const { results, finals } =
      waitMs > 0
        ? await submitAndWait(transactions, request, waitMs, context)
        : { results: await context.submitter.submit(transactions, request.visitor), finals: new Map<number, Final>() };
    context.metrics.onSubmissions(results);
    const answer: SubmissionsJson = {
      results: await Promise.all(
        results.map((result, index) =>
          withCommitted(context, result, submissionJson(result, finals.get(index), context)),
        ),
      ),
    };
    return jsonAnswer(answer);
  },
};

const faucet: ApiRoute = {
  method: "post",
  path: "/v1/faucet",
  summary: "Ask the faucet of a development chain for coins",
  body: { content: { [JSON_TYPE]: refTo("FaucetRequest") }, bytesMax: () => FAUCET_BODY_BYTES_MAX },
  answer: jsonOf("Faucet", "The id of the transaction that brings them"),
  errors: ["UNAVAILABLE", "BAD_ADDRESS", "FOREIGN_ADDRESS", "AMOUNT_OUT_OF_RANGE", "UNKNOWN_TOKEN", "BUSY"],
  async handle(request, { services }) {
    if (services.faucet === undefined) {
      throw new CodedError("UNAVAILABLE", "only a development chain has a faucet");
    }
    const { address, token = "TTC", amount } = request.jsonObject();
    if (typeof address !== "string" || typeof token !== "string") {
      throw new CodedError("BAD_REQUEST", "expected address and token as texts");
    }
    if (amount !== undefined && typeof amount !== "string") {
      throw new CodedError("BAD_REQUEST", "expected amount as a text of decimal digits");
    }
    const units = amount === undefined ? undefined : parseUnits(amount, "amount");
    const id = await services.faucet(parseAddress(address), parseToken(token, "token"), units);
    const answer: FaucetJson = { id: toHex(id) };
    return jsonAnswer(answer);
  },
};

export const SUBMIT_ROUTES: ApiRoute[] = [submit, faucet];

// Sending until it is certain what became of a transaction. The same bytes are sent again and again, which is safe because
// the chain takes each id once and each (lane, sequence) once; another payment is never made of it.

import { CodedError } from "../protocol/errors.js";
import type { ReceiptAnswer, SubmitResult } from "./answers.js";
import type { SignedTransaction } from "./buildTransaction.js";
import type { TTChainClient } from "./client.js";
import { delay } from "./delay.js";
import { NodeUnreachableError } from "./requestJson.js";

/** What became of a transaction for good; "refused" means that this node never took it and its sequence number is free. */
export interface Outcome {
  state: "committed" | "failed" | "expired" | "refused";
  /** "OK", or the code of the failure or refusal. */
  code: string;
  message?: string;
  height?: number;
  index?: number;
  receipt?: ReceiptAnswer;
}

/** The time was up before the outcome was known. The transaction may still be committed until its valid-until height. */
export class OutcomeUnknownError extends Error {
  override name = "OutcomeUnknownError";
  readonly transaction: SignedTransaction;

  constructor(transaction: SignedTransaction, reason: string) {
    super(
      `the outcome is not known yet (${reason}): send the same bytes again, or ask for the id up to height ${transaction.validUntil}`,
    );
    this.transaction = transaction;
  }
}

export interface SendOptions {
  /** Give up after this long with OutcomeUnknownError; 120 s by default. */
  timeoutMs?: number;
}

// Passing states of the node: the same bytes may be taken a moment later. Others are retried where the node names a time.
const RETRY_CODES = new Set(["BUSY", "SENDER_LIMIT"]);
// The node may know this very transaction already.
const ASK_CODES = new Set(["DUPLICATE", "ALREADY_COMMITTED", "SEQUENCE_USED", "EXPIRED"]);
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 2_000;
const WAIT_STEP_MS = 10_000;

type Client = Pick<TTChainClient, "submit" | "transaction">;

function outcomeOf({ state, height, index, receipt, code }: SubmitResult): Outcome | undefined {
  if (state === "pending" || state === "refused") {
    return undefined;
  }
  return {
    state,
    code: state === "committed" ? "OK" : state === "expired" ? "EXPIRED" : (receipt?.code ?? code),
    ...(height === undefined ? {} : { height }),
    ...(index === undefined ? {} : { index }),
    ...(receipt === undefined ? {} : { receipt }),
  };
}

/** The final state that the node knows of the transaction, if any. */
async function askOutcome(client: Client, transaction: SignedTransaction): Promise<Outcome | undefined> {
  const found = await client.transaction(transaction.id, { validUntil: transaction.validUntil });
  if (found.state === "expired") {
    return { state: "expired", code: "EXPIRED" };
  }
  if (found.state !== "committed" && found.state !== "failed") {
    return undefined;
  }
  const { id: _, transaction: __, timeMs: ___, ...rest } = found;
  return { ...rest, state: found.state, code: found.receipt?.code ?? "OK" };
}

/** One round: the outcome, or how long to wait before the next. `mayBeTaken`: an earlier round may have been received and taken. */
async function attempt(
  client: Client,
  transaction: SignedTransaction,
  waitMs: number,
  mayBeTaken: boolean,
): Promise<Outcome | { retryMs: number; isNo: boolean }> {
  const [result] = await client.submit([transaction.bytes], { waitMs });
  const outcome = outcomeOf(result);
  if (outcome !== undefined) {
    return outcome;
  }
  if (result.state === "pending") {
    return (await askOutcome(client, transaction)) ?? { retryMs: RETRY_FIRST_MS, isNo: false };
  }
  if (RETRY_CODES.has(result.code) || result.retryAfterMs !== undefined) {
    return { retryMs: result.retryAfterMs ?? RETRY_FIRST_MS, isNo: true };
  }
  if (mayBeTaken || ASK_CODES.has(result.code)) {
    const known = await askOutcome(client, transaction);
    if (known !== undefined) {
      return known;
    }
    // Number and money may have been used by these very bytes, in a block that this node's history has not reached yet; or the node has
    // lost them, and another one has them.
    if (mayBeTaken || result.code === "DUPLICATE" || result.code === "ALREADY_COMMITTED") {
      return { retryMs: RETRY_FIRST_MS, isNo: false };
    }
  }
  return { state: "refused", code: result.code, ...(result.message === undefined ? {} : { message: result.message }) };
}

/**
 * Sends a signed transaction and resolves with what became of it for good. A node that is busy or away is asked again.
 * Throws OutcomeUnknownError after `timeoutMs`.
 */
export async function sendTransaction(
  client: Client,
  transaction: SignedTransaction,
  { timeoutMs = 120_000 }: SendOptions = {},
): Promise<Outcome> {
  const deadlineMs = performance.now() + timeoutMs;
  let reason = "the node did not say";
  let mayBeTaken = false;
  for (let backoffMs = RETRY_FIRST_MS; ; backoffMs = Math.min(backoffMs * 2, RETRY_MAX_MS)) {
    const leftMs = deadlineMs - performance.now();
    if (leftMs <= 0) {
      throw new OutcomeUnknownError(transaction, reason);
    }
    let pauseMs = backoffMs;
    try {
      const step = await attempt(client, transaction, Math.ceil(Math.min(leftMs, WAIT_STEP_MS)), mayBeTaken);
      if (!("retryMs" in step)) {
        return step;
      }
      pauseMs = Math.max(step.retryMs, backoffMs);
      mayBeTaken ||= !step.isNo;
      reason = "it is still waiting";
    } catch (error) {
      // Nothing is known of a request without an answer, and an inner failure of the node may pass.
      if (!(error instanceof NodeUnreachableError) && !(error instanceof CodedError && error.code === "INTERNAL")) {
        throw error;
      }
      reason = error.message;
      mayBeTaken = true;
    }
    await delay(Math.min(pauseMs, Math.max(0, deadlineMs - performance.now())));
  }
}

// How a command fails: exit codes that scripts can rely on, and a message that says what to do next.

import { CommanderError } from "commander";
import { NodeUnreachableError } from "../client/requestJson.js";
import { OutcomeUnknownError } from "../client/sendTransaction.js";
import { CodedError } from "../protocol/errors.js";

/** What the process ends with. */
export const EXIT_CODES = { ok: 0, failed: 1, usage: 2, unreachable: 3, tooOld: 4 } as const;

/** The command was called wrongly, or lacks something that only its caller can give. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** The command did its work and the answer is no: a transaction failed, an audit found something. */
export class CommandFailedError extends Error {
  override name = "CommandFailedError";
  /** What --json prints. */
  readonly answer: unknown;

  constructor(message: string, answer: unknown) {
    super(message);
    this.answer = answer;
  }
}

const FORM_CODES = new Set([
  "MALFORMED",
  "BAD_ADDRESS",
  "FOREIGN_ADDRESS",
  "AMOUNT_OUT_OF_RANGE",
  "BAD_SYMBOL",
  "BAD_TOKEN_NAME",
]);

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) {
    return EXIT_CODES.usage;
  }
  if (error instanceof NodeUnreachableError) {
    return EXIT_CODES.unreachable;
  }
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
  }
  if (error instanceof CodedError && FORM_CODES.has(error.code)) {
    return EXIT_CODES.usage;
  }
  return EXIT_CODES.failed;
}

/** The code of an error or of a command's answer. */
function codeOf(error: unknown): unknown {
  const holder = error instanceof CommandFailedError ? error.answer : error;
  return (holder as { code?: unknown } | null | undefined)?.code;
}

function advice(error: unknown): string | undefined {
  if (error instanceof NodeUnreachableError) {
    return "Start a node with `ttchain start`, or name another with --url or TTCHAIN_URL.";
  }
  if (error instanceof OutcomeUnknownError) {
    return "Do not pay again before you know: ask with `ttchain tx <id>`.";
  }
  switch (codeOf(error)) {
    case "UNAVAILABLE":
      return "This node does not offer that: ask its operator, or another node with --url.";
    case "INSUFFICIENT_BALANCE":
    case "FEE_UNPAYABLE":
    case "DEPOSIT_UNPAID":
    case "BALANCE_RESERVED":
      return "See `ttchain wallet balance`; on a development chain `ttchain faucet <address>` gives coins.";
    case "BUSY":
    case "SENDER_LIMIT":
      return "The node is busy: try again in a moment.";
    default:
      return undefined;
  }
}

/** What a person is shown on standard error. */
export function explainFailure(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof CodedError ? ` [${error.code}]` : "";
  const next = advice(error);
  return `${message}${code}${next === undefined ? "" : `\n${next}`}`;
}

/** What --json prints for a failure. */
export function failureAnswer(error: unknown): unknown {
  if (error instanceof CommandFailedError) {
    return error.answer;
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof CodedError) {
    return { error: { code: error.code, message, details: error.details } };
  }
  const code = error instanceof NodeUnreachableError ? "UNREACHABLE" : error instanceof UsageError ? "USAGE" : "FAILED";
  return { error: { code, message, details: {} } };
}

// What every command that sends a transaction does: show it with its fee, ask, send, wait for the commit, say how long it took.

import { toHex } from "../base/bytes.js";
import type { Account } from "../client/account.js";
import type { Action } from "../client/actions.js";
import type { ReceiptAnswer } from "../client/answers.js";
import type { SignedTransaction } from "../client/buildTransaction.js";
import type { TTChainClient } from "../client/client.js";
import { Sender, type SendTransactionOptions } from "../client/sender.js";
import { OutcomeUnknownError } from "../client/sendTransaction.js";
import { ERROR_CODES, type ErrorCode } from "../protocol/errors.js";
import { CommandFailedError, UsageError } from "./failures.js";
import { alignPairs, printAnswer } from "./output.js";
import { confirm } from "./prompt.js";
import { showAmount, tokenFace } from "./tokenFace.js";

export interface SendRequest {
  client: TTChainClient;
  account: Account;
  actions: Action[];
  /** Lines that say what is about to happen, without the fee. */
  summary: [string, string][];
  options: { yes?: boolean; json?: boolean };
  transactionOptions?: SendTransactionOptions;
  /** More fields of the answer, once the transaction is known. */
  extra?(transaction: SignedTransaction): Record<string, unknown>;
  /** What the receipt says, for people; of a failed transaction too. */
  describe?(receipt: ReceiptAnswer): [string, string][];
}

/** Sends and prints. Throws CommandFailedError where it was refused, failed or expired. */
export async function sendActions(request: SendRequest): Promise<void> {
  const { client, account, actions, summary, options, transactionOptions = {} } = request;
  const sender = new Sender(client, account);
  const { fee, feeToken } = await sender.quote(actions, transactionOptions);
  const feeText = showAmount(fee, await tokenFace(client, feeToken));
  if (options.json !== true) {
    process.stdout.write(`${alignPairs([...summary, ["Fee", feeText]]).join("\n")}\n`);
  }
  if (options.yes !== true && !(await confirm("Send this?"))) {
    throw new UsageError("nothing was sent");
  }
  const startMs = performance.now();
  const { transaction, outcome } = await sender
    .send(actions, { feeToken, ...transactionOptions })
    .catch((error: unknown) => {
      if (error instanceof OutcomeUnknownError) {
        process.stderr.write(`Transaction ${toHex(error.transaction.id)}\n`);
      }
      throw error;
    });
  const tookMs = Math.round(performance.now() - startMs);
  const id = toHex(transaction.id);
  const extra = request.extra?.(transaction) ?? {};
  const answer = { id, fee, feeToken, tookMs, ...outcome, ...extra };
  const described = outcome.receipt === undefined ? [] : (request.describe?.(outcome.receipt) ?? []);
  if (outcome.state !== "committed") {
    const meaning = ERROR_CODES[outcome.code as ErrorCode]?.[1] ?? "";
    const said = outcome.message ?? meaning;
    const text = [`${outcome.state}: ${outcome.code}. ${said}`, ...alignPairs([["Transaction", id], ...described])];
    throw new CommandFailedError(text.join("\n"), answer);
  }
  const lines = Object.entries(extra).map(([name, value]): [string, string] => [name, String(value)]);
  printAnswer(options, answer, [
    `Committed in block ${outcome.height} after ${tookMs} ms.`,
    ...alignPairs([["Transaction", id], ...lines, ...described]),
  ]);
}

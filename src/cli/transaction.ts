// ttchain tx: what became of a transaction.

import { Command } from "commander";
import { isFinal, waitForCommit } from "../client/waitForCommit.js";
import { CommandFailedError, UsageError } from "./failures.js";
import { makeClient, type NodeOptions, wholeNumber, withExamples, withNodeOptions } from "./options.js";
import { alignPairs, formatTime, printAnswer, toJson } from "./output.js";
import { showAmount, tokenFace } from "./tokenFace.js";

interface TransactionOptions extends NodeOptions {
  validUntil?: number;
  wait?: number;
}

const EXPLANATIONS: Record<string, string> = {
  unknown: "this node has neither committed it nor holds it; it may still arrive",
  pending: "waiting in the mempool",
  committed: "in a block, for good",
  failed: "in a block, without effect but for the minimum fee",
  expired: "not committed, and never can be",
};

export function transactionCommand(): Command {
  const command = new Command("tx")
    .description("show what became of a transaction")
    .argument("<id>", "64 hex digits")
    .option(
      "--valid-until <height>",
      "its valid-until height, so that the node can say that it expired",
      wholeNumber(0),
    )
    .option("--wait <seconds>", "wait this long for it to become final", wholeNumber(0));
  withExamples(withNodeOptions(command), `tx ${"5f".repeat(32)}`, `tx ${"5f".repeat(32)} --wait 10 --json`);
  return command.action(async (id: string, options: TransactionOptions) => {
    if (!/^[0-9a-fA-F]{64}$/.test(id)) {
      throw new UsageError(`expected a transaction id of 64 hex digits, got "${id}"`);
    }
    const client = makeClient(options);
    const validUntil = options.validUntil === undefined ? {} : { validUntil: options.validUntil };
    const state =
      options.wait === undefined
        ? await client.transaction(id.toLowerCase(), validUntil)
        : await waitForCommit(client, id.toLowerCase(), { ...validUntil, timeoutMs: options.wait * 1_000 });
    const { receipt } = state;
    const lines: [string, string][] = [
      ["Transaction", id.toLowerCase()],
      ["State", `${state.state}: ${EXPLANATIONS[state.state] ?? ""}`],
    ];
    if (state.height !== undefined) {
      const time = state.timeMs === undefined ? "" : `, ${formatTime(state.timeMs)}`;
      lines.push(["Block", `${state.height}, place ${state.index}${time}`]);
    }
    if (receipt !== undefined) {
      const feeToken = receipt.feeToken ?? (state.transaction?.feeToken as string | undefined);
      const fee =
        feeToken === undefined ? `${receipt.fee} units` : showAmount(receipt.fee, await tokenFace(client, feeToken));
      lines.push(["Result", receipt.code], ["Fee", fee]);
    }
    const details = state.transaction === undefined ? [] : [toJson(state.transaction)];
    if (options.wait !== undefined && !isFinal(state)) {
      throw new CommandFailedError(`not final after ${options.wait} s: ${state.state}`, state);
    }
    printAnswer(options, state, [...alignPairs(lines), ...details]);
  });
}

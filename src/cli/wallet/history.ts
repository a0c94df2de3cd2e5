// ttchain wallet history: what came in and went out, newest first.

import { Command } from "commander";
import type { HistoryEntry } from "../../client/answers.js";
import type { TTChainClient } from "../../client/client.js";
import { makeClient, type WalletOptions, wholeNumber, withExamples, withWalletOptions } from "../options.js";
import { alignRows, formatTime, printAnswer } from "../output.js";
import { showAmount, tokenFace } from "../tokenFace.js";
import { walletAddress } from "../walletFile.js";

interface HistoryOptions extends WalletOptions {
  limit: number;
  before?: string;
}

const SIGNS = { in: "+", out: "-", self: "" };

async function describeEntry(client: TTChainClient, entry: HistoryEntry): Promise<string[]> {
  const { amount, token } = entry;
  const moved =
    amount === undefined || token === undefined
      ? ""
      : SIGNS[entry.direction] + showAmount(amount, await tokenFace(client, token));
  const result = entry.code === "OK" ? entry.kind : `${entry.kind}: ${entry.code}`;
  return [formatTime(entry.timeMs), String(entry.height), result, moved, entry.counterparty ?? "", entry.id];
}

export function walletHistoryCommand(): Command {
  const command = new Command("history")
    .description("show the wallet's transactions, newest first")
    .option("--limit <count>", "how many", wholeNumber(1, 100), 20)
    .option("--before <cursor>", "go on from the cursor that the last answer ended with");
  withExamples(withWalletOptions(command), "wallet history", "wallet history --limit 100 --json");
  return command.action(async (options: HistoryOptions) => {
    const client = makeClient(options);
    const cursor = options.before === undefined ? {} : { before: options.before };
    const page = await client.historyPage(await walletAddress(options), { limit: options.limit, ...cursor });
    const rows: string[][] = [];
    for (const entry of page.entries) {
      rows.push(await describeEntry(client, entry));
    }
    const more = page.next === undefined ? [] : [`More: add --before ${page.next}`];
    printAnswer(options, page, rows.length === 0 ? ["No transactions."] : [...alignRows(rows), ...more]);
  });
}

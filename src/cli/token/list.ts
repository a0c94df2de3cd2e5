// ttchain token list: the tokens of the chain.

import { Command } from "commander";
import { formatAmount } from "../../client/amounts.js";
import { makeClient, type NodeOptions, wholeNumber, withExamples, withNodeOptions } from "../options.js";
import { alignRows, printAnswer } from "../output.js";

interface ListOptions extends NodeOptions {
  limit: number;
  after?: string;
}

export function listTokensCommand(): Command {
  const command = new Command("list")
    .description("list the chain's tokens")
    .option("--limit <count>", "how many", wholeNumber(1, 100), 50)
    .option("--after <id>", "go on after this token");
  withExamples(withNodeOptions(command), "token list", "token list --limit 100 --json");
  return command.action(async (options: ListOptions) => {
    const after = options.after === undefined ? {} : { after: options.after };
    const page = await makeClient(options).tokens({ limit: options.limit, ...after });
    const rows = page.tokens.map(({ token, symbol, name, supply, decimals }) => [
      symbol,
      formatAmount(supply, decimals),
      name,
      token,
    ]);
    const more = page.next === undefined ? [] : [`More: add --after ${page.next}`];
    printAnswer(options, page, [...alignRows(rows), ...more]);
  });
}

// ttchain contract list: the contracts of the chain, newest first.

import { Command } from "commander";
import { makeClient, type NodeOptions, wholeNumber, withExamples, withNodeOptions } from "../options.js";
import { alignRows, printAnswer } from "../output.js";

interface ListOptions extends NodeOptions {
  limit: number;
  before?: string;
}

const HEAD = ["name", "status", "calls", "failed", "gas", "address"];

export function listContractsCommand(): Command {
  const command = new Command("list")
    .description("list the chain's contracts, newest first, with what their calls came to")
    .option("--limit <count>", "how many", wholeNumber(1, 20), 20)
    .option("--before <cursor>", "go on where the page before ended");
  withExamples(withNodeOptions(command), "contract list", "contract list --limit 5 --json");
  return command.action(async (options: ListOptions) => {
    const before = options.before === undefined ? {} : { before: options.before };
    const page = await makeClient(options).contracts({ limit: options.limit, ...before });
    const rows = page.contracts.map((contract) => [
      `${contract.name ?? ""} ${contract.version ?? ""}`.trim(),
      contract.paused ? `${contract.status}, paused` : contract.status,
      contract.calls.toLocaleString("en-US"),
      contract.failures.toLocaleString("en-US"),
      contract.gasUsed.toLocaleString("en-US"),
      contract.address,
    ]);
    const lines = rows.length === 0 ? ["No contract was registered yet."] : alignRows([HEAD, ...rows]);
    const more = page.next === undefined ? [] : [`More: add --before ${page.next}`];
    printAnswer(options, page, [...lines, ...more]);
  });
}

// ttchain block: one block's header, result and transactions.

import { Command } from "commander";
import { UsageError } from "./failures.js";
import { makeClient, type NodeOptions, withExamples, withNodeOptions } from "./options.js";
import { alignPairs, formatTime, printAnswer } from "./output.js";

const TRANSACTIONS_SHOWN = 20;

export function blockCommand(): Command {
  const command = new Command("block").description("show a block").argument("<block>", "a height, a hash or latest");
  withExamples(withNodeOptions(command), "block latest", "block 42 --json");
  return command.action(async (which: string, options: NodeOptions) => {
    if (!/^(latest|\d{1,16}|[0-9a-fA-F]{64})$/.test(which)) {
      throw new UsageError(`expected a height, a hash of 64 hex digits or latest, got "${which}"`);
    }
    const block = await makeClient(options).block(which.toLowerCase());
    const { header, result, certificate, transactions } = block;
    const shown = transactions.slice(0, TRANSACTIONS_SHOWN).map(({ id, code }) => `  ${id}  ${code}`);
    const more = transactions.length - shown.length;
    printAnswer(options, block, [
      ...alignPairs([
        ["Block", `${block.height}, ${formatTime(header.timeMs as number)}`],
        ["Hash", block.hash],
        ["Parent", String(header.parentHash)],
        ["Proposer", String(header.proposer)],
        ["State root", String(result.stateRoot)],
        ["Signed by", `${certificate.signatures.length} delegates`],
        ["Transactions", String(transactions.length)],
      ]),
      ...shown,
      ...(more > 0 ? [`  and ${more} more (--json shows all)`] : []),
    ]);
  });
}

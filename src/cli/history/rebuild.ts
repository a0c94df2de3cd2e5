// ttchain history rebuild: makes a history anew from a stopped node's blocks.

import { resolve } from "node:path";
import { Command } from "commander";
import { withExamples, withJsonOption } from "../options.js";
import { alignPairs, printAnswer } from "../output.js";
import { paymentStoreOption } from "../paymentStore.js";

interface RebuildOptions {
  data: string;
  history: string;
  json?: boolean;
}

export function historyRebuildCommand(): Command {
  const command = new Command("rebuild")
    .description("make a history anew from a stopped node's blocks")
    .option("-d, --data <directory>", "where the chain is kept", ".ttchain")
    .option("--history <store>", "which one: lmdb, or cassandra://host:port/keyspace", "lmdb");
  withExamples(
    withJsonOption(command),
    "history rebuild --data /var/lib/ttchain",
    "history rebuild --data /var/lib/ttchain --history cassandra://10.0.0.5/ttchain",
  );
  return command.action(async (options: RebuildOptions) => {
    // Loaded here: a wallet's commands need nothing of a node.
    const { rebuildHistory } = await import("../../rebuildHistory.js");
    const { paymentStore } = await paymentStoreOption(options.history);
    const rebuilt = await rebuildHistory({
      dataDirectory: resolve(options.data),
      paymentStore,
      tell: (line) => process.stderr.write(`${line}\n`),
    });
    printAnswer(
      options,
      rebuilt,
      alignPairs([
        ["Store", rebuilt.store],
        ["Blocks", `${rebuilt.blocks} (${rebuilt.firstHeight} to ${rebuilt.height})`],
        ["Transactions", String(rebuilt.transactions)],
      ]),
    );
  });
}

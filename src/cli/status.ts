// ttchain status: is the node there, which chain is it, how far has it come.

import { Command } from "commander";
import { makeClient, type NodeOptions, withExamples, withNodeOptions } from "./options.js";
import { alignPairs, formatTime, printAnswer } from "./output.js";

export function statusCommand(): Command {
  const command = new Command("status").description("show the node's chain, height and mempool");
  withExamples(withNodeOptions(command), "status", "status --url http://192.168.1.20:7070 --json");
  return command.action(async (options: NodeOptions) => {
    const status = await makeClient(options).status();
    const { chain, mempool } = status;
    printAnswer(
      options,
      status,
      alignPairs([
        ["Chain", `${chain.name}${chain.development ? " (development: its coins are worth nothing)" : ""}`],
        ["Genesis hash", chain.genesisHash],
        ["Height", `${status.height}, ${formatTime(status.timeMs)}`],
        ["Block hash", status.blockHash],
        ["State root", status.stateRoot],
        ["Delegates", String(status.delegates)],
        ["Waiting", `${mempool.count} transactions, ${mempool.bytes} bytes`],
        ["Node", `version ${status.version} at ${options.url}`],
      ]),
    );
  });
}

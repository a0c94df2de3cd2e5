// ttchain history status: which store answers for payments, and how far behind the chain it is.

import { Command } from "commander";
import { makeClient, type NodeOptions, withExamples, withNodeOptions } from "../options.js";
import { alignPairs, printAnswer } from "../output.js";

export function historyStatusCommand(): Command {
  const command = new Command("status").description("show how far a running node's history is behind its chain");
  withExamples(withNodeOptions(command), "history status", "history status --url http://192.168.1.20:7070 --json");
  return command.action(async (options: NodeOptions) => {
    const client = makeClient(options);
    const [status, index] = await Promise.all([client.status(), client.paymentIndex()]);
    const { height, historyHeight } = status;
    const { store, state, epoch, problem } = index;
    const lagBlocks = Math.max(0, height - index.height);
    printAnswer(
      options,
      { height, historyHeight, payments: { ...index, lagBlocks } },
      alignPairs([
        ["Chain", `height ${height}`],
        ["Look-ups", `height ${historyHeight}`],
        ["Payments", `height ${index.height} in ${store}, ${lagBlocks} blocks behind`],
        ["State", `${state}${epoch === undefined ? "" : `, epoch ${epoch}`}`],
        ...(problem === undefined ? [] : [["Problem", problem] as [string, string]]),
      ]),
    );
  });
}

// ttchain name show: whose a name is, and what it stands for.

import { Command } from "commander";
import { makeClient, type NodeOptions, withExamples, withNodeOptions } from "../options.js";
import { alignPairs, formatTime, printAnswer } from "../output.js";
import { showAmount, tokenFace } from "../tokenFace.js";

export function showNameCommand(): Command {
  const command = new Command("show")
    .description("show whose a name is, and what it stands for")
    .argument("<name>", "the name");
  withExamples(withNodeOptions(command), "name show corner-cafe", "name show 모퉁이카페 --json");
  return command.action(async (name: string, options: NodeOptions) => {
    const client = makeClient(options);
    const found = await client.name(name);
    const isHeld = found.state === "held";
    printAnswer(options, found, [
      ...alignPairs([
        ["Name", found.name],
        [isHeld ? "Stands for" : "Stood for", `${found.target}${found.isContract ? ", a contract" : ""}`],
        ["Owner", found.owner],
        [isHeld ? "Until" : "Lapsed", formatTime(found.timeMsExpires)],
        ["Free for others from", formatTime(found.timeMsFree)],
        ["Deposit", showAmount(BigInt(found.deposit), await tokenFace(client, "TTC"))],
      ]),
    ]);
  });
}

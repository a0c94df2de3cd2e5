// ttchain history: what look-ups are answered from, how far it is, and making it anew from the blocks.

import { Command } from "commander";
import { withExamples } from "../options.js";
import { historyRebuildCommand } from "./rebuild.js";
import { historyStatusCommand } from "./status.js";

export function historyCommand(): Command {
  const command = new Command("history")
    .description("how far a history is, and making it anew from the blocks")
    .addCommand(historyStatusCommand())
    .addCommand(historyRebuildCommand());
  return withExamples(command, "history status", "history rebuild --data /var/lib/ttchain");
}

// ttchain feed: a delegate's answers to contracts that ask for outside data, and its word on prices.

import { Command } from "commander";
import { withExamples } from "../options.js";
import { checkFeedsCommand } from "./check.js";
import { runFeedsCommand } from "./run.js";

export function feedCommand(): Command {
  const command = new Command("feed").description("answer contracts' requests for outside data (delegates)");
  withExamples(command, "feed check --config feeds.json", "feed run --config feeds.json");
  return command.addCommand(checkFeedsCommand()).addCommand(runFeedsCommand());
}

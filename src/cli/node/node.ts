// `ttchain node`: one node of a chain that several machines run.

import { Command } from "commander";
import { withExamples } from "../options.js";
import { nodeInitCommand } from "./init.js";
import { nodeJoinCommand } from "./join.js";
import { nodeStartCommand } from "./start.js";

export function nodeCommand(): Command {
  return withExamples(
    new Command("node")
      .description("a node that is joined to others")
      .addCommand(nodeInitCommand())
      .addCommand(nodeJoinCommand())
      .addCommand(nodeStartCommand()),
    "node start --home /var/lib/ttchain",
  );
}

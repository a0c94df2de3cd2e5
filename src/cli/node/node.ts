// `ttchain node`: one node of a chain that several machines run.

import { Command } from "commander";
import { withExamples } from "../options.js";
import { nodeStartCommand } from "./start.js";

export function nodeCommand(): Command {
  return withExamples(
    new Command("node").description("a node that is joined to others").addCommand(nodeStartCommand()),
    "node start --home /var/lib/ttchain",
  );
}

// `ttchain apikey`: what an operator does with keys to the node's own routes.

import { Command } from "commander";
import { withExamples } from "../options.js";
import { createCommand } from "./create.js";
import { listCommand } from "./list.js";
import { revokeCommand } from "./revoke.js";

export function apiKeyCommand(): Command {
  const command = new Command("apikey")
    .description("give out, list and revoke keys to operators' routes; a running node takes changes at once")
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(revokeCommand());
  return withExamples(command, "apikey create prometheus --scope metrics", "apikey list");
}

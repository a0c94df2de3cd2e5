// ttchain token: tokens that anybody can create.

import { Command } from "commander";
import { withExamples } from "../options.js";
import { burnTokenCommand } from "./burn.js";
import { createTokenCommand } from "./create.js";
import { freezeTokenCommand, unfreezeTokenCommand } from "./freeze.js";
import { listTokensCommand } from "./list.js";
import { mintTokenCommand } from "./mint.js";
import { showTokenCommand } from "./show.js";

export function tokenCommand(): Command {
  const command = new Command("token").description("create tokens and see those that exist");
  withExamples(command, "token list", 'token create COFFEE "Coffee card" --supply 10000');
  return command
    .addCommand(createTokenCommand())
    .addCommand(mintTokenCommand())
    .addCommand(burnTokenCommand())
    .addCommand(freezeTokenCommand())
    .addCommand(unfreezeTokenCommand())
    .addCommand(listTokensCommand())
    .addCommand(showTokenCommand());
}

// ttchain name: names of accounts and contracts.

import { Command } from "commander";
import { withExamples } from "../options.js";
import { releaseNameCommand, renewNameCommand, setNameCommand, transferNameCommand } from "./keep.js";
import { showNameCommand } from "./show.js";
import { commitNameCommand, revealNameCommand } from "./take.js";

export function nameCommand(): Command {
  const command = new Command("name").description("names that stand for accounts and contracts");
  withExamples(command, "name commit corner-cafe", "name reveal corner-cafe", "name show corner-cafe");
  return command
    .addCommand(commitNameCommand())
    .addCommand(revealNameCommand())
    .addCommand(setNameCommand())
    .addCommand(showNameCommand())
    .addCommand(renewNameCommand())
    .addCommand(transferNameCommand())
    .addCommand(releaseNameCommand());
}

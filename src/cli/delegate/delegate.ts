// ttchain delegate: stand for election, and see who does.

import { Command } from "commander";
import { resignCandidate, resumeCandidate } from "../../client/delegateActions.js";
import { withExamples } from "../options.js";
import { simpleAction } from "../simpleAction.js";
import { listDelegatesCommand } from "./list.js";
import { registerDelegateCommand, updateDelegateCommand } from "./register.js";
import { showDelegateCommand } from "./show.js";

export function delegateCommand(): Command {
  const command = new Command("delegate").description("stand for election as a delegate, and see who does");
  withExamples(command, "delegate list", 'delegate register "Seoul One" --home /var/lib/ttchain');
  return command
    .addCommand(registerDelegateCommand())
    .addCommand(updateDelegateCommand())
    .addCommand(simpleAction("delegate resign", "stand no more; the deposit comes back later", resignCandidate))
    .addCommand(simpleAction("delegate resume", "come back after a suspension", resumeCandidate))
    .addCommand(listDelegatesCommand())
    .addCommand(showDelegateCommand());
}

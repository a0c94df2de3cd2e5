// ttchain snapshot: a chain in one file, and back.

import { Command } from "commander";
import { withExamples } from "../options.js";
import { createCommand } from "./create.js";
import { inspectCommand } from "./inspect.js";
import { restoreCommand } from "./restore.js";

export function snapshotCommand(): Command {
  const command = new Command("snapshot")
    .description("write a stopped node's chain into one file, look into such a file, and restore it")
    .addCommand(createCommand())
    .addCommand(restoreCommand())
    .addCommand(inspectCommand());
  return withExamples(command, "snapshot create chain.snap --with-blocks", "snapshot restore chain.snap --data /srv/b");
}

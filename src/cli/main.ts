#!/usr/bin/env node
// The `ttchain` command. It ends with 0 (done), 1 (refused or failed), 2 (called wrongly) or 3 (no node answers).

import { CommanderError } from "commander";
import { exitCodeOf, explainFailure, failureAnswer } from "./failures.js";
import { toJson } from "./output.js";
import { makeProgram } from "./program.js";

// A reader that has seen enough, such as `head`, is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") {
    throw error;
  }
});

try {
  await makeProgram().parseAsync();
} catch (error) {
  // Commander has printed its own message already.
  if (!(error instanceof CommanderError)) {
    if (process.argv.includes("--json")) {
      const answer = failureAnswer(error);
      // A command that has printed its whole answer fails without another.
      process.stdout.write(answer === undefined ? "" : `${toJson(answer)}\n`);
    } else {
      process.stderr.write(`${explainFailure(error)}\n`);
    }
  }
  process.exitCode = exitCodeOf(error);
}

// ttchain snapshot inspect: what a snapshot holds, with every chunk checked against its hash.

import { resolve } from "node:path";
import { Command } from "commander";
import { withExamples, withJsonOption } from "../options.js";
import { printAnswer } from "../output.js";
import { manifestAnswer, manifestLines } from "./manifestLines.js";

export function inspectCommand(): Command {
  const command = new Command("inspect")
    .description("show what a snapshot holds, and check it against its own hashes")
    .argument("<file>", "the snapshot");
  withExamples(withJsonOption(command), "snapshot inspect chain.snap");
  return command.action(async (file: string, options: { json?: boolean }) => {
    const { inspectSnapshot } = await import("../../inspectSnapshot.js");
    const manifest = await inspectSnapshot(resolve(file));
    printAnswer(options, manifestAnswer(manifest), manifestLines(manifest));
  });
}

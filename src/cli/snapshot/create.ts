// ttchain snapshot create: the state of a stopped node's latest block in one file, and its blocks if wanted.

import { resolve } from "node:path";
import { Command } from "commander";
import { withExamples, withJsonOption } from "../options.js";
import { printAnswer } from "../output.js";
import { manifestAnswer, manifestLines } from "./manifestLines.js";

interface CreateOptions {
  data: string;
  withBlocks?: boolean;
  json?: boolean;
}

export function createCommand(): Command {
  const command = new Command("create")
    .description("write a snapshot of a stopped node's chain")
    .argument("<file>", "the snapshot, which must not exist")
    .option("-d, --data <directory>", "where the chain is kept", ".ttchain")
    .option("--with-blocks", "all blocks too, so that the whole chain can be restored");
  withExamples(withJsonOption(command), "snapshot create chain.snap --data /var/lib/ttchain --with-blocks");
  return command.action(async (file: string, options: CreateOptions) => {
    const { createSnapshot } = await import("../../createSnapshot.js");
    const manifest = await createSnapshot({
      dataDirectory: resolve(options.data),
      file: resolve(file),
      withBlocks: options.withBlocks ?? false,
      tell: (line) => process.stderr.write(`${line}\n`),
    });
    printAnswer(options, manifestAnswer(manifest), manifestLines(manifest));
  });
}

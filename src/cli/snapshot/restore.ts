// ttchain snapshot restore: makes a data directory of a snapshot, after checking all of it.

import { resolve } from "node:path";
import { Command } from "commander";
import { withExamples, withJsonOption } from "../options.js";
import { printAnswer } from "../output.js";
import { manifestAnswer, manifestLines } from "./manifestLines.js";

interface RestoreOptions {
  data: string;
  blockHash?: string;
  json?: boolean;
}

export function restoreCommand(): Command {
  const command = new Command("restore")
    .description("make a data directory of a snapshot")
    .argument("<file>", "the snapshot")
    .requiredOption("-d, --data <directory>", "the new data directory, empty or absent")
    .option("--block-hash <hex>", "refuse a snapshot of any other block than this, which others of the network show");
  withExamples(withJsonOption(command), "snapshot restore chain.snap --data /var/lib/ttchain");
  return command.action(async (file: string, options: RestoreOptions) => {
    const { restoreSnapshot } = await import("../../restoreSnapshot.js");
    const { manifest, blocks } = await restoreSnapshot({
      file: resolve(file),
      dataDirectory: resolve(options.data),
      ...(options.blockHash === undefined ? {} : { blockHash: options.blockHash.toLowerCase() }),
      tell: (line) => process.stderr.write(`${line}\n`),
    });
    printAnswer(options, { ...manifestAnswer(manifest), blocks }, [
      ...manifestLines(manifest),
      "",
      `Restored into ${resolve(options.data)} with ${blocks} ${blocks === 1 ? "block" : "blocks"}.`,
      "Put keys.json (and its passphrase) there, and start with --signing-above and the highest height that the network shows.",
    ]);
  });
}

// ttchain verify: walks everything that a stopped node has stored, and names the first damage.

import { resolve } from "node:path";
import { Command } from "commander";
import { CommandFailedError } from "./failures.js";
import { withExamples, withJsonOption } from "./options.js";
import { alignPairs, printAnswer } from "./output.js";

interface VerifyOptions {
  data: string;
  json?: boolean;
}

export function verifyCommand(): Command {
  const command = new Command("verify")
    .description("check a stopped node's blocks, certificates, state and history, and name the first damage")
    .option("-d, --data <directory>", "where the chain is kept", ".ttchain");
  withExamples(withJsonOption(command), "verify --data /var/lib/ttchain", "verify --json");
  return command.action(async (options: VerifyOptions) => {
    // Loaded here: a wallet's commands need nothing of a node.
    const { verifyChain } = await import("../verifyChain.js");
    const found = await verifyChain({
      dataDirectory: resolve(options.data),
      tell: (line) => process.stderr.write(`checking: ${line}\n`),
    });
    if (!found.sound) {
      const { part, message } = found.damage as { part: string; message: string };
      throw new CommandFailedError(
        `Damaged (${part}): ${message}\nDo not start a node on it: restore a snapshot, or, where only state/ or history/ is damaged, remove that and start.`,
        found,
      );
    }
    printAnswer(
      options,
      found,
      alignPairs([
        ["Sound", "yes: nothing is damaged"],
        ["Blocks", `${found.blocks} (${found.firstBlock ?? "none"} to ${found.lastBlock})`],
        ["Certificates", `${found.certificates} checked, ${found.certificatesUnchecked} not`],
        ["State", `height ${found.stateHeight}, ${found.leaves} leaves in ${found.pages} pages`],
        ["History", `${found.historyRows} rows`],
      ]),
    );
  });
}

// ttchain contract new: a folder with a contract, its tests and a page about it.

import { cpSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { CommandFailedError, UsageError } from "../failures.js";
import { withExamples, withJsonOption } from "../options.js";
import { printAnswer } from "../output.js";

const TEMPLATE = fileURLToPath(new URL("../../../templates/contract", import.meta.url));
const STANDARD = fileURLToPath(new URL("../../../contracts", import.meta.url));
const FILES = ["contract.lua", "tests.lua", "README.md"];

export function newContractCommand(): Command {
  const command = new Command("new")
    .description("make a folder with a contract, its tests and a page about it")
    .argument("<folder>", "where; it is made if it does not exist")
    .option("--from <name>", `start from a standard contract: ${readdirSync(STANDARD).join(", ")}`);
  withExamples(withJsonOption(command), "contract new tipjar", "contract new mycoin --from token");
  return command.action((folder: string, options: { from?: string; json?: boolean }) => {
    const { from } = options;
    if (from !== undefined && !readdirSync(STANDARD).includes(from)) {
      throw new UsageError(`expected one of ${readdirSync(STANDARD).join(", ")}, got ${from}`);
    }
    const taken = FILES.filter((file) => existsSync(join(folder, file)));
    if (taken.length > 0) {
      throw new CommandFailedError(`${folder} holds ${taken.join(" and ")} already: nothing was changed`, { taken });
    }
    cpSync(from === undefined ? TEMPLATE : join(STANDARD, from), folder, { recursive: true });
    printAnswer(options, { folder, files: FILES }, [
      `Made ${FILES.map((file) => join(folder, file)).join(", ")}.`,
      `Next: npx ttchain contract test ${folder}`,
    ]);
  });
}

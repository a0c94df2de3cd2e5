// `ttchain apikey revoke`: a key that was given out opens nothing any more.

import { Command } from "commander";
import { loadApiKeys, saveApiKeys } from "../../storage/apiKeyFile.js";
import { UsageError } from "../failures.js";
import { withExamples, withJsonOption } from "../options.js";
import { printAnswer } from "../output.js";
import { type DataOptions, withDataOption } from "./dataOption.js";

async function revoke(id: string, options: DataOptions): Promise<void> {
  const records = loadApiKeys(options.data);
  const left = records.filter((record) => record.id !== id);
  if (left.length === records.length) {
    throw new UsageError(`no key begins with ttk_${id}: \`ttchain apikey list\` shows them`);
  }
  await saveApiKeys(options.data, left);
  printAnswer(options, { revoked: id }, [`${id} is revoked.`]);
}

export function revokeCommand(): Command {
  const command = new Command("revoke")
    .description("let a key open nothing any more; a running node knows at once")
    .argument("<id>", "the 12 digits that the list shows");
  return withExamples(withJsonOption(withDataOption(command)), "apikey revoke 1f2e3d4c5b6a").action(revoke);
}

// `ttchain apikey list`: the keys that were given out; what they are is not kept.

import { Command } from "commander";
import { loadApiKeys } from "../../storage/apiKeyFile.js";
import { withExamples, withJsonOption } from "../options.js";
import { alignRows, formatTime, printAnswer } from "../output.js";
import { type DataOptions, withDataOption } from "./dataOption.js";

function list(options: DataOptions): void {
  const keys = loadApiKeys(options.data).map(({ id, name, scopes, createdMs }) => ({ id, name, scopes, createdMs }));
  const rows = keys.map(({ id, name, scopes, createdMs }) => [id, scopes.join(", "), formatTime(createdMs), name]);
  printAnswer(options, keys, rows.length === 0 ? ["No key was given out."] : alignRows(rows));
}

export function listCommand(): Command {
  const command = new Command("list").description("show the keys that were given out, by their first part");
  return withExamples(withJsonOption(withDataOption(command)), "apikey list", "apikey list --json").action(list);
}

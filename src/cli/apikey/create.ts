// `ttchain apikey create`: makes a key and shows it, this once.

import { Command, Option } from "commander";
import { systemClock } from "../../base/clock.js";
import { systemRandom } from "../../base/random.js";
import { API_KEY_SCOPES, type ApiKeyScope, loadApiKeys, makeApiKey, saveApiKeys } from "../../storage/apiKeyFile.js";
import { withExamples, withJsonOption } from "../options.js";
import { printAnswer } from "../output.js";
import { type DataOptions, withDataOption } from "./dataOption.js";

interface CreateOptions extends DataOptions {
  scope: ApiKeyScope[];
}

async function create(name: string, options: CreateOptions): Promise<void> {
  const records = loadApiKeys(options.data);
  const { key, record } = makeApiKey(name, options.scope, systemClock.nowMs(), systemRandom);
  await saveApiKeys(options.data, [...records, record]);
  printAnswer(options, { id: record.id, name, scopes: record.scopes, key }, [
    key,
    "",
    "It is shown this once. Send it as the header",
    `  Authorization: Bearer ${key.slice(0, 8)}\u2026`,
  ]);
}

export function createCommand(): Command {
  const command = new Command("create")
    .description("make a key with the scopes given, and show it once")
    .argument("<name>", "what it is for")
    .addOption(new Option("--scope <scope...>", "what it allows").choices(API_KEY_SCOPES).makeOptionMandatory());
  return withExamples(
    withJsonOption(withDataOption(command)),
    "apikey create prometheus --scope metrics",
    "apikey create till-fleet --scope unlimited",
  ).action(create);
}

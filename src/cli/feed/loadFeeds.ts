// Reads the file that says where answers come from.

import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { type FeedsConfig, parseFeedsConfig } from "../../feeds/feedConfig.js";
import { UsageError } from "../failures.js";

export function withFeedsOption(command: Command): Command {
  return command.option("--config <file>", "the feeds and where they are read (docs/operators.md)", "feeds.json");
}

export async function loadFeeds(path: string): Promise<FeedsConfig> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`can't read ${path}: ${error.code ?? error.message}`);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path} is no JSON: ${(error as Error).message}`);
  }
  return parseFeedsConfig(json);
}

// Where the node's directory is, for commands that work on it without the node.

import type { Command } from "commander";

export interface DataOptions {
  data: string;
  json?: boolean;
}

export function withDataOption(command: Command): Command {
  return command.option("-d, --data <directory>", "the node's data directory", ".ttchain");
}

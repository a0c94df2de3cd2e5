// `ttchain desk`: the exchange desk as a process of its own.

import { resolve } from "node:path";
import { Command } from "commander";
import { systemClock } from "../base/clock.js";
import { type LogLevel, makeLogger } from "../base/logging.js";
import { DEFAULT_NODE_URL } from "../client/client.js";
import { wholeNumber, withExamples, withJsonOption } from "./options.js";
import { packageVersion } from "./packageVersion.js";
import { runUntilStopped } from "./runUntilStopped.js";

interface DeskOptions {
  node: string;
  config: string;
  data: string;
  host: string;
  port: number;
  logLevel: LogLevel;
  json?: boolean;
}

async function run(options: DeskOptions): Promise<void> {
  const logger = makeLogger({ level: options.logLevel });
  // Loaded here: other commands need nothing of a server.
  const { startDeskProcess } = await import("../deskProcess.js");
  const { node, config, data, host, port } = options;
  const desk = await runUntilStopped("the desk", logger, (onFailure) =>
    startDeskProcess(
      { node, configFile: resolve(config), dataDirectory: resolve(data), host, port, version: packageVersion() },
      { clock: systemClock, logger, onFailure },
    ),
  );
  console.log(
    options.json
      ? JSON.stringify({ event: "listening", url: desk.url, pid: process.pid })
      : `The desk is running at ${desk.url}: see docs/desk.md. Stop with Ctrl+C.`,
  );
}

/** The command's definition, for the program's table. */
export function deskCommand(): Command {
  const command = new Command("desk")
    .description("run an exchange desk: TTM for won, points and other coins for TTC")
    .requiredOption("--config <file>", "purses, bank, partners and coins: see docs/desk.md")
    .option("--node <url>", "the node (environment: TTCHAIN_URL)", process.env.TTCHAIN_URL || DEFAULT_NODE_URL)
    .option("-d, --data <directory>", "where the desk keeps its orders", ".ttchain-desk")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("-p, --port <number>", "port to listen on; 0 takes a free one", wholeNumber(0, 65_535), 7072)
    .option("--log-level <level>", "trace, debug, info, warn, error or silent", "warn");
  withExamples(
    withJsonOption(command),
    "desk --config desk.json",
    "desk --config /etc/ttchain/desk.json --data /var/lib/ttchain-desk",
  );
  return command.action(run);
}

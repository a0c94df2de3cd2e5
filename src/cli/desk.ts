// `ttchain desk`: the exchange desk as a process of its own.

import { resolve } from "node:path";
import { Command } from "commander";
import { systemClock } from "../base/clock.js";
import { type LogLevel, makeLogger } from "../base/logging.js";
import { DEFAULT_NODE_URL } from "../client/client.js";
import type { DeskProcess } from "../deskProcess.js";
import { wholeNumber, withExamples, withJsonOption } from "./options.js";

const EXIT_FORCED = 130;

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
  let desk: DeskProcess | undefined;
  let stopping = false;
  const logger = makeLogger({ level: options.logLevel });
  const stop = (exitCode: number): void => {
    if (stopping) {
      process.exit(EXIT_FORCED);
    }
    stopping = true;
    (desk?.stop() ?? Promise.resolve()).then(
      () => process.exit(exitCode),
      () => process.exit(1),
    );
  };
  // Loaded here: other commands need nothing of a server.
  const { startDeskProcess } = await import("../deskProcess.js");
  const { node, config, data, host, port } = options;
  desk = await startDeskProcess(
    { node, configFile: resolve(config), dataDirectory: resolve(data), host, port },
    {
      clock: systemClock,
      logger,
      onFailure: (error) => {
        logger.fatal({ err: error }, "the desk can't go on");
        stop(1);
      },
    },
  );
  process.on("SIGINT", () => stop(0));
  process.on("SIGTERM", () => stop(0));
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

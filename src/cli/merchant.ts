// `ttchain merchant`: the gateway for shops as a process of its own, beside any node. Where another one runs on its directory, it
// can wait for that one to end and take its place.

import { resolve } from "node:path";
import { Command } from "commander";
import { systemClock } from "../base/clock.js";
import { type LogLevel, makeLogger } from "../base/logging.js";
import { systemRandom } from "../base/random.js";
import { DEFAULT_NODE_URL } from "../client/client.js";
import { delay } from "../client/delay.js";
import type { MerchantProcess } from "../merchantProcess.js";
import { StorageError } from "../storage/storageErrors.js";
import { UsageError } from "./failures.js";
import { loadFeeds } from "./feed/loadFeeds.js";
import { wholeNumber, withExamples, withJsonOption } from "./options.js";
import { packageVersion } from "./packageVersion.js";

const STANDBY_EVERY_MS = 500;
const EXIT_FORCED = 130;

interface MerchantOptions {
  node: string;
  data: string;
  host: string;
  port: number;
  standby?: boolean;
  allowOrigin: string[];
  trustedProxy: string[];
  allowPrivateWebhooks?: boolean;
  quoteFeeds?: string;
  tlsCert?: string;
  tlsKey?: string;
  logLevel: LogLevel;
  json?: boolean;
}

async function start(options: MerchantOptions, onFailure: (error: unknown) => void): Promise<MerchantProcess> {
  const { node, data, host, port, tlsCert, tlsKey } = options;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new UsageError("expected --tls-cert and --tls-key together");
  }
  const logger = makeLogger({ level: options.logLevel });
  // Loaded here: other commands need nothing of a server.
  const { startMerchantProcess } = await import("../merchantProcess.js");
  const feeds = options.quoteFeeds === undefined ? undefined : (await loadFeeds(options.quoteFeeds)).feeds;
  for (;;) {
    try {
      return await startMerchantProcess(
        {
          node,
          dataDirectory: resolve(data),
          host,
          port,
          originsAllowed: options.allowOrigin,
          trustedProxies: options.trustedProxy,
          ...(tlsCert === undefined || tlsKey === undefined
            ? {}
            : { tls: { certificateFile: tlsCert, keyFile: tlsKey } }),
          allowPrivateWebhooks: options.allowPrivateWebhooks ?? false,
          ...(feeds === undefined ? {} : { feeds }),
          version: packageVersion(),
        },
        { clock: systemClock, random: systemRandom, logger, onFailure },
      );
    } catch (error) {
      if (!options.standby || !(error instanceof StorageError) || error.code !== "DIRECTORY_IN_USE") {
        throw error;
      }
      await delay(STANDBY_EVERY_MS);
    }
  }
}

async function run(options: MerchantOptions): Promise<void> {
  let gateway: MerchantProcess | undefined;
  let stopping = false;
  const stop = (exitCode: number): void => {
    if (stopping) {
      process.exit(EXIT_FORCED);
    }
    stopping = true;
    const stopped = gateway?.stop() ?? Promise.resolve();
    stopped.then(
      () => process.exit(exitCode),
      () => process.exit(1),
    );
  };
  gateway = await start(options, (error) => {
    makeLogger({ level: "error" }).fatal({ err: error }, "the gateway can't go on");
    stop(1);
  });
  process.on("SIGINT", () => stop(0));
  process.on("SIGTERM", () => stop(0));
  const { url, height } = gateway;
  console.log(
    options.json
      ? JSON.stringify({ event: "listening", url, height, pid: process.pid })
      : `The gateway is running at ${url} (height ${height}): see docs/merchant.md. Stop with Ctrl+C.`,
  );
}

/** The command's definition, for the program's table. */
export function merchantCommand(): Command {
  const command = new Command("merchant")
    .description("run the gateway for shops beside a node: invoices, webhooks, checkout pages")
    .option("--node <url>", "the node (environment: TTCHAIN_URL)", process.env.TTCHAIN_URL || DEFAULT_NODE_URL)
    .option("-d, --data <directory>", "where the gateway keeps what it knows", ".ttchain-merchant")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("-p, --port <number>", "port to listen on; 0 takes a free one", wholeNumber(0, 65_535), 7071)
    .option("--standby", "wait for the gateway that runs on the directory to end, and take its place")
    .option("--allow-origin <origin...>", "web origins whose pages may change something", [])
    .option("--trusted-proxy <address...>", "proxies, or networks of them, whose X-Forwarded-For is believed", [])
    .option("--allow-private-webhooks", "webhooks may go to private addresses, and without TLS")
    .option("--quote-feeds <file>", "feeds that say what tokens are worth in won (docs/merchant.md)")
    .option("--tls-cert <file>", "certificate and its chain in PEM: the gateway then speaks HTTPS and WSS")
    .option("--tls-key <file>", "the certificate's key in PEM, which only its owner may read")
    .option("--log-level <level>", "trace, debug, info, warn, error or silent", "warn");
  withExamples(
    withJsonOption(command),
    "merchant --node http://127.0.0.1:7070",
    "merchant --data /var/lib/ttchain-merchant --standby",
  );
  return command.action(run);
}

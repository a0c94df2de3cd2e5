// `ttchain merchant`: the gateway for shops as a process of its own, beside any node. Where another one holds its directory, it serves
// beside that one, or waits to take its place.

import { resolve } from "node:path";
import { Command } from "commander";
import { systemClock } from "../base/clock.js";
import { type LogLevel, makeLogger } from "../base/logging.js";
import { systemRandom } from "../base/random.js";
import { DEFAULT_NODE_URL } from "../client/client.js";
import { type GatewayOptions, gatewayParts, withGatewayOptions } from "./gatewayOptions.js";
import { tlsFiles, wholeNumber, withExamples, withJsonOption } from "./options.js";
import { printAnswer } from "./output.js";
import { packageVersion } from "./packageVersion.js";
import { runUntilStopped } from "./runUntilStopped.js";

const NODE_HELP = "the node (environment: TTCHAIN_URL)";
const NODE_DEFAULT = process.env.TTCHAIN_URL || DEFAULT_NODE_URL;
const DATA_HELP = "where the gateway keeps what it knows";
const DATA_DEFAULT = ".ttchain-merchant";

interface MerchantOptions extends GatewayOptions {
  node: string;
  data: string;
  host: string;
  port: number;
  standby?: boolean;
  allowOrigin: string[];
  trustedProxy: string[];
  tlsCert?: string;
  tlsKey?: string;
  logLevel: LogLevel;
  json?: boolean;
}

async function run(options: MerchantOptions): Promise<void> {
  const { node, data, host, port } = options;
  const logger = makeLogger({ level: options.logLevel });
  // Loaded here: other commands need nothing of a server.
  const { startMerchantProcess } = await import("../merchantProcess.js");
  const parts = await gatewayParts(options);
  const gateway = await runUntilStopped("the gateway", logger, (onFailure) =>
    startMerchantProcess(
      {
        node,
        dataDirectory: resolve(data),
        host,
        port,
        originsAllowed: options.allowOrigin,
        trustedProxies: options.trustedProxy,
        ...tlsFiles(options),
        ...parts,
        standby: options.standby ?? false,
        version: packageVersion(),
      },
      { clock: systemClock, random: systemRandom, logger, onFailure },
    ),
  );
  const { url, height, holds } = gateway;
  console.log(
    options.json
      ? JSON.stringify({ event: "listening", url, height, holds, pid: process.pid })
      : `The gateway is running at ${url} (height ${height}${holds ? "" : ", beside another that holds the store"}): see docs/merchant.md. Stop with Ctrl+C.`,
  );
}

interface RebuildOptions {
  node: string;
  data: string;
  json?: boolean;
}

function rebuildCommand(): Command {
  const command = new Command("rebuild")
    .description("derive a stopped gateway's payments, refunds and ends again from its node's blocks")
    .option("--node <url>", NODE_HELP, NODE_DEFAULT)
    .option("-d, --data <directory>", DATA_HELP, DATA_DEFAULT);
  withExamples(withJsonOption(command), "merchant rebuild --data /var/lib/ttchain-merchant");
  return command.action(async (options: RebuildOptions) => {
    const { rebuildMerchant } = await import("../merchantProcess.js");
    const rebuilt = await rebuildMerchant(
      { node: options.node, dataDirectory: resolve(options.data) },
      {
        clock: systemClock,
        random: systemRandom,
        logger: makeLogger({ level: "error" }),
        onFailure: (error) => {
          throw error;
        },
      },
    );
    printAnswer(options, rebuilt, [`Applied ${rebuilt.blocks} blocks again, up to height ${rebuilt.height}.`]);
  });
}

/** The command's definition, for the program's table. */
export function merchantCommand(): Command {
  const command = new Command("merchant")
    .description("run the gateway for shops beside a node: invoices, webhooks, checkout pages")
    .enablePositionalOptions()
    .addCommand(rebuildCommand())
    .option("--node <url>", NODE_HELP, NODE_DEFAULT)
    .option("-d, --data <directory>", DATA_HELP, DATA_DEFAULT)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("-p, --port <number>", "port to listen on; 0 takes a free one", wholeNumber(0, 65_535), 7071)
    .option("--standby", "wait for the gateway that holds the directory to end before listening, and take its place")
    .option("--allow-origin <origin...>", "web origins whose wallets may hand in codes and purchases with mileage", [])
    .option("--trusted-proxy <address...>", "proxies, or networks of them, whose X-Forwarded-For is believed", [])
    .option("--tls-cert <file>", "certificate and its chain in PEM: the gateway then speaks HTTPS and WSS")
    .option("--tls-key <file>", "the certificate's key in PEM, which only its owner may read")
    .option("--log-level <level>", "trace, debug, info, warn, error or silent", "warn");
  withExamples(
    withJsonOption(withGatewayOptions(command)),
    "merchant --node http://127.0.0.1:7070",
    "merchant --data /var/lib/ttchain-merchant --port 7072",
  );
  return command.action(run);
}

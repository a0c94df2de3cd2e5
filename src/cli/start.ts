// `ttchain start`: runs a node on a data directory until it is told to stop. A chain that doesn't exist yet is begun.

import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { Command } from "commander";
import { toHex } from "../base/bytes.js";
import { systemClock } from "../base/clock.js";
import type { LogLevel } from "../base/logging.js";
import {
  LEDGER_ACCOUNTS_DEFAULT,
  LEDGER_ACCOUNTS_LEAST,
  LEDGER_ACCOUNTS_MOST,
} from "../execution/kernel/ledgerCapacity.js";
import type { Node } from "../node.js";
import type { NodeOptions } from "../nodeParts.js";

import { type GatewayOptions, gatewayParts, withGatewayOptions } from "./gatewayOptions.js";
import { readKeysPassphrase } from "./keysPassphrase.js";
import { tlsFiles, wholeNumber } from "./options.js";
import { packageVersion } from "./packageVersion.js";
import { paymentStoreOption } from "./paymentStore.js";
import { runNode } from "./runNode.js";

interface StartOptions extends GatewayOptions {
  data: string;
  host: string;
  port: number;
  workers: number;
  contractWorkers: number;
  delegates: number;
  historyHeights: number;
  retainBlocks?: number;
  history: string;
  stateCacheMb: number;
  keyTablesMb: number;
  ledgerAccounts: number;
  allowOrigin: string[];
  passphraseFile?: string;
  signingAbove?: number;
  tlsCert?: string;
  tlsKey?: string;
  trustedProxy: string[];
  merchant: boolean;
  logLevel: LogLevel;
  json?: boolean;
}

async function nodeOptions(options: StartOptions): Promise<NodeOptions> {
  const dataDirectory = resolve(options.data);
  const keysPassphrase = await readKeysPassphrase(dataDirectory, options.passphraseFile);
  return {
    dataDirectory,
    ...tlsFiles(options),
    trustedProxies: options.trustedProxy,
    ...(keysPassphrase === undefined ? {} : { keysPassphrase }),
    ...(options.signingAbove === undefined ? {} : { signingAbove: options.signingAbove }),
    host: options.host,
    port: options.port,
    workers: options.workers,
    contractWorkers: options.contractWorkers,
    delegates: options.delegates,
    historyHeights: options.historyHeights,
    ...(options.retainBlocks === undefined ? {} : { retainBlocks: options.retainBlocks }),
    ...(await paymentStoreOption(options.history)),
    stateCacheBytes: options.stateCacheMb * 1024 * 1024,
    keyTableCacheBytes: options.keyTablesMb * 1024 * 1024,
    ledgerAccounts: options.ledgerAccounts,
    originsAllowed: options.allowOrigin,
    ...(options.merchant ? { merchant: await gatewayParts(options) } : {}),
    version: packageVersion(),
  };
}

function announce(node: Node, options: StartOptions, startedMs: number): void {
  const wsUrl = node.url.replace("http", "ws");
  if (options.json) {
    const ready = {
      event: "listening",
      url: node.url,
      data: resolve(options.data),
      genesisHash: toHex(node.genesisHash),
      height: node.height,
      recoveredBlocks: node.recoveredBlocks,
      pid: process.pid,
    };
    console.log(JSON.stringify(ready));
    return;
  }
  const took = Math.round(systemClock.monotonicMs() - startedMs);
  console.log(`TTChain is running (height ${node.height}, ready in ${took} ms).

  pages       ${node.url}/  (explorer, /wallet, /till)
  API         ${node.url}/v1/status
  WebSocket   ${wsUrl}/v1/ws
  OpenAPI     ${node.url}/openapi.json
  merchants   ${node.url}/v1/merchant/status  (docs/merchant.md)
  metrics     ${node.url}/metrics
  data        ${resolve(options.data)}

In another shell:
  npx ttchain wallet new                       make a wallet
  npx ttchain faucet                           give it coins
  npx ttchain wallet send <address> 25 TTC     pay somebody

Stop with Ctrl+C.`);
}

async function start(options: StartOptions): Promise<void> {
  const startedMs = systemClock.monotonicMs();
  const node = await runNode(await nodeOptions(options), options.logLevel);
  announce(node, options, startedMs);
}

/** The command's definition, for the program's table. */
export function startCommand(): Command {
  const command = new Command("start")
    .description("run a chain in this process: API, WebSocket and delegates in one")
    .option("-d, --data <directory>", "where the chain is kept; begun anew where there is none", ".ttchain")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("-p, --port <number>", "port to listen on; 0 takes a free one", wholeNumber(0, 65_535), 7070)
    .option(
      "-w, --workers <number>",
      "threads that verify signatures",
      wholeNumber(0, 256),
      Math.max(1, availableParallelism() - 1),
    )
    .option("--contract-workers <number>", "threads that run heavy contract calls ahead", wholeNumber(0, 64), 0)
    .option("--delegates <number>", "delegates of a chain that is begun anew", wholeNumber(1, 99), 4)
    .option("--history-heights <number>", "past heights whose state can be proved", wholeNumber(1, 1_000_000), 3_000)
    .option("--retain-blocks <number>", "blocks that are kept at least; all where absent", wholeNumber(1, 2 ** 40))
    .option("--history <store>", "where payments are looked up: lmdb, or cassandra://host:port/keyspace", "lmdb")
    .option("--state-cache-mb <number>", "memory for pages of the state, in MB", wholeNumber(8, 1_048_576), 512)
    .option("--key-tables-mb <number>", "memory for keys that sign often, in MB", wholeNumber(0, 65_536), 256)
    .option(
      "--ledger-accounts <number>",
      "accounts that the ledger holds from block to block, 300 bytes each",
      wholeNumber(LEDGER_ACCOUNTS_LEAST, LEDGER_ACCOUNTS_MOST),
      LEDGER_ACCOUNTS_DEFAULT,
    )
    .option("--allow-origin <origin...>", "web origins whose pages may submit", [])
    .option("--tls-cert <file>", "certificate and its chain in PEM: the API then speaks HTTPS and WSS")
    .option("--tls-key <file>", "the certificate's key in PEM, which only its owner may read")
    .option("--trusted-proxy <address...>", "proxies, or networks of them, whose X-Forwarded-For is believed", [])
    .option("--no-merchant", "without the merchant gateway");
  return withGatewayOptions(command)
    .option("--passphrase-file <file>", "opens the node's keys (environment: TTCHAIN_KEYS_PASSPHRASE)")
    .option(
      "--signing-above <height>",
      "after a restore: the highest height that the network shows; the node signs above it only",
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
    )
    .option("--log-level <level>", "trace, debug, info, warn, error or silent", "warn")
    .option("--json", "print one line of JSON when ready")
    .addHelpText(
      "after",
      `
Examples:
  $ npx ttchain start                          a development chain in ./.ttchain on port 7070
  $ npx ttchain start --data /tmp/a --port 0   a second one, on a free port
  $ npx ttchain start --log-level info         with the operator's log (JSON lines) on standard output`,
    )
    .action(start);
}

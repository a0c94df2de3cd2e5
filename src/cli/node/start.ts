// `ttchain node start`: runs the application and the engine of one home.

import { resolve } from "node:path";
import { Command } from "commander";
import { toHex } from "../../base/bytes.js";
import { systemClock } from "../../base/clock.js";
import { type LogLevel, makeLogger } from "../../base/logging.js";
import {
  LEDGER_ACCOUNTS_DEFAULT,
  LEDGER_ACCOUNTS_LEAST,
  LEDGER_ACCOUNTS_MOST,
} from "../../execution/kernel/ledgerCapacity.js";
import { genesisHash } from "../../protocol/genesis.js";
import { expectEngine } from "../expectEngine.js";
import { readKeysPassphrase } from "../keysPassphrase.js";
import { wholeNumber } from "../options.js";
import { packageVersion } from "../packageVersion.js";
import { paymentStoreOption } from "../paymentStore.js";
import { runNode } from "../runNode.js";

const MIB = 1024 * 1024;

interface NodeStartOptions {
  home: string;
  workers: number;
  externalEngine?: boolean;
  passphraseFile?: string;
  historyHeights: number;
  retainBlocks?: number;
  signingAbove?: number;
  snapshotEvery?: number;
  snapshotKeep: number;
  history: string;
  stateCacheMb: number;
  keyTablesMb: number;
  ledgerAccounts: number;
  allowOrigin: string[];
  logLevel: LogLevel;
  json?: boolean;
}

async function startNode(options: NodeStartOptions): Promise<void> {
  const { engineBinary, loadHome, prepareEngine } = await import("../../nodeHome.js");
  const { hasBlocks, joinByStateSync } = await import("../../stateSync.js");
  const home = await loadHome(resolve(options.home));
  if (!options.externalEngine) {
    expectEngine(engineBinary());
  }
  const keysPassphrase = await readKeysPassphrase(home.directory, options.passphraseFile);
  const binary = options.externalEngine ? undefined : engineBinary();
  const { settings } = home;
  if (settings.stateSync !== undefined && !(await hasBlocks(home.directory))) {
    await joinByStateSync({
      directory: home.directory,
      genesisHash: genesisHash(home.genesis),
      comet: await prepareEngine(home, binary, keysPassphrase, settings.stateSync),
      version: packageVersion(),
      clock: systemClock,
      logger: makeLogger({ level: options.logLevel }),
    });
  }
  const { snapshotEvery: every, snapshotKeep: keep } = options;
  const comet = {
    ...(await prepareEngine(home, binary, keysPassphrase)),
    ...(every === undefined ? {} : { snapshots: { every, keep } }),
  };
  const nodeOptions = {
    dataDirectory: home.directory,
    ...(keysPassphrase === undefined ? {} : { keysPassphrase }),
    host: settings.apiHost,
    port: settings.apiPort,
    workers: options.workers,
    delegates: 0,
    historyHeights: options.historyHeights,
    ...(options.retainBlocks === undefined ? {} : { retainBlocks: options.retainBlocks }),
    ...(options.signingAbove === undefined ? {} : { signingAbove: options.signingAbove }),
    ...(await paymentStoreOption(options.history)),
    stateCacheBytes: options.stateCacheMb * MIB,
    keyTableCacheBytes: options.keyTablesMb * MIB,
    ledgerAccounts: options.ledgerAccounts,
    originsAllowed: options.allowOrigin,
    version: packageVersion(),
    comet,
  };
  const node = await runNode(nodeOptions, options.logLevel);
  if (options.json) {
    const { height, recoveredBlocks, url } = node;
    console.log(
      JSON.stringify({
        event: "listening",
        url,
        data: home.directory,
        genesisHash: toHex(node.genesisHash),
        height,
        recoveredBlocks,
        pid: process.pid,
      }),
    );
    return;
  }
  console.log(`The node is running (height ${node.height}).

  pages       ${node.url}/
  API         ${node.url}/v1/status
  peers       ${settings.p2pListen}
  home        ${home.directory}
  engine      ${home.directory}/engine.log

Stop with Ctrl+C.`);
}

export function nodeStartCommand(): Command {
  return new Command("start")
    .description("run the node of a home: application and engine")
    .requiredOption("--home <directory>", "the node's home, made by node init, node join or testnet")
    .option("-w, --workers <number>", "threads that verify signatures", wholeNumber(0, 256), 1)
    .option("--external-engine", "the operator runs the engine, with <home>/engine as its home")
    .option("--history-heights <number>", "past heights whose state can be proved", wholeNumber(1, 1_000_000), 3_000)
    .option("--retain-blocks <number>", "blocks that are kept at least; all where absent", wholeNumber(1, 2 ** 40))
    .option(
      "--snapshot-every <blocks>",
      "make a snapshot for joining nodes every so many blocks",
      wholeNumber(1, 2 ** 40),
    )
    .option("--snapshot-keep <number>", "snapshots that are kept", wholeNumber(1, 100), 2)
    .option("--history <store>", "where payments are looked up: lmdb, or cassandra://host:port/keyspace", "lmdb")
    .option("--state-cache-mb <number>", "memory for pages of the state, in MB", wholeNumber(8, 1_048_576), 512)
    .option("--key-tables-mb <number>", "memory for keys that sign often, in MB", wholeNumber(0, 65_536), 256)
    .option(
      "--ledger-accounts <number>",
      "accounts that the ledger holds from block to block, 300 bytes each",
      wholeNumber(LEDGER_ACCOUNTS_LEAST, LEDGER_ACCOUNTS_MOST),
      LEDGER_ACCOUNTS_DEFAULT,
    )
    .option(
      "--signing-above <height>",
      "of a restored node that signs for its engine: the highest height that the network shows",
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
    )
    .option("--allow-origin <origin...>", "web origins whose pages may submit", [])
    .option("--passphrase-file <file>", "opens the node's keys (environment: TTCHAIN_KEYS_PASSPHRASE)")
    .option("--log-level <level>", "trace, debug, info, warn, error or silent", "warn")
    .option("--json", "print one line of JSON when ready")
    .addHelpText("after", "\nExamples:\n  $ ttchain node start --home /var/lib/ttchain")
    .action(startNode);
}

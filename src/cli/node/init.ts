// `ttchain node init`: a home with fresh keys, and the card by which others know the node.

import { resolve } from "node:path";
import { Command } from "commander";
import { systemRandom } from "../../base/random.js";
import { UsageError } from "../failures.js";
import { readKeysPassphrase } from "../keysPassphrase.js";
import { wholeNumber } from "../options.js";

interface NodeInitOptions {
  home: string;
  moniker: string;
  apiHost: string;
  apiPort: number;
  p2pListen: string;
  p2pExternal: string;
  rpcPort: number;
  metricsPort: number;
  remoteSigner?: boolean;
  passphraseFile?: string;
  json?: boolean;
}

async function initNode(options: NodeInitOptions): Promise<void> {
  const { initHome, isHome } = await import("../../nodeHome.js");
  const directory = resolve(options.home);
  if (await isHome(directory)) {
    throw new UsageError(`expected no node in ${directory} yet, got one: name another directory with --home`);
  }
  const { moniker, apiHost, apiPort, p2pListen, p2pExternal, rpcPort, metricsPort } = options;
  const signer = options.remoteSigner ? { remoteSigner: true } : {};
  const settings = { moniker, apiHost, apiPort, p2pListen, p2pExternal, rpcPort, metricsPort, ...signer };
  const passphrase = await readKeysPassphrase(directory, options.passphraseFile);
  const card = await initHome(directory, settings, systemRandom, passphrase);
  if (options.json) {
    console.log(JSON.stringify(card));
    return;
  }
  console.log(`The node's home is ${directory}.

Its card, for those who found a chain with it (no secret): ${directory}/card.json
  delegate key   ${card.publicKey}
  peer address   ${card.peer}

Next:
  npx ttchain node join --home ${options.home} --genesis <file or URL of a node> --peers <id@host:port,...>
  npx ttchain node join --home ${options.home} --found card1.json card2.json ...     to begin a new chain`);
}

export function nodeInitCommand(): Command {
  return new Command("init")
    .description("make a node's home with fresh keys")
    .requiredOption("--home <directory>", "where the home is made")
    .option("--moniker <name>", "what others see", "node")
    .option("--api-host <address>", "address of the API; behind a proxy keep 127.0.0.1", "127.0.0.1")
    .option("--api-port <number>", "port of the API", wholeNumber(1, 65_535), 7070)
    .option("--p2p-listen <host:port>", "where other nodes reach this one", "0.0.0.0:26656")
    .option("--p2p-external <host:port>", "what it tells other nodes, where that is another address", "")
    .option("--rpc-port <number>", "port of the engine's RPC, on 127.0.0.1 only", wholeNumber(1, 65_535), 26_657)
    .option(
      "--metrics-port <number>",
      "port of the engine's metrics, on 127.0.0.1; 0: none",
      wholeNumber(0, 65_535),
      26_660,
    )
    .option("--remote-signer", "the node signs for its engine, which never has the key")
    .option("--passphrase-file <file>", "seals the node's keys (environment: TTCHAIN_KEYS_PASSPHRASE)")
    .option("--json", "print the card as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  $ ttchain node init --home /var/lib/ttchain --moniker seoul-1 --p2p-external 203.0.113.7:26656",
    )
    .action(initNode);
}

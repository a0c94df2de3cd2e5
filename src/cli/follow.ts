// `ttchain follow`: runs a node without engine or keys, which follows a chain by the API of other nodes and serves its own.

import { join, resolve } from "node:path";
import { Command, Option } from "commander";
import { toHex } from "../base/bytes.js";
import type { LogLevel } from "../base/logging.js";
import type { FollowNodeOptions } from "../engineOptions.js";
import { loadGenesis } from "./loadGenesis.js";
import { wholeNumber } from "./options.js";
import { packageVersion } from "./packageVersion.js";
import { runNode } from "./runNode.js";

const MIB = 1024 * 1024;

interface FollowOptions {
  peers: string[];
  data: string;
  genesisHash?: string;
  verify: FollowNodeOptions["verify"];
  host: string;
  port: number;
  workers: number;
  historyHeights: number;
  retainBlocks?: number;
  stateCacheMb: number;
  allowOrigin: string[];
  logLevel: LogLevel;
  json?: boolean;
}

async function follow(options: FollowOptions): Promise<void> {
  const directory = resolve(options.data);
  const peers = options.peers.map((url) => url.replace(/\/+$/, ""));
  const { beginFollowing } = await import("../nodeHome.js");
  await beginFollowing(directory, () => loadGenesis(peers[0]), options.genesisHash?.toLowerCase());
  const node = await runNode(
    {
      dataDirectory: directory,
      host: options.host,
      port: options.port,
      workers: options.workers,
      delegates: 0,
      historyHeights: options.historyHeights,
      ...(options.retainBlocks === undefined ? {} : { retainBlocks: options.retainBlocks }),
      stateCacheBytes: options.stateCacheMb * MIB,
      keyTableCacheBytes: 0,
      originsAllowed: options.allowOrigin,
      version: packageVersion(),
      follow: { peers, verify: options.verify, evidenceDirectory: join(directory, "evidence") },
    },
    options.logLevel,
  );
  const { url, height, recoveredBlocks } = node;
  const genesisHash = toHex(node.genesisHash);
  if (options.json) {
    const ready = { event: "listening", url, data: directory, genesisHash, height, recoveredBlocks, pid: process.pid };
    console.log(JSON.stringify(ready));
    return;
  }
  console.log(`The node follows its chain (height ${height}).

  pages         ${url}/
  API           ${url}/v1/status
  genesis hash  ${genesisHash}   compare it with what others show
  data          ${directory}

Stop with Ctrl+C.`);
}

export function followCommand(): Command {
  return new Command("follow")
    .description("run a node that follows a chain by other nodes' API, without engine and keys")
    .requiredOption("--peers <urls...>", "nodes whose API it asks for blocks, and hands transactions to")
    .option("-d, --data <directory>", "where the chain is kept; begun anew where there is none", ".ttchain-follow")
    .option("--genesis-hash <hash>", "the chain that the peers must have, by its genesis hash")
    .addOption(
      new Option("--verify <mode>", "execute every block, take agreed results, or either as it keeps up")
        .choices(["execute", "result", "auto"])
        .default("auto"),
    )
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("-p, --port <number>", "port to listen on; 0 takes a free one", wholeNumber(0, 65_535), 7_080)
    .option("-w, --workers <number>", "threads that verify signatures", wholeNumber(0, 256), 1)
    .option("--history-heights <number>", "past heights whose state can be proved", wholeNumber(1, 1_000_000), 3_000)
    .option("--retain-blocks <number>", "blocks that are kept at least; all of them otherwise", wholeNumber(1, 2 ** 40))
    .option("--state-cache-mb <number>", "memory for pages of the state, in MB", wholeNumber(8, 1_048_576), 512)
    .option("--allow-origin <origin...>", "web origins whose pages may submit", [])
    .option("--log-level <level>", "trace, debug, info, warn, error or silent", "warn")
    .option("--json", "print one line of JSON when ready")
    .addHelpText(
      "after",
      `
Examples:
  $ npx ttchain follow --peers https://node-1.example https://node-2.example
  $ npx ttchain follow --peers http://127.0.0.1:7070 --verify result`,
    )
    .action(follow);
}

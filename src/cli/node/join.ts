// `ttchain node join`: gives a home its chain: that of a genesis file, or a new one of the nodes whose cards are given.

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Command } from "commander";
import { toHex } from "../../base/bytes.js";
import { systemClock } from "../../base/clock.js";
import type { StateSyncTrust } from "../../engineOptions.js";
import type { NodeCard } from "../../nodeHome.js";
import { genesisHash } from "../../protocol/genesis.js";
import { UsageError } from "../failures.js";
import { loadGenesis } from "../loadGenesis.js";
import { wholeNumber } from "../options.js";

interface CommitAnswer {
  signed_header: { header: { height: string }; commit: { block_id: { hash: string } } };
}

interface NodeJoinOptions {
  home: string;
  genesis?: string;
  found?: string[];
  peers?: string;
  stateSync?: string;
  trustHeight?: number;
  trustHash?: string;
  json?: boolean;
}

/** What the engine shall trust when it brings a snapshot; the servers must agree on what was not named. */
async function trustOf({ stateSync, trustHeight, trustHash }: NodeJoinOptions): Promise<StateSyncTrust | undefined> {
  if (stateSync === undefined) {
    return undefined;
  }
  const servers = stateSync.split(",").filter((server) => server !== "");
  if (servers.length < 2) {
    throw new UsageError("expected the RPC addresses of at least two engines after --state-sync, separated by commas");
  }
  const latest = trustHeight ?? (await commitOf(servers[0], undefined)).height;
  const commits = await Promise.all(servers.map((server) => commitOf(server, latest)));
  const hashes = new Set([
    ...commits.map(({ hash }) => hash),
    ...(trustHash === undefined ? [] : [trustHash.toUpperCase()]),
  ]);
  if (hashes.size > 1) {
    throw new UsageError(`the engines, or what was given, disagree on block ${latest}: ${[...hashes].join(", ")}`);
  }
  return { servers, trustHeight: latest, trustHash: [...hashes][0] };
}

/** Height and hash of a block as an engine has it; the latest one where no height is given. */
async function commitOf(server: string, height: number | undefined): Promise<{ height: number; hash: string }> {
  const answer = await fetch(`http://${server}/commit${height === undefined ? "" : `?height=${height}`}`);
  const { result, error } = (await answer.json()) as { result?: CommitAnswer; error?: unknown };
  if (result === undefined) {
    throw new UsageError(`the engine at ${server} has no block ${height ?? ""}: ${JSON.stringify(error)}`);
  }
  const { header, commit } = result.signed_header;
  return { height: Number(header.height), hash: commit.block_id.hash };
}

async function joinChain(options: NodeJoinOptions): Promise<void> {
  if ((options.genesis === undefined) === (options.found === undefined)) {
    throw new UsageError("expected either --genesis or --found");
  }
  const { foundChain, joinHome } = await import("../../nodeHome.js");
  const directory = resolve(options.home);
  const cards = await Promise.all(
    (options.found ?? []).map(async (path) => JSON.parse(await readFile(resolve(path), "utf8")) as NodeCard),
  );
  const genesis =
    options.genesis === undefined ? await foundChain(cards, systemClock.nowMs()) : await loadGenesis(options.genesis);
  const given = (options.peers ?? "").split(",").filter((peer) => peer !== "");
  const trust = await trustOf(options);
  const { peers } = await joinHome(directory, genesis, [...given, ...cards.map(({ peer }) => peer)], trust);
  const hash = toHex(genesisHash(genesis));
  if (options.json) {
    console.log(JSON.stringify({ genesisHash: hash, genesis: `${directory}/genesis.json`, peers, stateSync: trust }));
    return;
  }
  console.log(`The node belongs to the chain ${genesis.name}.

  genesis hash   ${hash}   compare it with the other operators'
  genesis file   ${directory}/genesis.json
  peers          ${peers.length === 0 ? "none" : peers.join("\n                 ")}${
    trust === undefined
      ? ""
      : `
  trusted block  ${trust.trustHeight}, ${trust.trustHash}   compare it too`
  }

Next: npx ttchain node start --home ${options.home}`);
}

export function nodeJoinCommand(): Command {
  return new Command("join")
    .description("give a node's home its chain and its peers")
    .requiredOption("--home <directory>", "the node's home, made by node init")
    .option("--genesis <file or URL>", "the chain's genesis file, or the URL of a node's API that serves it")
    .option("--found <cards...>", "begin a new development chain of the nodes whose card files these are")
    .option("--peers <addresses>", "nodes to stay connected with: id@host:port, separated by commas")
    .option("--state-sync <addresses>", "join by a snapshot; host:port of the RPC of two engines or more, by commas")
    .option(
      "--trust-height <number>",
      "a height that the light client trusts; else the latest",
      wholeNumber(1, 2 ** 40),
    )
    .option("--trust-hash <hex>", "the engine's hash of that height's block; else what all of them say")
    .option("--json", "print JSON for programs")
    .addHelpText(
      "after",
      `
Examples:
  $ ttchain node join --home /var/lib/ttchain --genesis https://node.example/ --peers 0123abcd@198.51.100.4:26656
  $ ttchain node join --home /var/lib/ttchain --found card-1.json card-2.json card-3.json card-4.json`,
    )
    .action(joinChain);
}

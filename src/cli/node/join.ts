// `ttchain node join`: gives a home its chain: that of a genesis file, or a new one of the nodes whose cards are given.

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Command } from "commander";
import { toHex } from "../../base/bytes.js";
import { systemClock } from "../../base/clock.js";
import type { NodeCard } from "../../nodeHome.js";
import { genesisHash } from "../../protocol/genesis.js";
import { UsageError } from "../failures.js";
import { loadGenesis } from "../loadGenesis.js";

interface NodeJoinOptions {
  home: string;
  genesis?: string;
  found?: string[];
  peers?: string;
  json?: boolean;
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
  const { peers } = await joinHome(directory, genesis, [...given, ...cards.map(({ peer }) => peer)]);
  const hash = toHex(genesisHash(genesis));
  if (options.json) {
    console.log(JSON.stringify({ genesisHash: hash, genesis: `${directory}/genesis.json`, peers }));
    return;
  }
  console.log(`The node belongs to the chain ${genesis.name}.

  genesis hash   ${hash}   compare it with the other operators'
  genesis file   ${directory}/genesis.json
  peers          ${peers.length === 0 ? "none" : peers.join("\n                 ")}

Next: npx ttchain node start --home ${options.home}`);
}

export function nodeJoinCommand(): Command {
  return new Command("join")
    .description("give a node's home its chain and its peers")
    .requiredOption("--home <directory>", "the node's home, made by node init")
    .option("--genesis <file or URL>", "the chain's genesis file, or the URL of a node's API that serves it")
    .option("--found <cards...>", "begin a new development chain of the nodes whose card files these are")
    .option("--peers <addresses>", "nodes to stay connected with: id@host:port, separated by commas")
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

// Options that commands share, and what they come to: the flag, else the environment, else the default.

import { homedir } from "node:os";
import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { DEFAULT_NODE_URL, TTChainClient } from "../client/client.js";
import { UsageError } from "./failures.js";

export interface NodeOptions {
  url: string;
  json?: boolean;
}

export interface WalletOptions extends NodeOptions {
  wallet: string;
  account: number;
  passphraseFile?: string;
}

/** A whole number of at least `minimum`, as a commander parser. */
export function wholeNumber(minimum: number, maximum = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < minimum || value > maximum) {
      throw new InvalidArgumentError(`Expected a whole number from ${minimum} to ${maximum}.`);
    }
    return value;
  };
}

/** A share from 0 to 1, as a commander parser. */
export function share(text: string): number {
  const value = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || !(value <= 1)) {
    throw new InvalidArgumentError("Expected a share from 0 to 1, such as 0.05.");
  }
  return value;
}

/** The files of --tls-cert and --tls-key, which are given both or neither. Throws UsageError. */
export function tlsFiles({ tlsCert, tlsKey }: { tlsCert?: string; tlsKey?: string }): {
  tls?: { certificateFile: string; keyFile: string };
} {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new UsageError("expected --tls-cert and --tls-key together");
  }
  return tlsCert === undefined || tlsKey === undefined ? {} : { tls: { certificateFile: tlsCert, keyFile: tlsKey } };
}

export function withJsonOption(command: Command): Command {
  return command.option("--json", "print JSON for programs");
}

export function withNodeOptions(command: Command): Command {
  const url = process.env.TTCHAIN_URL || DEFAULT_NODE_URL;
  return withJsonOption(command.option("--url <url>", "the node (environment: TTCHAIN_URL)", url));
}

export function withWalletFileOptions(command: Command): Command {
  const file = process.env.TTCHAIN_WALLET || join(homedir(), ".ttchain", "wallet.json");
  return command
    .option("--wallet <file>", "the wallet's key file (environment: TTCHAIN_WALLET)", file)
    .option("--passphrase-file <file>", "read the passphrase from a file (environment: TTCHAIN_PASSPHRASE)");
}

export function withWalletOptions(command: Command): Command {
  return withNodeOptions(withWalletFileOptions(command)).option(
    "--account <index>",
    "which account of the words",
    wholeNumber(0),
    0,
  );
}

/** Examples at the end of a command's help; each is what one types after "ttchain". */
export function withExamples(command: Command, ...examples: string[]): Command {
  return command.addHelpText("after", `\nExamples:\n${examples.map((example) => `  $ ttchain ${example}`).join("\n")}`);
}

export function makeClient({ url }: NodeOptions): TTChainClient {
  return new TTChainClient({ url });
}

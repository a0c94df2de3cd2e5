// ttchain delegate register and update: stand for election, or change what the candidate says of itself. The node's key signs it too.

import { resolve } from "node:path";
import { Command } from "commander";
import { Account } from "../../client/account.js";
import { formatAmount } from "../../client/amounts.js";
import { registerCandidate, updateCandidate } from "../../client/delegateActions.js";
import { UsageError } from "../failures.js";
import { readKeysPassphrase } from "../keysPassphrase.js";
import { makeClient, type WalletOptions, withExamples, withWalletOptions } from "../options.js";
import { sendActions } from "../sendActions.js";
import { openAccount } from "../walletFile.js";

interface FaceOptions extends WalletOptions {
  home: string;
  keysPassphraseFile?: string;
  share: string;
  site: string;
  yes?: boolean;
}

const TTC_DECIMALS = 8;

/** A percentage with at most two decimals, in hundredths of a percent. */
function basisPoints(text: string): number {
  const match = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(text);
  const value = match === null ? -1 : Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0"));
  if (value < 0 || value > 10_000) {
    throw new UsageError(`expected a percentage from 0 to 100 with at most two decimals, got "${text}"`);
  }
  return value;
}

function faceCommand(name: "register" | "update", description: string): Command {
  const command = new Command(name)
    .description(description)
    .argument("<name>", "what voters see, 1 to 64 bytes")
    .requiredOption("--home <directory>", "the node's home or data directory, whose key shall sign blocks")
    .option("--keys-passphrase-file <file>", "opens the node's keys (environment: TTCHAIN_KEYS_PASSPHRASE)")
    .option("--share <percent>", "share of the rewards that goes to voters", "90")
    .option("--site <url>", "where voters learn more", "")
    .option("--yes", "do not ask");
  withExamples(withWalletOptions(command), `delegate ${name} "Seoul One" --home /var/lib/ttchain --share 90`);
  return command.action(async (face: string, options: FaceOptions) => {
    const { delegateSeed } = await import("../../nodeHome.js");
    const directory = resolve(options.home);
    const passphrase = await readKeysPassphrase(directory, options.keysPassphraseFile);
    const delegate = Account.fromSecretKey(await delegateSeed(directory, passphrase));
    const client = makeClient(options);
    const account = await openAccount(options);
    const content = { payBasisPoints: basisPoints(options.share), name: face, site: options.site };
    const { rdpos } = await client.parameters();
    const isNew = name === "register";
    const deposit = formatAmount(rdpos.depositCandidateTtcUnits, TTC_DECIMALS);
    await sendActions({
      client,
      account,
      actions: [isNew ? registerCandidate(account, delegate, content) : updateCandidate(account, delegate, content)],
      summary: [
        ["Candidate", face],
        ["Account", account.addressText],
        ["Voters get", `${options.share} % of its rewards`],
        ...(isNew ? [["Deposit", `${deposit} TTC`] as [string, string]] : []),
      ],
      options,
      transactionOptions: { cosigners: [delegate] },
    });
  });
}

export function registerDelegateCommand(): Command {
  return faceCommand("register", "stand for election as a delegate, against a deposit");
}

export function updateDelegateCommand(): Command {
  return faceCommand("update", "change a candidate's name, site, share or key");
}

// ttchain vote: lock coins for candidates, take them back, and collect what they earned.

import { Command } from "commander";
import { formatAmount, parseAmount } from "../../client/amounts.js";
import { claimRewards, unlock, vote, withdraw } from "../../client/delegateActions.js";
import { formatAddress, parseAddress } from "../../protocol/address.js";
import {
  makeClient,
  type NodeOptions,
  type WalletOptions,
  withExamples,
  withNodeOptions,
  withWalletOptions,
} from "../options.js";
import { alignPairs, formatTime, printAnswer } from "../output.js";
import { sendActions } from "../sendActions.js";
import { simpleAction } from "../simpleAction.js";
import { openAccount } from "../walletFile.js";

const TTC_DECIMALS = 8;
const EXAMPLE = formatAddress(new Uint8Array(32).fill(1));

type SendOptions = WalletOptions & { yes?: boolean };

function castCommand(): Command {
  const command = new Command("cast")
    .description("lock TTC besides what is locked, and divide all of it among these candidates")
    .argument("<amount>", "TTC to lock besides; 0 moves the votes that are")
    .argument("<candidates...>", "their addresses, ttc1…, at most 33")
    .option("--yes", "do not ask");
  withExamples(withWalletOptions(command), `vote cast 100 ${EXAMPLE}`, `vote cast 0 ${EXAMPLE}`);
  return command.action(async (text: string, names: string[], options: SendOptions) => {
    const candidates = names.map(parseAddress);
    const amount = parseAmount(text, TTC_DECIMALS);
    const account = await openAccount(options);
    await sendActions({
      client: makeClient(options),
      account,
      actions: [vote(account, { amount, candidates })],
      summary: [
        ["Lock", `${text} TTC`],
        ["Vote for", names.join(", ")],
      ],
      options,
    });
  });
}

function unlockCommand(): Command {
  const command = new Command("unlock")
    .description("take votes back; the coins can be withdrawn after the unbonding time")
    .argument("<amount>", "TTC")
    .option("--yes", "do not ask");
  withExamples(withWalletOptions(command), "vote unlock 100");
  return command.action(async (text: string, options: SendOptions) => {
    const account = await openAccount(options);
    await sendActions({
      client: makeClient(options),
      account,
      actions: [unlock(account, parseAmount(text, TTC_DECIMALS))],
      summary: [["Unlock", `${text} TTC`]],
      options,
    });
  });
}

function showCommand(): Command {
  const command = new Command("show")
    .description("show what an account has locked, for whom, and what it could claim")
    .argument("<address>", "the account, ttc1…");
  withExamples(withNodeOptions(command), `vote show ${EXAMPLE}`);
  return command.action(async (address: string, options: NodeOptions) => {
    const votes = await makeClient(options).votes(parseAddress(address));
    const ttc = (units: string): string => `${formatAmount(BigInt(units), TTC_DECIMALS)} TTC`;
    const { claimable } = votes;
    printAnswer(options, votes, [
      ...alignPairs([
        ["Locked", ttc(votes.locked)],
        ["Claimable", `${ttc(claimable.TTC)}, ${claimable.TTM} TTM, ${claimable.TTMI} TTMI`],
      ]),
      ...votes.shares.map(({ candidate, weight }) => `  ${candidate}  ${ttc(weight)}`),
      ...votes.unbonding.map(
        (part) => `  ${ttc(part.amount)} can be withdrawn from ${formatTime(part.withdrawableMs)}`,
      ),
    ]);
  });
}

export function voteCommand(): Command {
  const command = new Command("vote").description("vote for delegates with locked coins");
  withExamples(command, `vote 100 ${EXAMPLE}`, "vote claim");
  return command
    .addCommand(castCommand(), { isDefault: true })
    .addCommand(unlockCommand())
    .addCommand(simpleAction("vote withdraw", "get unlocked coins and deposits whose time has come", withdraw))
    .addCommand(simpleAction("vote claim", "get the rewards of one's votes and candidacy", claimRewards))
    .addCommand(showCommand());
}

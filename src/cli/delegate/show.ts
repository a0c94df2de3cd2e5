// ttchain delegate show: everything about one candidate.

import { Command } from "commander";
import { formatAmount } from "../../client/amounts.js";
import { formatAddress, parseAddress } from "../../protocol/address.js";
import { makeClient, type NodeOptions, withExamples, withNodeOptions } from "../options.js";
import { alignPairs, printAnswer } from "../output.js";

const TTC_DECIMALS = 8;

export function showDelegateCommand(): Command {
  const command = new Command("show").description("show a candidate").argument("<address>", "its account, ttc1…");
  withExamples(withNodeOptions(command), `delegate show ${formatAddress(new Uint8Array(32).fill(1))}`);
  return command.action(async (address: string, options: NodeOptions) => {
    const one = await makeClient(options).candidate(parseAddress(address));
    const ttc = (units: string): string => `${formatAmount(BigInt(units), TTC_DECIMALS)} TTC`;
    const pairs: [string, string][] = [
      ["Name", one.name],
      ["Site", one.site || "none"],
      ["State", one.isDelegate ? `${one.state}, a delegate of this round` : one.state],
      ["Votes", ttc(one.votes)],
      ["To voters", `${one.payBasisPoints / 100} %`],
      ["Deposit", ttc(one.deposit)],
      ["Earned", `${ttc(one.earned.TTC)}, ${one.earned.TTM} TTM, ${one.earned.TTMI} TTMI`],
      [
        "Work",
        `${one.rounds} rounds, ${one.signed} blocks signed, ${one.proposed} proposed, ${one.missed} turns missed`,
      ],
      ["Key", one.delegateKey],
    ];
    if (one.suspendedUntil !== undefined) {
      pairs.push(["Suspended", `until round ${one.suspendedUntil}, and then until it resumes`]);
    }
    printAnswer(options, one, alignPairs(pairs));
  });
}

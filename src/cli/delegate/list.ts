// ttchain delegate list: who stands for election, most votes first, and what they did.

import { Command } from "commander";
import { formatAmount } from "../../client/amounts.js";
import type { CandidateJson } from "../../protocol/delegateApiTypes.js";
import { makeClient, type NodeOptions, withExamples, withNodeOptions } from "../options.js";
import { alignRows, printAnswer } from "../output.js";

const TTC_DECIMALS = 8;

function moreVotes(a: CandidateJson, b: CandidateJson): number {
  const difference = BigInt(b.votes) - BigInt(a.votes);
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}

function stateText({ isDelegate, suspendedUntil }: CandidateJson): string {
  const suspended = suspendedUntil === undefined ? "" : `suspended until round ${suspendedUntil}`;
  return [isDelegate ? "delegate" : "", suspended].filter((part) => part !== "").join(", ") || "waiting";
}

export function listDelegatesCommand(): Command {
  const command = new Command("list").description("list who stands for election, most votes first");
  withExamples(withNodeOptions(command), "delegate list", "delegate list --json");
  return command.action(async (options: NodeOptions) => {
    const client = makeClient(options);
    const first = await client.candidates();
    const all = [...first.candidates];
    for (let next = first.next; next !== undefined; ) {
      const page = await client.candidates(next);
      all.push(...page.candidates);
      next = page.next;
    }
    all.sort(moreVotes);
    const { number, heightFirst, heightLast } = first.round;
    printAnswer(options, { ...first, candidates: all, next: undefined }, [
      `Round ${number}, blocks ${heightFirst} to ${heightLast}; ${formatAmount(BigInt(first.locked), TTC_DECIMALS)} TTC locked`,
      ...alignRows([
        ["candidate", "votes (TTC)", "to voters", "signed", "missed turns", "state", "address"],
        ...all.map((one) => [
          one.name,
          formatAmount(BigInt(one.votes), TTC_DECIMALS),
          `${one.payBasisPoints / 100} %`,
          String(one.signed),
          String(one.missed),
          stateText(one),
          one.address,
        ]),
      ]),
    ]);
  });
}

// ttchain contract watch: what calls of a contract come to, and what it tells, as it happens.

import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import type { TTChainClient } from "../../client/client.js";
import { Connection } from "../../client/connection.js";
import type { SubscriptionMessage } from "../../client/subscription.js";
import { formatAddress, parseAddress } from "../../protocol/address.js";
import type { ContractActivityJson, ContractCountsJson } from "../../protocol/contractApiTypes.js";
import { parseLvmJson } from "../../protocol/lvmJson.js";
import { NATIVE_TOKENS, type NativeToken } from "../../protocol/tokens.js";
import { makeClient, type NodeOptions, wholeNumber, withExamples, withNodeOptions } from "../options.js";
import { showAmount, tokenFace } from "../tokenFace.js";
import { showValue } from "./showValue.js";

interface WatchOptions extends NodeOptions {
  every: number;
  for?: number;
}

const EXAMPLE = formatAddress(new Uint8Array(32).fill(7));
const MS_PER_SECOND = 1_000;

async function showAmounts(client: TTChainClient, amounts: Record<NativeToken, string>): Promise<string> {
  const moved = NATIVE_TOKENS.filter((token) => amounts[token] !== "0");
  const texts = moved.map(async (token) => showAmount(BigInt(amounts[token]), await tokenFace(client, token)));
  return moved.length === 0 ? "nothing" : (await Promise.all(texts)).join(" and ");
}

async function describeCounts(client: TTChainClient, counts: ContractCountsJson): Promise<string> {
  const { calls, failures, gasUsed, valueIn, valueOut } = counts;
  const [paid, gave] = await Promise.all([showAmounts(client, valueIn), showAmounts(client, valueOut)]);
  const number = (value: number) => value.toLocaleString("en-US");
  return `${number(calls)} calls, ${number(failures)} failed, ${number(gasUsed)} gas; in ${paid}, out ${gave}`;
}

function difference(now: ContractCountsJson, before: ContractCountsJson): ContractCountsJson {
  const amounts = (field: "valueIn" | "valueOut") =>
    Object.fromEntries(
      NATIVE_TOKENS.map((token) => [token, (BigInt(now[field][token]) - BigInt(before[field][token])).toString()]),
    ) as Record<NativeToken, string>;
  return {
    calls: now.calls - before.calls,
    failures: now.failures - before.failures,
    gasUsed: now.gasUsed - before.gasUsed,
    valueIn: amounts("valueIn"),
    valueOut: amounts("valueOut"),
  };
}

/** What is printed of one message: an event a line. */
function eventLines(options: WatchOptions, message: SubscriptionMessage): string[] {
  if (message.type !== "contractEvents") {
    return [];
  }
  const { height } = message;
  return message.events.map(({ id, name, args }) => {
    if (options.json === true) {
      return JSON.stringify({ type: "event", height, id, name, args });
    }
    return `block ${height}  event ${name} ${args.map((value) => showValue(parseLvmJson(value))).join(", ")}`.trimEnd();
  });
}

async function countsLine(
  client: TTChainClient,
  options: WatchOptions,
  { height, total }: ContractActivityJson,
  before?: ContractCountsJson,
): Promise<string> {
  if (options.json === true) {
    return JSON.stringify({ type: "activity", height, total });
  }
  const counts = before === undefined ? total : difference(total, before);
  return `block ${height}  ${before === undefined ? "until now: " : ""}${await describeCounts(client, counts)}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function watch(address: Uint8Array, options: WatchOptions, stop: AbortSignal): Promise<void> {
  const client = makeClient(options);
  const activity = () => client.contractActivity(address, { points: 1 });
  let latest = await activity();
  print(await countsLine(client, options, latest));
  const connection = await Connection.open({ url: client.url });
  connection.subscribe({ topic: "contract", address: formatAddress(address), from: latest.height + 1 }, (message) =>
    eventLines(options, message).forEach(print),
  );
  try {
    while (!stop.aborted) {
      await sleep(options.every * MS_PER_SECOND, undefined, { signal: stop }).catch(() => undefined);
      const now = await activity();
      if (JSON.stringify(now.total) !== JSON.stringify(latest.total)) {
        print(await countsLine(client, options, now, latest.total));
      }
      latest = now;
    }
  } finally {
    connection.close();
  }
}

export function watchContractCommand(): Command {
  const command = new Command("watch")
    .description("show what happens to a contract as it happens: calls, failures, gas, value, events")
    .argument("<contract>", "the contract's address, ttc1…")
    .option("--every <seconds>", "how often calls are counted", wholeNumber(1, 3_600), 2)
    .option("--for <seconds>", "end after so many seconds; else with Ctrl-C", wholeNumber(1));
  withExamples(
    withNodeOptions(command),
    `contract watch ${EXAMPLE}`,
    `contract watch ${EXAMPLE} --every 10 --for 3600 --json`,
  );
  return command.action(async (contract: string, options: WatchOptions) => {
    const ending = new AbortController();
    const end = () => ending.abort();
    const timer = options.for === undefined ? undefined : setTimeout(end, options.for * MS_PER_SECOND);
    process.once("SIGINT", end);
    try {
      await watch(parseAddress(contract), options, ending.signal);
    } finally {
      clearTimeout(timer);
      process.removeListener("SIGINT", end);
    }
  });
}

// ttchain feed check: reads every feed once and shows what the sources say; nothing is sent.

import { Command } from "commander";
import { systemClock } from "../../base/clock.js";
import type { FeedConfig } from "../../feeds/feedConfig.js";
import { readFeed } from "../../feeds/readFeed.js";
import { CommandFailedError } from "../failures.js";
import { withExamples, withJsonOption } from "../options.js";
import { printAnswer } from "../output.js";
import { loadFeeds, withFeedsOption } from "./loadFeeds.js";

interface Checked {
  name: string;
  value: bigint | undefined;
  sources: { url: string; value?: bigint; problem?: string; message?: string }[];
}

async function check(name: string, feed: FeedConfig): Promise<Checked> {
  const { value, sources } = await readFeed(feed, systemClock);
  return {
    name,
    value,
    sources: sources.map(({ url, value: said, error }) => ({
      url,
      ...(said === undefined ? {} : { value: said }),
      ...(error === undefined ? {} : { problem: error.problem, message: error.message }),
    })),
  };
}

export function checkFeedsCommand(): Command {
  const command = new Command("check").description("read every feed once and show what its sources say; send nothing");
  withExamples(withJsonOption(withFeedsOption(command)), "feed check", "feed check --config feeds.json --json");
  return command.action(async (options: { config: string; json?: boolean }) => {
    const { feeds, prices } = await loadFeeds(options.config);
    const named: [string, FeedConfig][] = [
      ...feeds,
      ...[...prices].map(([token, { feed }]): [string, FeedConfig] => [`price of ${token}`, feed]),
    ];
    const checked = await Promise.all(named.map(([name, feed]) => check(name, feed)));
    const lines = checked.flatMap(({ name, value, sources }) => [
      `${name}: ${value ?? "no value: too few sources agree"}`,
      ...sources.map(({ url, value: said, problem, message }) => `  ${url}: ${said ?? `${problem}: ${message}`}`),
    ]);
    printAnswer(options, checked, lines);
    if (checked.some(({ value }) => value === undefined)) {
      throw new CommandFailedError("not every feed has a value", {});
    }
  });
}

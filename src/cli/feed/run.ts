// ttchain feed run: the service, until it is told to end.

import { once } from "node:events";
import { Command } from "commander";
import { systemClock } from "../../base/clock.js";
import { makeLogger } from "../../base/logging.js";
import { serveFeedMetrics } from "../../feeds/feedMetrics.js";
import { FeedService } from "../../feeds/feedService.js";
import { makeClient, type WalletOptions, wholeNumber, withExamples, withWalletOptions } from "../options.js";
import { openAccount } from "../walletFile.js";
import { loadFeeds, withFeedsOption } from "./loadFeeds.js";

interface RunOptions extends WalletOptions {
  config: string;
  pollMs: number;
  metricsPort?: number;
}

export function runFeedsCommand(): Command {
  const command = new Command("run")
    .description(
      "answer requests and tell prices until interrupted; the wallet is the candidate's, or the delegate's key",
    )
    .option("--poll-ms <ms>", "how often the node is asked what is open", wholeNumber(100, 60_000), 1_000)
    .option("--metrics-port <port>", "serve /metrics on 127.0.0.1", wholeNumber(0, 65_535));
  withExamples(
    withWalletOptions(withFeedsOption(command)),
    "feed run --config feeds.json --wallet candidate.json --passphrase-file candidate.passphrase",
    "feed run --config feeds.json --metrics-port 9470",
  );
  return command.action(async (options: RunOptions) => {
    const config = await loadFeeds(options.config);
    const account = await openAccount(options);
    const logger = makeLogger();
    const { pollMs } = options;
    const service = new FeedService({
      client: makeClient(options),
      account,
      config,
      clock: systemClock,
      logger,
      pollMs,
    });
    const server =
      options.metricsPort === undefined ? undefined : await serveFeedMetrics(service.metrics, options.metricsPort);
    service.start();
    const feeds = [...config.feeds.keys(), ...config.prices.keys()];
    logger.info({ account: account.addressText, feeds }, "answering requests");
    await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
    await service.stop();
    server?.close();
  });
}

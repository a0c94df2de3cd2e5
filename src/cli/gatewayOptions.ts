// Options of the gateway that `ttchain start` and `ttchain merchant` share.

import type { Command } from "commander";
import { readPassphraseFile } from "../base/secretFile.js";
import type { FeedConfig } from "../feeds/feedConfig.js";
import type { MileageDeskOptions } from "../merchant/mileage/mileageDesk.js";
import { UsageError } from "./failures.js";
import { loadFeeds } from "./feed/loadFeeds.js";

export interface GatewayOptions {
  allowPrivateWebhooks?: boolean;
  quoteFeeds?: string;
  mileageDesk?: string;
  mileageKeyFile?: string;
}

export function withGatewayOptions(command: Command): Command {
  return command
    .option("--allow-private-webhooks", "webhooks may go to private addresses, and without TLS")
    .option("--quote-feeds <file>", "feeds that say what tokens are worth in won (docs/merchant.md)")
    .option("--mileage-desk <url>", "the exchange desk that signs for a store's mileage (docs/merchant.md)")
    .option("--mileage-key-file <file>", "an API key of that desk with scope mileage, which only its owner may read");
}

/** What the options come to. Throws UsageError, SecretFileError, or MALFORMED for feeds that are none. */
export async function gatewayParts(options: GatewayOptions): Promise<{
  allowPrivateWebhooks: boolean;
  feeds?: ReadonlyMap<string, FeedConfig>;
  mileageDesk?: MileageDeskOptions;
}> {
  const { allowPrivateWebhooks = false, quoteFeeds, mileageDesk: url, mileageKeyFile } = options;
  if (mileageKeyFile !== undefined && url === undefined) {
    throw new UsageError("expected --mileage-desk with --mileage-key-file");
  }
  const key =
    mileageKeyFile === undefined ? {} : { key: new TextDecoder().decode(await readPassphraseFile(mileageKeyFile)) };
  return {
    allowPrivateWebhooks,
    ...(quoteFeeds === undefined ? {} : { feeds: (await loadFeeds(quoteFeeds)).feeds }),
    ...(url === undefined ? {} : { mileageDesk: { url, ...key } }),
  };
}

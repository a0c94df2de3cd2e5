// A delegate's word on prices: told where the chain's quote is further off than the operator allows, and again as long as it is, because
// only words of the last thousand heights count together.

import type { Account } from "../client/account.js";
import type { Action } from "../client/actions.js";
import type { TTChainClient } from "../client/client.js";
import { priceOracle } from "../client/oracleActions.js";
import { AMOUNT_MAX } from "../protocol/limits.js";
import type { Quote } from "../protocol/parameters.js";
import { type TokenId, TTC_UNIT } from "../protocol/tokens.js";
import { type FeedsConfig, PRICE_DECIMALS, type PriceConfig } from "./feedConfig.js";
import type { FeedReader } from "./feedReader.js";

/** Heights until the same price is told again. */
const AGAIN_HEIGHTS = 300;
const BASIS_POINTS = 10_000n;
const SCALE = 10n ** BigInt(PRICE_DECIMALS);

/** What the sources' value means as a quote; undefined for one that no quote can say. */
export function quoteOfValue(
  token: TokenId,
  value: bigint,
  meaning: PriceConfig["meaning"],
  decimals: number,
): Quote | undefined {
  const tokenUnit = 10n ** BigInt(decimals);
  const quote =
    meaning === "tokensPerTtc"
      ? { token, units: value * tokenUnit, ttcUnits: TTC_UNIT * SCALE }
      : { token, units: tokenUnit * SCALE, ttcUnits: value * TTC_UNIT };
  const isSane = [quote.units, quote.ttcUnits].every((units) => units > 0n && units <= AMOUNT_MAX);
  return isSane ? quote : undefined;
}

/** Whether two quotes of a token differ by as much. */
export function differs(now: Quote, told: Quote, basisPoints: number): boolean {
  const [left, right] = [told.ttcUnits * now.units, now.ttcUnits * told.units];
  const gap = left > right ? left - right : right - left;
  return gap * BASIS_POINTS >= right * BigInt(basisPoints);
}

export interface PriceWork {
  client: TTChainClient;
  account: Account;
  config: FeedsConfig;
  reader: FeedReader;
  /** When each price was told last. */
  heights: Map<TokenId, number>;
  /** Whether it was committed. */
  send(action: Action): Promise<boolean>;
}

export async function tellPrices({ client, account, config, reader, heights, send }: PriceWork): Promise<void> {
  if (config.prices.size === 0) {
    return;
  }
  const { height, parameters } = await client.chain();
  for (const [token, price] of config.prices) {
    const now = parameters.quotes.find((quote) => quote.token === token);
    const last = heights.get(token);
    // Which tokens have a quote at all is for the chain's votes to say.
    if (now === undefined || (last !== undefined && height < last + AGAIN_HEIGHTS)) {
      continue;
    }
    const value = await reader.value(`price of ${token}`, price.feed);
    const { decimals } = await client.token(token);
    const quote = value === undefined ? undefined : quoteOfValue(token, value, price.meaning, decimals);
    if (quote !== undefined && differs(now, quote, price.changeBasisPoints)) {
      const isDone = await send(priceOracle(account, quote));
      if (isDone) {
        heights.set(token, height);
      }
    }
  }
}

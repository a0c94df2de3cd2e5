// Quotes from price feeds: a feed named won/<token> says what a whole token is worth in won (won/<first 32 digits of its id>/<decimals> for
// a created one).
// Tokens without a feed are quoted by the source behind this one.

import type { FeedValues } from "../../feeds/feedValues.js";
import { CodedError } from "../../protocol/errors.js";
import { NATIVE_FACES } from "../../protocol/genesis.js";
import { NATIVE_TOKENS, type NativeToken, type TokenId } from "../../protocol/tokens.js";
import type { QuoteSource, WonQuote } from "./quoteSource.js";

const DECIMALS_MAX = 18;
const ID_DIGITS = 32;

export class FeedQuotes implements QuoteSource {
  constructor(
    private readonly values: FeedValues,
    private readonly otherwise: QuoteSource,
  ) {}

  wonQuote(token: TokenId): WonQuote {
    const feed = this.feedOf(token);
    if (feed === undefined) {
      return this.otherwise.wonQuote(token);
    }
    const found = this.values.get(feed.name);
    if (found === undefined) {
      throw new CodedError("QUOTE_UNAVAILABLE", `the feed ${feed.name} has no value that is young enough`, { token });
    }
    const { value, decimals, atMs, spreadBasisPoints, sources } = found;
    return {
      source: `${feed.name}, ${sources} sources`,
      units: 10n ** BigInt(feed.decimals + decimals),
      won: value,
      atMs,
      spreadBasisPoints,
    };
  }

  private feedOf(token: TokenId): { name: string; decimals: number } | undefined {
    if (NATIVE_TOKENS.includes(token as NativeToken)) {
      const name = `won/${token}`;
      return this.values.has(name) ? { name, decimals: NATIVE_FACES[token as NativeToken].decimals } : undefined;
    }
    for (let decimals = 0; decimals <= DECIMALS_MAX; decimals++) {
      const name = `won/${token.slice(0, ID_DIGITS)}/${decimals}`;
      if (this.values.has(name)) {
        return { name, decimals };
      }
    }
    return undefined;
  }
}

// Quotes from the chain alone: a unit of TTM is a won by definition, and the chain's parameters, which delegates and voters
// decide, say how much TTC so many units of TTM are worth.

import type { Clock } from "../../base/clock.js";
import { CodedError } from "../../protocol/errors.js";
import type { TokenId } from "../../protocol/tokens.js";
import type { ChainSource } from "../chain/chainSource.js";
import type { QuoteSource, WonQuote } from "./quoteSource.js";

const WON_TOKEN = "TTM";

export class ChainQuotes implements QuoteSource {
  constructor(
    private readonly chain: ChainSource,
    private readonly clock: Clock,
  ) {}

  wonQuote(token: TokenId): WonQuote {
    const atMs = this.clock.nowMs();
    if (token === WON_TOKEN) {
      return { source: "definition", units: 1n, won: 1n, atMs };
    }
    const { quotes } = this.chain.parameters;
    const won = quotes.find((quote) => quote.token === WON_TOKEN);
    const own = quotes.find((quote) => quote.token === token);
    if (won !== undefined && token === "TTC") {
      return { source: "chain", units: won.ttcUnits, won: won.units, atMs };
    }
    if (won === undefined || own === undefined) {
      throw new CodedError("QUOTE_UNAVAILABLE", `the chain has no quote for ${token} in won`, { token });
    }
    // own.units are worth own.ttcUnits, of which won.ttcUnits are worth won.units won.
    return { source: "chain", units: own.units * won.ttcUnits, won: own.ttcUnits * won.units, atMs };
  }
}

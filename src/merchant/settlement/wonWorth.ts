// What an amount was worth in won when it moved: by the quotes of the chain's parameters in force at its block. A unit of TTM is a won
// by definition; other amounts are rounded down to whole won.

import { quoteOf } from "../../protocol/fees.js";
import type { ChainParameters } from "../../protocol/parameters.js";
import type { TokenId } from "../../protocol/tokens.js";

const WON_TOKEN = "TTM";

/** Whole won; undefined where the chain has no quote for the token. */
export function wonWorth(
  parameters: Pick<ChainParameters, "quotes">,
  token: TokenId,
  units: bigint,
): bigint | undefined {
  if (token === WON_TOKEN) {
    return units;
  }
  const won = parameters.quotes.find((quote) => quote.token === WON_TOKEN);
  const own = quoteOf(parameters as ChainParameters, token);
  if (won === undefined || own === undefined) {
    return undefined;
  }
  return (units * own.ttcUnits * won.units) / (own.units * won.ttcUnits);
}

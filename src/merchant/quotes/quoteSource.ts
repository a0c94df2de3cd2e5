// Where the worth of a token in won comes from. A source answers with what it knows now, and says so where it knows nothing: an
// invoice in won then can't be made in that token, and nothing is guessed.

import type { TokenId } from "../../protocol/tokens.js";

/** `units` of the token are worth `won`. */
export interface WonQuote {
  source: string;
  units: bigint;
  won: bigint;
  /** The moment that it speaks of. */
  atMs: number;
  /** How far the sources lay apart, where there were several. */
  spreadBasisPoints?: number;
}

export interface QuoteSource {
  /** Throws QUOTE_UNAVAILABLE where it has none that is fresh. */
  wonQuote(token: TokenId): WonQuote;
}

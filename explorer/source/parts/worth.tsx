// What an amount is worth in TTC, or in won (TTM) for TTC itself, at the chain's own quote.

import type { JSX } from "preact";
import type { ChainParameters, TokenId } from "ttchain";
import { amountText } from "./format.js";

/** Rounded down; undefined where the chain has no quote. */
export function worthIn(
  units: bigint,
  token: TokenId,
  target: TokenId,
  parameters: ChainParameters,
): bigint | undefined {
  const quote = (name: TokenId) =>
    name === "TTC" ? { units: 1n, ttcUnits: 1n } : parameters.quotes.find((entry) => entry.token === name);
  const from = quote(token);
  const to = quote(target);
  return from === undefined || to === undefined
    ? undefined
    : (units * from.ttcUnits * to.units) / (from.units * to.ttcUnits);
}

interface WorthProps {
  units: bigint;
  token: TokenId;
  parameters: ChainParameters | undefined;
}

export function Worth({ units, token, parameters }: WorthProps): JSX.Element | null {
  const target = token === "TTC" ? "TTM" : "TTC";
  const worth = parameters === undefined ? undefined : worthIn(units, token, target, parameters);
  return worth === undefined ? null : (
    <span>
      ≈ {amountText(worth, target === "TTC" ? 8 : 0)} {target}
    </span>
  );
}

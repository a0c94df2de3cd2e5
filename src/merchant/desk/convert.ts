// Exact conversion between units at a price given as a fraction. What can't be divided stays with the desk: results are rounded down.

import { DeskRefusal } from "./order.js";

/** So many units of one thing for so many of the other. */
export interface Rate {
  from: bigint;
  to: bigint;
}

/** ⌊units · rate.to / rate.from⌋. Throws NOTHING_LEFT where that is 0. */
export function convert(units: bigint, rate: Rate): bigint {
  const converted = (units * rate.to) / rate.from;
  if (converted === 0n) {
    throw new DeskRefusal("NOTHING_LEFT", `${units} units at ${rate.to} for ${rate.from}.`);
  }
  return converted;
}

/** First `first`, then `second`. */
export function chainRates(first: Rate, second: Rate): Rate {
  return { from: first.from * second.from, to: first.to * second.to };
}

/**
 * Splits units by weights so that the parts add up exactly: each gets ⌊units · weight / sum⌋, what is left goes to the first.
 * Weights of 30 and 70 give the split between a platform and a creator.
 */
export function split(units: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((total, weight) => total + weight, 0n);
  const parts = weights.map((weight) => (units * weight) / sum);
  parts[0] += units - parts.reduce((total, part) => total + part, 0n);
  return parts;
}

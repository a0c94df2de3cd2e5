// The arithmetic of rewards, in whole units. A candidate's accumulator counts what one vote has earned since the beginning, in 2^-64
// units and modulo 2^128, so that a voter's part is a multiplication whenever it is asked for. Every division rounds down: what is
// paid never exceeds what was shared out.

import type { NativeUnits } from "./delegateLeaves.js";
import { AMOUNT_MAX } from "./limits.js";

const FRACTION_BITS = 64n;
const MODULUS_MASK = (1n << 128n) - 1n;
const BASIS_POINTS = 10_000n;

/** `units` times `part` of `whole`, rounded down. */
export function shareOf(units: bigint, part: bigint, whole: bigint): bigint {
  return whole === 0n ? 0n : (units * part) / whole;
}

export function basisPointsOf(units: bigint, basisPoints: number): bigint {
  return shareOf(units, BigInt(basisPoints), BASIS_POINTS);
}

/** The accumulator once `units` were shared among `votes`. */
export function accumulate(accumulator: bigint, units: bigint, votes: bigint): bigint {
  return (accumulator + (units << FRACTION_BITS) / votes) & MODULUS_MASK;
}

/** What `weight` votes have earned while the accumulator went from `before` to `now`. */
export function earnedBetween(weight: bigint, before: bigint, now: bigint): bigint {
  return (weight * ((now - before) & MODULUS_MASK)) >> FRACTION_BITS;
}

function capped(units: bigint): bigint {
  return units > AMOUNT_MAX ? AMOUNT_MAX : units;
}

export function addNative(a: NativeUnits, b: NativeUnits): NativeUnits {
  return [capped(a[0] + b[0]), capped(a[1] + b[1]), capped(a[2] + b[2])];
}

/** `total` divided among `count`, as equal as whole units can be: the first ones get one more. */
export function divide(total: bigint, count: number): bigint[] {
  const each = total / BigInt(count);
  const more = Number(total % BigInt(count));
  return Array.from({ length: count }, (_, index) => (index < more ? each + 1n : each));
}

// When a delivery that was not accepted is tried again: soon at first, then ever more seldom, for three days in all.

import type { Random } from "../../base/random.js";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Waits before the second, third … try: 72 hours, 5 minutes and 35 seconds together. */
const WAITS_MS = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  90 * MINUTE_MS,
  4 * HOUR_MS,
  8 * HOUR_MS,
  12 * HOUR_MS,
  22 * HOUR_MS,
  24 * HOUR_MS,
];
/** Up to a tenth longer, so that what failed together is not tried together. */
const SPREAD = 10;
const BYTE_VALUES = 256;

/** How long to wait after the `attempts`-th try failed; undefined where that was the last. */
export function retryWaitMs(attempts: number, random: Random): number | undefined {
  const waitMs = WAITS_MS[attempts - 1];
  return waitMs === undefined ? undefined : waitMs + Math.floor((random.bytes(1)[0] / BYTE_VALUES) * (waitMs / SPREAD));
}

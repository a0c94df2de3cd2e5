// A check that codecs share.

import { CodedError } from "./errors.js";
import { AMOUNT_MAX } from "./limits.js";

/** Throws AMOUNT_OUT_OF_RANGE unless `amount` lies between `minimum` and 2^63 - 1. */
export function expectAmount(amount: bigint, minimum = 1n): void {
  if (amount < minimum || amount > AMOUNT_MAX) {
    throw new CodedError("AMOUNT_OUT_OF_RANGE", `expected an amount from ${minimum} to 2^63 - 1, got ${amount}`);
  }
}

// Amounts between people and the chain: "12.5" with a token's decimals on one side, whole units as bigint on the other. No
// floats on the way, and nothing is rounded: a text that the token's units can't hold is refused.

import { CodedError } from "../protocol/errors.js";
import { AMOUNT_MAX, TOKEN_DECIMALS_MAX } from "../protocol/limits.js";

const AMOUNT_PATTERN = /^(\d+)(?:\.(\d+))?$/;

function expectDecimals(decimals: number): void {
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > TOKEN_DECIMALS_MAX) {
    throw new CodedError("MALFORMED", `expected 0 to ${TOKEN_DECIMALS_MAX} decimals, got ${decimals}`);
  }
}

/**
 * The units of a text such as "12.5" or "1000"; a point separates the decimals, nothing separates thousands. Throws
 * MALFORMED for other texts and for more decimals than the token has, AMOUNT_OUT_OF_RANGE above 2^63 - 1 units.
 */
export function parseAmount(text: string, decimals: number): bigint {
  expectDecimals(decimals);
  const match = AMOUNT_PATTERN.exec(text.trim());
  if (match === null) {
    throw new CodedError(
      "MALFORMED",
      `expected an amount such as 12.5 with no sign or separators, got "${text.slice(0, 40)}"`,
    );
  }
  const whole = match[1];
  const fraction = (match[2] ?? "").replace(/0+$/, "");
  if (fraction.length > decimals) {
    const most = decimals === 0 ? "a whole number" : `at most ${decimals} decimals`;
    throw new CodedError("MALFORMED", `expected ${most}, got "${text.slice(0, 40)}"`);
  }
  const units = BigInt(whole + fraction.padEnd(decimals, "0"));
  if (units > AMOUNT_MAX) {
    throw new CodedError(
      "AMOUNT_OUT_OF_RANGE",
      `expected at most ${formatAmount(AMOUNT_MAX, decimals)}, got ${text.slice(0, 60)}`,
    );
  }
  return units;
}

/** The shortest text of `units`: formatAmount(1250000000n, 8) is "12.5". */
export function formatAmount(units: bigint, decimals: number): string {
  expectDecimals(decimals);
  const sign = units < 0n ? "-" : "";
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return fraction === "" ? sign + whole : `${sign}${whole}.${fraction}`;
}

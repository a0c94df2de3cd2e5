// Amounts as people write them: exact, and refused where they can't be held.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatAmount, parseAmount } from "../../src/client/amounts.js";
import { AMOUNT_MAX } from "../../src/protocol/limits.js";

describe("amounts", () => {
  test.each([
    ["12.5", 8, 1_250_000_000n],
    ["0.00000001", 8, 1n],
    ["1.50", 1, 15n],
    [" 7 ", 0, 7n],
    ["0", 0, 0n],
    ["92233720368.54775807", 8, AMOUNT_MAX],
  ])("reads %s with %i decimals", (text, decimals, units) => {
    expect(parseAmount(text, decimals)).toBe(units);
  });

  test.each([
    ["12,5", 8, "expected an amount such as 12.5"],
    ["1e3", 8, "expected an amount such as 12.5"],
    ["-1", 8, "expected an amount such as 12.5"],
    [".5", 8, "expected an amount such as 12.5"],
    ["5.", 8, "expected an amount such as 12.5"],
    ["", 8, "expected an amount such as 12.5"],
    ["1.5", 0, "expected a whole number"],
    ["0.000000001", 8, "expected at most 8 decimals"],
    ["92233720368.54775808", 8, "expected at most 92233720368.54775807"],
  ])("refuses %s with %i decimals", (text, decimals, message) => {
    expect(() => parseAmount(text, decimals)).toThrow(message);
  });

  test.each([
    [1_250_000_000n, 8, "12.5"],
    [0n, 8, "0"],
    [1n, 8, "0.00000001"],
    [100n, 0, "100"],
    [-150n, 2, "-1.5"],
  ])("writes %s with %i decimals", (units, decimals, text) => {
    expect(formatAmount(units, decimals)).toBe(text);
  });

  test("come back from their text", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, AMOUNT_MAX), fc.integer({ min: 0, max: 18 }), (units, decimals) => {
        expect(parseAmount(formatAmount(units, decimals), decimals)).toBe(units);
      }),
    );
  });
});

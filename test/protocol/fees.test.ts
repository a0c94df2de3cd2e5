// The fee schedule: half a percent, rounded up, at least the worth of 0.1 TTC, in the token that moves.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CodedError } from "../../src/protocol/errors.js";
import { minimumFee, transactionFee } from "../../src/protocol/fees.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import type { ChainParameters } from "../../src/protocol/parameters.js";
import type { TokenId } from "../../src/protocol/tokens.js";

const parameters = {
  feeRateBasisPoints: 50,
  feeMinTtcUnits: 10_000_000n,
  feeCreateTokenTtcUnits: 10_000_000_000n,
  feeMintTtcUnits: 10_000_000n,
  feeBurnTtcUnits: 10_000_000n,
  quotes: [
    { token: "TTM", units: 100n, ttcUnits: 100_000_000n },
    { token: "TTMI", units: 300n, ttcUnits: 100_000_000n },
  ],
  blockGasMax: 20_000_000,
  blockPackageGasMax: 20_000_000,
  gasPriceTtcUnits: 10_000n,
  depositByteTtcUnits: 10_000n,
} as ChainParameters;
const USER_TOKEN = "ab".repeat(32);

function transfer(token: TokenId, amount: bigint): Operation {
  return { kind: "transfer", account: 0, to: new Uint8Array(32), token, amount };
}

function fee(feeToken: TokenId, ...operations: Operation[]): bigint {
  return transactionFee(parameters, { feeToken, operations });
}

describe("fees", () => {
  test.each([
    ["1 TTC pays the minimum", "TTC", 100_000_000n, 10_000_000n],
    ["20 TTC pay the minimum exactly", "TTC", 2_000_000_000n, 10_000_000n],
    ["100 TTC pay half a percent", "TTC", 10_000_000_000n, 50_000_000n],
    ["4,500 won pay 23, rounded up", "TTM", 4_500n, 23n],
    ["100 won pay the minimum of 10", "TTM", 100n, 10n],
  ])("%s", (_, token, amount, expected) => {
    expect(fee(token, transfer(token, amount))).toBe(expected);
  });

  test("a token without a quote costs 0.1 TTC, whatever the amount", () => {
    expect(fee("TTC", transfer(USER_TOKEN, 10n ** 15n))).toBe(10_000_000n);
    expect(() => fee(USER_TOKEN, transfer(USER_TOKEN, 5n))).toThrow(CodedError);
  });

  test("a won payment can't pay its fee in another token", () => {
    expect(() => fee("TTC", transfer("TTM", 5n))).toThrow(/expected the fee in TTM, got TTC/);
  });

  test("a payment with mileage pays both fees in either token, converted at the quotes", () => {
    const operations = [transfer("TTM", 10_000n), transfer("TTMI", 9_000n)];
    expect(fee("TTM", ...operations)).toBe(50n + 15n);
    expect(fee("TTMI", ...operations)).toBe(150n + 45n);
  });

  test("the fee is never below the minimum, never below the rate, and splitting a payment never makes it cheaper", () => {
    const amount = fc.bigInt({ min: 1n, max: 10n ** 17n });
    fc.assert(
      fc.property(fc.constantFrom("TTC", "TTM", "TTMI"), amount, amount, (token, a, b) => {
        const whole = fee(token, transfer(token, a + b));
        expect(whole).toBeGreaterThanOrEqual(minimumFee(parameters, token));
        expect(whole * 200n).toBeGreaterThanOrEqual(a + b);
        expect(fee(token, transfer(token, a), transfer(token, b))).toBeGreaterThanOrEqual(whole);
      }),
      { seed: 4 },
    );
  });
});

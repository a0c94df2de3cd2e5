// The payment request that a till shows and a wallet reads: what it says comes back, and what is no request is refused with a code.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvField } from "../../explorer/source/parts/historyCsv.js";
import { formatPaymentUri, parsePaymentUri } from "../../src/client/paymentUri.js";
import { formatAddress } from "../../src/protocol/address.js";

const payee = formatAddress(new Uint8Array(32).fill(7));
const reference = new Uint8Array(32).fill(9);
// Expiry height 300.
reference.set([0x2c, 1, 0, 0, 0, 0, 0, 0]);

describe("a payment request", () => {
  test("comes back as it was written", () => {
    const label = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter((text) => text.length <= 60);
    const amount = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(label, amount, fc.constantFrom("TTC", "TTM", "ab".repeat(32)), (name, units, token) => {
        const request = { payee, token, amount: units, reference, chain: "0123abcd", label: name };
        expect(parsePaymentUri(formatPaymentUri(request))).toEqual(request);
      }),
    );
  });

  test("has the documented form", () => {
    const uri = formatPaymentUri({
      payee,
      token: "TTM",
      amount: 4500n,
      reference,
      chain: "0123abcd",
      label: "Bada & Co",
    });
    const hex = Buffer.from(reference).toString("hex");
    expect(uri).toBe(
      `ttchain:${payee}?token=TTM&amount=4500&reference=${hex}&expiry=300&chain=0123abcd&label=Bada%20%26%20Co`,
    );
    expect(parsePaymentUri(`TTCHAIN:${payee}`)).toEqual({ payee });
  });

  test.each([
    ["another scheme", `solana:${payee}`, "MALFORMED"],
    ["a Solana address", "ttchain:7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV", "FOREIGN_ADDRESS"],
    ["a mistyped address", `ttchain:${payee.slice(0, -1)}b`, "BAD_ADDRESS"],
    ["an amount with decimals", `ttchain:${payee}?amount=1.5`, "MALFORMED"],
    ["an amount beyond 2^63", `ttchain:${payee}?amount=9223372036854775808`, "MALFORMED"],
    ["a token that is none", `ttchain:${payee}?token=ttm`, "MALFORMED"],
    ["an expiry that is not the reference's", `ttchain:${payee}?reference=${"00".repeat(32)}&expiry=5`, "MALFORMED"],
    ["a short reference", `ttchain:${payee}?reference=00`, "MALFORMED"],
  ])("is refused with %s", (_name, uri, code) => {
    expect(() => parsePaymentUri(uri)).toThrow(expect.objectContaining({ code }));
  });
});

describe("a field of the saved history", () => {
  test("is never a formula and never breaks its line", () => {
    expect(csvField('=HYPERLINK("x")')).toBe(`"'=HYPERLINK(""x"")"`);
    expect(csvField("a,b\nc")).toBe('"a,b\nc"');
    expect(csvField(undefined)).toBe("");
    expect(csvField("plain")).toBe("plain");
  });
});

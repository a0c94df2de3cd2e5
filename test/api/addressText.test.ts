// The quick text of addresses is the one of the protocol.

import fc from "fast-check";
import { expect, test } from "vitest";
import { addressText } from "../../src/api/json/addressText.js";
import { formatAddress } from "../../src/protocol/address.js";

test("an address has the same text as in the protocol", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (address) => {
      expect(addressText(address)).toBe(formatAddress(address));
    }),
    { numRuns: 500 },
  );
  expect(addressText(new Uint8Array(32))).toBe(formatAddress(new Uint8Array(32)));
  expect(addressText(new Uint8Array(32).fill(255))).toBe(formatAddress(new Uint8Array(32).fill(255)));
});

test("what is no address is refused", () => {
  expect(() => addressText(new Uint8Array(31))).toThrow(/32 bytes/);
});

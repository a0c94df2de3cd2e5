// Addresses: a mistyped one is told from a foreign one, and the place of the mistake is named.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatAddress, parseAddress } from "../../src/protocol/address.js";
import type { CodedError } from "../../src/protocol/errors.js";

const CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const address = fc.uint8Array({ minLength: 32, maxLength: 32 });

function failure(text: string): CodedError {
  try {
    parseAddress(text);
  } catch (error) {
    return error as CodedError;
  }
  throw new Error(`"${text}" was accepted`);
}

function mistype(text: string, position: number, shift: number): string {
  const letter = CHARSET[(CHARSET.indexOf(text[position]) + shift) % 32];
  return text.slice(0, position) + letter + text.slice(position + 1);
}

describe("addresses", () => {
  test("parse back from their text, in either case", () => {
    fc.assert(
      fc.property(address, (bytes) => {
        const text = formatAddress(bytes);
        expect(text).toHaveLength(62);
        expect(parseAddress(text)).toEqual(bytes);
        expect(parseAddress(text.toUpperCase())).toEqual(bytes);
      }),
      { seed: 1 },
    );
  });

  test("one wrong character is named by its position", () => {
    fc.assert(
      fc.property(
        address,
        fc.integer({ min: 4, max: 61 }),
        fc.integer({ min: 1, max: 31 }),
        (bytes, position, shift) => {
          const error = failure(mistype(formatAddress(bytes), position, shift));
          expect(error.code).toBe("BAD_ADDRESS");
          expect(error.details.positions).toBe(String(position + 1));
        },
      ),
      { seed: 2 },
    );
  });

  test("two wrong characters are both named", () => {
    const text = formatAddress(new Uint8Array(32).fill(5));
    const error = failure(mistype(mistype(text, 10, 3), 40, 9));
    expect(error.details.positions).toBe("11,41");
  });

  test("a character outside the alphabet is named", () => {
    const text = formatAddress(new Uint8Array(32).fill(5));
    expect(failure(`${text.slice(0, 20)}b${text.slice(21)}`).details.positions).toBe("21");
  });

  test.each([
    ["a Solana address", "4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T", "FOREIGN_ADDRESS"],
    ["the Solana system program", "11111111111111111111111111111111", "FOREIGN_ADDRESS"],
    ["an Ethereum address", "0x52908400098527886E0F7030069857D2E4169EE7", "BAD_ADDRESS"],
    ["a Bitcoin address", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "BAD_ADDRESS"],
    ["nothing", "", "BAD_ADDRESS"],
    ["a short one", "ttc1qqqq", "BAD_ADDRESS"],
  ])("%s is refused and explained", (_, text, code) => {
    const error = failure(text);
    expect(error.code).toBe(code);
    expect(error.message.length).toBeGreaterThan(20);
  });
});

// The order of a run's rows, for any number of them.

import fc from "fast-check";
import { expect, test } from "vitest";
import { concatBytes } from "../../src/base/bytes.js";
import { ACCOUNT_BYTES } from "../../src/history/entryRow.js";
import { sortByAccount } from "../../src/history/runs/sortByAccount.js";

/** Accounts that often begin alike. */
const account = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 2 }))
  .map(([first, fourth, last]) => {
    const bytes = new Uint8Array(ACCOUNT_BYTES);
    [bytes[0], bytes[3], bytes[ACCOUNT_BYTES - 1]] = [first << 6, fourth, last];
    return bytes;
  });

function viewOf(accounts: readonly Uint8Array[]): DataView {
  const bytes = concatBytes(...accounts);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

test("is that of the accounts, then that of their making, whatever part of the accounts the keys hold", () => {
  fc.assert(
    fc.property(fc.array(account, { maxLength: 60 }), fc.integer({ min: 0, max: 32 }), (accounts, bits) => {
      const rows = viewOf(accounts);
      const offsets = Uint32Array.from(accounts, (_, i) => i * ACCOUNT_BYTES);
      const expected = accounts.map((_, i) => i).sort((a, b) => Buffer.compare(accounts[a], accounts[b]) || a - b);
      expect([...sortByAccount(rows, offsets, bits)]).toEqual(expected);
    }),
  );
});

test("holds for more than a million rows", () => {
  const accounts = [3, 1, 2].map((byte) => new Uint8Array(ACCOUNT_BYTES).fill(byte));
  const count = 2 ** 20 + 5;
  const offsets = Uint32Array.from({ length: count }, (_, i) => (i % 3) * ACCOUNT_BYTES);
  const order = sortByAccount(viewOf(accounts), offsets);
  // First every row of the account at place 1, then at place 2, then at place 0, each in its own order.
  let at = 0;
  for (const place of [1, 2, 0]) {
    for (let row = place; row < count; row += 3) {
      if (order[at++] !== row) {
        expect(order[at - 1]).toBe(row);
      }
    }
  }
  expect(at).toBe(count);
});

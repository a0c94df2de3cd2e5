// How many entries a block can make at the most: what a run of rows is planned by.

import fc from "fast-check";
import { expect, test } from "vitest";
import { concatBytes } from "../../src/base/bytes.js";
import { accountEntries, accountEntriesMost } from "../../src/history/accountEntries.js";
import { EVENT_KINDS } from "../../src/protocol/receipt.js";
import { makeBlock, named } from "./madeBlock.js";

const people = ["alice", "bob", "carol"].map(named);
const person = fc.constantFrom(...people);

/** Somebody to somebody else, in TTC. */
const contractTransfer = fc.record({
  kind: fc.constant(EVENT_KINDS.contractTransfer),
  data: fc.tuple(person, person).map(([from, to]) => {
    const token = new Uint8Array(32);
    token[31] = 1;
    return concatBytes(from, to, token, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0));
  }),
});

const call = fc.record({
  signers: fc.uniqueArray(person, { minLength: 1, maxLength: 3 }),
  operations: fc.array(
    fc.record({
      kind: fc.constant("callContract" as const),
      account: fc.constant(0),
      contract: person,
      functionName: fc.constant("pay"),
      args: fc.constant(new Uint8Array(0)),
      gasLimit: fc.constant(1),
      depositLimit: fc.constant(0n),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  events: fc.array(contractTransfer, { maxLength: 255 }),
});

test("no block makes more entries than were planned for, however much its contracts pay", () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 4 }), (made) => {
      const block = makeBlock(1, made);
      expect(accountEntries(block).length).toBeLessThanOrEqual(accountEntriesMost(block));
    }),
  );
});

// A payment of which some fields were read: what a block asks of each must not decode it.

import { expect, test } from "vitest";
import { bytesKey } from "../../src/base/bytes.js";
import { addressOfKey } from "../../src/protocol/address.js";
import { CodedError } from "../../src/protocol/errors.js";
import { ReadTransaction, runsContracts } from "../../src/protocol/readTransaction.js";
import { encodeBody, encodeTransaction, transactionId } from "../../src/protocol/transaction.js";

const KEY = new Uint8Array(32).fill(7);
const PARTNER = new Uint8Array(32).fill(9);

function payment(partner: Uint8Array | undefined): Uint8Array {
  const body = encodeBody({
    chainTag: new Uint8Array(4),
    signers: [{ address: addressOfKey(KEY), publicKey: KEY }],
    feePayer: 0,
    lane: 0,
    sequence: 0,
    validUntil: 1,
    feeToken: "TTC",
    feeLimit: 1n,
    partner,
    operations: [{ kind: "transfer", account: 0, to: PARTNER, token: "TTC", amount: 1n }],
  });
  return encodeTransaction(body, [new Uint8Array(64)]);
}

function readOf(bytes: Uint8Array): ReadTransaction {
  const fields = { bodyBytes: bytes.length - 64, lane: 0, sequence: 0, validUntil: 1 };
  const id = transactionId(bytes.subarray(0, fields.bodyBytes));
  return new ReadTransaction(bytes, { ...fields, idKey: bytesKey(id) });
}

test("tells its partner", () => {
  expect(readOf(payment(PARTNER)).partner).toEqual(PARTNER);
  expect(readOf(payment(undefined)).partner).toBeUndefined();
});

test("tells that it has no partner and runs no contract without being decoded", () => {
  // Cut short, so that decoding would throw.
  const read = readOf(payment(undefined).subarray(0, 120));
  expect(read.partner).toBeUndefined();
  expect(runsContracts(read)).toBe(false);
  expect(() => read.operations).toThrow(CodedError);
});

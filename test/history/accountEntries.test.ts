// What each kind of operation leaves in the history of whom.

import { describe, expect, test } from "vitest";
import { equalBytes, toHex } from "../../src/base/bytes.js";
import { accountEntries } from "../../src/history/accountEntries.js";
import type { HistoryEntry } from "../../src/history/history.js";
import { involvedAddresses } from "../../src/history/involvedAddresses.js";
import { errorNumber } from "../../src/protocol/errors.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { EVENT_KINDS } from "../../src/protocol/receipt.js";
import { type MadeTransaction, makeBlock, named } from "./madeBlock.js";

const [alice, bob, carol] = ["alice", "bob", "carol"].map(named);
const TOKEN = toHex(named("token"));

function entriesOf(address: Uint8Array, made: MadeTransaction): HistoryEntry[] {
  return accountEntries(makeBlock(5, [made])).filter((entry) => equalBytes(entry.account, address));
}

function summary(address: Uint8Array, made: MadeTransaction): unknown[] {
  return entriesOf(address, made).map(({ kind, direction, counterparty, token, amount, fee }) => ({
    kind,
    direction,
    ...(counterparty === undefined ? {} : { counterparty: toHex(counterparty) }),
    ...(token === undefined ? {} : { token }),
    ...(amount === undefined ? {} : { amount }),
    ...(fee === undefined ? {} : { fee }),
  }));
}

const transfer: Operation = { kind: "transfer", account: 0, to: bob, token: "TTM", amount: 9n };

describe("a transfer", () => {
  test("goes out of one account and into the other; the payer's entry shows the fee", () => {
    const made = { signers: [alice], operations: [transfer], fee: 2n };
    const moved = { kind: "transfer", token: "TTM", amount: 9n };
    expect(summary(alice, made)).toEqual([{ ...moved, direction: "out", counterparty: toHex(bob), fee: 2n }]);
    expect(summary(bob, made)).toEqual([{ ...moved, direction: "in", counterparty: toHex(alice) }]);
  });

  test("to oneself is one entry", () => {
    const made = { signers: [bob], operations: [transfer] };
    expect(summary(bob, made)).toEqual([{ kind: "transfer", direction: "self", token: "TTM", amount: 9n, fee: 1n }]);
  });

  test("that failed is entered for its signer alone", () => {
    const made = { signers: [alice], operations: [transfer], code: errorNumber("INSUFFICIENT_BALANCE") };
    expect(entriesOf(alice, made)).toMatchObject([{ code: 300, direction: "out" }]);
    expect(entriesOf(bob, made)).toEqual([]);
  });

  test("shows a memo on the first entry of each account", () => {
    const memo = Uint8Array.of(1, 2);
    const made = { signers: [alice], operations: [transfer, transfer], memo };
    expect(entriesOf(alice, made).map((entry) => entry.memo)).toEqual([memo, undefined]);
    expect(entriesOf(bob, made).map((entry) => entry.memo)).toEqual([memo, undefined]);
  });
});

describe("whoever no operation touches", () => {
  test("but pays the fee has an entry of kind fee", () => {
    const made = { signers: [alice, carol], feePayer: 1, operations: [transfer], fee: 3n };
    expect(summary(carol, made)).toEqual([{ kind: "fee", direction: "out", fee: 3n }]);
    expect(entriesOf(alice, made)[0].fee).toBeUndefined();
  });

  test("but signs has an entry of kind signature", () => {
    const made = { signers: [alice, carol], operations: [transfer] };
    expect(summary(carol, made)).toEqual([{ kind: "signature", direction: "self" }]);
  });
});

describe("the other kinds", () => {
  test("a mint comes in at its receiver and is noted at its issuer", () => {
    const operation: Operation = { kind: "mint", account: 0, token: "TTM", to: bob, amount: 7n };
    const made = { signers: [alice], operations: [operation] };
    expect(summary(bob, made)).toMatchObject([{ kind: "mint", direction: "in", amount: 7n }]);
    expect(summary(alice, made)).toMatchObject([{ kind: "mint", direction: "self", amount: 7n, fee: 1n }]);
    expect(summary(bob, { signers: [bob], operations: [operation] })).toMatchObject([
      { kind: "mint", direction: "in" },
    ]);
  });

  test("a burn goes out", () => {
    const operation: Operation = { kind: "burn", account: 0, token: "TTM", amount: 7n };
    expect(summary(alice, { signers: [alice], operations: [operation] })).toMatchObject([
      { direction: "out", amount: 7n },
    ]);
  });

  test("a created token is named by its receipt and comes in with its supply", () => {
    const face = { symbol: "GOLD", name: "Gold", decimals: 0, mintable: false, burnable: false, freezable: false };
    const operation: Operation = { kind: "createToken", account: 0, supply: 50n, ...face };
    const events = [{ kind: EVENT_KINDS.tokenCreated, data: named("token") }];
    expect(summary(alice, { signers: [alice], operations: [operation], events })).toMatchObject([
      { kind: "createToken", direction: "in", token: TOKEN, amount: 50n },
    ]);
  });

  test("a replaced key is the account's own matter", () => {
    const operation: Operation = { kind: "replaceKey", account: 0, publicKey: carol };
    expect(summary(alice, { signers: [alice], operations: [operation] })).toMatchObject([{ direction: "self" }]);
  });

  test("a freeze is noted at issuer and holder", () => {
    const operation: Operation = { kind: "setFrozen", account: 0, token: TOKEN, target: bob, frozen: true };
    const made = { signers: [alice], operations: [operation] };
    expect(entriesOf(bob, made)).toMatchObject([
      { kind: "setFrozen", direction: "self", frozen: true, counterparty: alice },
    ]);
    expect(entriesOf(alice, made)).toMatchObject([{ kind: "setFrozen", direction: "self", counterparty: bob }]);
  });

  test("a closed account's rest goes to its beneficiary", () => {
    const operation: Operation = { kind: "closeAccount", account: 0, beneficiary: bob };
    const made = { signers: [alice], operations: [operation] };
    expect(summary(alice, made)).toMatchObject([{ direction: "out", counterparty: toHex(bob) }]);
    expect(summary(bob, made)).toMatchObject([{ direction: "in", counterparty: toHex(alice) }]);
  });
});

test("those involved in a transaction are exactly those who have an entry of it", () => {
  const operations: Operation[] = [
    transfer,
    { kind: "mint", account: 1, token: "TTM", to: carol, amount: 7n },
    { kind: "setFrozen", account: 0, token: TOKEN, target: named("dora"), frozen: false },
    { kind: "closeAccount", account: 2, beneficiary: named("erik") },
  ];
  for (const code of [0, errorNumber("UNKNOWN_TOKEN")]) {
    const block = makeBlock(1, [{ signers: [alice, bob, named("fred"), named("gina")], operations, code }]);
    const entered = new Set(accountEntries(block).map(({ account }) => toHex(account)));
    const involved = involvedAddresses(block.transactions[0], code === 0).map(toHex);
    expect(new Set(involved)).toEqual(entered);
    expect(involved).toHaveLength(entered.size);
  }
});

// Creating, minting, burning and freezing.

import { describe, expect, test } from "vitest";
import { FEE_POOL_ADDRESS } from "../../src/execution/feePool.js";
import { AMOUNT_MAX } from "../../src/protocol/limits.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { EVENT_KINDS } from "../../src/protocol/receipt.js";
import { type TokenId, TTC_UNIT } from "../../src/protocol/tokens.js";
import { readAccount, readBalance, readToken } from "../../src/state/views.js";
import { tokenOf } from "./createdToken.js";
import {
  alice,
  bank,
  bob,
  carol,
  deposits,
  LedgerChain,
  mint,
  PARAMETERS,
  type Person,
  transfer,
} from "./ledgerChain.js";

const depositBalance = PARAMETERS.depositBalanceTtcUnits;
const depositAccount = PARAMETERS.depositAccountTtcUnits;

function minting(token: TokenId, to: Person, amount: bigint, account = 0): Operation {
  return { kind: "mint", account, token, to: to.address, amount };
}

function freezing(token: TokenId, target: Person | Uint8Array, frozen = true): Operation {
  const address = target instanceof Uint8Array ? target : target.address;
  return { kind: "setFrozen", account: 0, token, target: address, frozen };
}

describe("creating a token", () => {
  test("credits the supply to the creator, tells the id and makes the creator its only issuer", () => {
    const chain = new LedgerChain();
    const token = tokenOf(chain, alice, { supply: 77n, mintable: false });
    expect(readToken(chain.state, token)).toEqual({
      symbol: "POINT",
      name: "Point",
      decimals: 2,
      supply: 77n,
      mintable: false,
      burnable: true,
      freezable: true,
      heightCreated: 1,
      issuersNeeded: 1,
      issuers: [alice.address],
    });
    expect(chain.balance(alice, token)).toBe(77n);
    expect(readAccount(chain.state, alice.address)?.tokenCount).toBe(1);
  });

  test("costs its own fee and tells the id in an event", () => {
    const chain = new LedgerChain();
    const operation: Operation = {
      kind: "createToken",
      account: 0,
      symbol: "SHOP",
      name: "Shop",
      decimals: 0,
      supply: 0n,
      mintable: true,
      burnable: false,
      freezable: false,
    };
    const receipt = chain.run({ operations: [operation, operation] });
    expect(receipt.fee).toBe(2n * PARAMETERS.feeCreateTokenTtcUnits);
    const ids = receipt.events.filter(({ kind }) => kind === EVENT_KINDS.tokenCreated).map(({ data }) => data);
    expect(ids.length).toBe(2);
    expect(ids[0]).not.toEqual(ids[1]);
    expect(deposits(receipt)).toEqual([]);
    expect(readAccount(chain.state, alice.address)?.tokenCount).toBe(0);
  });

  test("needs the deposit for the supply's balance", () => {
    const chain = new LedgerChain();
    chain.run({ operations: [transfer(bob, PARAMETERS.feeCreateTokenTtcUnits + depositBalance - 1n)] });
    expect(() => tokenOf(chain, bob)).toThrow("failed with 305");
    expect(readAccount(chain.state, bob.address)?.tokenCount).toBe(0);
  });
});

describe("minting", () => {
  test("of TTM needs two of its three issuers, the operation's account among them", () => {
    const chain = new LedgerChain();
    chain.run({ operations: [transfer(mint, 10n * TTC_UNIT)] });
    const operations = [minting("TTM", bob, 500n)];
    expect(chain.outcome({ signers: [bank], operations })).toBe("NOT_AUTHORIZED");
    expect(chain.outcome({ signers: [bank, alice], operations })).toBe("NOT_AUTHORIZED");
    expect(chain.outcome({ signers: [alice, bank, mint], operations })).toBe("NOT_AUTHORIZED");
    expect(chain.outcome({ signers: [mint, carol], operations })).toBe("OK");
    expect(readToken(chain.state, "TTM")?.supply).toBe(500n);
    expect(chain.balance(bob, "TTM")).toBe(500n);
  });

  test("of TTC, of an unknown token and of one without that right fails", () => {
    const chain = new LedgerChain();
    const token = tokenOf(chain, alice, { mintable: false });
    expect(chain.outcome({ signers: [bank], operations: [minting("TTC", bob, 1n)] })).toBe("NOT_MINTABLE");
    expect(chain.outcome({ operations: [minting("ab".repeat(32), bob, 1n)] })).toBe("UNKNOWN_TOKEN");
    expect(chain.outcome({ operations: [minting(token, bob, 1n)] })).toBe("NOT_MINTABLE");
  });

  test("by anyone but the issuer fails, and the issuer's credit takes deposits like a transfer", () => {
    const chain = new LedgerChain();
    const token = tokenOf(chain, alice, { supply: 0n });
    expect(chain.outcome({ signers: [bank], operations: [minting(token, bank, 1n)] })).toBe("NOT_AUTHORIZED");
    const receipt = chain.run({ operations: [minting(token, bob, 9n)] });
    expect(deposits(receipt).map(({ units }) => units)).toEqual([depositAccount, depositBalance]);
    expect(receipt.fee).toBe(PARAMETERS.feeMintTtcUnits);
    expect(readToken(chain.state, token)?.supply).toBe(9n);
  });

  test("stops at the largest supply", () => {
    const chain = new LedgerChain();
    const token = tokenOf(chain, alice, { supply: AMOUNT_MAX - 1n });
    expect(chain.outcome({ operations: [minting(token, bob, 2n)] })).toBe("AMOUNT_OVERFLOW");
    expect(chain.outcome({ operations: [minting(token, bob, 1n)] })).toBe("OK");
    expect(chain.outcome({ operations: [minting(token, bob, 1n)] })).toBe("AMOUNT_OVERFLOW");
    expect(readToken(chain.state, token)?.supply).toBe(AMOUNT_MAX);
  });
});

describe("burning", () => {
  test("takes units out of balance and supply, and removes a balance that is used up", () => {
    const chain = new LedgerChain();
    const token = tokenOf(chain, alice, { supply: 10n });
    const burn = (amount: bigint): Operation => ({ kind: "burn", account: 0, token, amount });
    expect(chain.outcome({ operations: [burn(11n)] })).toBe("INSUFFICIENT_BALANCE");
    expect(chain.run({ operations: [burn(4n)] }).fee).toBe(PARAMETERS.feeBurnTtcUnits);
    expect([chain.balance(alice, token), readToken(chain.state, token)?.supply]).toEqual([6n, 6n]);
    expect(deposits(chain.run({ operations: [burn(6n)] })).map(({ units }) => units)).toEqual([-depositBalance]);
    expect(chain.hasBalanceLeaf(alice, token)).toBe(false);
    expect(readToken(chain.state, token)?.supply).toBe(0n);
  });

  test("of a token without that right, or that nobody created, fails", () => {
    const chain = new LedgerChain();
    const token = tokenOf(chain, alice, { burnable: false });
    expect(chain.outcome({ operations: [{ kind: "burn", account: 0, token, amount: 1n }] })).toBe("NOT_BURNABLE");
    expect(chain.outcome({ operations: [{ kind: "burn", account: 0, token: "TTC", amount: 1n }] })).toBe(
      "NOT_BURNABLE",
    );
    const unknown: Operation = { kind: "burn", account: 0, token: "cd".repeat(32), amount: 1n };
    expect(chain.outcome({ operations: [unknown] })).toBe("UNKNOWN_TOKEN");
  });

  test("of a frozen balance fails", () => {
    const chain = new LedgerChain();
    const token = tokenOf(chain, alice);
    chain.run({ operations: [freezing(token, alice)] });
    expect(chain.outcome({ operations: [{ kind: "burn", account: 0, token, amount: 1n }] })).toBe("BALANCE_FROZEN");
  });
});

describe("freezing", () => {
  test("stops payments out of the balance, into it and to oneself, until it is freed", () => {
    const chain = new LedgerChain();
    const token = tokenOf(chain, alice);
    chain.run({ operations: [transfer(bob, 10n, token), transfer(bob, TTC_UNIT)] });
    expect(chain.outcome({ operations: [freezing(token, bob)] })).toBe("OK");
    expect(chain.outcome({ signers: [bob], operations: [transfer(alice, 1n, token)] })).toBe("BALANCE_FROZEN");
    expect(chain.outcome({ signers: [bob], operations: [transfer(bob, 1n, token)] })).toBe("BALANCE_FROZEN");
    expect(chain.outcome({ operations: [transfer(bob, 1n, token)] })).toBe("BALANCE_FROZEN");
    expect(chain.outcome({ operations: [minting(token, bob, 1n)] })).toBe("BALANCE_FROZEN");
    expect(chain.outcome({ signers: [bob], operations: [transfer(alice, 1n)] })).toBe("OK");
    expect(chain.outcome({ operations: [freezing(token, bob, false)] })).toBe("OK");
    expect(chain.outcome({ signers: [bob], operations: [transfer(alice, 10n, token)] })).toBe("OK");
  });

  test("of an account that holds nothing makes a leaf against the issuer's deposit, which goes to the target in the end", () => {
    const chain = new LedgerChain();
    const token = tokenOf(chain, alice);
    const receipt = chain.run({ operations: [freezing(token, bob)] });
    expect(deposits(receipt).map(({ units }) => units)).toEqual([depositAccount, depositBalance]);
    expect(readBalance(chain.state, bob.address, token)).toEqual({ amount: 0n, deposit: depositBalance, frozen: true });
    expect(chain.outcome({ operations: [transfer(bob, 1n, token)] })).toBe("BALANCE_FROZEN");
    expect(deposits(chain.run({ operations: [freezing(token, bob, false)] }))).toEqual([
      { address: bob.address, units: -depositBalance },
    ]);
    expect(chain.balance(bob)).toBe(depositBalance);
    expect(readAccount(chain.state, bob.address)?.tokenCount).toBe(0);
  });

  test("twice, or freeing what is not frozen, changes nothing", () => {
    const chain = new LedgerChain();
    const token = tokenOf(chain, alice);
    expect(chain.run({ operations: [freezing(token, bob, false)] }).events).toEqual([]);
    expect(readAccount(chain.state, bob.address)).toBeUndefined();
    chain.run({ operations: [freezing(token, bob)] });
    expect(chain.run({ operations: [freezing(token, bob)] }).events).toEqual([]);
  });

  test("is for issuers of freezable tokens", () => {
    const chain = new LedgerChain();
    const token = tokenOf(chain, alice);
    const rigid = tokenOf(chain, alice, { freezable: false });
    expect(chain.outcome({ signers: [bank], operations: [freezing(token, bob)] })).toBe("NOT_AUTHORIZED");
    expect(chain.outcome({ operations: [freezing(rigid, bob)] })).toBe("NOT_FREEZABLE");
    expect(chain.outcome({ signers: [bank], operations: [freezing("TTM", bob)] })).toBe("NOT_FREEZABLE");
    expect(chain.outcome({ operations: [freezing("ab".repeat(32), bob)] })).toBe("UNKNOWN_TOKEN");
  });

  test("keeps a frozen balance from paying fees, and the fee pool receives all the same", () => {
    const chain = new LedgerChain();
    const token = tokenOf(chain, alice);
    chain.setParameters({ quotes: [{ token, units: 1n, ttcUnits: TTC_UNIT }] });
    chain.run({ operations: [freezing(token, FEE_POOL_ADDRESS), transfer(bob, 50n, token)] });
    const byToken = { feeToken: token, feeLimit: 10n, operations: [transfer(bob, 1n, token)] };
    expect(chain.outcome(byToken)).toBe("OK");
    expect(chain.balance(FEE_POOL_ADDRESS, token)).toBe(1n);
    chain.run({ operations: [freezing(token, bob)] });
    const wish = { ...byToken, signers: [bob], operations: [transfer(alice, 1n, token)] };
    expect(chain.outcome(wish)).toBe("FEE_UNPAYABLE");
  });
});

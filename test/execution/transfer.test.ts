import { describe, expect, test } from "vitest";
import { FEE_POOL_ADDRESS } from "../../src/execution/feePool.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { NO_OPERATION } from "../../src/protocol/receipt.js";
import { referenceKey } from "../../src/protocol/stateLeaves.js";
import { createdTokenId, TTC_UNIT } from "../../src/protocol/tokens.js";
import { Writer } from "../../src/protocol/wire.js";
import { readAccount, readBalance, readLane, readReference } from "../../src/state/views.js";
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
  transfer,
  type Wish,
} from "./ledgerChain.js";

const depositAccount = PARAMETERS.depositAccountTtcUnits;
const depositBalance = PARAMETERS.depositBalanceTtcUnits;

function paid(expiry: bigint, amount = TTC_UNIT): Operation {
  const reference = new Writer(32).u64(expiry).raw(new Uint8Array(24).fill(9)).finish();
  return { kind: "transfer", account: 0, to: bob.address, token: "TTC", amount, reference };
}

describe("a transfer of TTC", () => {
  test("moves the amount, takes the fee and the new account's deposit from the payer", () => {
    const chain = new LedgerChain();
    const before = chain.balance(alice);
    const receipt = chain.run({ operations: [transfer(bob, 100n * TTC_UNIT)] });
    expect(receipt.code).toBe(0);
    expect(receipt.operationIndex).toBe(NO_OPERATION);
    expect(receipt.fee).toBe(TTC_UNIT / 2n);
    expect(chain.balance(bob)).toBe(100n * TTC_UNIT);
    expect(before - chain.balance(alice)).toBe(100n * TTC_UNIT + receipt.fee + depositAccount);
    expect(readAccount(chain.state, bob.address)?.deposit).toBe(depositAccount);
    expect(deposits(receipt)).toEqual([{ address: bob.address, units: depositAccount }]);
    expect(chain.balance(FEE_POOL_ADDRESS)).toBe(receipt.fee);
    expect(readAccount(chain.state, FEE_POOL_ADDRESS)?.deposit).toBe(0n);
    expect(readLane(chain.state, alice.address, 0)).toEqual({ sequenceNext: 1, heightExpires: 101 });
  });

  test("to an account that exists takes no deposit", () => {
    const chain = new LedgerChain();
    chain.run({ operations: [transfer(bob, TTC_UNIT)] });
    expect(chain.run({ operations: [transfer(bob, TTC_UNIT)] }).events).toEqual([]);
  });

  test("to the payer itself costs the fee and nothing else, and still needs the balance", () => {
    const chain = new LedgerChain();
    const before = chain.balance(alice);
    const receipt = chain.run({ operations: [transfer(alice, TTC_UNIT)] });
    expect(receipt.code).toBe(0);
    expect(before - chain.balance(alice)).toBe(receipt.fee);
    expect(chain.outcome({ operations: [transfer(alice, before * 2n)] })).toBe("INSUFFICIENT_BALANCE");
  });

  test("of everything leaves the account's leaf in place", () => {
    const chain = new LedgerChain();
    const minimum = PARAMETERS.feeMinTtcUnits;
    chain.run({ operations: [transfer(bob, TTC_UNIT + minimum), transfer(carol, 1n)] });
    expect(chain.outcome({ signers: [bob], operations: [transfer(carol, TTC_UNIT)] })).toBe("OK");
    expect(readAccount(chain.state, bob.address)).toEqual({
      balances: [0n, 0n, 0n],
      deposit: depositAccount,
      tokenCount: 0,
    });
  });

  test("needs the deposit for a new account from the fee payer, who may be another signer", () => {
    const chain = new LedgerChain();
    const minimum = PARAMETERS.feeMinTtcUnits;
    chain.run({ operations: [transfer(bob, TTC_UNIT + minimum)] });
    const wish: Wish = { signers: [bob], operations: [transfer(carol, TTC_UNIT)] };
    expect(chain.outcome(wish)).toBe("DEPOSIT_UNPAID");
    expect(chain.balance(bob)).toBe(TTC_UNIT);
    expect(chain.outcome({ ...wish, signers: [bob, alice], feePayer: 1 })).toBe("OK");
    expect(chain.balance(carol)).toBe(TTC_UNIT);
    expect(chain.balance(bob)).toBe(0n);
  });

  test("by one sender in several lanes keeps their sequences apart", () => {
    const chain = new LedgerChain();
    const wish: Wish = { operations: [transfer(bob, 1n)] };
    chain.block([0, 7, 0xffffffff].flatMap((lane) => [chain.ask({ ...wish, lane }), chain.ask({ ...wish, lane }, 1)]));
    expect([0, 7, 0xffffffff, 1].map((lane) => chain.sequence(alice, lane))).toEqual([2, 2, 2, 0]);
    expect(chain.balance(bob)).toBe(6n);
  });
});

describe("a transfer of TTM", () => {
  test("pays its fee in TTM, at least what 0.1 TTC is worth", () => {
    const chain = new LedgerChain();
    const mintTtm: Operation = { kind: "mint", account: 0, token: "TTM", to: alice.address, amount: 10_000n };
    expect(chain.outcome({ signers: [bank, mint], operations: [mintTtm] })).toBe("OK");
    const wish: Wish = { operations: [transfer(bob, 1_000n, "TTM")], feeToken: "TTM", feeLimit: 5n };
    const receipt = chain.run(wish);
    expect([receipt.code, receipt.fee]).toEqual([0, 5n]);
    expect(chain.balance(alice, "TTM")).toBe(8_995n);
    expect(chain.balance(bob, "TTM")).toBe(1_000n);
    expect(chain.balance(FEE_POOL_ADDRESS, "TTM")).toBe(5n);
    expect(chain.run({ ...wish, operations: [transfer(bob, 1n, "TTM")] }).fee).toBe(1n);
  });
});

describe("a transfer with a reference", () => {
  test("is paid once, and only by the same payee, token and amount is it the same", () => {
    const chain = new LedgerChain();
    const transaction = chain.ask({ operations: [paid(50n)] });
    chain.block([transaction]);
    expect(readReference(chain.state, bob.address, "TTC", TTC_UNIT, paidReference(50n))).toEqual({
      heightExpires: 100,
      heightPaid: 1,
      transactionId: transaction.id,
    });
    expect(chain.outcome({ operations: [paid(50n)] })).toBe("REFERENCE_PAID");
    expect(chain.outcome({ operations: [paid(50n, TTC_UNIT + 1n)] })).toBe("OK");
    expect(chain.outcome({ operations: [paid(50n, 7n), paid(50n, 7n)] })).toBe("REFERENCE_PAID");
    expect(chain.balance(bob)).toBe(2n * TTC_UNIT + 1n);
  });

  test("may be paid at its expiry height and not one later", () => {
    const chain = new LedgerChain();
    chain.pass(9);
    expect(chain.copy().outcome({ operations: [paid(9n)] })).toBe("REFERENCE_EXPIRED");
    expect(chain.copy().outcome({ operations: [paid(10n)] })).toBe("OK");
    expect(chain.copy().outcome({ operations: [paid(1010n)] })).toBe("OK");
    expect(chain.copy().outcome({ operations: [paid(1011n)] })).toBe("REFERENCE_TOO_FAR");
    expect(chain.copy().outcome({ operations: [paid((1n << 64n) - 1n)] })).toBe("REFERENCE_TOO_FAR");
  });

  test("stays unpaid where another operation of its transaction fails", () => {
    const chain = new LedgerChain();
    expect(chain.outcome({ operations: [paid(50n), transfer(bob, 1n, "TTM")] })).toBe("INSUFFICIENT_BALANCE");
    expect(chain.outcome({ operations: [paid(50n)] })).toBe("OK");
  });

  test("to oneself is marked as well", () => {
    const chain = new LedgerChain();
    const self: Operation = { ...(paid(50n) as Extract<Operation, { kind: "transfer" }>), to: alice.address };
    expect(chain.outcome({ operations: [self] })).toBe("OK");
    expect(chain.outcome({ operations: [self] })).toBe("REFERENCE_PAID");
  });

  test("leaves the state when its keeping time is over", () => {
    const chain = new LedgerChain();
    chain.run({ operations: [paid(10n)] });
    const key = referenceKey(bob.address, "TTC", TTC_UNIT, paidReference(10n));
    chain.pass(59);
    expect(chain.height).toBe(60);
    expect(chain.state.get(key)).toBeDefined();
    chain.pass(1);
    expect(chain.state.get(key)).toBeUndefined();
    expect(chain.outcome({ operations: [paid(10n)] })).toBe("REFERENCE_EXPIRED");
  });
});

function paidReference(expiry: bigint): Uint8Array {
  return (paid(expiry) as { reference: Uint8Array }).reference;
}

describe("a transfer of a created token", () => {
  test("takes a deposit for a new balance, and for a new account besides", () => {
    const chain = new LedgerChain();
    const token = tokenOf(chain, alice, { supply: 1_000n });
    const receipt = chain.run({ operations: [transfer(bob, 10n, token)] });
    expect(deposits(receipt)).toEqual([
      { address: bob.address, units: depositAccount },
      { address: bob.address, units: depositBalance },
    ]);
    expect(receipt.fee).toBe(PARAMETERS.feeMinTtcUnits);
    expect(readBalance(chain.state, bob.address, token)).toEqual({
      amount: 10n,
      deposit: depositBalance,
      frozen: false,
    });
    expect(readAccount(chain.state, bob.address)?.tokenCount).toBe(1);
  });

  test("of everything removes the balance's leaf and gives its deposit back to the holder", () => {
    const chain = new LedgerChain();
    const token = tokenOf(chain, alice, { supply: 1_000n });
    chain.run({ operations: [transfer(bob, 10n, token), transfer(bob, TTC_UNIT)] });
    const receipt = chain.run({ signers: [bob], operations: [transfer(alice, 10n, token)] });
    expect(deposits(receipt)).toEqual([{ address: bob.address, units: -depositBalance }]);
    expect(chain.hasBalanceLeaf(bob, token)).toBe(false);
    expect(chain.balance(bob)).toBe(TTC_UNIT + depositBalance - receipt.fee);
    expect(readAccount(chain.state, bob.address)?.tokenCount).toBe(0);
  });

  test("of everything to a new holder pays the new deposit out of the one that comes back", () => {
    const chain = new LedgerChain();
    const token = tokenOf(chain, alice, { supply: 1_000n });
    chain.run({
      operations: [transfer(bob, 10n, token), transfer(bob, PARAMETERS.feeMinTtcUnits), transfer(carol, 1n)],
    });
    expect(chain.outcome({ signers: [bob], operations: [transfer(carol, 10n, token)] })).toBe("OK");
    expect(chain.balance(bob)).toBe(0n);
    expect(chain.balance(carol, token)).toBe(10n);
  });

  test("to oneself touches neither leaf nor deposit", () => {
    const chain = new LedgerChain();
    const token = tokenOf(chain, alice, { supply: 10n });
    expect(chain.run({ operations: [transfer(alice, 10n, token)] }).events).toEqual([]);
    expect(chain.balance(alice, token)).toBe(10n);
  });

  test("fails for an id that nobody created, and for want of balance", () => {
    const chain = new LedgerChain();
    const token = tokenOf(chain, alice, { supply: 10n });
    expect(chain.outcome({ operations: [transfer(bob, 1n, "ab".repeat(32))] })).toBe("UNKNOWN_TOKEN");
    expect(chain.outcome({ operations: [transfer(bob, 11n, token)] })).toBe("INSUFFICIENT_BALANCE");
    expect(chain.outcome({ signers: [bank], operations: [transfer(bob, 1n, token)] })).toBe("INSUFFICIENT_BALANCE");
  });

  test("can pay the fee itself where the chain has a quote for it", () => {
    const chain = new LedgerChain();
    const token = tokenOf(chain, alice, { supply: 1_000n });
    chain.setParameters({ quotes: [{ token, units: 1n, ttcUnits: TTC_UNIT }] });
    const receipt = chain.run({ operations: [transfer(bob, 400n, token)], feeToken: token, feeLimit: 2n });
    expect([receipt.code, receipt.fee]).toEqual([0, 2n]);
    expect(chain.balance(FEE_POOL_ADDRESS, token)).toBe(2n);
    expect(readAccount(chain.state, FEE_POOL_ADDRESS)?.tokenCount).toBe(1);
    const rest = chain.run({ operations: [transfer(bob, 596n, token)], feeToken: token, feeLimit: 3n });
    expect([rest.code, rest.fee]).toEqual([errorInsufficient, 1n]);
    expect(chain.balance(alice, token)).toBe(597n);
  });

  test("gives the deposit back even where a failed transaction's fee takes the last unit", () => {
    const chain = new LedgerChain();
    const token = tokenOf(chain, alice, { supply: 1n });
    chain.setParameters({ quotes: [{ token, units: 1n, ttcUnits: TTC_UNIT }] });
    const receipt = chain.run({ operations: [transfer(bob, 5n, token)], feeToken: token, feeLimit: 1n });
    expect([receipt.code, receipt.fee, receipt.events.length]).toEqual([errorInsufficient, 1n, 0]);
    expect(chain.hasBalanceLeaf(alice, token)).toBe(false);
    expect(readAccount(chain.state, alice.address)?.tokenCount).toBe(0);
  });
});

const errorInsufficient = 300;

describe("a created token's id", () => {
  test("never comes again, although lane and sequence do", () => {
    const chain = new LedgerChain();
    const create = (): Operation => ({ ...face });
    const first = chain.ask({ operations: [create()] });
    chain.block([first]);
    chain.pass(PARAMETERS.validUntilHeightsMax + 2);
    const second = chain.ask({ operations: [create()] });
    expect([second.lane, second.sequence]).toEqual([first.lane, first.sequence]);
    expect(createdTokenId(second.id, 0)).not.toBe(createdTokenId(first.id, 0));
    expect(chain.block([second])[0].code).toBe(0);
    expect(chain.balance(alice, createdTokenId(first.id, 0))).toBe(5n);
  });
});

const face: Operation = {
  kind: "createToken",
  account: 0,
  symbol: "POINT",
  name: "Point",
  decimals: 0,
  supply: 5n,
  mintable: false,
  burnable: false,
  freezable: false,
};

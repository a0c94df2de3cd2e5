// Replacing keys and closing accounts.

import { describe, expect, test } from "vitest";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { TTC_UNIT } from "../../src/protocol/tokens.js";
import { readAccount } from "../../src/state/views.js";
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
  person,
  transfer,
} from "./ledgerChain.js";

const deposit = PARAMETERS.depositAccountTtcUnits;
const minimum = PARAMETERS.feeMinTtcUnits;

function replacing(key: Person, account = 0): Operation {
  return { kind: "replaceKey", account, publicKey: key.publicKey };
}

function closing(beneficiary: Person, account = 0): Operation {
  return { kind: "closeAccount", account, beneficiary: beneficiary.address };
}

/** A chain on which bob holds 10 TTC. */
function chainWithBob(): LedgerChain {
  const chain = new LedgerChain();
  chain.run({ operations: [transfer(bob, 10n * TTC_UNIT)] });
  return chain;
}

describe("replacing a key", () => {
  const fresh = person("fresh key");
  const asBob = { ...fresh, address: bob.address };

  test("makes the new key the only one that rules the account", () => {
    const chain = chainWithBob();
    expect(chain.outcome({ signers: [bob, fresh], operations: [replacing(fresh)] })).toBe("OK");
    expect(readAccount(chain.state, bob.address)?.replacedKey).toEqual(fresh.publicKey);
    expect(chain.outcome({ signers: [bob], operations: [transfer(alice, 1n)] })).toBe("WRONG_KEY");
    expect(chain.outcome({ signers: [asBob], operations: [transfer(alice, 1n)] })).toBe("OK");
  });

  test("can be done again, by the key that rules now", () => {
    const chain = chainWithBob();
    chain.run({ signers: [bob, fresh], operations: [replacing(fresh)] });
    expect(chain.outcome({ signers: [asBob, carol], operations: [replacing(carol)] })).toBe("OK");
    expect(readAccount(chain.state, bob.address)?.replacedKey).toEqual(carol.publicKey);
  });

  test("needs the new key's own signature", () => {
    const chain = chainWithBob();
    expect(chain.outcome({ signers: [bob], operations: [replacing(fresh)] })).toBe("KEY_NOT_SIGNING");
    chain.run({ signers: [bob, fresh], operations: [replacing(fresh)] });
    // As bob's key, fresh signs for bob and not for itself.
    expect(chain.outcome({ signers: [alice, asBob], operations: [replacing(fresh)] })).toBe("KEY_NOT_SIGNING");
  });

  test("needs an account", () => {
    const chain = chainWithBob();
    const wish = { signers: [carol, fresh, bob], feePayer: 2, operations: [replacing(fresh)] };
    expect(chain.outcome(wish)).toBe("UNKNOWN_ACCOUNT");
  });

  test("back to the address's own key leaves the leaf as if nothing had been", () => {
    const chain = chainWithBob();
    const operations = [replacing(fresh), replacing(bob)];
    expect(chain.outcome({ signers: [bob, fresh], operations })).toBe("OK");
    const leaf = readAccount(chain.state, bob.address);
    expect(leaf).toEqual({ balances: [10n * TTC_UNIT - 2n * minimum, 0n, 0n], deposit, tokenCount: 0 });
    expect(chain.outcome({ signers: [bob], operations: [transfer(alice, 1n)] })).toBe("OK");
  });
});

describe("closing an account", () => {
  test("moves its TTC and deposit to the beneficiary and removes the leaf", () => {
    const chain = chainWithBob();
    const before = chain.balance(alice);
    const receipt = chain.run({ signers: [bob], operations: [closing(alice)] });
    expect(receipt.code).toBe(0);
    expect(deposits(receipt)).toEqual([{ address: bob.address, units: -deposit }]);
    expect(readAccount(chain.state, bob.address)).toBeUndefined();
    expect(chain.balance(alice) - before).toBe(10n * TTC_UNIT + deposit - minimum);
  });

  test("to a beneficiary without an account takes the deposit out of what is moved", () => {
    const chain = chainWithBob();
    const receipt = chain.run({ signers: [bob], operations: [closing(carol)] });
    expect(deposits(receipt)).toEqual([
      { address: bob.address, units: -deposit },
      { address: carol.address, units: deposit },
    ]);
    expect(readAccount(chain.state, carol.address)).toEqual({
      balances: [10n * TTC_UNIT - minimum, 0n, 0n],
      deposit,
      tokenCount: 0,
    });
  });

  test("whose deposit is smaller than a new one's may lack the means to open the beneficiary's account", () => {
    const chain = chainWithBob();
    chain.run({ signers: [bob], operations: [transfer(alice, 9n * TTC_UNIT)] });
    chain.setParameters({ depositAccountTtcUnits: 5n * TTC_UNIT });
    expect(chain.outcome({ signers: [bob], operations: [closing(carol)] })).toBe("DEPOSIT_UNPAID");
    expect(chain.outcome({ signers: [bob], operations: [closing(alice)] })).toBe("OK");
  });

  test("with another fee payer takes a new beneficiary's deposit from that one", () => {
    const chain = chainWithBob();
    const before = chain.balance(alice);
    const receipt = chain.run({ signers: [bob, alice], feePayer: 1, operations: [closing(carol)] });
    expect(receipt.code).toBe(0);
    expect(chain.balance(carol)).toBe(10n * TTC_UNIT + deposit);
    expect(before - chain.balance(alice)).toBe(minimum + deposit);
  });

  test("leaves its lanes, so that nothing old can be replayed when the address is used again", () => {
    const chain = chainWithBob();
    const old = chain.ask({ signers: [bob], operations: [transfer(alice, 1n)] });
    chain.block([old]);
    chain.run({ signers: [bob], operations: [closing(alice)] });
    chain.run({ operations: [transfer(bob, TTC_UNIT)] });
    chain.block([old], "drop");
    expect(chain.result.dropped.map(({ error }) => error.code)).toEqual(["SEQUENCE_USED"]);
  });

  test("is refused while it holds other tokens, has a replaced key, or is the beneficiary", () => {
    const chain = chainWithBob();
    const fresh = person("fresh key");
    expect(chain.outcome({ signers: [bob], operations: [closing(bob)] })).toBe("SAME_ACCOUNT");
    const token = tokenOf(chain, alice);
    chain.run({ operations: [transfer(bob, 1n, token)] });
    expect(chain.outcome({ signers: [bob], operations: [closing(alice)] })).toBe("ACCOUNT_NOT_EMPTY");
    chain.run({ signers: [bob], operations: [transfer(alice, 1n, token)] });
    const mintTtm: Operation = { kind: "mint", account: 0, token: "TTM", to: bob.address, amount: 2n };
    chain.run({ signers: [bank, mint], operations: [mintTtm] });
    expect(chain.outcome({ signers: [bob], operations: [closing(alice)] })).toBe("ACCOUNT_NOT_EMPTY");
    chain.run({ signers: [bob], operations: [transfer(alice, 1n, "TTM")], feeToken: "TTM" });
    expect(chain.copy().outcome({ signers: [bob], operations: [closing(alice)] })).toBe("OK");
    chain.run({ signers: [bob, fresh], operations: [replacing(fresh)] });
    const asBob = { ...fresh, address: bob.address };
    expect(chain.outcome({ signers: [asBob], operations: [closing(alice)] })).toBe("KEY_REPLACED");
    const wish = { signers: [carol, alice], feePayer: 1, operations: [closing(alice)] };
    expect(chain.outcome(wish)).toBe("UNKNOWN_ACCOUNT");
  });

  test("is undone where a later operation needs the account", () => {
    const chain = chainWithBob();
    const held = chain.balance(bob);
    const operations = [closing(alice), transfer(alice, 1n)];
    expect(chain.outcome({ signers: [bob], operations })).toBe("INSUFFICIENT_BALANCE");
    expect(held - chain.balance(bob)).toBe(minimum);
    expect(chain.outcome({ signers: [bob], operations: [closing(alice), closing(alice)] })).toBe("UNKNOWN_ACCOUNT");
  });

  test("of the fee payer leaves nothing for a later operation's deposit", () => {
    const chain = chainWithBob();
    const operations = [closing(alice, 0), transfer(carol, 1n, "TTC", 1)];
    expect(chain.outcome({ signers: [bob, alice], operations })).toBe("DEPOSIT_UNPAID");
    expect(chain.outcome({ signers: [bob, alice], feePayer: 1, operations })).toBe("OK");
  });

  test("and paying to it in the same transaction opens it anew", () => {
    const chain = chainWithBob();
    const operations = [closing(alice, 0), transfer(bob, 7n, "TTC", 1)];
    expect(chain.outcome({ signers: [bob, alice], feePayer: 1, operations })).toBe("OK");
    expect(readAccount(chain.state, bob.address)).toEqual({ balances: [7n, 0n, 0n], deposit, tokenCount: 0 });
  });
});

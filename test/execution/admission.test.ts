// Which transactions may stand in a block at all.

import { describe, expect, test } from "vitest";
import { executeBlock } from "../../src/execution/executeBlock.js";
import { verifyAdmissible } from "../../src/execution/verifyAdmissible.js";
import { CodedError, errorNumber } from "../../src/protocol/errors.js";
import { NO_OPERATION } from "../../src/protocol/receipt.js";
import { TTC_UNIT } from "../../src/protocol/tokens.js";
import {
  alice,
  bank,
  bob,
  carol,
  GENESIS_HASH,
  LedgerChain,
  mint,
  PARAMETERS,
  person,
  transfer,
  type Wish,
} from "./ledgerChain.js";

const pay: Wish = { operations: [transfer(bob, TTC_UNIT)] };

function refusal(chain: LedgerChain, wish: Wish): string {
  const context = { height: chain.height + 1, genesisHash: GENESIS_HASH };
  try {
    verifyAdmissible(chain.state, PARAMETERS, context, chain.ask(wish));
    return "OK";
  } catch (error) {
    if (error instanceof CodedError) {
      return error.code;
    }
    throw error;
  }
}

/** The mempool's check and the block's must say the same, and a refused transaction must leave no trace. */
function expectRefusal(chain: LedgerChain, wish: Wish, code: string): void {
  expect(refusal(chain, wish)).toBe(code);
  const transaction = chain.ask(wish);
  const context = { height: chain.height + 1, timeMs: 0, genesisHash: GENESIS_HASH };
  expect(() => executeBlock(chain.state, context, [transaction])).toThrow(
    expect.objectContaining({ code: "BAD_BLOCK", details: { transaction: 0, reason: code } }),
  );
  const result = executeBlock(chain.state, context, [transaction], { onInvalid: "drop" });
  expect(result.receipts).toEqual([]);
  expect(result.changes).toEqual([]);
  expect(result.dropped.map(({ error }) => error.code)).toEqual([code]);
}

describe("a transaction is kept out of a block", () => {
  test("of another chain", () => {
    expectRefusal(new LedgerChain(), { ...pay, chainTag: Uint8Array.of(1, 2, 3, 4) }, "WRONG_CHAIN");
  });

  test("after its valid-until, and when that lies too far ahead", () => {
    const chain = new LedgerChain();
    chain.pass(9);
    expectRefusal(chain, { ...pay, validUntil: 9 }, "EXPIRED");
    expect(refusal(chain, { ...pay, validUntil: 10 })).toBe("OK");
    expect(refusal(chain, { ...pay, validUntil: 110 })).toBe("OK");
    expectRefusal(chain, { ...pay, validUntil: 111 }, "VALID_UNTIL_TOO_FAR");
  });

  test("with a fee in a token that does not move or has no quote", () => {
    const chain = new LedgerChain();
    expectRefusal(chain, { ...pay, feeToken: "TTM" }, "FEE_TOKEN_NOT_ALLOWED");
    expectRefusal(chain, { operations: [transfer(bob, 5n, "TTMI")], feeToken: "TTMI" }, "FEE_TOKEN_NOT_ALLOWED");
    expectRefusal(chain, { ...pay, feeToken: "ab".repeat(32) }, "FEE_TOKEN_NOT_ALLOWED");
  });

  test("with a fee limit below the minimum fee", () => {
    const chain = new LedgerChain();
    expectRefusal(chain, { ...pay, feeLimit: PARAMETERS.feeMinTtcUnits - 1n }, "FEE_LIMIT_TOO_LOW");
    expect(refusal(chain, { ...pay, feeLimit: PARAMETERS.feeMinTtcUnits })).toBe("OK");
  });

  test("with a sequence used before, or beyond the next", () => {
    const chain = new LedgerChain();
    const first = chain.ask(pay);
    chain.block([first]);
    expectRefusal(chain, { ...pay, sequence: 0 }, "SEQUENCE_USED");
    expectRefusal(chain, { ...pay, sequence: 2 }, "SEQUENCE_GAP");
    expect(refusal(chain, { ...pay, sequence: 1 })).toBe("OK");
    expect(() => chain.copy().block([first])).toThrow(expect.objectContaining({ code: "BAD_BLOCK" }));
  });

  test("twice in the same block", () => {
    const chain = new LedgerChain();
    const transaction = chain.ask(pay);
    chain.block([transaction, transaction], "drop");
    expect(chain.result.included).toEqual([transaction]);
    expect(chain.result.dropped.map(({ error }) => error.code)).toEqual(["SEQUENCE_USED"]);
  });

  test("by a fee payer without the minimum fee, or without an account", () => {
    const chain = new LedgerChain();
    expectRefusal(chain, { ...pay, signers: [carol] }, "FEE_UNPAYABLE");
    chain.run({ operations: [transfer(carol, PARAMETERS.feeMinTtcUnits - 1n)] });
    expectRefusal(chain, { ...pay, signers: [carol] }, "FEE_UNPAYABLE");
    chain.run({ operations: [transfer(carol, 1n)] });
    expect(refusal(chain, { ...pay, signers: [carol] })).toBe("OK");
    expect(refusal(chain, { ...pay, signers: [bob, alice], feePayer: 1 })).toBe("OK");
  });

  test("signed by a key that is not the account's present one", () => {
    const chain = new LedgerChain();
    const fresh = person("fresh key of alice");
    const asAlice = { ...fresh, address: alice.address };
    expectRefusal(chain, { ...pay, signers: [asAlice] }, "WRONG_KEY");
    chain.run({
      signers: [alice, fresh],
      operations: [{ kind: "replaceKey", account: 0, publicKey: fresh.publicKey }],
    });
    expectRefusal(chain, { ...pay, signers: [alice] }, "WRONG_KEY");
    expectRefusal(chain, { ...pay, signers: [{ ...carol, address: alice.address }] }, "WRONG_KEY");
    expect(refusal(chain, { ...pay, signers: [asAlice] })).toBe("OK");
    expectRefusal(chain, { ...pay, signers: [bank, { ...carol, address: alice.address }] }, "WRONG_KEY");
  });
});

describe("a transaction that fails in its block", () => {
  test("uses up its sequence, pays the minimum fee and changes nothing else", () => {
    const chain = new LedgerChain();
    const held = chain.balance(alice);
    const receipt = chain.run({ operations: [transfer(bob, TTC_UNIT), transfer(carol, 2_000_000n * TTC_UNIT)] });
    expect(receipt).toEqual({
      code: errorNumber("INSUFFICIENT_BALANCE"),
      operationIndex: 1,
      fee: PARAMETERS.feeMinTtcUnits,
      events: [],
    });
    expect(held - chain.balance(alice)).toBe(PARAMETERS.feeMinTtcUnits);
    expect(chain.balance(bob)).toBe(0n);
    expect(chain.sequence(alice)).toBe(1);
    // Payer, fee pool and lane.
    expect([...chain.result.changes].length).toBe(3);
  });

  test("for a fee above its limit has no operation to blame", () => {
    const chain = new LedgerChain();
    const receipt = chain.run({ operations: [transfer(bob, 1000n * TTC_UNIT)], feeLimit: TTC_UNIT });
    expect(receipt.code).toBe(errorNumber("FEE_ABOVE_LIMIT"));
    expect(receipt.operationIndex).toBe(NO_OPERATION);
    expect(receipt.fee).toBe(PARAMETERS.feeMinTtcUnits);
  });

  test("for want of the whole fee has no operation to blame", () => {
    const chain = new LedgerChain();
    chain.run({ operations: [transfer(mint, TTC_UNIT)] });
    const receipt = chain.run({
      signers: [alice, mint],
      feePayer: 1,
      operations: [transfer(bob, 1000n * TTC_UNIT)],
    });
    expect(receipt.code).toBe(errorNumber("INSUFFICIENT_BALANCE"));
    expect(receipt.operationIndex).toBe(NO_OPERATION);
    expect(chain.balance(mint)).toBe(TTC_UNIT - PARAMETERS.feeMinTtcUnits);
  });
});

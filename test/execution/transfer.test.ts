import { describe, expect, test } from "vitest";
import { FEE_POOL_ADDRESS } from "../../src/execution/executeBlock.js";
import { toHex } from "../../src/base/bytes.js";
import { NO_OPERATION } from "../../src/protocol/receipt.js";
import { TTC_UNIT } from "../../src/protocol/tokens.js";
import { readAccount, readLane } from "../../src/state/views.js";
import { alice, bob, deposits, LedgerChain, PARAMETERS, transfer } from "./ledgerChain.js";

describe("a transfer of TTC", () => {
  test("moves the amount, takes the fee and the new account's deposit from the payer", () => {
    const chain = new LedgerChain();
    const before = chain.balance(alice);
    const receipt = chain.run({ operations: [transfer(bob, 100n * TTC_UNIT)] });
    expect(receipt.code).toBe(0);
    expect(receipt.operationIndex).toBe(NO_OPERATION);
    expect(receipt.fee).toBe(TTC_UNIT / 2n);
    expect(chain.balance(bob)).toBe(100n * TTC_UNIT);
    expect(before - chain.balance(alice)).toBe(100n * TTC_UNIT + receipt.fee + PARAMETERS.depositAccountTtcUnits);
    expect(readAccount(chain.state, bob.address)?.deposit).toBe(PARAMETERS.depositAccountTtcUnits);
    expect(deposits(receipt)).toEqual([{ address: bob.address, units: PARAMETERS.depositAccountTtcUnits }]);
    expect(chain.balance(FEE_POOL_ADDRESS)).toBe(receipt.fee);
    expect(readLane(chain.state, alice.address, 0)).toEqual({ sequenceNext: 1, heightExpires: 101 });
  });

  test("to an account that exists takes no deposit", () => {
    const chain = new LedgerChain();
    chain.run({ operations: [transfer(bob, TTC_UNIT)] });
    expect(chain.run({ operations: [transfer(bob, TTC_UNIT)] }).events).toEqual([]);
    expect(toHex(bob.address)).not.toBe(toHex(alice.address));
  });
});

// Contracts on the chain, from registration to the end: who may do what, what it costs, and that a failure leaves no trace.

import { describe, expect, test, vi } from "vitest";
import { utf8Bytes } from "../../src/base/bytes.js";
import { KernelLedger } from "../../src/execution/kernel/kernelLedger.js";
import { contractAddress } from "../../src/protocol/address.js";
import { contractKey } from "../../src/protocol/contractLeaves.js";
import { errorName } from "../../src/protocol/errors.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { accountKey } from "../../src/protocol/stateLeaves.js";
import { type TokenId, TTC_UNIT } from "../../src/protocol/tokens.js";
import { readContract } from "../../src/state/views.js";
import { call, callOf, deploy, failureText, gasUsed, registration, view } from "./contractChain.js";
import { tokenOf } from "./createdToken.js";
import { alice, bank, bob, GENESIS, GENESIS_HASH, LedgerChain, PARAMETERS, transfer } from "./ledgerChain.js";

const COUNTER = `
abi.contract("Counter", "1.0.0")
local count = state.value("count")
local notes = state.map("notes")
abi.call("add", function(by) count:set((count:get() or 0) + by) event.emit("added", by) return count:get() end, "by: integer", "integer")
abi.call("note", function(key, text) notes[key] = text end, "key: integer, text: string?")
abi.payable("give", function() end)
abi.call("send", function(to, amount) token.transfer(to, amount) end, "to: address, amount: integer")
abi.call("spin", function() while true do end end)
abi.call("spoil", function() count:set(1000) event.emit("spoiled") error("no") end)
abi.view("count", function() return count:get() or 0 end, "", "integer")
abi.view("noteOf", function(key) return notes[key] end, "key: integer")
`;

const FEE = PARAMETERS.feeMinTtcUnits;

describe("a contract", () => {
  test("keeps what its calls store, and its view functions tell it", () => {
    const chain = new LedgerChain();
    const counter = deploy(chain, COUNTER);
    expect(call(chain, callOf(counter, "add", [3])).code).toBe("OK");
    expect(call(chain, callOf(counter, "add", [4])).code).toBe("OK");
    expect(view(chain, counter, "count")).toBe(7n);
  });

  test("pays for the gas that was used alone", () => {
    const chain = new LedgerChain();
    const counter = deploy(chain, COUNTER);
    call(chain, callOf(counter, "add", [1]));
    const before = chain.balance(alice);
    const { receipt } = call(chain, callOf(counter, "add", [1]));
    const cost = (BigInt(gasUsed(receipt)) * PARAMETERS.gasPriceTtcUnits + 999n) / 1_000n;
    expect(cost).toBeGreaterThan(0n);
    expect(receipt.fee).toBe(FEE + cost);
    expect(before - chain.balance(alice)).toBe(receipt.fee);
  });

  test("leaves no trace of a call that fails, but for its fee and gas", () => {
    const chain = new LedgerChain();
    const counter = deploy(chain, COUNTER);
    const leaves = new Map(chain.state.leaves);
    const { code, receipt } = call(chain, callOf(counter, "spoil"));
    expect(code).toBe("LVM_RUNTIME_ERROR");
    expect(failureText(receipt)).toMatch(/no$/);
    const changed = [...chain.state.leaves].filter(([key, value]) => leaves.get(key) !== value);
    // Alice's account and lane, and the fee pool.
    expect(changed.length).toBe(3);
    expect(view(chain, counter, "count")).toBe(0n);
  });

  test("that runs for ever pays all its gas", () => {
    const chain = new LedgerChain();
    const counter = deploy(chain, COUNTER);
    const { code, receipt } = call(chain, callOf(counter, "spin", [], { gasLimit: 200_000 }));
    expect(code).toBe("LVM_OUT_OF_GAS");
    expect(receipt.fee).toBe(FEE + 200n * PARAMETERS.gasPriceTtcUnits);
  });

  test("takes payments and makes them", () => {
    const chain = new LedgerChain();
    const counter = deploy(chain, COUNTER);
    const payment = { token: "TTC", amount: 5n * TTC_UNIT };
    expect(call(chain, callOf(counter, "give", [], { payment })).code).toBe("OK");
    expect(chain.balance(counter)).toBe(5n * TTC_UNIT);
    expect(call(chain, callOf(counter, "send", [bob.address, TTC_UNIT])).code).toBe("OK");
    expect(chain.balance(bob)).toBe(TTC_UNIT);
    expect(call(chain, callOf(counter, "send", [bob.address, 5n * TTC_UNIT])).code).toBe("LVM_BALANCE");
    expect(call(chain, callOf(counter, "add", [1], { payment })).code).toBe("LVM_NOT_PAYABLE");
  });

  test("gives deposits back to the unit when storage is freed, after the price changed too", () => {
    const chain = new LedgerChain();
    const counter = deploy(chain, COUNTER);
    const before = chain.balance(alice);
    let fees = 0n;
    const note = (key: number, text: string | null) => {
      const { code, receipt } = call(chain, callOf(counter, "note", text === null ? [key] : [key, text]));
      expect(code).toBe("OK");
      fees += receipt.fee;
    };
    note(1, "short");
    note(2, "longer than that");
    chain.setParameters({ depositByteTtcUnits: 77_777n });
    note(1, "a much longer text than before");
    note(3, "x");
    expect(readContract(chain.state, counter)?.entryCount).toBe(3);
    note(2, null);
    note(3, null);
    note(1, null);
    expect(before - chain.balance(alice)).toBe(fees);
    expect(readContract(chain.state, counter)).toMatchObject({ entryCount: 0, entryDeposits: 0n });
  });

  test("takes no more deposits than the call allows", () => {
    const chain = new LedgerChain();
    const counter = deploy(chain, COUNTER);
    const wish = { depositLimit: 100_000n };
    expect(call(chain, callOf(counter, "note", [1, "x".repeat(100)], wish)).code).toBe("DEPOSIT_ABOVE_LIMIT");
    expect(view(chain, counter, "noteOf", [1])).toBe(null);
  });
});

describe("registration", () => {
  test("pays for the gas of its package's tests even where nobody pays its deposit", () => {
    const chain = new LedgerChain();
    const register = registration(COUNTER);
    const most = FEE + (BigInt(register.gasLimit) * PARAMETERS.gasPriceTtcUnits) / 1_000n;
    chain.run({ operations: [transfer(bob, most)] });
    const { code, receipt } = call(chain, register, [bob]);
    expect(code).toBe("DEPOSIT_UNPAID");
    expect(receipt.fee).toBeGreaterThan(FEE + PARAMETERS.gasPriceTtcUnits * 1_000n);
    const counter = deploy(chain, COUNTER);
    const { source, tests } = registration(`${COUNTER}\n-- ${"longer ".repeat(1_000)}`);
    const upgrade = { ...register, kind: "upgradeContract" as const, contract: counter, source, tests };
    const second = call(chain, { ...upgrade, depositLimit: 0n });
    expect(second.code).toBe("DEPOSIT_ABOVE_LIMIT");
    expect(second.receipt.fee).toBeGreaterThan(FEE + PARAMETERS.gasPriceTtcUnits * 1_000n);
  });

  test("pays for loading a source or tests that do not load", () => {
    const chain = new LedgerChain();
    const endless = "while true do end";
    for (const wish of [{ source: utf8Bytes(endless) }, { tests: utf8Bytes(endless) }]) {
      for (const [gasLimit, least] of [
        [10_000_000, 6_000_000],
        [1_500_000, 1_500_000],
      ]) {
        const { code, receipt } = call(chain, { ...registration(COUNTER), ...wish, gasLimit });
        expect(code).toBe("LVM_OUT_OF_GAS");
        expect(gasUsed(receipt)).toBeGreaterThanOrEqual(least);
        expect(gasUsed(receipt)).toBeLessThanOrEqual(gasLimit);
      }
    }
  });

  test("fails where a test of the package fails, and says which in the receipt", () => {
    const chain = new LedgerChain();
    const tests = `test.case("counts", function() test.deploy() test.call("add", 1) assert(test.view("count") == 2) end)`;
    const operation = registration(COUNTER, { tests: new TextEncoder().encode(tests) });
    const { code, receipt } = call(chain, operation);
    expect(code).toBe("LVM_TEST_FAILED");
    expect(failureText(receipt)).toBe("1 of 1 tests failed");
    expect(receipt.fee).toBeGreaterThan(FEE);
  });

  test("fails for a source that is no contract", () => {
    const chain = new LedgerChain();
    expect(call(chain, registration("local x = 1.5")).code).toBe("LVM_FORBIDDEN");
    expect(call(chain, registration("local x = = 1")).code).toBe("LVM_SYNTAX");
  });

  test("takes a source of many pieces", () => {
    const chain = new LedgerChain();
    const long = deploy(chain, `${COUNTER}\n--${"x".repeat(20_000)}`);
    expect(call(chain, callOf(long, "add", [1])).code).toBe("OK");
  });
});

describe("an owner", () => {
  const NEXT = COUNTER.replace("1.0.0", "2.0.0").replace("(count:get() or 0) + by", "(count:get() or 0) + 10 * by");
  const MIGRATING = `${NEXT}\nabi.call("migrate", function(start) count:set(count:get() + start) end, "start: integer")`;
  const upgrade = (contract: Uint8Array, source: string, args: Uint8Array = new Uint8Array(0)) => {
    const { upgradePolicy: _p, upgradeDelayHeights: _d, ...rest } = registration(source);
    return { ...rest, kind: "upgradeContract" as const, contract, args };
  };

  test("upgrades by the policy alone, with storage kept and migrated", async () => {
    const { encodeLvmValues } = await import("../../src/protocol/lvmValue.js");
    const chain = new LedgerChain();
    const counter = deploy(chain, COUNTER);
    call(chain, callOf(counter, "add", [1]));
    expect(call(chain, upgrade(counter, NEXT), [bank]).code).toBe("NOT_AUTHORIZED");
    expect(call(chain, upgrade(counter, MIGRATING, encodeLvmValues([100]))).code).toBe("OK");
    expect(call(chain, callOf(counter, "add", [2])).code).toBe("OK");
    expect(view(chain, counter, "count")).toBe(121n);
    expect(() => callOf(counter, "migrate", [1])).not.toThrow();
    expect(() => chain.ask({ operations: [callOf(counter, "migrate", [1])] })).toThrow(/neither constructor/);
    const fixed = deploy(chain, COUNTER, { upgradePolicy: "never" });
    expect(call(chain, upgrade(fixed, NEXT)).code).toBe("UPGRADE_REFUSED");
  });

  test("waits between announcing and carrying out where the policy says so", () => {
    const chain = new LedgerChain();
    const counter = deploy(chain, COUNTER, { upgradePolicy: "ownerAfterDelay", upgradeDelayHeights: 3 });
    expect(call(chain, upgrade(counter, NEXT)).code).toBe("OK");
    expect(readContract(chain.state, counter)?.announced?.heightFrom).toBe(chain.height + 3);
    expect(call(chain, upgrade(counter, NEXT)).code).toBe("UPGRADE_REFUSED");
    chain.pass(1);
    expect(call(chain, upgrade(counter, NEXT)).code).toBe("OK");
    call(chain, callOf(counter, "add", [1]));
    expect(view(chain, counter, "count")).toBe(10n);
  });

  test("pauses a contract and lets it go on", () => {
    const chain = new LedgerChain();
    const counter = deploy(chain, COUNTER);
    const pause = (paused: boolean) => ({ kind: "setContractPaused" as const, account: 0, contract: counter, paused });
    expect(call(chain, pause(true), [bank]).code).toBe("NOT_AUTHORIZED");
    expect(call(chain, pause(true)).code).toBe("OK");
    expect(call(chain, callOf(counter, "add", [1])).code).toBe("CONTRACT_STATUS");
    expect(call(chain, pause(false)).code).toBe("OK");
    expect(call(chain, callOf(counter, "add", [1])).code).toBe("OK");
  });

  test("destroys a temporary contract and gets every deposit back; a permanent one stays", () => {
    const chain = new LedgerChain();
    const count = chain.state.leaves.size;
    const before = chain.balance(alice);
    let fees = 0n;
    const run = (operation: Parameters<typeof call>[1]) => {
      const { code, receipt } = call(chain, operation);
      fees += receipt.fee;
      return code;
    };
    expect(run(registration(COUNTER))).toBe("OK");
    const counter = contractAddress(chain.result.included[0].id, 0);
    for (let key = 0; key < 30; key++) {
      expect(run(callOf(counter, "note", [key, `note ${key}`]))).toBe("OK");
    }
    expect(run(callOf(counter, "note", [7]))).toBe("OK");
    expect(run(callOf(counter, "give", [], { payment: { token: "TTC", amount: TTC_UNIT } }))).toBe("OK");
    expect(run({ kind: "destroyContract", account: 0, contract: counter, tokens: [] })).toBe("OK");
    expect(before - chain.balance(alice)).toBe(fees);
    // Only alice's lane and the fee pool are new.
    expect(chain.state.leaves.size).toBe(count + 2);
    const kept = deploy(chain, COUNTER);
    expect(call(chain, { kind: "publishContract", account: 0, contract: kept }).code).toBe("OK");
    expect(call(chain, { kind: "destroyContract", account: 0, contract: kept, tokens: [] }).code).toBe(
      "CONTRACT_STATUS",
    );
  });
});

describe("destroying a contract that strangers sent tokens to", () => {
  /** Bob sends the contract some of a token of his. */
  function gift(chain: LedgerChain, contract: Uint8Array): TokenId {
    const token = tokenOf(chain, bob);
    chain.block([chain.ask({ signers: [bob], operations: [transfer(contract, 10n, token)] })]);
    return token;
  }

  const destroy = (contract: Uint8Array, tokens: TokenId[]): Operation => ({
    kind: "destroyContract",
    account: 0,
    contract,
    tokens: tokens.toSorted(),
  });

  function given(): { chain: LedgerChain; counter: Uint8Array } {
    const chain = new LedgerChain();
    chain.block([chain.ask({ operations: [transfer(bob, 1_000n * TTC_UNIT)] })]);
    return { chain, counter: deploy(chain, COUNTER) };
  }

  test("pays its owner those that are named, with everything else, and nothing of it remains", () => {
    const { chain, counter } = given();
    const tokens = [gift(chain, counter), gift(chain, counter)];
    call(chain, callOf(counter, "give", [], { payment: { token: "TTC", amount: 3n * TTC_UNIT } }));
    expect(call(chain, destroy(counter, tokens), [bob]).code).toBe("NOT_AUTHORIZED");
    expect(call(chain, destroy(counter, tokens)).code).toBe("OK");
    expect(tokens.map((token) => chain.balance(alice, token))).toEqual([10n, 10n]);
    expect(chain.state.get(contractKey(counter))).toBeUndefined();
    expect(chain.state.get(accountKey(counter))).toBeUndefined();
  });

  test("is not stopped by one that is frozen or left out: the owner gets it later", () => {
    const { chain, counter } = given();
    const [frozen, unknown] = [gift(chain, counter), gift(chain, counter)];
    const freeze = (isFrozen: boolean): void => {
      const operation = { kind: "setFrozen", account: 0, token: frozen, target: counter, frozen: isFrozen } as const;
      expect(call(chain, operation, [bob]).code).toBe("OK");
    };
    freeze(true);
    const before = chain.balance(alice);
    const { code, receipt } = call(chain, destroy(counter, [frozen]));
    expect(code).toBe("OK");
    // The code's deposit is back, but for the leaf's own part.
    expect(chain.balance(alice) + receipt.fee).toBeGreaterThan(before);
    expect(chain.balance(alice, frozen)).toBe(0n);
    expect(call(chain, callOf(counter, "add", [1])).code).toBe("CONTRACT_STATUS");
    expect(call(chain, destroy(counter, [unknown])).code).toBe("OK");
    expect(chain.balance(alice, unknown)).toBe(10n);
    freeze(false);
    expect(call(chain, destroy(counter, [frozen])).code).toBe("OK");
    expect(chain.balance(alice, frozen)).toBe(10n);
    expect(chain.state.get(contractKey(counter))).toBeUndefined();
    expect(chain.state.get(accountKey(counter))).toBeUndefined();
  });

  test("takes no token twice, none of the chain's own, and no more than 16", () => {
    const ids = Array.from({ length: 17 }, (_, i) => i.toString(16).padStart(2, "0").repeat(32));
    const contract = new Uint8Array(32);
    for (const tokens of [ids, [ids[1], ids[1]], [ids[2], ids[1]], ["TTC"]]) {
      const wrong = { kind: "destroyContract", account: 0, contract, tokens } as const;
      expect(() => new LedgerChain().ask({ operations: [wrong] })).toThrow(/created tokens, ascending/);
    }
  });
});

describe("a block", () => {
  test("holds no payment after a contract transaction", () => {
    const chain = new LedgerChain();
    const counter = deploy(chain, COUNTER);
    const contractCall = chain.ask({ operations: [callOf(counter, "add", [1])] });
    const payment = chain.ask({ operations: [transfer(bob, TTC_UNIT)] }, 1);
    expect(() => chain.block([contractCall, payment])).toThrow(/payments before/);
  });

  test("holds no more gas than the parameters say", () => {
    const chain = new LedgerChain({ blockGasMax: 1_500_000 });
    const counter = deploy(chain, COUNTER);
    const spin = (ahead: number) => chain.ask({ operations: [callOf(counter, "spin")] }, ahead);
    expect(() => chain.copy().block([spin(0), spin(1)])).toThrow(/BLOCK_GAS_USED/);
    const receipts = chain.block([spin(0), spin(1)], "drop");
    expect(receipts.map(({ code }) => errorName(code))).toEqual(["LVM_OUT_OF_GAS"]);
    expect(chain.outcome({ operations: [callOf(counter, "spin", [], { gasLimit: 1_500_001 })] })).toBe("GAS_LIMIT");
  });

  // What a block has no gas for must cost its maker next to nothing, or a crowd of waiting calls would slow down the blocks that are to
  // empty it.
  test("that is made looks at no further call once its gas has run out", () => {
    const chain = new LedgerChain({ blockGasMax: 1_500_000 });
    const counter = deploy(chain, COUNTER);
    const lanes = Array.from({ length: 1_000 }, (_, lane) => lane);
    const waiting = lanes.map((lane) =>
      chain.ask({ lane, operations: [callOf(counter, "add", [1], { gasLimit: 20_000 })] }),
    );
    const looked = vi.spyOn(chain.state, "get");
    chain.block(waiting, "drop");
    const { included, dropped } = chain.result;
    expect(included.length).toBeGreaterThan(70);
    expect(included).toEqual(waiting.slice(0, included.length));
    expect(dropped.map(({ transaction, error }) => [transaction, error.code])).toEqual([
      [waiting[included.length], "BLOCK_GAS_USED"],
    ]);
    // A few leaves for each that stands in the block, none for the others.
    expect(looked.mock.calls.length).toBeLessThan(5 * included.length);
  });

  test("that is made holds small calls behind a large one that it has no gas for", () => {
    const chain = new LedgerChain({ blockGasMax: 1_500_000 });
    const counter = deploy(chain, COUNTER);
    const limits = [20_000, 1_500_000, 20_000, 1_499_900, 20_000];
    const waiting = limits.map((gasLimit, lane) =>
      chain.ask({ lane, operations: [callOf(counter, "add", [1], { gasLimit })] }),
    );
    const before = { state: chain.state.copy(), height: chain.height + 1, timeMs: GENESIS.timeMs + chain.height + 1 };
    chain.block(waiting, "drop");
    expect(chain.result.included).toEqual([waiting[0], waiting[2], waiting[4]]);
    const context = { height: before.height, timeMs: before.timeMs, genesisHash: GENESIS_HASH };
    const byKernel = new KernelLedger().executeBlock(before.state, context, waiting, { onInvalid: "drop" });
    expect(byKernel.receipts).toEqual(chain.result.receipts);
    expect([...byKernel.changes]).toEqual([...chain.result.changes]);
    expect(byKernel.dropped).toEqual(chain.result.dropped);
  });
});

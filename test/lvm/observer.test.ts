import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { CallTrace, LineProfile, LvmMachine, testContract } from "../../src/execution/lvm/lvm.js";
import { testAddress } from "../../src/execution/lvm/testApi.js";
import { BOB, bytes, CONTRACT, TestContract } from "./lvmSupport.js";

const CONTRACTS = fileURLToPath(new URL("../../contracts", import.meta.url));

function load(name: string): { source: Uint8Array; tests: Uint8Array } {
  const read = (file: string) => new Uint8Array(readFileSync(join(CONTRACTS, name, file)));
  return { source: read("contract.lua"), tests: read("tests.lua") };
}

test.each(readdirSync(CONTRACTS))("watching the tests of %s changes nothing, gas included", (name) => {
  const plain = testContract(load(name), 20_000_000);
  for (const observer of [new LineProfile(), new CallTrace()]) {
    expect(testContract(load(name), 20_000_000, { observer })).toEqual(plain);
  }
});

const SOURCE = `local total, by = state.value("total"), state.map("by")
abi.payable("add", function(n)
  for i = 1, n do
    by[chain.sender()] = (by[chain.sender()] or 0) + i
  end
  total:set(n)
  event.emit("added", n)
  return n
end, "n: integer")
abi.call("through", function(to, n)
  return contract.call(to, "add", n)
end, "to: address, n: integer")
abi.call("fail", function()
  total:set(1)
  error("on purpose")
end)`;

describe("a profile", () => {
  test("adds up to the gas that was used, by line", () => {
    const observer = new LineProfile();
    const contract = new TestContract(new LvmMachine({ observer }), SOURCE);
    const { gasUsed } = contract.call("add", [10]);
    const lines = observer.linesOf(CONTRACT);
    // A transaction's call pays its base price before the contract is entered.
    expect(lines.reduce((sum, { gas }) => sum + gas, 0)).toBe(gasUsed - 500);
    const dearest = lines.reduce((a, b) => (a.gas > b.gas ? a : b));
    expect(dearest.line).toBe(4);
    expect(dearest.visits).toBe(10);
  });

  test("counts a nested call for both: the line that calls, and the lines called", () => {
    const observer = new LineProfile();
    const contract = new TestContract(new LvmMachine({ observer }), SOURCE, { [BOB]: SOURCE });
    const { gasUsed } = contract.call("through", [bytes(BOB), 3]);
    const sum = (address: string) => observer.linesOf(address).reduce((total, { gas }) => total + gas, 0);
    expect(sum(CONTRACT)).toBe(gasUsed - 500);
    const calling = observer.linesOf(CONTRACT).find(({ line }) => line === 11)?.gas ?? 0;
    expect(sum(BOB)).toBeGreaterThan(0);
    expect(calling).toBeGreaterThan(sum(BOB));
  });
});

describe("a trace", () => {
  test("shows lines, storage, payments and events in their order", () => {
    const observer = new CallTrace();
    const contract = new TestContract(new LvmMachine({ observer }), SOURCE);
    contract.host.setBalance("o".repeat(32), "TTC", 5n);
    const { gasUsed } = contract.call("add", [2], { amountUnits: 5n });
    const kinds = observer.entries.map((entry) => (entry.kind === "line" ? entry.line : entry.kind));
    expect(kinds).toEqual(
      [
        ...[
          "enter",
          "transfer",
          2,
          3,
          4,
          "read",
          "write",
          3,
          4,
          "read",
          "write",
          3,
          6,
          "write",
          7,
          "event",
          8,
          "leave",
        ],
      ].filter((kind) => kind !== 2),
    );
    const writes = observer.entries.filter((entry) => entry.kind === "write");
    expect(writes.map(({ variable, before, value }) => [variable.name, before, value])).toEqual([
      ["by", undefined, 1n],
      ["by", 1n, 3n],
      ["total", undefined, 2n],
    ]);
    expect(observer.entries.at(-1)).toMatchObject({ kind: "leave", code: "LVM_OK", value: 2n, gasUsed: gasUsed - 500 });
  });

  test("shows a failure, and where", () => {
    const observer = new CallTrace();
    new TestContract(new LvmMachine({ observer }), SOURCE).call("fail");
    expect(observer.entries.at(-1)).toMatchObject({ kind: "leave", code: "LVM_RUNTIME_ERROR" });
    expect(observer.entries.at(-2)).toMatchObject({ kind: "line", line: 15 });
  });

  test("keeps to its bound", () => {
    const observer = new CallTrace(10);
    new TestContract(new LvmMachine({ observer }), SOURCE).call("add", [10]);
    expect(observer.entries).toHaveLength(10);
    expect(observer.left).toBeGreaterThan(10);
  });
});

test("tests can run on another state, which they never change, and by name", () => {
  const source = new Uint8Array(
    Buffer.from(`abi.call("give", function(to) token.transfer(to, 3) end, "to: address")
      abi.view("have", function() return contract.balance() end)`),
  );
  const tests = new Uint8Array(
    Buffer.from(`test.case("one", function()
        test.equal(test.view("have"), 7)
        test.call("give", test.address("ann"))
        test.equal({ test.view("have"), test.balance(test.address("ann")) }, { 4, 3 })
      end)
      test.case("two", function() test.equal(test.view("have"), 7) end)`),
  );
  const state = {
    getContract: () => undefined,
    getStorage: () => undefined,
    getBalance: (address: string) => (address === testAddress("contract") ? 7n : 0n),
    seedHeights: () => 1,
    seedAt: () => undefined,
  };
  expect(testContract({ source, tests }, 1_000_000, { state }).isPassed).toBe(true);
  const started: string[] = [];
  const options = { state, isWanted: (name: string) => name === "two", onCase: (name: string) => started.push(name) };
  expect(testContract({ source, tests }, 1_000_000, options).cases.map(({ name }) => name)).toEqual(["two"]);
  expect(started).toEqual(["two"]);
});

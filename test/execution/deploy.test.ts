// Contracts that contracts make: whose code they may have, where they lie, what they cost, and what a failure leaves.

import { describe, expect, test } from "vitest";
import { utf8Bytes } from "../../src/base/bytes.js";
import { testContract } from "../../src/execution/lvm/testContract.js";
import { deployedAddress } from "../../src/protocol/address.js";
import type { LvmValue } from "../../src/protocol/lvmValue.js";
import { EVENT_KINDS } from "../../src/protocol/receipt.js";
import { TTC_UNIT } from "../../src/protocol/tokens.js";
import { readContract } from "../../src/state/views.js";
import { sha256 } from "../../src/wasm/sha256.js";
import { call, callOf, deploy, failureText, gasUsed, registration, view } from "./contractChain.js";
import { alice, LedgerChain } from "./ledgerChain.js";

const TEMPLATE = `
abi.contract("Box", "1.0.0")
local kept = state.value("kept")
abi.constructor(function(first, refuses)
  access.setOwner(chain.sender())
  kept:set(first)
  if refuses then error("refused") end
end, "first: integer, refuses: boolean?")
abi.call("keep", function(value) access.onlyOwner() kept:set(value) end, "value: integer")
abi.view("kept", function() return kept:get() end, "", "integer")
abi.view("owner", function() return access.owner() end)
`;

const FACTORY = `
local made = state.map("made")
abi.call("make", function(template, salt, first, refuses)
  local box = contract.deploy(template, salt, first, refuses)
  contract.call(box, "keep", first + 1)
  made[salt] = box
  return box
end, "template: address, salt: string, first: integer, refuses: boolean?")
abi.call("tryMake", function(template, salt)
  local done, problem = pcall(contract.deploy, template, salt, 1, true)
  return { done, problem.code }
end, "template: address, salt: string")
abi.call("makeMany", function(template, count)
  for i = 1, count do contract.deploy(template, "many" .. i, i) end
end, "template: address, count: integer")
abi.call("copyOfCopy", function(template)
  return contract.deploy(contract.deploy(template, "first", 1), "second", 2)
end, "template: address")
abi.view("codeOf", function(who) return contract.codeHash(who) end, "who: address")
abi.view("look", function(template) return contract.deploy(template, "view", 1) end, "template: address")
`;

const FACTORY_TEST = `
test.case("makes boxes", function()
  local template = test.install([[${TEMPLATE}]], 1)
  test.deploy()
  local box = test.call("make", template, "a", 5)
  assert(#box == 32 and box ~= template)
  assert(test.view("codeOf", box) == test.view("codeOf", template))
end)`;

function start(): { chain: LedgerChain; factory: Uint8Array; template: Uint8Array } {
  const chain = new LedgerChain();
  const encodedOne = Uint8Array.of(3, 0x80, 0, 0, 0, 0, 0, 0, 1);
  const installs = `test.case("is made", function() test.deploy(1) assert(test.view("kept") == 1) end)`;
  const template = deploy(chain, TEMPLATE, { tests: utf8Bytes(installs), args: encodedOne });
  const factory = deploy(chain, FACTORY, { tests: utf8Bytes(FACTORY_TEST) });
  return { chain, factory, template };
}

const boxAt = (factory: Uint8Array, salt: string) =>
  deployedAddress(factory, sha256(utf8Bytes(TEMPLATE)), utf8Bytes(salt));
const make = (factory: Uint8Array, template: Uint8Array, salt: string, ...rest: LvmValue[]) =>
  callOf(factory, "make", [template, salt, 5n, ...rest]);

describe("a contract that a contract makes", () => {
  test("lies where its maker, its code and the salt say, with its own source, for good", () => {
    const { chain, factory, template } = start();
    expect(call(chain, make(factory, template, "a")).code).toBe("OK");
    const box = boxAt(factory, "a");
    expect(view(chain, box, "kept")).toBe(6n);
    expect(view(chain, box, "owner")).toEqual(factory);
    const leaf = readContract(chain.state, box);
    expect(leaf).toMatchObject({ owner: factory, permanent: true, upgradePolicy: "never", entryCount: 2 });
    expect(view(chain, factory, "codeOf", [box])).toEqual(leaf?.codeHash);
    expect(view(chain, factory, "codeOf", [alice.address])).toBe(null);
    // The template may go: the source is the contract's own.
    expect(call(chain, { kind: "destroyContract", account: 0, contract: template, tokens: [] }).code).toBe("OK");
    expect(view(chain, box, "kept")).toBe(6n);
    expect(call(chain, make(factory, template, "b")).code).toBe("LVM_NO_CONTRACT");
  });

  test("is told of and paid for by the fee payer, within the deposit limit", () => {
    const { chain, factory, template } = start();
    const { receipt } = call(chain, make(factory, template, "a"));
    const told = receipt.events.filter(({ kind }) => kind === EVENT_KINDS.contractRegistered);
    expect(told.map(({ data }) => data.subarray(0, 32))).toEqual([boxAt(factory, "a")]);
    expect(gasUsed(receipt)).toBeGreaterThan(4 * TEMPLATE.length);
    const low = { depositLimit: BigInt(TEMPLATE.length) * 10_000n };
    expect(call(chain, { ...make(factory, template, "b"), ...low } as never).code).toBe("DEPOSIT_ABOVE_LIMIT");
    expect(readContract(chain.state, boxAt(factory, "b"))).toBe(undefined);
  });

  test("can't take the place of another, nor be made of nothing or by a view function", () => {
    const { chain, factory, template } = start();
    expect(call(chain, make(factory, template, "a")).code).toBe("OK");
    const again = call(chain, make(factory, template, "a"));
    expect([again.code, failureText(again.receipt)]).toEqual(["LVM_BAD_ARGUMENT", expect.stringMatching(/salt/)]);
    expect(call(chain, make(factory, alice.address, "c")).code).toBe("LVM_NO_CONTRACT");
    expect(() => view(chain, factory, "look", [template])).toThrow(/read-only/);
    // Who else uses the salt gets another address.
    const other = deploy(chain, FACTORY, { tests: utf8Bytes(FACTORY_TEST) });
    expect(call(chain, make(other, template, "a")).code).toBe("OK");
  });

  test("is not there where its constructor fails, caught or not", () => {
    const { chain, factory, template } = start();
    const refused = call(chain, make(factory, template, "a", true));
    expect([refused.code, failureText(refused.receipt)]).toEqual([
      "LVM_RUNTIME_ERROR",
      expect.stringMatching(/constructor failed.*refused/),
    ]);
    expect(call(chain, callOf(factory, "tryMake", [template, "a"])).code).toBe("OK");
    expect(readContract(chain.state, boxAt(factory, "a"))).toBe(undefined);
    expect(call(chain, make(factory, template, "a")).code).toBe("OK");
  });

  test("is one of eight at the most in one call, and may itself be copied in it", () => {
    const { chain, factory, template } = start();
    const wish = { depositLimit: 100n * TTC_UNIT };
    expect(call(chain, callOf(factory, "makeMany", [template, 9n], wish)).code).toBe("LVM_EVENT_LIMIT");
    expect(call(chain, callOf(factory, "makeMany", [template, 8n], wish)).code).toBe("OK");
    expect(view(chain, boxAt(factory, "many8"), "kept")).toBe(8n);
    expect(call(chain, callOf(factory, "copyOfCopy", [template], wish)).code).toBe("OK");
    expect(view(chain, boxAt(factory, "second"), "kept")).toBe(2n);
  });

  test("costs gas for every byte of its source", () => {
    const { chain, factory } = start();
    const long = deploy(chain, `${TEMPLATE}\n--${"x".repeat(100_000)}`, {
      tests: utf8Bytes(`test.case("is made", function() test.deploy(1) end)`),
      args: Uint8Array.of(3, 0x80, 0, 0, 0, 0, 0, 0, 1),
    });
    const wish = { gasLimit: 400_000, depositLimit: 100n * TTC_UNIT };
    expect(call(chain, { ...make(factory, long, "a"), ...wish } as never).code).toBe("LVM_OUT_OF_GAS");
    expect(call(chain, { ...make(factory, long, "a"), ...wish, gasLimit: 600_000 } as never).code).toBe("OK");
  });
});

test("a package whose test installs a contract that does not load or whose constructor fails is refused", () => {
  const chain = new LedgerChain();
  for (const installed of ["local x = = 1", 'abi.constructor(function() error("no") end)', "while true do end"]) {
    const tests = `test.case("installs", function() test.install([[${installed}]]) end)`;
    const { code } = call(chain, registration(FACTORY, { tests: utf8Bytes(tests) }));
    expect(code).toBe("LVM_TEST_FAILED");
  }
});

test.each([
  ["throws", 'for i = 1, 20000 do end error("no")'],
  ["ends in what is no Lua", `${"local x = 1 ".repeat(150)} local y = = 1`],
])("a test that goes on after it installed a contract that %s pays for the loading", (_, installed) => {
  const gasOf = (times: number): number => {
    const body = `for i = 1, ${times} do pcall(test.install, [[${installed}]]) end`;
    const contract = { source: utf8Bytes(TEMPLATE), tests: utf8Bytes(`test.case("goes on", function() ${body} end)`) };
    const report = testContract(contract, 10_000_000);
    expect(report.isPassed).toBe(true);
    return report.gasUsed;
  };
  const loading = testContract({ source: utf8Bytes(installed), tests: new Uint8Array(0) }, 10_000_000).gasUsed;
  expect((gasOf(30) - gasOf(10)) / 20).toBeGreaterThan(loading);
});

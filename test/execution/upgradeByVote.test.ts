// Upgrades that a contract's own vote decides on: what the vote covers, who may carry it out, and that no approval counts twice.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { utf8Bytes } from "../../src/base/bytes.js";
import { encodeLvmValues } from "../../src/protocol/lvmValue.js";
import type { UpgradeContract } from "../../src/protocol/operations/operation.js";
import { packageHash } from "../../src/protocol/packageHash.js";
import { TTC_UNIT } from "../../src/protocol/tokens.js";
import { readContract } from "../../src/state/views.js";
import { call, callOf, deploy, failureText, registration, view } from "./contractChain.js";
import { alice, bank, bob, LedgerChain, type Person, transfer } from "./ledgerChain.js";

const GUIDE = readFileSync(fileURLToPath(new URL("../../docs/lvm.md", import.meta.url)), "utf8");
/** The guide's own example. */
const COMMONS = GUIDE.match(/```lua-vote\n(.*?)```/s)?.[1] ?? "";
const NEXT = `${COMMONS.replace("1.0.0", "2.0.0")}
abi.view("news", function() return 2 end)
local moved = state.value("moved")
abi.call("migrate", function(to) moved:set(to) end, "to: integer")
abi.view("moved", function() return moved:get() end)`;
const TESTS = utf8Bytes(`test.case("is made", function() test.deploy("TTC", 1) end)`);

function commons(): { chain: LedgerChain; contract: Uint8Array } {
  const chain = new LedgerChain();
  chain.block([chain.ask({ operations: [transfer(bob, 1_000n * TTC_UNIT)] })]);
  const args = encodeLvmValues(["TTC", 50n * TTC_UNIT]);
  return { chain, contract: deploy(chain, COMMONS, { upgradePolicy: "vote", tests: TESTS, args }) };
}

function upgradeOf(contract: Uint8Array, source = NEXT, wish: Partial<UpgradeContract> = {}): UpgradeContract {
  const { upgradePolicy: _p, upgradeDelayHeights: _d, ...rest } = registration(source);
  return { ...rest, kind: "upgradeContract", contract, tests: TESTS, args: encodeLvmValues([7n]), ...wish };
}

function hashOf(chain: LedgerChain, upgrade: UpgradeContract): Uint8Array {
  return packageHash(upgrade.contract, readContract(chain.state, upgrade.contract)?.upgradeCount ?? 0, upgrade);
}

function vote(chain: LedgerChain, contract: Uint8Array, who: Person, hash: Uint8Array, ttc: bigint): void {
  const payment = { token: "TTC", amount: ttc * TTC_UNIT };
  expect(call(chain, callOf(contract, "lock", [], { payment }), [who]).code).toBe("OK");
  expect(call(chain, callOf(contract, "approve", [hash]), [who]).code).toBe("OK");
}

describe("an upgrade by vote", () => {
  test("waits for enough votes and the notice, and is then anybody's to carry out, whole", () => {
    const { chain, contract } = commons();
    const upgrade = upgradeOf(contract);
    const hash = hashOf(chain, upgrade);
    vote(chain, contract, alice, hash, 30n);
    expect(call(chain, upgrade).code).toBe("UPGRADE_REFUSED");
    vote(chain, contract, bob, hash, 20n);
    const early = call(chain, upgrade);
    expect([early.code, failureText(early.receipt)]).toEqual(["UPGRADE_REFUSED", expect.stringMatching(/vote/)]);
    chain.pass(10);
    // Other arguments, tests or source are another package.
    for (const wish of [{ args: encodeLvmValues([8n]) }, { tests: utf8Bytes(`${Buffer.from(TESTS)}--`) }]) {
      expect(call(chain, upgradeOf(contract, NEXT, wish), [bob]).code).toBe("UPGRADE_REFUSED");
    }
    expect(call(chain, upgradeOf(contract, `${NEXT}--`)).code).toBe("UPGRADE_REFUSED");
    expect(call(chain, upgrade, [bank]).code).toBe("OK");
    expect([view(chain, contract, "news"), view(chain, contract, "moved")]).toEqual([2n, 7n]);
    expect(readContract(chain.state, contract)).toMatchObject({ upgradeCount: 1, upgradePolicy: "vote" });
    // The approval was for the code that the contract had.
    expect(call(chain, upgrade).code).toBe("UPGRADE_REFUSED");
    expect(call(chain, callOf(contract, "takeBack"), [bob]).code).toBe("OK");
  });

  test("counts no vote that was taken back, and goes on while the contract is paused", () => {
    const { chain, contract } = commons();
    const upgrade = upgradeOf(contract);
    vote(chain, contract, alice, hashOf(chain, upgrade), 60n);
    expect(call(chain, callOf(contract, "takeBack")).code).toBe("OK");
    chain.pass(10);
    expect(call(chain, upgrade).code).toBe("UPGRADE_REFUSED");
    vote(chain, contract, alice, hashOf(chain, upgrade), 60n);
    chain.pass(10);
    expect(call(chain, { kind: "setContractPaused", account: 0, contract, paused: true }).code).toBe("OK");
    expect(call(chain, upgrade, [bob]).code).toBe("OK");
  });

  test("brings no code that could hold no vote, and neither does a registration", () => {
    const { chain, contract } = commons();
    const none = 'abi.constructor(function() end, "token: string, units: integer")';
    const writing = `${none} abi.call("mayUpgrade", function(hash) return true end, "hash: string")`;
    for (const source of [none, writing]) {
      const code = call(chain, registration(source, { upgradePolicy: "vote", tests: TESTS })).code;
      expect(code).toBe("LVM_NO_FUNCTION");
    }
    const upgrade = upgradeOf(contract, none, { args: new Uint8Array(0) });
    vote(chain, contract, alice, hashOf(chain, upgrade), 60n);
    chain.pass(10);
    expect(call(chain, upgrade).code).toBe("LVM_NO_FUNCTION");
    expect(readContract(chain.state, contract)?.upgradeCount).toBe(0);
  });

  test.each([
    ["returns what is not true", "return 1", 10_000_000],
    ["fails", 'error("no")', 10_000_000],
    ["runs for ever", "while true do end", 3_000_000],
  ])("is refused, and paid for, where the vote %s", (_name, body, gasLimit) => {
    const chain = new LedgerChain();
    const source = `abi.view("mayUpgrade", function(hash) ${body} end, "hash: string")`;
    const contract = deploy(chain, source, { upgradePolicy: "vote" });
    const tests = registration("").tests;
    const { code, receipt } = call(chain, upgradeOf(contract, source, { tests, args: new Uint8Array(0), gasLimit }));
    expect(code).toBe("UPGRADE_REFUSED");
    expect(receipt.fee).toBeGreaterThan(10_000_000n);
  });

  test("pays for its vote and its package no more than its gas limit, whatever the limit", () => {
    const chain = new LedgerChain();
    const source = `abi.view("mayUpgrade", function(hash) return #hash == 32 end, "hash: string")`;
    const contract = deploy(chain, source, { upgradePolicy: "vote" });
    const tests = registration("").tests;
    const codes = new Set<string | undefined>();
    for (let gasLimit = 1; gasLimit < 1_200_000; gasLimit += gasLimit < 1_000_000 ? 90_001 : 4_777) {
      codes.add(call(chain, upgradeOf(contract, source, { tests, args: new Uint8Array(0), gasLimit })).code);
    }
    expect([...codes].sort()).toEqual(["LVM_OUT_OF_GAS", "OK", "UPGRADE_REFUSED"]);
  });
});

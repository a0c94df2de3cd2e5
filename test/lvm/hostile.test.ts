import { expect, test } from "vitest";
import { MEMORY_BYTES_MAX } from "../../src/execution/lvm/limits.js";
import { LvmMachine, type LvmResult } from "../../src/execution/lvm/lvm.js";
import { HOSTILE_CONTRACTS, type HostileContract } from "./hostileContracts.js";
import { ALICE, BOB, runBody, TestContract } from "./lvmSupport.js";

const PROBE = `
  local t = {}
  for i = 1, 50 do t["key" .. i] = { i } end
  local order = {}
  for k in pairs(t) do order[#order + 1] = k end
  return { table.concat(order), tostring(t), #order, gasLeft() }`;

function attack(machine: LvmMachine, contract: HostileContract): LvmResult {
  const { body, source = `abi.payable("run", function() ${body}\nend)`, bob = "", alice = "" } = contract;
  const attacked = new TestContract(machine, source, { [BOB]: bob, [ALICE]: alice });
  return attacked.call("run", [], { gasLimit: contract.gasLimit ?? 1_000_000 });
}

/** Everything that one could see of a call. */
function observe(machine: LvmMachine, result: LvmResult): unknown {
  return { ...result, reads: result.reads(), memory: machine.memoryReport() };
}

function probe(machine: LvmMachine): unknown {
  return observe(machine, runBody(machine, PROBE));
}

const untouched = probe(new LvmMachine());

test("there are at least forty hostile contracts, each with its own name", () => {
  expect(new Set(HOSTILE_CONTRACTS.map(({ name }) => name)).size).toBe(HOSTILE_CONTRACTS.length);
  expect(HOSTILE_CONTRACTS.length).toBeGreaterThanOrEqual(40);
});

const shared = new LvmMachine();

test.each(HOSTILE_CONTRACTS)("$name: ends with $code, within its limits, without a trace", (contract) => {
  const result = attack(shared, contract);
  expect(result.code).toBe(contract.code);
  expect(result.gasUsed).toBeLessThanOrEqual(contract.gasLimit ?? 1_000_000);
  expect(shared.memoryReport().highestBytes).toBeLessThanOrEqual(MEMORY_BYTES_MAX);
  if (result.code !== "LVM_OK") {
    expect(result.effects).toEqual({
      storage: [],
      transfers: [],
      events: [],
      requests: [],
      deployments: [],
      seedAsks: [],
    });
    expect(result.value).toHaveLength(0);
  }
  const first = observe(shared, result);
  expect(probe(shared)).toEqual(untouched);
  expect(observe(shared, attack(shared, contract))).toEqual(first);
});

test("all of them end the same in a machine that caches nothing", () => {
  const uncached = new LvmMachine({ imageCacheBytesMax: 0 });
  for (const contract of HOSTILE_CONTRACTS) {
    const [a, b] = [attack(uncached, contract), attack(shared, contract)];
    expect({ ...a, reads: a.reads(), name: contract.name }).toEqual({ ...b, reads: b.reads(), name: contract.name });
  }
});

test("a call with any gas limit ends, uses no more than it has, and changes nothing unless it succeeds", () => {
  const source = `
    local total = state.value("total")
    abi.call("run", function() total:set((total:get() or 0) + 1) event.emit("added", total:get()) return total:get() end)`;
  const whole = new TestContract(shared, source).call("run");
  expect(whole.code).toBe("LVM_OK");
  for (let gasLimit = 0; gasLimit <= whole.gasUsed; gasLimit += 1 + (gasLimit % 7)) {
    const fresh = new TestContract(gasLimit % 2 === 0 ? shared : new LvmMachine(), source);
    const result = fresh.call("run", [], { gasLimit });
    expect(result.code).toBe(gasLimit >= whole.gasUsed ? "LVM_OK" : "LVM_OUT_OF_GAS");
    expect(result.gasUsed).toBeLessThanOrEqual(gasLimit);
  }
  expect(new TestContract(shared, source).call("run", [], { gasLimit: whole.gasUsed }).code).toBe("LVM_OK");
});

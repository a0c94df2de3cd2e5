// The contract machine: nanoseconds of processor time, so that other programs' work counts little, of a call with four reads and
// two writes of the contract's storage, metered and isolated, on one core, beside the same function through wasmoon's own
// API, which neither meters nor isolates nor discards; and what the slowest hostile contract takes for a million gas.

import { LuaFactory } from "wasmoon";
import { LvmMachine, MemoryHost } from "../src/execution/lvm/lvm.js";
import { HOSTILE_CONTRACTS } from "../test/lvm/hostileContracts.js";
import type { BenchRow } from "./row.js";

const CALLS_A_ROUND = 5_000;
const ROUNDS = 15;
const WARM_ROUNDS = 5;
const HOSTILE_NS_MAX = 50_000_000;
const ALICE = "a".repeat(32);
const BOB = new Uint8Array(32).fill(98);
const CONTRACT = "c".repeat(32);

/** Reads: paused, supply, two balances. Writes: two balances. */
const BODY = `
  local from = sender()
  if paused() then error("paused") end
  if supply() == 0 then error("nothing to move") end
  local have = get(from) or 0
  if have < amount then error("too little") end
  set(from, have - amount)
  set(to, (get(to) or 0) + amount)
  return true`;

const CONTRACT_SOURCE = `
local balances, supplyValue, pausedValue = state.map("balances"), state.value("supply"), state.value("paused")
abi.constructor(function(n) supplyValue:set(n) balances[chain.sender()] = n end, "n: integer")
abi.call("transfer", function(to, amount)
  local from = chain.sender()
  if pausedValue:get() then error("paused") end
  if supplyValue:get() == 0 then error("nothing to move") end
  local have = balances[from] or 0
  if have < amount then error("too little") end
  balances[from] = have - amount
  balances[to] = (balances[to] or 0) + amount
  return true
end, "to: address, amount: integer")`;

function processorNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1_000;
}

/** The median nanoseconds of one call. */
function time(call: () => void): number {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = processorNs();
    for (let i = 0; i < CALLS_A_ROUND; i++) {
      call();
    }
    times.push((processorNs() - start) / CALLS_A_ROUND);
  }
  const steady = times.slice(WARM_ROUNDS).sort((a, b) => a - b);
  return steady[steady.length >> 1];
}

/** Contracts at `count` addresses, called by turns. */
function timeMachine(count: number): number {
  const machine = new LvmMachine();
  const host = new MemoryHost();
  const addresses = Array.from({ length: count }, (_, i) => CONTRACT.slice(4) + String(i).padStart(4, "0"));
  const transaction = {
    block: { height: 1, timeMs: 1, genesisHash: "g".repeat(32) },
    origin: ALICE,
    feePayer: ALICE,
  };
  const common = { host, transaction, sender: ALICE, gasLimit: 100_000 };
  for (const contract of addresses) {
    const source = new Uint8Array(Buffer.from(`${CONTRACT_SOURCE} -- ${contract}`));
    host.contracts.set(contract, { codeHash: contract, source });
    host.apply(machine.call({ ...common, contract, functionName: "constructor", args: [10 ** 12] }).effects);
  }
  let turn = 0;
  return time(() => {
    const contract = addresses[turn++ % count];
    const result = machine.call({ ...common, contract, functionName: "transfer", args: [BOB, 1] });
    if (result.code !== "LVM_OK") {
      throw new Error(`${result.code}: ${result.error?.message}`);
    }
    host.apply(result.effects);
  });
}

async function timeWasmoon(): Promise<number> {
  const lua = await new LuaFactory().createEngine();
  const balances = new Map<string, number>([[ALICE, 10 ** 12]]);
  lua.global.set("sender", () => ALICE);
  lua.global.set("paused", () => false);
  lua.global.set("supply", () => 10 ** 12);
  lua.global.set("get", (key: string) => balances.get(key));
  lua.global.set("set", (key: string, value: number) => balances.set(key, value) && undefined);
  await lua.doString(`function transfer(to, amount) ${BODY} end`);
  const to = "b".repeat(32);
  const ns = time(() => {
    lua.global.call("transfer", to, 1);
    // Without this the API keeps a stack slot for every call, and the module aborts after a million.
    lua.global.setTop(0);
  });
  lua.global.close();
  return ns;
}

/** What the slowest of the hostile contracts that the tests keep takes to use up a million gas, at best of three. */
function timeHostile(): { name: string; ns: number } {
  const machine = new LvmMachine();
  const contract = CONTRACT;
  const block = { height: 1, timeMs: 1, genesisHash: "g".repeat(32) };
  const call = { contract, sender: ALICE, functionName: "run", args: [], gasLimit: 1_000_000 };
  const times = HOSTILE_CONTRACTS.map((hostile) => {
    const { name, body, source = `abi.payable("run", function() ${body}\nend)`, bob = "", alice = "" } = hostile;
    const host = new MemoryHost();
    for (const [address, text] of Object.entries({ [contract]: source, [ALICE]: alice, ["b".repeat(32)]: bob })) {
      host.contracts.set(address, { codeHash: text, source: new Uint8Array(Buffer.from(text)) });
    }
    const tries = [1, 2, 3].map(() => {
      const start = processorNs();
      machine.call({ ...call, host, transaction: { block, origin: ALICE, feePayer: ALICE } });
      return processorNs() - start;
    });
    return { name, ns: Math.min(...tries) };
  });
  return times.reduce((worst, one) => (one.ns > worst.ns ? one : worst));
}

/** Rows for one contract called again and again, for 200 contracts called by turns, and for the slowest hostile one. */
export async function benchLvm(): Promise<BenchRow[]> {
  const rivalNsPerOperation = await timeWasmoon();
  const hostile = timeHostile();
  const rows = [1, 200].map((count) => {
    const nsPerOperation = timeMachine(count);
    const what = count === 1 ? "one contract" : `${count} contracts by turns`;
    return {
      name: `contract call, 4 reads and 2 writes: ${what}`,
      nsPerOperation,
      rival: "wasmoon's API, unmetered, not isolated",
      rivalNsPerOperation,
      ratio: rivalNsPerOperation / nsPerOperation,
    };
  });
  return [
    ...rows,
    {
      name: `the slowest of ${HOSTILE_CONTRACTS.length} hostile contracts, 1,000,000 gas`,
      nsPerOperation: hostile.ns,
      rival: `the bound of 50 ms (slowest: ${hostile.name})`,
      rivalNsPerOperation: HOSTILE_NS_MAX,
      ratio: HOSTILE_NS_MAX / hostile.ns,
    },
  ];
}

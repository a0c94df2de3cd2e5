import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.js";
import { type LvmHost, LvmMachine, type LvmResult } from "../../src/execution/lvm/lvm.js";
import { ALICE, BOB, bytes, CONTRACT, OWNER, TestContract, TRANSACTION } from "./lvmSupport.js";

/** Touches whatever could differ between runs: order of keys, sorting, formatting, hashing, nested calls, errors, memory. */
const SOURCE = `
  local data, log, count = state.map("data"), state.array("log"), state.value("count")
  local function mix(n, text)
    local t = {}
    for i = 1, n % 60 do t["k" .. (i * 7919 % 1000)] = { i, tostring(i) } end
    local keys = {}
    for k, v in pairs(t) do keys[#keys + 1] = k .. v[2] end
    local joined = table.concat(keys, ",")
    table.sort(keys, function(a, b) return a > b end)
    return joined .. tostring(t) .. (keys[1] or "") .. string.format("%5d|%s", n, text)
  end
  abi.call("run", function(n, text)
    data[text] = crypto.sha256(mix(n, text))
    count:set((count:get() or 0) + 1)
    if n % 5 == 0 then log:append({ n = n, at = chain.height() }) end
    if n % 7 == 0 then error("seven " .. mix(n, text)) end
    if n % 11 == 0 then local s = "x" for i = 1, n do s = s .. s end end
    event.emit("ran", n, text, bignum.new(n) * n)
    return { json.encode({ n = n, text = text, list = { 1, 2, 3 } }), gasLeft(), #log }
  end, "n: integer, text: string")
  abi.call("through", function(who, n, text)
    local ok, result = contract.tryCall(who, "run", n, text)
    data["last"] = ok
    return result
  end, "who: address, n: integer, text: string")`;

type PlannedCall = [functionName: string, args: (string | number)[], gasLimit: number];

function plan(count: number): PlannedCall[] {
  const random = new SeededRandom(20_240_817);
  return Array.from({ length: count }, () => {
    const n = random.below(1000);
    const text = "abcdefghij".slice(0, 1 + random.below(10));
    const gasLimit = 5_000 + random.below(200_000);
    return random.below(4) === 0 ? ["through", [BOB, n, text], gasLimit] : ["run", [n, text], gasLimit];
  });
}

/** Runs in this process or, as text, in another one on the built files: a digest of all results, and of memory. */
function digestOf(
  calls: PlannedCall[],
  call: (planned: PlannedCall) => LvmResult,
  memory: () => { digest: string },
  sha256: () => { update: (text: string) => unknown; digest: (form: "hex") => string },
): { digest: string; codes: string[] } {
  const hash = sha256();
  const codes = new Set<string>();
  for (const planned of calls) {
    const { code, value, gasUsed, effects, reads, error } = call(planned);
    codes.add(code);
    const seen = [code, Buffer.from(value).toString("hex"), gasUsed, effects, reads(), error, memory().digest];
    hash.update(JSON.stringify(seen, (_, item) => (typeof item === "bigint" ? String(item) : item)));
  }
  return { digest: hash.digest("hex"), codes: [...codes].sort() };
}

const CALLS = plan(1000);

function runHere(machines: LvmMachine[]): { digest: string; codes: string[] } {
  const contract = new TestContract(machines[0], SOURCE, { [BOB]: SOURCE });
  let used = machines[0];
  let turn = 0;
  const call = ([functionName, args, gasLimit]: PlannedCall) => {
    used = machines[turn++ % machines.length];
    const result = used.call({
      host: contract.host,
      transaction: TRANSACTION,
      contract: CONTRACT,
      sender: ALICE,
      functionName,
      args: args.map((arg) => (arg === BOB ? bytes(BOB) : arg)),
      gasLimit,
    });
    contract.host.apply(result.effects);
    return result;
  };
  return digestOf(
    CALLS,
    call,
    () => used.memoryReport(),
    () => createHash("sha256"),
  );
}

function runElsewhere(flags: string[]): { digest: string; codes: string[] } {
  const library = new URL("../../dist/execution/lvm/lvm.js", import.meta.url).href;
  const code = `
    import { createHash } from "node:crypto";
    import { LvmMachine, MemoryHost } from ${JSON.stringify(library)};
    const [SOURCE, BOB, CONTRACT, ALICE, TRANSACTION, CALLS] = JSON.parse(await new Response(process.stdin).text());
    const bytes = (address) => new Uint8Array(Buffer.from(address, "latin1"));
    const host = new MemoryHost();
    for (const address of [BOB, CONTRACT]) {
      host.contracts.set(address, { codeHash: SOURCE, source: new Uint8Array(Buffer.from(SOURCE)) });
    }
    const machine = new LvmMachine();
    const call = ([functionName, args, gasLimit]) => {
      const result = machine.call({ host, transaction: TRANSACTION, contract: CONTRACT, sender: ALICE, functionName,
        args: args.map((arg) => (arg === BOB ? bytes(BOB) : arg)), gasLimit });
      host.apply(result.effects);
      return result;
    };
    const digestOf = ${digestOf};
    console.log(JSON.stringify(digestOf(CALLS, call, () => machine.memoryReport(), () => createHash("sha256"))));`;
  const input = JSON.stringify([SOURCE, BOB, CONTRACT, ALICE, TRANSACTION, CALLS]);
  const args = [...flags, "--input-type=module", "-e", code];
  return JSON.parse(execFileSync(process.execPath, args, { input, encoding: "utf8" }));
}

const expected = runHere([new LvmMachine()]);

test("the planned calls end in many ways", () => {
  expect(expected.codes).toEqual(["LVM_OK", "LVM_OUT_OF_GAS", "LVM_RUNTIME_ERROR"]);
});

test("the same calls give the same results, gas and memory on one machine or several, with and without a cache", () => {
  expect(runHere([new LvmMachine(), new LvmMachine({ imageCacheBytesMax: 0 }), new LvmMachine()])).toEqual(expected);
});

test.each([[[]], [["--liftoff-only"]], [["--no-liftoff"]], [["--single-threaded"]]])(
  "and in another process with V8's flags %j",
  (flags) => {
    expect(runElsewhere(flags)).toEqual(expected);
  },
);

test("a call's result follows from what it says it read: a view that holds nothing else gives the same", () => {
  const machine = new LvmMachine();
  const contract = new TestContract(machine, SOURCE, { [BOB]: SOURCE });
  for (const [functionName, args, gasLimit] of CALLS.slice(0, 300)) {
    const common = { transaction: TRANSACTION, contract: CONTRACT, sender: ALICE, functionName, gasLimit };
    const call = { ...common, args: args.map((arg) => (arg === BOB ? bytes(BOB) : arg)) };
    const result = machine.call({ ...call, host: contract.host });
    const reads = result.reads();
    const found = <T>(item: T | undefined): T => {
      if (item === undefined) {
        throw new Error("read of something that was not said to be read");
      }
      return item;
    };
    const host: LvmHost = {
      getStorage: (address, key) =>
        found(reads.storage.find((read) => read.contract === address && read.key === key)).value,
      getBalance: (address, token) =>
        found(reads.balances.find((read) => read.address === address && read.token === token)).amountUnits,
      getContract: (address) => {
        found(reads.contracts.find((read) => read.address === address));
        return contract.host.getContract(address);
      },
      seedHeights: () => contract.host.seedHeights(),
      seedAt: (height) => contract.host.seedAt(height),
    };
    const again = machine.call({ ...call, host });
    expect({ ...again, reads: again.reads() }).toEqual({ ...result, reads });
    contract.host.apply(result.effects);
  }
});

test("a call's result does not depend on what ran before", () => {
  const fresh = (machine: LvmMachine) => {
    const contract = new TestContract(machine, SOURCE, { [BOB]: SOURCE });
    const result = contract.call("run", [8, "abc"], { sender: OWNER });
    return { ...result, reads: result.reads(), memory: machine.memoryReport() };
  };
  const used = new LvmMachine();
  const first = fresh(new LvmMachine());
  for (const [functionName, args, gasLimit] of CALLS.slice(0, 50)) {
    const values = args.map((arg) => (arg === BOB ? bytes(BOB) : arg));
    new TestContract(used, SOURCE, { [BOB]: SOURCE }).call(functionName, values, { gasLimit });
    expect(fresh(used)).toEqual(first);
  }
});

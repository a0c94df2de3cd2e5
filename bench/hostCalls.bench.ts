// What a gas buys of the processor, function by function: nanoseconds of processor time that a call spends in a loop over one host function,
// for each gas that it pays. A block may use blockGasMax of it, so a function far above the others is the way to slow blocks down.

import { type LvmCall, LvmMachine, type LvmValue, MemoryHost } from "../src/execution/lvm/lvm.js";
import { ringTag, signRing } from "../src/protocol/ringSignature.js";
import { proveRandom } from "../src/protocol/vrf.js";
import { ed25519 } from "../src/wasm/crypto.js";
import type { BenchRow } from "./row.js";

/** 20 million gas of a block in about 100 ms. */
const NS_A_GAS_MAX = 5;
const GAS = 20_000_000;
const ROUNDS = 5;
const CONTRACT = "c".repeat(32);
const OTHER = "o".repeat(32);

const KEYS = Array.from({ length: 16 }, (_, i) => new Uint8Array(32).fill(i + 1));
const RING = KEYS.map((key) => ed25519.getPublicKey(key));
const MESSAGE = new Uint8Array(64).fill(7);
const STATEMENT = { scope: MESSAGE, message: MESSAGE, ring: RING };

/** Each body runs in an endless loop with `i` counting up; `a` are the arguments. */
const LOOPS: { name: string; body: string; args?: readonly LvmValue[] }[] = [
  { name: "an instruction of Lua", body: "local x = i + 1" },
  { name: "chain.height", body: "chain.height()" },
  { name: "chain.seed", body: "chain.seed(i)" },
  { name: "state: reading one entry", body: "v:get()" },
  { name: "state: reading new entries", body: "local x = m[i]" },
  { name: "state: writing one entry", body: "v:set(i)" },
  { name: "state: writing new entries of 1 KB", body: "m[i] = long" },
  { name: "state: deleting", body: "m[i] = nil" },
  { name: "token.balance", body: "token.balance()" },
  { name: "token.balance of new addresses", body: "token.balance(crypto.sha256(tostring(i)))" },
  { name: "token.transfer", body: "token.transfer(a[1], 1)", args: [Buffer.from(OTHER)] },
  { name: "event.emit of 1 KB, undone", body: "pcall(function() event.emit('e', long) error() end)" },
  { name: "contract.call", body: "contract.call(a[1], 'f')", args: [Buffer.from(OTHER)] },
  { name: "contract.deploy that fails", body: "pcall(contract.deploy, a[1], 's' .. i)", args: [Buffer.from(OTHER)] },
  { name: "contract.codeHash", body: "contract.codeHash(a[1])", args: [Buffer.from(OTHER)] },
  { name: "crypto.sha256 of 1 KB", body: "crypto.sha256(long)" },
  { name: "crypto.sha256 of 32 bytes", body: "crypto.sha256(short)" },
  {
    name: "crypto.verify",
    body: "crypto.verify(a[1], a[2], a[3])",
    args: [ed25519.sign(MESSAGE, KEYS[0]), MESSAGE, RING[0]],
  },
  {
    name: "crypto.merkleVerify, 20 levels",
    body: "crypto.merkleVerify(short, short, 0, 1048576, path)",
  },
  {
    name: "crypto.ringVerify, 16 keys",
    body: "crypto.ringVerify(a[1], a[1], a[2], a[3])",
    args: [MESSAGE, RING, signRing(STATEMENT, KEYS[3], new Uint8Array(32).fill(9))],
  },
  {
    name: "crypto.ringVerify, 2 keys",
    body: "crypto.ringVerify(a[1], a[1], a[2], a[3])",
    args: [
      MESSAGE,
      RING.slice(0, 2),
      signRing({ ...STATEMENT, ring: RING.slice(0, 2) }, KEYS[1], new Uint8Array(32).fill(9)),
    ],
  },
  {
    name: "crypto.ringVerify, refused at its tag",
    body: "crypto.ringVerify(a[1], a[1], a[2], a[3])",
    args: [
      MESSAGE,
      RING.slice(0, 2),
      new Uint8Array([...ringTag(KEYS[3], MESSAGE), ...new Uint8Array(32).fill(255), ...new Uint8Array(64)]),
    ],
  },
  {
    name: "crypto.vrfVerify",
    body: "crypto.vrfVerify(a[1], a[2], a[3])",
    args: [RING[0], MESSAGE, proveRandom(KEYS[0], MESSAGE)],
  },
  { name: "crypto.toHex of 1 KB", body: "crypto.toHex(long)" },
  { name: "json.encode", body: "json.encode(tree)" },
  { name: "json.decode", body: "json.decode(text)" },
  { name: "bignum: multiplying", body: "local x = big * big" },
  { name: "bignum: dividing", body: "local x = wide // big" },
  { name: "bignum: tostring", body: "tostring(wide)" },
  { name: "bignum.mulDiv", body: "bignum.mulDiv(wide, big, wide)" },
  { name: "bignum.pow", body: "bignum.pow(3, 150)" },
  { name: "pcall of a host function's error", body: "pcall(contract.codeHash, 5)" },
  { name: "pcall of an error", body: "pcall(error, 'x')" },
  { name: "string.rep of 1 KB", body: "string.rep('x', 1000 + i % 2)" },
];

function sourceOf(body: string): string {
  return `local v, m = state.value("v"), state.map("m")
    abi.payable("run", function(a)
      local long, short = string.rep("x", 1000), string.rep("y", 32)
      local path = {} for i = 1, 20 do path[i] = short end
      local big = bignum.new("123456789012345678901234567890")
      local wide = big * big
      local tree = { a = 1, b = { 1, 2, 3 }, c = "text" }
      local text = json.encode(tree)
      v:set(1)
      local i = 0
      while true do i = i + 1 ${body} end
    end, "a: table?")`;
}

/** Nanoseconds of processor time for each gas. */
function nsPerGas(machine: LvmMachine, { name, body, args = [] }: (typeof LOOPS)[number]): number {
  const host = new MemoryHost();
  const put = (address: string, source: string): void => {
    host.contracts.set(address, { codeHash: source, source: new Uint8Array(Buffer.from(source)) });
  };
  put(CONTRACT, sourceOf(body));
  put(OTHER, 'abi.call("f", function() end) abi.constructor(function() error("no") end)');
  host.setBalance(CONTRACT, "TTC", 10n ** 15n);
  const call: LvmCall = {
    host,
    transaction: {
      block: { height: 2_000_000, timeMs: 1, genesisHash: "g".repeat(32) },
      origin: OTHER,
      feePayer: OTHER,
    },
    contract: CONTRACT,
    sender: OTHER,
    functionName: "run",
    args: [args],
    gasLimit: GAS,
  };
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.cpuUsage();
    const { code, gasUsed } = machine.call(call);
    const { user, system } = process.cpuUsage(start);
    if (code !== "LVM_OUT_OF_GAS" && code !== "LVM_OUT_OF_MEMORY") {
      throw new Error(`${name}: ${code}`);
    }
    times.push(((user + system) * 1_000) / gasUsed);
  }
  return times.sort((a, b) => a - b)[ROUNDS >> 1];
}

/** The functions, slowest for their gas first; the time of a row is that of 1,000 gas. */
export async function benchHostCalls(): Promise<BenchRow[]> {
  const machine = new LvmMachine();
  const found = LOOPS.map((loop) => ({ name: loop.name, ns: nsPerGas(machine, loop) }));
  found.sort((a, b) => b.ns - a.ns);
  return found.map(({ name, ns }) => ({
    name: `${name}, 1,000 gas`,
    nsPerOperation: ns * 1_000,
    rival: "100 ms for a block's 20 million gas",
    rivalNsPerOperation: NS_A_GAS_MAX * 1_000,
    ratio: NS_A_GAS_MAX / ns,
  }));
}

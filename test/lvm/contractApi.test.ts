import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeLvmValue,
  encodeLvmValue,
  LvmBignum,
  type LvmKey,
  LvmMachine,
  type LvmValue,
} from "../../src/execution/lvm/lvm.js";
import { proveRandom } from "../../src/protocol/vrf.js";
import { ed25519, merkleRoot, sha256 } from "../../src/wasm/crypto.js";
import { hashLeaf, merkleProof } from "../../src/wasm/sha256.js";
import { ALICE, BOB, bytes, evaluate, OWNER, runBody, TestContract } from "./lvmSupport.js";

const machine = new LvmMachine();

/** Bytes as they stand in a string of Lua's source. */
function bytesOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}

const integer = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
const bignum = fc.bigInt({ min: -(1n << 255n), max: (1n << 255n) - 1n });
const key: fc.Arbitrary<LvmKey> = fc.oneof(integer, fc.boolean(), fc.string({ unit: "binary-ascii", maxLength: 50 }));
const { value: anyValue } = fc.letrec<{ value: LvmValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", maxDepth: 4 },
    integer,
    fc.boolean(),
    fc.uint8Array({ maxLength: 60 }),
    bignum.map((value) => new LvmBignum(value)),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 5 }).map((pairs) => new Map(pairs)),
  ),
}));

describe("values", () => {
  const echo = new TestContract(
    machine,
    `local kept = state.value("kept")
     abi.call("echo", function(v) kept:set(v) return kept:get() end, "v: any")
     abi.call("rebuild", function(v)
       local function copy(x) if type(x) ~= "table" then return x end
         local keys = {} for k in pairs(x) do table.insert(keys, 1, k) end
         local y = {} for _, k in ipairs(keys) do y[k] = copy(x[k]) end return y end
       return copy(v) end, "v: any")`,
  );

  test("have one encoding, which comes back the same from Lua and from storage", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const encoded = encodeLvmValue(value);
        expect(encodeLvmValue(decodeLvmValue(encoded))).toEqual(encoded);
        for (const name of ["echo", "rebuild"]) {
          const result = echo.call(name, [value], { gasLimit: 10_000_000 });
          expect(result.error).toBeUndefined();
          expect(result.value).toEqual(encoded);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("are decoded from their one encoding alone", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (input) => {
        let value: LvmValue;
        try {
          value = decodeLvmValue(input);
        } catch (error) {
          expect(error).toMatchObject({ code: "LVM_BAD_VALUE" });
          return;
        }
        expect(encodeLvmValue(value)).toEqual(input);
      }),
      { numRuns: 5000 },
    );
  });

  test.each([1.5, 2 ** 60, 1n << 63n, Number.NaN])("refuse %s", (value) => {
    expect(() => encodeLvmValue(value)).toThrow(/integer/);
  });
});

describe("bignum", () => {
  test("computes as integers without bounds do, and fails beyond 256 bits", () => {
    const contract = new TestContract(
      machine,
      `local f = { ["+"] = function(a, b) return a + b end, ["-"] = function(a, b) return a - b end,
        ["*"] = function(a, b) return a * b end, ["//"] = function(a, b) return a // b end,
        ["%"] = function(a, b) return a % b end, ["<"] = function(a, b) return a < b end,
        ["<="] = function(a, b) return a <= b end, ["=="] = function(a, b) return a == b end,
        [".."] = function(a, b) return a .. "" .. b end }
      abi.view("run", function(o, a, b) return f[o](a, b) end, "o: string, a: bignum, b: any")`,
    );
    const floor = (a: bigint, b: bigint) => (a % b !== 0n && a < 0n !== b < 0n ? a / b - 1n : a / b);
    const operations: Record<string, (a: bigint, b: bigint) => bigint | boolean | string> = {
      "+": (a, b) => a + b,
      "-": (a, b) => a - b,
      "*": (a, b) => a * b,
      "//": floor,
      "%": (a, b) => a - floor(a, b) * b,
      "<": (a, b) => a < b,
      "<=": (a, b) => a <= b,
      "==": (a, b) => a === b,
      "..": (a, b) => `${a}${b}`,
    };
    const some = fc.oneof(bignum, integer, fc.constantFrom(0n, 1n, -1n, 7n));
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(operations)), some, some, (name, a, b) => {
        const result = contract.call("run", [name, new LvmBignum(a), new LvmBignum(b)]);
        if (b === 0n && (name === "//" || name === "%")) {
          expect(result.code).toBe("LVM_BIGNUM");
          return;
        }
        const expected = operations[name](a, b);
        if (typeof expected === "bigint" && (expected < -(1n << 255n) || expected >= 1n << 255n)) {
          expect(result.code).toBe("LVM_BIGNUM");
        } else {
          expect(result.error).toBeUndefined();
          expect(result.value).toEqual(
            encodeLvmValue(typeof expected === "bigint" ? new LvmBignum(expected) : expected),
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  test("has powers, scaled products and a way back to integers", () => {
    expect(evaluate(machine, "return tostring(bignum.pow(2, 254))")).toBe(String(2n ** 254n));
    expect(evaluate(machine, "return tostring(bignum.pow(-1, math.maxinteger))")).toBe("-1");
    expect(runBody(machine, "return bignum.pow(2, 255)").code).toBe("LVM_BIGNUM");
    expect(evaluate(machine, "return bignum.toInteger(bignum.mulDiv(math.maxinteger, 1000, 1001))")).toBe(
      ((2n ** 63n - 1n) * 1000n) / 1001n,
    );
    expect(evaluate(machine, "return bignum.toInteger(bignum.pow(2, 63)) == nil")).toBe(true);
    expect(runBody(machine, "return bignum.new('0x10')").code).toBe("LVM_BAD_ARGUMENT");
  });
});

describe("json", () => {
  test("writes keys in one order and reads what it wrote", () => {
    const text =
      "return json.encode({ b = 1, a = { true, 'x\"\\n', -5 }, ['10'] = bignum.new('99999999999999999999') })";
    expect(evaluate(machine, text)).toBe('{"10":"99999999999999999999","a":[true,"x\\"\\n",-5],"b":1}');
    expect(
      evaluate(
        machine,
        `local v = json.decode(' { "a" : [1, "\\\\u20ac", {"b": null, "c": false}] } ') return json.encode(v)`,
      ),
    ).toBe('{"a":[1,"€",{"c":false}]}');
  });

  test.each([
    "[1,]",
    "{a:1}",
    '{"a":1,"a":2}',
    "[1e3]",
    "01",
    "[null]",
    "'x'",
    '"\n"',
    '"\\x"',
    "9223372036854775808",
    "",
    "1 2",
  ])("refuses %s", (text) => {
    const contract = new TestContract(machine, `abi.call("run", function(t) return json.decode(t) end, "t: string")`);
    expect(contract.call("run", [text]).code).toBe("LVM_BAD_VALUE");
  });
});

describe("state", () => {
  test("keeps values, maps with any key and arrays, apart from each other", () => {
    const contract = new TestContract(
      machine,
      `local v, m, a = state.value("v"), state.map("m"), state.array("a")
      abi.call("fill", function() v:set({ 1, 2 }) m[1] = "one" m["1"] = "text" m[{ 1, "x" }] = "pair" a:append("p") a:append("q") a[1] = "r" end)
      abi.view("show", function() return { v:get()[2], m[1], m["1"], m[{ 1, "x" }], #a, a[1], a[2], tostring(a[3]), tostring(m[2]) } end)
      abi.call("drop", function() m[1] = nil v:set(nil) return { a:pop(), a:pop(), tostring(a:pop()), #a, tostring(m[1]), tostring(v:get()) } end)
      abi.call("hole", function() a[#a + 1] = 1 end)`,
    );
    contract.value("fill");
    const text = (value: LvmValue) =>
      (value as LvmValue[]).map((item) => (item instanceof Uint8Array ? Buffer.from(item).toString() : item));
    expect(text(contract.value("show"))).toEqual([2n, "one", "text", "pair", 2n, "r", "q", "nil", "nil"]);
    expect(text(contract.value("drop"))).toEqual(["q", "r", "nil", 0n, "nil", "nil"]);
    expect(contract.call("hole").code).toBe("LVM_BAD_ARGUMENT");
  });

  test.each([
    ["declared twice", `state.value("x") state.map("x")`, "LVM_BAD_ARGUMENT"],
    ["declared in a call", `abi.call("run", function() state.value("x") end)`, "LVM_NOT_LOADING"],
    ["with a name that is none", `state.value("a b")`, "LVM_BAD_ARGUMENT"],
    ["a function declared twice", `abi.call("f", print or error) abi.view("f", error)`, "LVM_BAD_ARGUMENT"],
    ["a parameter of no type", `abi.call("f", error, "a: float")`, "LVM_BAD_ARGUMENT"],
  ])("is refused: %s", (_, source, code) => {
    expect(new TestContract(machine, source).call("run").code).toBe(code);
  });
});

describe("chain, crypto and access", () => {
  test("tell what the call is about", () => {
    const body =
      "return { chain.height(), chain.time(), chain.sender(), chain.origin(), chain.feePayer(), chain.contract(), chain.amount(), chain.token() }";
    const result = runBody(machine, body, { sender: ALICE });
    expect(decodeLvmValue(result.value)).toEqual([
      7n,
      1_700_000_000_000n,
      ...[ALICE, OWNER, OWNER, "c".repeat(32)].map(bytes),
      0n,
      bytes("TTC"),
    ]);
  });

  test("hash, verify signatures and Merkle proofs", () => {
    const secret = new Uint8Array(32).fill(7);
    const message = new Uint8Array([1, 2, 3]);
    const leaves = Array.from({ length: 7 }, (_, i) => new Uint8Array([i]));
    const contract = new TestContract(
      machine,
      `abi.view("hash", function(x) return crypto.sha256(x) end, "x: string")
      abi.view("verify", function(s, m, k) return crypto.verify(s, m, k) end, "s: string, m: string, k: string")
      abi.view("merkle", function(r, l, i, n, p) return crypto.merkleVerify(r, l, i, n, p) end, "r: string, l: string, i: integer, n: integer, p: table")
      abi.view("hex", function(x) return crypto.fromHex(crypto.toHex(x)) == x and crypto.fromHex("zz") == nil end, "x: string")`,
    );
    expect(contract.value("hash", [message])).toEqual(sha256(message));
    const signature = ed25519.sign(message, secret);
    const publicKey = ed25519.getPublicKey(secret);
    expect(contract.value("verify", [signature, message, publicKey])).toBe(true);
    expect(contract.value("verify", [signature, new Uint8Array([1]), publicKey])).toBe(false);
    expect(contract.value("verify", ["short", message, publicKey])).toBe(false);
    const proof = merkleProof(leaves, 4);
    expect(contract.value("merkle", [merkleRoot(leaves), leaves[4], 4, 7, proof])).toBe(true);
    expect(contract.value("merkle", [merkleRoot(leaves), leaves[4], 5, 7, proof])).toBe(false);
    expect(contract.value("merkle", [hashLeaf(leaves[0]), leaves[0], 0, 1, []])).toBe(true);
    expect(contract.value("hex", [message])).toBe(true);
  });

  test("let the owner alone change owner and roles", () => {
    const contract = new TestContract(
      machine,
      `abi.constructor(function() access.setOwner(chain.sender()) end)
      abi.call("give", function(who) access.setOwner(who) end, "who: address")
      abi.call("grant", function(who) access.grant("minter", who) end, "who: address")
      abi.call("revoke", function(who) access.revoke("minter", who) end, "who: address")
      abi.call("mint", function() access.only("minter") return access.has("minter", chain.sender()) end)
      abi.call("own", function() access.onlyOwner() return access.owner() end)`,
    );
    expect(contract.call("grant", [bytes(BOB)]).code).toBe("LVM_ACCESS");
    contract.value("constructor");
    expect(contract.call("mint", [], { sender: BOB }).code).toBe("LVM_ACCESS");
    expect(contract.call("grant", [bytes(BOB)], { sender: BOB }).code).toBe("LVM_ACCESS");
    contract.value("grant", [bytes(BOB)]);
    expect(contract.value("mint", [], { sender: BOB })).toBe(true);
    contract.value("revoke", [bytes(BOB)]);
    expect(contract.call("mint", [], { sender: BOB }).code).toBe("LVM_ACCESS");
    contract.value("give", [bytes(ALICE)]);
    expect(contract.call("own").code).toBe("LVM_ACCESS");
    expect(contract.value("own", [], { sender: ALICE })).toEqual(bytes(ALICE));
  });

  test("errors from the host can be caught, with code and message", () => {
    const body = `local ok, e = pcall(token.transfer, chain.sender(), 5)
      return { ok, e.code, tostring(e) == e.message, tostring(e.other) }`;
    expect(decodeLvmValue(runBody(machine, body).value)).toEqual([false, bytes("LVM_BALANCE"), true, bytes("nil")]);
  });

  test("a proof of randomness gives its key's output for the input, a wrong one nothing", () => {
    const key = bytesOf(ed25519.getPublicKey(new Uint8Array(32).fill(5)));
    const proof = proveRandom(new Uint8Array(32).fill(5), new Uint8Array([1, 2]));
    const ask = (input: string) => `return #(crypto.vrfVerify("${key}", "${input}", "${bytesOf(proof)}") or "")`;
    expect(evaluate(machine, ask("\\x01\\x02"))).toBe(64n);
    expect(evaluate(machine, ask("\\x01\\x03"))).toBe(0n);
  });

  test("an event holds no nil: what comes of it has one encoding", () => {
    expect(runBody(machine, "event.emit('a', 1, nil)").code).toBe("LVM_BAD_VALUE");
    expect(runBody(machine, "event.emit('a', { 1, nil, 3 })").code).toBe("LVM_OK");
  });

  test("events of a failed call are dropped with it", () => {
    const result = runBody(
      machine,
      "event.emit('a', 1, { 2 }) pcall(function() event.emit('b') error('x') end) return gasLeft() > 0",
    );
    expect(result.effects.events.map(({ name, data }) => [name, decodeLvmValue(data)])).toEqual([
      ["a", [1n, [2n]]],
      ["b", []],
    ]);
    expect(runBody(machine, "event.emit('a') error('x')").effects.events).toEqual([]);
  });
});

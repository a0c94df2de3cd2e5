import { describe, expect, test } from "vitest";
import { CALL_DEPTH_MAX, READ_ONLY_RETURN_BYTES_MAX } from "../../src/execution/lvm/limits.js";
import { decodeLvmValue, LvmMachine } from "../../src/execution/lvm/lvm.js";
import { ALICE, BOB, bytes, CONTRACT, OWNER, TestContract } from "./lvmSupport.js";

const machine = new LvmMachine();

describe("a call", () => {
  const coin = `
    local balances, supply = state.map("balances"), state.value("supply")
    abi.constructor(function(amount) supply:set(amount) balances[chain.sender()] = amount end, "amount: integer")
    abi.call("move", function(to, amount)
      local have = balances[chain.sender()] or 0
      balances[to] = (balances[to] or 0) + amount
      if have < amount then error("too little") end
      balances[chain.sender()] = have - amount
    end, "to: address, amount: integer")
    abi.view("balanceOf", function(who) return balances[who] or 0 end, "who: address", "integer")
    abi.view("write", function() supply:set(1) end)
    abi.view("big", function(n) return string.rep("x", n) end, "n: integer")
    abi.payable("pay", function() return { chain.amount(), contract.balance(), chain.token() } end)`;

  test("keeps what a successful one wrote and drops what a failed one wrote", () => {
    const contract = new TestContract(machine, coin);
    contract.value("constructor", [100]);
    contract.value("move", [bytes(BOB), 30]);
    const failed = contract.call("move", [bytes(BOB), 71]);
    expect(failed.code).toBe("LVM_RUNTIME_ERROR");
    expect(failed.error).toEqual({ message: "contract:7: too little", line: 7 });
    expect(failed.effects.storage).toEqual([]);
    expect(contract.value("balanceOf", [bytes(BOB)])).toBe(30n);
    expect(contract.value("balanceOf", [bytes(OWNER)])).toBe(70n);
  });

  test("says what it read, the same whether it failed or not", () => {
    const contract = new TestContract(machine, coin);
    contract.value("constructor", [100]);
    const moved = contract.call("move", [bytes(BOB), 1]).reads();
    const failed = contract.call("move", [bytes(BOB), 1000]).reads();
    expect(failed.storage.map(({ key }) => key).sort()).toEqual(moved.storage.map(({ key }) => key).sort());
    expect(moved.contracts.map(({ address }) => address)).toEqual([CONTRACT]);
  });

  test("may not write through a view function, nor call another kind read-only", () => {
    const contract = new TestContract(machine, coin);
    expect(contract.call("write").code).toBe("LVM_READ_ONLY");
    expect(contract.call("move", [bytes(BOB), 0], { isReadOnly: true }).code).toBe("LVM_NOT_VIEW");
    expect(contract.call("balanceOf", [bytes(BOB)], { isReadOnly: true }).code).toBe("LVM_OK");
  });

  test("returns up to 2 MB read-only, and a longer value not at all", () => {
    const contract = new TestContract(machine, coin);
    const limits = { isReadOnly: true, gasLimit: 100_000_000 };
    const most = READ_ONLY_RETURN_BYTES_MAX - 4;
    expect(decodeLvmValue(contract.call("big", [most], limits).value)).toHaveLength(most);
    expect(contract.call("big", [most + 1], limits).code).toBe("LVM_RETURN_LIMIT");
    expect(contract.call("big", [most], { gasLimit: 100_000_000 }).code).toBe("LVM_RETURN_LIMIT");
  });

  test("checks arguments against the declared types", () => {
    const contract = new TestContract(machine, coin);
    for (const args of [[], [bytes(BOB)], [bytes(BOB), "1"], ["short", 1], [bytes(BOB), 1, 2], [bytes(BOB), null]]) {
      expect(contract.call("move", args).code).toBe("LVM_BAD_ARGUMENT");
    }
    expect(contract.call("nothing").code).toBe("LVM_NO_FUNCTION");
    expect(contract.call("move", [], { contract: BOB }).code).toBe("LVM_NO_CONTRACT");
  });

  test("takes payments only where the function is payable, and only from a balance", () => {
    const contract = new TestContract(machine, coin);
    contract.host.setBalance(OWNER, "TTC", 50n);
    expect(contract.call("move", [bytes(BOB), 0], { amountUnits: 5n }).code).toBe("LVM_NOT_PAYABLE");
    expect(contract.call("pay", [], { amountUnits: 51n }).code).toBe("LVM_BALANCE");
    expect(contract.value("pay", [], { amountUnits: 20n })).toEqual([20n, 20n, bytes("TTC")]);
    expect(contract.host.getBalance(OWNER, "TTC")).toBe(30n);
    expect(contract.host.getBalance(CONTRACT, "TTC")).toBe(20n);
  });
});

describe("contracts calling contracts", () => {
  const counter = `
    local n = state.value("n")
    abi.call("add", function(k) n:set((n:get() or 0) + k) event.emit("added", k) if k < 0 then error("negative") end return n:get() end, "k: integer")
    abi.view("get", function() return n:get() or 0 end)
    abi.call("burn", function() while true do end end)
    abi.call("fill", function() local t = {} while true do t[#t + 1] = {} end end)
    abi.payable("deposit", function() return chain.sender() end)`;
  const callerSource = `
    abi.call("add", function(who, k) return contract.call(who, "add", k) end, "who: address, k: integer")
    abi.call("try", function(who, k) local ok, code, message = contract.tryCall(who, "add", k) return { ok, code, message or "" } end, "who: address, k: integer")
    abi.call("catch", function(who, k) local ok, e = pcall(contract.call, who, "add", k) return { ok, e.code, tostring(e) } end, "who: address, k: integer")
    abi.call("tryWith", function(who, name, gas) local ok, code = contract.tryCall({ address = who, gas = gas }, name) return { ok, code } end, "who: address, name: string, gas: integer?")
    abi.call("pay", function(who, amount) return contract.call({ address = who, amount = amount }, "deposit") end, "who: address, amount: integer")
    abi.view("peek", function(who) return contract.call(who, "add", 1) end, "who: address")`;
  const chain = () => new TestContract(machine, callerSource, { [BOB]: counter });
  const stored = (contract: TestContract) => contract.value("get", [], { contract: BOB });

  test("see each other's writes and undo only the callee's where it fails", () => {
    const contract = chain();
    expect(contract.value("add", [bytes(BOB), 5])).toBe(5n);
    const [ok, code, message] = contract.value("try", [bytes(BOB), -1]) as [boolean, Uint8Array, Uint8Array];
    expect([ok, Buffer.from(code).toString(), Buffer.from(message).toString()]).toEqual([
      false,
      "LVM_RUNTIME_ERROR",
      "contract:3: negative",
    ]);
    expect(contract.call("try", [bytes(BOB), -1]).effects).toEqual({
      storage: [],
      transfers: [],
      events: [],
      requests: [],
      deployments: [],
      seedAsks: [],
    });
    expect(contract.call("add", [bytes(BOB), -1]).code).toBe("LVM_RUNTIME_ERROR");
    const caught = contract.value("catch", [bytes(BOB), -1]) as Uint8Array[];
    expect(Buffer.from(caught[1]).toString()).toBe("LVM_RUNTIME_ERROR");
    expect(stored(contract)).toBe(5n);
  });

  test("keep the sixty-fourth part of their gas when a callee uses all it got", () => {
    const contract = chain();
    for (const [name, gas, code] of [
      ["burn", null, "LVM_OUT_OF_GAS"],
      ["burn", 5000, "LVM_OUT_OF_GAS"],
      ["fill", null, "LVM_OUT_OF_MEMORY"],
    ] as const) {
      const value = contract.value("tryWith", [bytes(BOB), name, gas], { gasLimit: 50_000_000 }) as [
        boolean,
        Uint8Array,
      ];
      expect([value[0], Buffer.from(value[1]).toString()]).toEqual([false, code]);
    }
  });

  test("pass payments on and know who called", () => {
    const contract = chain();
    contract.host.setBalance(CONTRACT, "TTC", 10n);
    expect(contract.value("pay", [bytes(BOB), 4])).toEqual(bytes(CONTRACT));
    expect(contract.host.getBalance(BOB, "TTC")).toBe(4n);
    expect(contract.call("pay", [bytes(BOB), 7]).code).toBe("LVM_BALANCE");
    expect(contract.call("pay", [bytes(BOB), -1]).code).toBe("LVM_BAD_ARGUMENT");
  });

  test("stay read-only below a view function", () => {
    expect(chain().call("peek", [bytes(BOB)]).code).toBe("LVM_NOT_VIEW");
  });

  test("can't come back to a contract in the middle of its call", () => {
    const ping = `abi.call("go", function(a, b) return contract.call(b, "go", b, a) end, "a: address, b: address")`;
    const contract = new TestContract(machine, ping, { [BOB]: ping });
    expect(contract.call("go", [bytes(CONTRACT), bytes(BOB)]).code).toBe("LVM_REENTRANT");
  });

  test("go thirty-two deep and no deeper", () => {
    const link = `abi.call("down", function(list, at)
        if at > #list then return at - 1 end
        return contract.call(list[at], "down", list, at + 1)
      end, "list: table, at: integer")`;
    const addresses = Array.from({ length: 40 }, (_, i) => String.fromCharCode(65 + i).repeat(32));
    const contract = new TestContract(machine, link, Object.fromEntries(addresses.map((address) => [address, link])));
    const down = (count: number) =>
      contract.call("down", [addresses.slice(0, count).map(bytes), 1], { gasLimit: 10_000_000 });
    expect(decodeLvmValue(down(CALL_DEPTH_MAX - 1).value)).toBe(BigInt(CALL_DEPTH_MAX - 1));
    expect(down(CALL_DEPTH_MAX).code).toBe("LVM_CALL_DEPTH");
    expect(down(40).code).toBe("LVM_CALL_DEPTH");
  });

  test("share the levels of C calls, so that depth can't fill the native stack", () => {
    const deep = `abi.call("down", function(list, at)
        local function nest(n) if n == 0 then
            if at > #list then return 0 end
            return contract.call(list[at], "down", list, at + 1)
          end
          local ok, result = pcall(nest, n - 1)
          if not ok then error(result, 0) end
          return result
        end
        return nest(30)
      end, "list: table, at: integer")`;
    const addresses = Array.from({ length: 20 }, (_, i) => String.fromCharCode(65 + i).repeat(32));
    const contract = new TestContract(machine, deep, Object.fromEntries(addresses.map((address) => [address, deep])));
    const result = contract.call("down", [addresses.map(bytes), 1], { gasLimit: 10_000_000 });
    expect(result.code).not.toBe("LVM_OK");
    expect(result.error?.message).toContain("stack overflow");
    expect(contract.call("down", [addresses.slice(0, 3).map(bytes), 1], { gasLimit: 10_000_000 }).code).toBe("LVM_OK");
  });

  test("use another's memory limit together", () => {
    const eater = `abi.call("eat", function(other, n)
        local s = string.rep(string.rep("x", 1000), n)
        if other then return contract.call(other, "eat", nil, n) end
        return #s
      end, "other: address?, n: integer")`;
    const contract = new TestContract(machine, eater, { [ALICE]: eater });
    const limits = { gasLimit: 10_000_000 };
    expect(contract.call("eat", [null, 5_000], limits).code).toBe("LVM_OK");
    expect(contract.call("eat", [bytes(ALICE), 5_000], limits).code).toBe("LVM_OUT_OF_MEMORY");
    expect(contract.call("eat", [bytes(ALICE), 3_500], limits).code).toBe("LVM_OK");
  });
});

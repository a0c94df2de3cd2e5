// The contract commands, run as the program runs them: in a folder alone, and against the product's own API.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { exitCodeOf } from "../../src/cli/failures.js";
import { makeProgram } from "../../src/cli/program.js";
import { callContract } from "../../src/client/actions.js";
import { encryptKeyFile } from "../../src/client/keyFile.js";
import { TTC_UNIT } from "../../src/protocol/tokens.js";
import { ApiChain } from "../api/apiChain.js";

let folder: string;
let jar: string;

/** Runs a command; gives what it printed, and its failure. */
async function run(...words: string[]): Promise<{ out: string; error: unknown }> {
  let out = "";
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += text;
    return true;
  });
  try {
    await makeProgram().parseAsync(["node", "ttchain", ...words]);
    return { out, error: undefined };
  } catch (error) {
    return { out, error };
  } finally {
    write.mockRestore();
  }
}

async function ok(...words: string[]): Promise<string> {
  const { out, error } = await run(...words);
  expect(error).toBeUndefined();
  return out;
}

async function change(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(join(jar, file), "utf8");
  expect(text).toContain(from);
  await writeFile(join(jar, file), text.replace(from, to));
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ttchain-contract-"));
  jar = join(folder, "jar");
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe("a contract's folder", () => {
  test("is made once, from the template or a standard contract, and passes its tests", async () => {
    expect(await ok("contract", "new", jar)).toContain("contract.lua");
    expect(await ok("contract", "test", jar)).toMatch(/^Tip jar 1\.0\.0\n(.*✓.*\n){4}4 cases passed, [\d,]+ gas\n$/);
    const again = await run("contract", "new", jar);
    expect(exitCodeOf(again.error)).toBe(1);
    await ok("contract", "new", join(folder, "coin"), "--from", "token");
    expect(await ok("contract", "test", join(folder, "coin"))).toMatch(/^Local coin/);
    expect(exitCodeOf((await run("contract", "new", join(folder, "x"), "--from", "nothing")).error)).toBe(2);
    expect(exitCodeOf((await run("contract", "test", join(folder, "y"))).error)).toBe(2);
  });

  test("shows which case failed and where, in both files", async () => {
    await ok("contract", "new", jar);
    await change("contract.lua", "access.onlyOwner()", "access.onlyNobody()");
    const { out, error } = await run("contract", "test", jar);
    expect(exitCodeOf(error)).toBe(1);
    expect(out).toContain("✗ the owner takes everything, once");
    expect(out).toMatch(/tests\.lua:\d+: .*contract\.lua:21: attempt to call a nil value/);
    expect(out).toContain("21 |   access.onlyNobody()");
    const only = await run("contract", "test", jar, "--case", "counted", "--json");
    expect(JSON.parse(only.out)).toMatchObject({ isPassed: true, cases: [{ name: "tips are counted and kept" }] });
  });

  test("shows what is wrong with a source, with its line", async () => {
    await ok("contract", "new", jar);
    await change("contract.lua", "local WORDS_MAX = 140", "local WORDS_MAX = 140 / 1");
    const { error } = await run("contract", "test", jar);
    expect(exitCodeOf(error)).toBe(1);
    expect((error as Error).message).toMatch(/contract\.lua:4: '\/' gives floats.*\n +4 \| local WORDS_MAX = 140 \/ 1/);
  });

  test("shows where its gas goes", async () => {
    await ok("contract", "new", jar);
    const out = await ok("contract", "gas", jar);
    expect(out).toMatch(/^function +calls +failed +least +mean +most gas\n/);
    expect(out).toMatch(/\n +[\d,]+ +\d+\.\d % +\d+ +15 \| {3}given\[chain\.sender\(\)\] = /);
    const { functions, lines } = JSON.parse(await ok("contract", "gas", jar, "--json"));
    expect(functions.map(({ name }: { name: string }) => name)).toEqual(["constructor", "tip", "givenBy", "take"]);
    expect(lines[0].line).toBe(0);
  });

  test("shows step by step what a case does, also of one that fails", async () => {
    await ok("contract", "new", jar);
    const out = await ok("contract", "trace", jar, "--case", "once");
    expect(out).toMatch(/^"the owner takes everything, once"\n/);
    expect(out).toContain('→ tip("thank you")');
    expect(out).toMatch(/write count: nil → 1/);
    expect(out).toMatch(/pays {2}12 TTC: ttc1/);
    expect(out).toContain("✗ LVM_RUNTIME_ERROR: contract.lua:23: the jar is empty");
    await change("tests.lua", "{ 1, 2 }", "{ 1, 3 }");
    expect(await ok("contract", "trace", jar, "--case", "counted")).toContain("✗ tips are counted and kept");
  });
});

describe("on a chain", () => {
  let chain: ApiChain;
  let producing: ReturnType<typeof setInterval>;
  let home: string;

  beforeAll(async () => {
    chain = await ApiChain.start();
    home = await mkdtemp(join(tmpdir(), "ttchain-wallet-"));
    const secretKey = chain.accounts[0].exportSecretKey();
    const file = await encryptKeyFile({ secretKey }, "correct horse battery", { n: 1_024 });
    await writeFile(join(home, "wallet.json"), JSON.stringify(file));
    vi.stubEnv("TTCHAIN_URL", chain.url);
    vi.stubEnv("TTCHAIN_WALLET", join(home, "wallet.json"));
    vi.stubEnv("TTCHAIN_PASSPHRASE", "correct horse battery");
    producing = setInterval(() => {
      if (chain.mempool.readyCount > 0) {
        chain.produce().catch(() => {});
      }
    }, 20);
  });

  afterAll(async () => {
    clearInterval(producing);
    vi.unstubAllEnvs();
    await chain.stop();
    await rm(home, { recursive: true });
  });

  async function deploy(...more: string[]): Promise<string> {
    await ok("contract", "new", jar);
    const answer = JSON.parse(await ok("contract", "deploy", jar, "--yes", "--json", ...more));
    return answer.contract;
  }

  test("a contract is registered, called, asked and shown", async () => {
    const address = await deploy();
    const called = await ok("contract", "call", address, "tip", "thank you", "--pay", "2", "--yes");
    expect(called).toMatch(/Event +tipped ttc1\w+, 200000000, "thank you"\n/);
    expect(called).toMatch(/Returned +1 \([\d,]+ gas\)\n/);
    expect(await ok("contract", "view", address, "count")).toBe("1\n");
    const who = chain.accounts[0].addressText;
    expect(JSON.parse(await ok("contract", "view", address, "givenBy", who, "--json"))).toEqual({ value: 200000000 });
    const shown = await ok("contract", "show", address);
    expect(shown).toMatch(/Owner +ttc1/);
    expect(shown).toContain("payable      tip(words: string) → integer");
    expect(await ok("contract", "show", address, "--source")).toBe(await readFile(join(jar, "contract.lua"), "utf8"));
  });

  test("contracts are listed and watched", async () => {
    const address = await deploy();
    await ok("contract", "call", address, "tip", "hello", "--pay", "3", "--yes");
    await run("contract", "call", address, "tip", "", "--yes");
    expect(await ok("contract", "list", "--limit", "1")).toMatch(
      new RegExp(
        `^name +status +calls +failed +gas +address\nTip jar 1\\.0\\.0 +temporary +2 +1 +[\\d,]+ +${address}\n`,
      ),
    );
    const watching = run("contract", "watch", address, "--every", "1", "--for", "3");
    await vi.waitFor(() => expect(process.stdout.write).toHaveBeenCalled());
    await chain.commit([
      callContract(chain.accounts[1], {
        contract: address,
        functionName: "tip",
        args: ["live"],
        payment: { token: "TTC", amount: TTC_UNIT },
      }),
    ]);
    const { out, error } = await watching;
    expect(error).toBeUndefined();
    expect(out).toMatch(/^block \d+ {2}until now: 2 calls, 1 failed, [\d,]+ gas; in 3 TTC, out nothing\n/);
    expect(out).toMatch(/\nblock \d+ {2}event tipped ttc1\w+, 100000000, "live"\n/);
    expect(out).toMatch(/\nblock \d+ {2}1 calls, 0 failed, [\d,]+ gas; in 1 TTC, out nothing\n/);
  });

  test("a call that fails says where, and one that can't be meant is not sent", async () => {
    const address = await deploy();
    const failed = await run("contract", "call", address, "take", "--yes");
    expect(exitCodeOf(failed.error)).toBe(1);
    expect((failed.error as Error).message).toContain("contract.lua:23: the jar is empty");
    const height = chain.state.height;
    for (const words of [["tpi"], ["count"], ["tip"], ["tip", "a", "b"]]) {
      const wrong = await run("contract", "call", address, ...words, "--yes");
      expect(exitCodeOf(wrong.error)).toBe(2);
      expect((wrong.error as Error).message).toContain("tip(words: string) → integer");
    }
    expect(chain.state.height).toBe(height);
  });

  test("a package whose tests fail is not sent", async () => {
    await ok("contract", "new", jar);
    await change("tests.lua", "{ 1, 2 }", "{ 1, 3 }");
    const height = chain.state.height;
    const { out, error } = await run("contract", "deploy", jar, "--yes");
    expect(exitCodeOf(error)).toBe(1);
    expect(out).toContain("✗ tips are counted and kept");
    expect(chain.state.height).toBe(height);
  });

  test("other code takes a contract's place where its policy lets it, and its storage stays", async () => {
    const fixed = await deploy();
    await change("contract.lua", '"1.0.0"', '"2.0.0"');
    expect(exitCodeOf((await run("contract", "upgrade", fixed, jar, "--yes")).error)).toBe(2);
    await rm(jar, { recursive: true });
    const address = await deploy("--upgrade", "owner");
    await ok("contract", "call", address, "tip", "hello", "--pay", "1", "--yes");
    await change("contract.lua", '"1.0.0"', '"2.0.0"');
    await ok("contract", "upgrade", address, jar, "--yes");
    expect(await ok("contract", "show", address)).toMatch(/Contract +Tip jar 2\.0\.0/);
    expect(await ok("contract", "view", address, "count")).toBe("1\n");
  });

  test("tests run on a fork of its state", async () => {
    const address = await deploy();
    await ok("contract", "call", address, "tip", "hello", "--pay", "1", "--yes");
    const hex = Buffer.from(chain.accounts[0].address).toString("hex");
    const target = JSON.parse(await ok("contract", "show", address, "--json")).address as string;
    const { parseAddress } = await import("../../src/protocol/address.js");
    const contract = Buffer.from(parseAddress(target)).toString("hex");
    await writeFile(
      join(jar, "contract.lua"),
      `abi.view("countOf", function(jar) return contract.call(jar, "count") end, "jar: address", "integer")`,
    );
    await writeFile(
      join(jar, "tests.lua"),
      `test.case("the live jar", function()
        test.equal(test.view("countOf", crypto.fromHex("${contract}")), 1)
        assert(test.balance(crypto.fromHex("${hex}")) > 0)
        test.equal(test.balance(crypto.fromHex("${contract}")), 100000000)
      end)`,
    );
    expect(await ok("contract", "test", jar, "--fork")).toContain("1 cases passed");
    const { error } = await run("contract", "test", jar);
    expect(exitCodeOf(error)).toBe(1);
  });
});

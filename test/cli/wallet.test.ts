// The wallet's commands, run as the program runs them, against the product's own API.

import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { exitCodeOf } from "../../src/cli/failures.js";
import { makeProgram } from "../../src/cli/program.js";
import { saveKeyFile } from "../../src/cli/walletFile.js";
import { encryptKeyFile } from "../../src/client/keyFile.js";
import { newMnemonic } from "../../src/client/mnemonic.js";
import { ApiChain } from "../api/apiChain.js";

let chain: ApiChain;
let folder: string;
let wallet: string;
let producing: ReturnType<typeof setInterval>;

beforeEach(async () => {
  chain = await ApiChain.start();
  folder = await mkdtemp(join(tmpdir(), "ttchain-cli-"));
  wallet = join(folder, "deep", "wallet.json");
  vi.stubEnv("TTCHAIN_URL", chain.url);
  vi.stubEnv("TTCHAIN_WALLET", wallet);
  vi.stubEnv("TTCHAIN_PASSPHRASE", "correct horse battery");
  producing = setInterval(() => {
    if (chain.mempool.readyCount > 0) {
      chain.produce().catch(() => {});
    }
  }, 20);
});

afterEach(async () => {
  clearInterval(producing);
  vi.unstubAllEnvs();
  await chain.stop();
  await rm(folder, { recursive: true });
});

/** Runs a command; gives what it printed, and its failure. */
async function run(...words: string[]): Promise<{ out: string; error: unknown }> {
  let out = "";
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += text;
    return true;
  });
  const program = makeProgram();
  try {
    await program.parseAsync(["node", "ttchain", ...words]);
    return { out, error: undefined };
  } catch (error) {
    return { out, error };
  } finally {
    write.mockRestore();
  }
}

/** A wallet whose first account owns coins. */
async function fundedWallet(): Promise<string> {
  const [rich] = chain.accounts;
  // Encrypted at a low cost, for the tests' sake.
  const file = await encryptKeyFile({ secretKey: rich.exportSecretKey() }, "correct horse battery", { n: 1_024 });
  await mkdir(dirname(wallet));
  await writeFile(wallet, JSON.stringify(file));
  return rich.addressText;
}

describe("a wallet", () => {
  test("is made for its owner's eyes only, and gives its words to its owner only", async () => {
    const { out } = await run("wallet", "new");
    const words = [
      ...out
        .split("\n")
        .slice(2, 6)
        .join(" ")
        .matchAll(/\b\d+ ([a-z]+)/g),
    ].map((match) => match[1]);
    expect(words).toHaveLength(24);
    expect((await stat(wallet)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, "deep"))).mode & 0o777).toBe(0o700);
    expect(JSON.parse((await run("wallet", "words", "--json")).out)).toEqual({ mnemonic: words.join(" ") });
    vi.stubEnv("TTCHAIN_PASSPHRASE", "another one");
    const { error } = await run("wallet", "words");
    expect(error).toMatchObject({ message: expect.stringContaining("passphrase is wrong") });
  });

  test("is never overwritten", async () => {
    const mnemonic = newMnemonic();
    await saveKeyFile(wallet, { mnemonic }, "correct horse battery");
    const before = await readFile(wallet, "utf8");
    for (const command of ["new", "restore"]) {
      const { error } = await run("wallet", command);
      expect(error).toMatchObject({ name: "UsageError", message: expect.stringContaining("is not overwritten") });
    }
    await expect(saveKeyFile(wallet, { mnemonic }, "correct horse battery")).rejects.toThrow("is not overwritten");
    expect(await readFile(wallet, "utf8")).toBe(before);
  });

  test("keeps its words out of JSON and its passphrase out of errors", async () => {
    const { out } = await run("wallet", "new", "--json");
    expect(Object.keys(JSON.parse(out))).toEqual(["wallet", "address"]);
    expect((await run("wallet", "address")).out.trim()).toBe(JSON.parse(out).address);
    vi.stubEnv("TTCHAIN_PASSPHRASE", "short");
    const { error } = await run("wallet", "new", "--wallet", join(folder, "other.json"));
    expect(exitCodeOf(error)).toBe(2);
    expect(String(error)).not.toContain("short");
  });

  test("that is missing or damaged is named, with what to do", async () => {
    expect((await run("wallet", "balance")).error).toMatchObject({
      message: expect.stringContaining("ttchain wallet new"),
    });
    await writeFile(join(folder, "bad.json"), "{");
    const { error } = await run("wallet", "balance", "--wallet", join(folder, "bad.json"));
    expect(error).toMatchObject({ name: "UsageError", message: expect.stringContaining("is no wallet") });
  });
});

describe("sending", () => {
  test("shows what it does, waits for the block and tells the time it took", async () => {
    const address = await fundedWallet();
    const payee = chain.accounts[1].addressText;
    const { out, error } = await run("wallet", "send", payee, "12.5", "--yes", "--memo", "thanks");
    expect(error).toBeUndefined();
    for (const part of [address, payee, "12.5 TTC", "0.1 TTC", "Committed in block 1 after"]) {
      expect(out).toContain(part);
    }
    const history = JSON.parse((await run("wallet", "history", "--json")).out);
    expect(history.entries[0]).toMatchObject({ direction: "out", amount: "1250000000", counterparty: payee });
    expect((await run("wallet", "history")).out).toContain("-12.5 TTC");
    expect((await run("wallet", "balance")).out).toContain("TTC");
  });

  test("stops at an address that was mistyped or is another chain's, before it asks for anything", async () => {
    await fundedWallet();
    const payee = chain.accounts[1].addressText;
    const typo = payee.slice(0, 30) + (payee[30] === "q" ? "p" : "q") + payee.slice(31);
    const mistyped = await run("wallet", "send", typo, "1", "--yes");
    expect(mistyped.error).toMatchObject({
      code: "BAD_ADDRESS",
      message: expect.stringContaining("look at character 31"),
    });
    const foreign = await run("wallet", "send", "7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV", "1", "--yes");
    expect(foreign.error).toMatchObject({ code: "FOREIGN_ADDRESS" });
    expect(exitCodeOf(foreign.error)).toBe(2);
    expect(chain.height).toBe(0);
  });

  test("is not done where nobody can be asked and --yes is missing", async () => {
    await fundedWallet();
    const { error } = await run("wallet", "send", chain.accounts[1].addressText, "1");
    expect(error).toMatchObject({ name: "UsageError", message: expect.stringContaining("--yes") });
    expect(chain.mempool.count).toBe(0);
  });

  test("that is refused says why and fails", async () => {
    await fundedWallet();
    const { error } = await run("wallet", "send", chain.accounts[1].addressText, "9000000000", "--yes");
    expect(error).toMatchObject({
      name: "CommandFailedError",
      answer: { state: "refused", code: "INSUFFICIENT_BALANCE" },
    });
    expect(exitCodeOf(error)).toBe(1);
  });

  test("refuses amounts that the token can't hold", async () => {
    await fundedWallet();
    const payee = chain.accounts[1].addressText;
    expect((await run("wallet", "send", payee, "0", "--yes")).error).toMatchObject({ name: "UsageError" });
    expect((await run("wallet", "send", payee, "1.5", "TTM", "--yes")).error).toMatchObject({
      message: 'expected a whole number, got "1.5"',
    });
    expect((await run("wallet", "send", payee, "1", "COFFEE", "--yes")).error).toMatchObject({
      message: expect.stringContaining("not unique"),
    });
  });
});

describe("replacing the key", () => {
  test("keeps the address, gives new words, and makes the old key useless", async () => {
    const address = await fundedWallet();
    const payee = chain.accounts[1].addressText;
    const renewed = join(folder, "renewed.json");
    const { error } = await run("wallet", "replace-key", renewed, "--yes", "--json");
    expect(error).toBeUndefined();
    expect((await run("wallet", "address", "--wallet", renewed)).out.trim()).toBe(address);
    const old = await run("wallet", "send", payee, "1", "--yes");
    expect(old.error).toMatchObject({ answer: { state: "refused", code: "WRONG_KEY" } });
    const sent = JSON.parse((await run("wallet", "send", payee, "1", "--yes", "--json", "--wallet", renewed)).out);
    expect(sent.state).toBe("committed");
    expect((await run("wallet", "words", "--wallet", renewed)).out.split("\n")).toHaveLength(5);
  });
});

describe("looking up", () => {
  test("works by hand and for programs", async () => {
    await fundedWallet();
    const payee = chain.accounts[1].addressText;
    const sent = JSON.parse((await run("wallet", "send", payee, "1", "--yes", "--json")).out);
    expect(JSON.parse((await run("tx", sent.id, "--json")).out)).toMatchObject({ state: "committed", height: 1 });
    expect((await run("tx", sent.id)).out).toContain("committed: in a block, for good");
    expect((await run("block", "1")).out).toContain(sent.id);
    expect((await run("status")).out).toContain("api-test (development");
    expect((await run("account", payee)).out).toContain(payee);
    expect((await run("token", "show", "TTM")).out).toContain("TTMoney");
    expect((await run("tx", "ff".repeat(32))).out).toContain("unknown:");
  });

  test("tells a token that was created by its id", async () => {
    await fundedWallet();
    const created = JSON.parse(
      (
        await run(
          "token",
          "create",
          "COFFEE",
          "Coffee card",
          "--decimals",
          "1",
          "--supply",
          "10.5",
          "--mintable",
          "--yes",
          "--json",
        )
      ).out,
    );
    expect(created).toMatchObject({ state: "committed", token: expect.stringMatching(/^[0-9a-f]{64}$/) });
    await run("token", "mint", created.token, "4.5", "--yes");
    expect((await run("token", "list")).out).toMatch(/COFFEE +15 /);
    expect((await run("token", "show", created.token)).out).toContain("15 with 1 decimals");
  });

  test("ends with 3 where no node answers", async () => {
    const { error } = await run("status", "--url", "http://127.0.0.1:1");
    expect(exitCodeOf(error)).toBe(3);
  });
});

// The guide for contract developers says what its commands really print. `UPDATE_GUIDE=1` writes it anew.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { explainFailure } from "../../src/cli/failures.js";
import { makeProgram } from "../../src/cli/program.js";
import { encryptKeyFile } from "../../src/client/keyFile.js";
import { ApiChain } from "../api/apiChain.js";

const ROOT = join(import.meta.dirname, "../..");
const GUIDE = join(ROOT, "docs/contracts.md");
const before = process.cwd();

let chain: ApiChain;
let folder: string;
let producing: ReturnType<typeof setInterval>;
/** The address that the chain of this run gave to the contract that was registered last. */
let contract = "";

beforeAll(async () => {
  chain = await ApiChain.start();
  folder = await mkdtemp(join(tmpdir(), "ttchain-guide-"));
  process.chdir(folder);
  const file = await encryptKeyFile({ secretKey: chain.accounts[0].exportSecretKey() }, "correct horse", { n: 1_024 });
  writeFileSync(join(folder, "wallet.json"), JSON.stringify(file));
  vi.stubEnv("TTCHAIN_URL", chain.url);
  vi.stubEnv("TTCHAIN_WALLET", join(folder, "wallet.json"));
  vi.stubEnv("TTCHAIN_PASSPHRASE", "correct horse");
  producing = setInterval(() => {
    if (chain.mempool.readyCount > 0) {
      chain.produce().catch(() => {});
    }
  }, 20);
});

afterAll(async () => {
  clearInterval(producing);
  process.chdir(before);
  vi.unstubAllEnvs();
  await chain.stop();
  await rm(folder, { recursive: true });
});

function words(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]);
}

/** What a terminal shows of a command. */
async function run(command: string): Promise<string> {
  const [program, ...rest] = words(command);
  if (program === "sed") {
    execFileSync(program, rest, { cwd: folder });
    return "";
  }
  let out = "";
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += text;
    return true;
  });
  const parameters = rest.slice(1).map((word) => (word.startsWith("ttc1") ? contract : word));
  try {
    await makeProgram().parseAsync(["node", "ttchain", ...parameters]);
  } catch (error) {
    out += `${explainFailure(error)}\n`;
  } finally {
    write.mockRestore();
  }
  contract = /^contract +(ttc1\w+)$/m.exec(out)?.[1] ?? contract;
  return out;
}

/** The same for every run: names of accounts and transactions, heights, milliseconds, gas. */
function masked(text: string): string {
  return (
    text
      .replace(/ttc1[a-z0-9]+/g, "ttc1…")
      .replace(/\b[0-9a-f]{64}\b/g, "<id>")
      .replace(/in block \d+ after \d+ ms/g, "in block N after N ms")
      .replace(/(at height +)\d+/g, "$1N")
      // Gas moves by a little with every function that contracts get.
      .replace(/ *\d[\d,.]{2,}/g, " N")
      .replace(/\d+\.\d %/g, "N %")
      .trimEnd()
  );
}

/** The guide with every command's output as it is now. */
async function renewed(guide: string): Promise<string> {
  let text = "";
  let isGuided = false;
  let isOutput = false;
  for (const line of guide.split("\n")) {
    isGuided = /guide:start/.test(line) || (isGuided && !/guide:end/.test(line));
    if (isGuided && line.startsWith("$ ")) {
      const out = (await run(line.slice(2))).trimEnd();
      text += `${line.replace(/ttc1\w+/g, contract)}\n${out === "" ? "" : `${out}\n`}`;
      isOutput = true;
    } else if (line.startsWith("```") || !isOutput) {
      text += `${line}\n`;
      isOutput = false;
    }
  }
  return text.replace(/\n$/, "");
}

test("the guide shows what its commands print", async () => {
  const guide = readFileSync(GUIDE, "utf8");
  const now = await renewed(guide);
  if (process.env.UPDATE_GUIDE === "1") {
    writeFileSync(GUIDE, now);
  }
  expect(masked(readFileSync(GUIDE, "utf8"))).toBe(masked(now));
});

test("the guide and the README show the template, the commands and every standard contract", () => {
  const guide = readFileSync(GUIDE, "utf8");
  expect(guide).toContain(readFileSync(join(ROOT, "templates/contract/contract.lua"), "utf8").trimEnd());
  const listed = [...guide.matchAll(/^\| \[(\w+)\]\(\.\.\/(contracts\/\w+\/README\.md)\)/gm)];
  expect(listed.map(([, name]) => name)).toEqual(readdirSync(join(ROOT, "contracts")));
  expect(listed.every(([, , path]) => existsSync(join(ROOT, path)))).toBe(true);
});

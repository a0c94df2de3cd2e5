// Names over the API, the SDK and the command line: taken in two steps, resolved, proven, paid to.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { exitCodeOf } from "../../src/cli/failures.js";
import { makeProgram } from "../../src/cli/program.js";
import { TTChainClient } from "../../src/client/client.js";
import { encryptKeyFile } from "../../src/client/keyFile.js";
import { commitName, makeNameSalt, revealName, setName } from "../../src/client/nameActions.js";
import { readDelegates } from "../../src/state/views.js";
import { ApiChain } from "./apiChain.js";
import { SchemaChecker } from "./schemaChecker.js";

const LEASE_SECONDS = 3_600;

let chain: ApiChain;
let client: TTChainClient;
let home: string;
let producing: ReturnType<typeof setInterval>;

beforeAll(async () => {
  const names = { nameCommitHeightsMin: 2, nameLeaseSeconds: LEASE_SECONDS };
  chain = await ApiChain.start({ parameters: { names } });
  client = new TTChainClient({ url: chain.url });
  home = await mkdtemp(join(tmpdir(), "ttchain-names-"));
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

async function codeOf(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    () => "OK",
    (error: { code: string }) => error.code,
  );
}

test("a name is taken by SDK, resolved, proven by its leaf, and lapses", async () => {
  const [alice, bob] = chain.accounts;
  const name = "모퉁이카페";
  const salt = makeNameSalt();
  expect(await codeOf(client.name(name))).toBe("NOT_FOUND");
  await chain.commit([commitName(alice, { name, salt })]);
  await chain.produce();
  await chain.commit([revealName(alice, { name, salt })]);
  await chain.commit([setName(alice, { name, target: bob.address })]);
  const schemas = await SchemaChecker.load(chain.url);
  const { body } = await chain.get(`/v1/names/${encodeURIComponent(name)}`);
  schemas.expectAnswer("get", "/v1/names/{name}", body);
  expect(body).toMatchObject({ state: "held", owner: alice.addressText, target: bob.addressText, isContract: false });
  expect(await client.resolveName(name)).toEqual(bob.address);
  const trusted = { genesisHash: chain.genesisHash, delegates: readDelegates(chain.state) };
  expect(await client.provenName(name, trusted)).toEqual(bob.address);
  expect(await client.provenName("다른카페", trusted)).toBeUndefined();
  // A name that looks like it has the same leaf, and stands for nothing.
  expect(await client.provenName("모퉁이-카페", trusted)).toBeUndefined();
  const alike = await client.name("모퉁이-카페").catch((error: Error) => error.message);
  expect(alike).toContain(`"${name}", which looks like it, is held`);
  await chain.produceTo(chain.height + LEASE_SECONDS);
  expect(await client.name(name)).toMatchObject({ state: "lapsed" });
  expect(await codeOf(client.resolveName(name))).toBe("NOT_FOUND");
  expect(await client.provenName(name, trusted)).toBeUndefined();
});

test("what can be no name is refused by name", async () => {
  expect(await codeOf(client.name("Cafe"))).toBe("BAD_NAME");
  expect(await codeOf(client.name("ttcha1n"))).toBe("NAME_RESERVED");
});

test("the commands take a name, show it, and pay to it", async () => {
  const early = await run("name", "reveal", "corner-cafe", "--yes");
  expect(exitCodeOf(early.error)).toBe(2);
  const committed = await run("name", "commit", "corner-cafe", "--yes");
  expect(committed.error).toBeUndefined();
  expect(committed.out).toMatch(/Reveal it {2}from 2 to 10000 blocks later/);
  await chain.produce();
  const target = chain.accounts[1].addressText;
  const revealed = await run("name", "reveal", "corner-cafe", "--target", target, "--yes");
  expect(revealed.error).toBeUndefined();
  const shown = await run("name", "show", "corner-cafe");
  expect(shown.out).toMatch(new RegExp(`^Name +corner-cafe\\nStands for +${target}\\nOwner +ttc1`));
  const before = (await client.account(target)).balances.TTC;
  const sent = await run("wallet", "send", "corner-cafe", "2", "--yes");
  expect(sent.error).toBeUndefined();
  expect(sent.out).toContain(`corner-cafe, which is ${target}`);
  expect((await client.account(target)).balances.TTC).toBe(before + 200_000_000n);
  expect((await run("name", "transfer", "corner-cafe", target, "--yes")).error).toBeUndefined();
  expect(exitCodeOf((await run("name", "release", "corner-cafe", "--yes")).error)).toBe(1);
  expect(exitCodeOf((await run("wallet", "send", "corner-caf", "2", "--yes")).error)).toBe(1);
});

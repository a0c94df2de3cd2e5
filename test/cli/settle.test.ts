// The settle commands, run as the program runs them, against the product's own API.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { toHex } from "../../src/base/bytes.js";
import { exitCodeOf } from "../../src/cli/failures.js";
import { makeProgram } from "../../src/cli/program.js";
import { transfer } from "../../src/client/actions.js";
import { makeReference } from "../../src/client/references.js";
import { TTC_UNIT } from "../../src/protocol/tokens.js";
import { ApiChain } from "../api/apiChain.js";

const DAY = "2023-11-15";
let folder: string;
let store: string;
let chain: ApiChain;
let reference: string;

async function run(...words: string[]): Promise<{ out: string; error: unknown }> {
  let out = "";
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += text;
    return true;
  });
  const warn = vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  try {
    await makeProgram().parseAsync(["node", "ttchain", "settle", ...words, "--url", chain.url]);
    return { out, error: undefined };
  } catch (error) {
    return { out, error };
  } finally {
    write.mockRestore();
    warn.mockRestore();
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ttchain-settle-"));
  store = join(folder, "store.json");
  chain = await ApiChain.start({ accounts: 2 });
  const [by, shop] = chain.accounts;
  const made = makeReference(900, chain.random, { till: 3, staff: 0, purpose: "sale" });
  reference = toHex(made);
  await chain.commit([transfer(by, { to: shop.addressText, amount: TTC_UNIT, token: "TTC", reference: made })]);
  const tills = [{ number: 3, name: "counter" }];
  await writeFile(store, JSON.stringify({ name: "Shop", address: shop.addressText, timeZone: "Asia/Seoul", tills }));
});

afterAll(async () => {
  await chain.stop();
  await rm(folder, { recursive: true });
});

test("a statement comes out of a running node's blocks, as CSV or as a page, and the same each time", async () => {
  const { out, error } = await run("statement", store, DAY);
  expect(error).toBeUndefined();
  // A hundred TTM are a TTC by this chain's quote.
  expect(out).toContain("sum,sale,3,counter,0,,TTC,1,1.00000000,100,");
  expect(out).toContain("state,open,");
  expect((await run("statement", store, DAY)).out).toBe(out);
  const page = join(folder, "day.html");
  expect(
    (await run("statement", store, DAY, "--format", "html", "--language", "ko", "--out", page)).error,
  ).toBeUndefined();
  expect(await readFile(page, "utf8")).toContain("일일 정산서");
});

test("the shop's own list is compared, and differences end with 1", async () => {
  const list = join(folder, "sales.csv");
  await writeFile(list, `reference,amount\r\n${reference},1\r\n`);
  expect(await run("reconcile", store, DAY, list)).toMatchObject({ error: undefined });
  await writeFile(list, `reference,amount\r\n${reference},2\r\n`);
  const { out, error } = await run("reconcile", store, DAY, list);
  expect(exitCodeOf(error)).toBe(1);
  expect(out).toContain(`amounts_differ,2,${reference}`);
});

test("sales are reported for the tax office", async () => {
  const { out } = await run("tax", store, DAY, DAY);
  expect(out).toContain(`${DAY},1,0,100,91,9,0,0\r\n`);
});

test("a day, a store or a file of no form is refused", async () => {
  for (const words of [
    ["statement", store, "2023-11-31"],
    ["statement", join(folder, "none.json"), DAY],
    ["reconcile", store, DAY, store],
    ["tax", store, "2023-11-15", "2023-11-14"],
  ]) {
    const { error } = await run(...words);
    expect(exitCodeOf(error), words.join(" ")).not.toBe(0);
  }
});

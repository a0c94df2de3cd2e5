// API keys on the command line: shown once, kept as hashes in a file for its owner alone.

import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeProgram } from "../../src/cli/program.js";
import { findApiKey, loadApiKeys } from "../../src/storage/apiKeyFile.js";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ttchain-apikey-"));
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true, force: true });
});

async function run(...words: string[]): Promise<unknown> {
  let text = "";
  vi.spyOn(process.stdout, "write").mockImplementation((part) => {
    text += part;
    return true;
  });
  await makeProgram().parseAsync(["node", "ttchain", "apikey", ...words, "--data", directory, "--json"]);
  vi.restoreAllMocks();
  return JSON.parse(text);
}

test("a key is made, found, listed without what it is, and revoked", async () => {
  const made = (await run("create", "prometheus", "--scope", "metrics")) as { id: string; key: string };
  const fleet = (await run("create", "fleet", "--scope", "metrics", "unlimited")) as { id: string; key: string };
  expect(findApiKey(loadApiKeys(directory), made.key)?.scopes).toEqual(["metrics"]);
  expect(findApiKey(loadApiKeys(directory), fleet.key)?.scopes).toEqual(["metrics", "unlimited"]);
  const path = join(directory, "api-keys.json");
  expect(readFileSync(path, "utf8")).not.toContain(made.key.split("_")[2]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const listed = await run("list");
  expect(listed).toMatchObject([{ id: made.id, name: "prometheus" }, { id: fleet.id }]);
  expect(JSON.stringify(listed)).not.toContain("hash");
  await run("revoke", made.id);
  expect(findApiKey(loadApiKeys(directory), made.key)).toBeUndefined();
  expect(findApiKey(loadApiKeys(directory), fleet.key)).toBeDefined();
  await expect(run("revoke", made.id)).rejects.toThrow(/no key begins with/);
});

test("an unknown scope, and a file that others can read, are refused", async () => {
  const program = makeProgram();
  for (const command of program.commands.find((each) => each.name() === "apikey")?.commands ?? []) {
    command.configureOutput({ writeErr: () => undefined });
  }
  await expect(
    program.parseAsync(["node", "ttchain", "apikey", "create", "x", "--scope", "everything", "--data", directory]),
  ).rejects.toThrow();
  await run("create", "prometheus", "--scope", "metrics");
  chmodSync(join(directory, "api-keys.json"), 0o644);
  expect(() => loadApiKeys(directory)).toThrow(/others can read/);
});

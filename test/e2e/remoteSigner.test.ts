// One real validator whose node signs for the engine: it produces blocks, its key is nowhere in the clear, and neither kills nor a home that
// was restored without its record make it sign twice.

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { delegateSeed } from "../../src/nodeHome.js";
import { ed25519 } from "../../src/wasm/ed25519.js";
import { runCommand } from "./nodeProcess.js";
import { engineIsInstalled, prepareTestnet, type TestnetNode } from "./testnet.js";

let directory: string;
let node: TestnetNode | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-signer-"));
});

afterEach(async () => {
  await node?.kill("SIGKILL");
  await rm(directory, { recursive: true, force: true });
});

async function goesOn(by: TestnetNode): Promise<void> {
  await by.reach((await by.status()).height + 2);
}

/** All that the home holds, as one text. */
async function everythingIn(home: string): Promise<string> {
  const names = await readdir(home, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((path) => readFile(path, "latin1")))).join("\n");
}

/** A private key as the engine's files hold it. */
function inEngineFiles(seed: Uint8Array): string {
  return Buffer.concat([seed, ed25519.getPublicKey(seed)]).toString("base64");
}

async function set(home: string, settings: object): Promise<void> {
  const path = join(home, "node.json");
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, "utf8")), ...settings }));
}

describe.skipIf(!engineIsInstalled)("a validator whose node signs for the engine", () => {
  test("produces blocks through kills of engine and node, and its key is nowhere in the clear", async () => {
    [node] = await prepareTestnet(directory, 1, "--remote-signer");
    await node.start();
    await node.reach(3);
    node.killEngine();
    await goesOn(node);
    await node.kill("SIGKILL");
    const record = join(node.home, "signer", "signing-record");
    const early = await readFile(record);
    await node.start();
    await goesOn(node);
    const { certificate } = await node.json<{ certificate: { kind: number } }>("/v1/blocks/2");
    expect(certificate.kind).toBe(2);
    const seed = await delegateSeed(node.home, undefined);
    const text = await everythingIn(node.home);
    expect(text).not.toContain(inEngineFiles(seed));
    expect(text).not.toContain(Buffer.from(seed).toString("latin1"));
    expect(text).not.toContain(Buffer.from(seed).toString("hex"));
    await node.kill("SIGTERM");
    expect((await runCommand(["verify", "--data", node.home])).code).toBe(0);
    await writeFile(record, early);
    expect((await runCommand(["verify", "--data", node.home])).stderr).toMatch(
      /signing-record ends at height \d+, but/,
    );
    await rm(join(node.home, "signer"), { recursive: true });
    await expect(node.start()).rejects.toThrow(/--signing-above/);
    // What it signed is in nobody else's hands: a chain of one may sign on from anywhere.
    await node.start("--signing-above", "0");
    await goesOn(node);
  }, 120_000);

  test("takes over from an engine that held the key, and does not hand it back", async () => {
    [node] = await prepareTestnet(directory, 1);
    await node.start();
    await node.reach(2);
    await node.kill("SIGTERM");
    const seed = await delegateSeed(node.home, undefined);
    expect(await everythingIn(node.home)).toContain(inEngineFiles(seed));
    await set(node.home, { remoteSigner: true });
    await node.start();
    await goesOn(node);
    expect(await everythingIn(node.home)).not.toContain(inEngineFiles(seed));
    await node.kill("SIGTERM");
    await set(node.home, { remoteSigner: false });
    await expect(node.start()).rejects.toThrow(/remoteSigner/);
  }, 120_000);
});

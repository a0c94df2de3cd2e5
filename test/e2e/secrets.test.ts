// Whatever a running node says, to its operator or to anybody: none of it holds a secret of its own.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { toHex } from "../../src/base/bytes.js";
import { readPassphraseFile } from "../../src/base/secretFile.js";
import { openNodeKeys, parseNodeKeys } from "../../src/consensus/nodeKeys.js";
import { runCommand, startNode } from "./nodeProcess.js";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-secrets-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** The forms that a secret would be seen in. */
function formsOf(secret: Uint8Array): string[] {
  const buffer = Buffer.from(secret);
  const list = [...secret].join(",");
  // Without the last characters, which depend on what follows.
  const base64 = [0, 1, 2].map((skip) =>
    Buffer.concat([Buffer.alloc(skip), buffer])
      .toString("base64")
      .slice(4, 40),
  );
  return [
    toHex(secret),
    toHex(secret).toUpperCase(),
    list,
    ...base64,
    ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
  ];
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

test("a run's logs, answers, metrics, errors and files hold no seed and no passphrase", async () => {
  const data = join(directory, "chain");
  const node = await startNode(data, 0, "--log-level", "trace");
  let output = "";
  for (const stream of [node.process.stdout, node.process.stderr]) {
    stream?.on("data", (text: string) => {
      output += text;
    });
  }
  const said: string[] = [];
  const paths = [
    "/v1/status",
    "/v1/genesis",
    "/v1/delegates",
    "/v1/parameters",
    "/v1/blocks",
    "/metrics",
    "/openapi.json",
  ];
  const environment = {
    TTCHAIN_URL: node.url,
    TTCHAIN_WALLET: join(directory, "wallet.json"),
    TTCHAIN_PASSPHRASE: "a passphrase for tests",
  };
  for (const command of [["wallet", "new", "--json"], ["faucet"], ["status"]]) {
    const { stdout, stderr } = await runCommand(command, environment);
    said.push(command[0] === "wallet" ? stderr : stdout + stderr);
  }
  for (const path of [
    ...paths,
    "/v1/blocks/1",
    "/v1/blocks/1/raw",
    "/v1/accounts/nobody",
    "/v1/nothing",
    "/keys.json",
    "/../keys.json",
  ]) {
    said.push(Buffer.from(await (await fetch(node.url + path)).arrayBuffer()).toString("latin1"));
  }
  const socket = new WebSocket(`${node.url.replace("http", "ws")}/v1/ws`);
  socket.on("message", (data: Buffer) => said.push(data.toString("latin1")));
  await new Promise((resolve) => socket.once("open", resolve));
  socket.send('{"type":"subscribe","request":1,"topic":"blocks","from":1}');
  socket.send("{");
  await new Promise((resolve) => setTimeout(resolve, 500));
  socket.terminate();
  expect(await node.kill("SIGTERM")).toBe(0);
  said.push(output);
  const second = await runCommand([
    "start",
    "--data",
    data,
    "--passphrase-file",
    join(data, "genesis.json"),
    "--port",
    "0",
  ]);
  expect(second.code).toBe(1);
  said.push(second.stdout + second.stderr);

  const passphrase = await readPassphraseFile(join(data, "keys.passphrase"));
  const sealed = parseNodeKeys(await readFile(join(data, "keys.json"), "utf8"));
  const seeds = await openNodeKeys(sealed, passphrase);
  const texts = [...said];
  for (const file of await filesBelow(data)) {
    if (!file.endsWith("keys.passphrase")) {
      const bytes = await readFile(file);
      texts.push(bytes.toString("latin1"));
      expect(
        seeds.filter(({ seed }) => bytes.includes(Buffer.from(seed))).map(({ name }) => `${name} in ${file}`),
      ).toEqual([]);
    }
  }
  const secrets = [...seeds.map(({ seed }) => formsOf(seed)), [Buffer.from(passphrase).toString("latin1")]].flat();
  expect(texts.join("").length).toBeGreaterThan(20_000);
  // What is looked for would be found: the same search finds the keys' public halves.
  expect(texts.some((text) => text.includes(sealed.keys[0].publicKey))).toBe(true);
  expect(secrets.filter((secret) => texts.some((text) => text.includes(secret)))).toEqual([]);
}, 120_000);

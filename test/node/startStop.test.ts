// A node inside the process that starts it: what it leaves behind where it could not start, and what stopping waits for.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.js";
import { nodeDisk } from "../../src/base/disk.js";
import { makeLogger } from "../../src/base/logging.js";
import { systemRandom } from "../../src/base/random.js";
import { readPassphraseFile } from "../../src/base/secretFile.js";
import { openNodeKeys, parseNodeKeys, sealNodeKeys } from "../../src/consensus/nodeKeys.js";
import { Node } from "../../src/node.js";
import type { NodeEnvironment, NodeOptions } from "../../src/nodeParts.js";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-node-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

function start(port: number): Promise<Node> {
  const options: NodeOptions = {
    dataDirectory: directory,
    host: "127.0.0.1",
    port,
    workers: 0,
    delegates: 4,
    historyHeights: 10,
    stateCacheBytes: 1 << 24,
    keyTableCacheBytes: 0,
    originsAllowed: [],
    version: "0.0.0",
  };
  const environment: NodeEnvironment = {
    clock: systemClock,
    disk: nodeDisk,
    random: systemRandom,
    logger: makeLogger({ level: "silent" }),
    onFailure: (error) => {
      throw error;
    },
  };
  return Node.start(options, environment);
}

test("stopping twice waits for the same end, and the directory is free then", async () => {
  const node = await start(0);
  const stops = [node.stop(), node.stop()];
  await Promise.all(stops);
  await (await start(0)).stop();
});

test("a node that lacks its delegates' keys answers nobody", async () => {
  const first = await start(0);
  const port = Number(new URL(first.url).port);
  await first.stop();
  const path = join(directory, "keys.json");
  const keys = await readFile(path, "utf8");
  const passphrase = await readPassphraseFile(join(directory, "keys.passphrase"));
  const seeds = await openNodeKeys(parseNodeKeys(keys), passphrase);
  const fewer = await sealNodeKeys([...seeds.slice(0, 2), seeds[4]], passphrase, 1_024, systemRandom);
  await writeFile(path, JSON.stringify(fewer), { mode: 0o600 });
  await expect(start(port)).rejects.toThrow(/needs keys of more than 2\/3/);
  await expect(fetch(`${first.url}/healthz`)).rejects.toThrow();
  await writeFile(path, keys, { mode: 0o600 });
  await (await start(port)).stop();
});

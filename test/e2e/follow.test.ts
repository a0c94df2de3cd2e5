// A node that follows a real one over its API: it serves the same chain, hands payments on, and catches up after it was away.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type RunningNode, runCommand, startNode, startProgram } from "./nodeProcess.js";
import { expectSameChain, TestnetNode } from "./testnet.js";

let directory: string;
let running: RunningNode[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-follow-"));
});

afterEach(async () => {
  await Promise.all(running.map((node) => node.kill("SIGKILL")));
  running = [];
  await rm(directory, { recursive: true, force: true });
});

async function follow(data: string, peers: string[], ...options: string[]): Promise<RunningNode> {
  const node = await startProgram(["follow", "--json", "--port", "0", "--data", data, "--peers", ...peers, ...options]);
  running.push(node);
  return node;
}

async function succeed(url: string, ...command: string[]): Promise<string> {
  const environment = {
    TTCHAIN_URL: url,
    TTCHAIN_WALLET: join(directory, "wallet.json"),
    TTCHAIN_PASSPHRASE: "a passphrase for tests",
  };
  const { code, stdout, stderr } = await runCommand(command, environment);
  expect(`${code} ${stderr}`).toBe("0 ");
  return stdout;
}

test("it follows, hands payments on, is away, and catches up by results and by executing", async () => {
  const maker = await startNode(join(directory, "maker"), 0);
  running.push(maker);
  const nobody = "http://127.0.0.1:9";
  const data = join(directory, "follower");
  let follower = await follow(data, [maker.url, nobody], "--verify", "result");
  const made = new TestnetNode("maker", maker.url);
  await succeed(maker.url, "wallet", "new");
  await succeed(maker.url, "faucet");
  const { height } = await made.status();
  await new TestnetNode(data, follower.url).reach(height);
  const to = (await succeed(follower.url, "wallet", "address")).trim().split(/\s+/).at(-1)!;
  await succeed(follower.url, "wallet", "send", to, "25", "TTC", "--yes");
  expect(await expectSameChain([made, new TestnetNode(data, follower.url)])).toBeGreaterThan(height);
  expect(await follower.kill("SIGKILL")).toBe(null);

  // It misses the blocks of a short run. A chain of another name must not be taken for this one.
  const load = ["load", "--url", maker.url, "--tills", "10", "--rate", "200", "--seconds", "4", "--json"];
  expect((await runCommand(load)).code).toBe(0);
  const wrongChain = await runCommand([
    "follow",
    "--data",
    join(directory, "other"),
    "--peers",
    maker.url,
    "--genesis-hash",
    "00".repeat(32),
  ]);
  expect(wrongChain.stderr).toContain("expected the chain with genesis hash 00");
  const later = (await made.status()).height;
  follower = await follow(data, [nobody, maker.url], "--verify", "auto");
  const following = new TestnetNode(data, follower.url);
  await following.reach(later);
  expect(await expectSameChain([made, following])).toBeGreaterThanOrEqual(later);
  expect(await follower.kill("SIGTERM")).toBe(0);
  expect((await runCommand(["verify", "--data", data])).code).toBe(0);
}, 120_000);

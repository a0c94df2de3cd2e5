// The built program as its users meet it: pay by command, kill the node under load, start it again, find everything.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../support/freePort.js";
import { type RunningNode, runCommand, startNode } from "./nodeProcess.js";

let directory: string;
let nodes: RunningNode[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-e2e-"));
});

afterEach(async () => {
  for (const node of nodes) {
    await node.kill("SIGKILL");
  }
  nodes = [];
  await rm(directory, { recursive: true, force: true });
});

async function start(port: number, ...options: string[]): Promise<RunningNode> {
  const node = await startNode(join(directory, "chain"), port, ...options);
  nodes.push(node);
  return node;
}

async function getJson<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}

describe("the program", () => {
  test("makes a wallet, fills it from the faucet, pays, and shows the payment", async () => {
    const node = await start(0);
    const environment = (name: string): Record<string, string> => ({
      TTCHAIN_URL: node.url,
      TTCHAIN_WALLET: join(directory, name),
      TTCHAIN_PASSPHRASE: "a passphrase for tests",
    });
    for (const name of ["alice", "bob"]) {
      expect((await runCommand(["wallet", "new", "--json"], environment(name))).code).toBe(0);
    }
    const bob = (await runCommand(["wallet", "address"], environment("bob"))).stdout.trim();
    expect((await runCommand(["faucet"], environment("alice"))).code).toBe(0);
    const sent = await runCommand(["wallet", "send", bob, "25", "TTC", "--yes", "--json"], environment("alice"));
    expect(sent.stderr).toBe("");
    expect(sent.code).toBe(0);
    const account = await getJson<{ balances: { TTC: string } }>(`${node.url}/v1/accounts/${bob}`);
    expect(account.balances.TTC).toBe("2500000000");
    const mistyped = `${bob.slice(0, -1)}${bob.endsWith("q") ? "p" : "q"}`;
    const refused = await runCommand(["wallet", "send", mistyped, "25", "TTC", "--yes"], environment("alice"));
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("character 62");
    expect(await node.kill("SIGTERM")).toBe(0);
  });

  test("says what to do where a second node wants the same directory", async () => {
    await start(0);
    await expect(startNode(join(directory, "chain"), 0)).rejects.toThrow(/another node/);
  });
});

test("a load's report leaves its warm-up out, and its audit knows of it", async () => {
  const size = ["--tills", "10", "--rate", "60", "--seconds", "2", "--warm-up", "2"];
  const { code, stdout, stderr } = await runCommand(["load", ...size, "--json"]);
  expect(code, stderr).toBe(0);
  const report = JSON.parse(stdout) as { offered: number; audit: { passed: boolean } };
  expect(report).toMatchObject({ offered: 120, audit: { passed: true } });
  expect(stderr).toMatch(/Warming up.*Offering 30 transactions a second for 2 s.*Offering 60 /s);
}, 60_000);

describe("kill -9 under load", () => {
  test("loses nothing that was reported: the fleet's audit passes over three kills", async () => {
    const port = await freePort();
    let node = await start(port);
    const load = runCommand([
      "load",
      "--url",
      node.url,
      "--tills",
      "20",
      "--rate",
      "100",
      "--seconds",
      "12",
      "--seed",
      "5",
      "--json",
    ]);
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      await node.kill("SIGKILL");
      const { height } = node;
      node = await start(port);
      expect(node.height).toBeGreaterThanOrEqual(height);
    }
    const { code, stdout, stderr } = await load;
    const report = JSON.parse(stdout) as { audit: { passed: boolean } };
    expect(report.audit.passed, stderr).toBe(true);
    expect(code).toBe(0);
    const status = await getJson<{ height: number; stateRoot: string }>(`${node.url}/v1/status`);
    const block = await getJson<{ result: { stateRoot: string } }>(`${node.url}/v1/blocks/${status.height}`);
    expect(block.result.stateRoot).toBe(status.stateRoot);
  }, 180_000);
});

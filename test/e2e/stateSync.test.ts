// A node that joins a chain by a snapshot of its state, from a real validator that prunes its blocks.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runCommand } from "./nodeProcess.js";
import { engineIsInstalled, prepareTestnet, type TestnetNode } from "./testnet.js";

let directory: string;
let nodes: TestnetNode[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-join-"));
});

afterEach(async () => {
  await Promise.all(nodes.map((node) => node.kill("SIGKILL")));
  nodes = [];
  await rm(directory, { recursive: true, force: true });
});

/** Makes blocks faster than heartbeats come, until `height`. */
async function payUntil(node: TestnetNode, height: number): Promise<void> {
  while ((await node.status()).height < height) {
    const wallet = {
      TTCHAIN_URL: node.url,
      TTCHAIN_WALLET: join(directory, "wallet"),
      TTCHAIN_PASSPHRASE: "for tests",
    };
    await runCommand(["wallet", "new", "--json"], wallet);
    await runCommand(["faucet"], wallet);
    await rm(join(directory, "wallet"), { force: true });
  }
}

describe.skipIf(!engineIsInstalled)("a node joins by a snapshot", () => {
  test("without the blocks before it, goes on with the chain, and starts again; the validator prunes its engine's blocks", async () => {
    nodes = await prepareTestnet(directory, 1, "--candidates", "1");
    const [validator, joining] = nodes;
    await validator.start("--snapshot-every", "4", "--retain-blocks", "2");
    await payUntil(validator, 14);
    const { rpcPort } = JSON.parse(await readFile(join(validator.home, "node.json"), "utf8")) as { rpcPort: number };
    const rpc = `127.0.0.1:${rpcPort}`;
    const shelved = (): Promise<string[]> => readdir(join(validator.home, "snapshots"));
    expect((await shelved()).length).toBeLessThanOrEqual(3);
    // Two snapshots are kept, and the blocks after the older one.
    const { result } = (await (await fetch(`http://${rpc}/status`)).json()) as {
      result: { sync_info: { earliest_block_height: string } };
    };
    expect(Number(result.sync_info.earliest_block_height)).toBeGreaterThan(1);

    const genesis = join(validator.home, "genesis.json");
    const join1 = ["node", "join", "--home", joining.home, "--genesis", genesis, "--state-sync", `${rpc},${rpc}`];
    const refused = await runCommand([...join1, "--trust-hash", "00".repeat(32)]);
    expect([refused.code, refused.stderr]).toEqual([expect.any(Number), expect.stringContaining("disagree")]);
    expect((await runCommand([...join1, "--json"])).code).toBe(0);
    await joining.start();
    const { height, stateRoot } = await validator.status();
    await joining.reach(height);
    const firstKept = await joining.json<{ error?: unknown }>("/v1/blocks/1");
    expect(firstKept.error).toBeDefined();
    const same = await joining.json<{ result: { stateRoot: string } }>(`/v1/blocks/${height}`);
    expect(same.result.stateRoot).toBe(stateRoot);
    expect((await readdir(joining.home)).includes("joining")).toBe(false);

    expect(await joining.kill("SIGTERM")).toBe(0);
    await joining.start();
    await payUntil(validator, height + 2);
    await joining.reach(height + 2);
  }, 150_000);
});

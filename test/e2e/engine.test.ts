// Real validators under CometBFT: one that is killed and goes on, and four that lose one, then all at once, under load.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { utf8Bytes } from "../../src/base/bytes.js";
import { Account } from "../../src/client/account.js";
import { callContract, registerContract } from "../../src/client/actions.js";
import { TTChainClient } from "../../src/client/client.js";
import { propose, voteProposal } from "../../src/client/delegateActions.js";
import { Sender } from "../../src/client/sender.js";
import { engineBlockBytes } from "../../src/consensus/comet/engineFiles.js";
import { delegateSeed } from "../../src/nodeHome.js";
import { contractAddress, formatAddress } from "../../src/protocol/address.js";
import type { Genesis } from "../../src/protocol/genesis.js";
import type { LvmValue } from "../../src/protocol/lvmValue.js";
import { runCommand, startProgram } from "./nodeProcess.js";
import { engineIsInstalled, expectSameChain, freePorts, prepareTestnet, sleep, TestnetNode } from "./testnet.js";

let directory: string;
let nodes: TestnetNode[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-net-"));
});

afterEach(async () => {
  await Promise.all(nodes.map((node) => node.kill("SIGKILL")));
  nodes = [];
  await rm(directory, { recursive: true, force: true });
});

function environment(node: TestnetNode): Record<string, string> {
  return {
    TTCHAIN_URL: node.url,
    TTCHAIN_WALLET: join(directory, "wallet.json"),
    TTCHAIN_PASSPHRASE: "a passphrase for tests",
  };
}

/** Kinds of the certificates of heights `first` to `last`. */
async function certificateKinds(node: TestnetNode, first: number, last: number): Promise<number[]> {
  const kinds: number[] = [];
  for (let height = first; height <= last; height++) {
    kinds.push((await node.json<{ certificate: { kind: number } }>(`/v1/blocks/${height}`)).certificate.kind);
  }
  return kinds;
}

const LOTS = utf8Bytes(`
abi.call("ask", function() return chain.askSeed() end, "", "integer")
abi.view("seed", function(height) return chain.seed(height) end, "height: integer")
`);
const LOTS_TESTS = utf8Bytes(`test.case("asks", function() test.deploy() test.call("ask") end)`);

interface Lots {
  contract: string;
  /** Of the seed that the contract asked for. */
  height: bigint;
  drawn: LvmValue;
}

/** What a contract on the node gets for the seed of `height`. */
function seedAt(node: TestnetNode, { contract, height }: Omit<Lots, "drawn">): Promise<LvmValue> {
  return new TTChainClient({ url: node.url }).viewContract(contract, "seed", [height]);
}

/** A contract asks for the chain's seed, and gets it when its height has passed. */
async function drawnLots(node: TestnetNode): Promise<Lots> {
  const client = new TTChainClient({ url: node.url });
  const delegate = Account.fromSecretKey(await delegateSeed(node.home, undefined));
  const sender = new Sender(client, delegate);
  const depositLimit = 10_00000000n;
  const made = await sender.send([registerContract(delegate, { source: LOTS, tests: LOTS_TESTS, depositLimit })]);
  expect(made.outcome.code).toBe("OK");
  const contract = formatAddress(contractAddress(made.transaction.id, 0));
  const { outcome } = await sender.send([callContract(delegate, { contract, functionName: "ask" })]);
  expect(outcome.code).toBe("OK");
  // With one delegate the answer is the next block's.
  const height = BigInt(outcome.height as number) + 1n;
  await node.reach(Number(height) + 1);
  return { contract, height, drawn: await seedAt(node, { contract, height }) };
}

describe.skipIf(!engineIsInstalled)("one validator under the engine", () => {
  test("pays, proves by certificates of kind 2, is killed in all its parts, and goes on", async () => {
    nodes = await prepareTestnet(directory, 1);
    const [node] = nodes;
    await node.start();
    await runCommand(["wallet", "new", "--json"], environment(node));
    const given = await runCommand(["faucet"], environment(node));
    expect(given.stderr).toBe("");
    const { height } = await node.status();
    expect(new Set(await certificateKinds(node, 1, height))).toEqual(new Set([2]));

    const lots = await drawnLots(node);
    expect(lots.drawn).toHaveLength(32);

    node.killEngine();
    await node.reach(height + 2);
    await node.kill("SIGKILL");
    await node.start();
    await node.reach(height + 4);
    // What the engine replayed before it listened is proved afterwards.
    for (let tries = 0; (await certificateKinds(node, 1, height + 4)).includes(0) && tries < 100; tries++) {
      await sleep(100);
    }
    expect(new Set(await certificateKinds(node, 1, height + 4))).toEqual(new Set([2]));
    const balance = await runCommand(["wallet", "balance"], environment(node));
    expect(balance.stdout).toContain("1000");
    expect(await seedAt(node, lots)).toEqual(lots.drawn);
    for (const mode of ["execute", "result"]) {
      const data = join(directory, mode);
      const follower = await startProgram([
        "follow",
        "--json",
        "--port",
        "0",
        "--data",
        data,
        "--peers",
        node.url,
        "--verify",
        mode,
      ]);
      const following = new TestnetNode(data, follower.url);
      await following.reach(height + 4);
      expect(await expectSameChain([node, following])).toBeGreaterThanOrEqual(height + 4);
      await following.reach(Number(lots.height) + 1);
      expect(await seedAt(following, lots)).toEqual(lots.drawn);
      expect(await follower.kill("SIGTERM")).toBe(0);
    }
    expect(await node.kill("SIGTERM")).toBe(0);
  }, 120_000);
});

/** What the engine goes by now. Between two heights it may say for a moment that it has none for the next. */
async function consensusParams(rpcPort: number): Promise<{ block: unknown }> {
  for (let tries = 0; ; tries++) {
    const answer = await (await fetch(`http://127.0.0.1:${rpcPort}/consensus_params`)).json();
    if (answer.result !== undefined) {
      return answer.result.consensus_params;
    }
    expect(tries, JSON.stringify(answer)).toBeLessThan(100);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe.skipIf(!engineIsInstalled)("a vote under the engine", () => {
  test("changes interval and size of blocks at its height, and no restart is needed", async () => {
    nodes = await prepareTestnet(directory, 1);
    const [node] = nodes;
    const path = join(node.home, "genesis.json");
    const genesis = JSON.parse(await readFile(path, "utf8")) as Genesis;
    const rdpos = { ...genesis.parameters.rdpos, proposalBlocks: 4, activationBlocks: 1 };
    const parameters = { ...genesis.parameters, heartbeatIntervalMs: 1_000, rdpos };
    await writeFile(path, JSON.stringify({ ...genesis, parameters }));
    await node.start();
    await node.reach(1);
    const client = new TTChainClient({ url: node.url });
    const delegate = Account.fromSecretKey(await delegateSeed(node.home, undefined));
    const sender = new Sender(client, delegate);
    const decide = async (name: string, value: bigint): Promise<void> => {
      const heightActive = (await client.status()).height + 10;
      const proposal = (await client.proposals()).count + 1;
      const content = { kind: "parameter" as const, name, value };
      await sender.send([propose(delegate, heightActive, content)]);
      expect((await sender.send([voteProposal(delegate, proposal, true)])).outcome.code).toBe("OK");
      await node.reach(heightActive + 1);
    };
    await decide("heartbeatIntervalMs", 100n);
    const { height, timeMs } = await client.status();
    await node.reach(height + 10);
    // Ten heartbeats of a second each would be ten seconds, in block time too.
    expect((await client.block(height + 10)).header.timeMs - timeMs).toBeLessThan(9_000);
    await decide("blockBytesMax", 8n * 1024n * 1024n);
    const { rpcPort } = JSON.parse(await readFile(join(node.home, "node.json"), "utf8"));
    const { block } = await consensusParams(rpcPort);
    const limits = { blockBytesMax: 8 * 1024 * 1024, blockTransactionsMax: parameters.blockTransactionsMax };
    expect(block).toEqual({ max_bytes: `${engineBlockBytes(limits)}`, max_gas: "-1" });
    await node.kill("SIGKILL");
    await node.start();
    await node.reach((await client.status()).height + 2);
  }, 120_000);
});

describe.skipIf(!engineIsInstalled)("ttchain testnet", () => {
  test("lets its nodes stand for election, delegates and others, and pays grants from a treasury", async () => {
    const port = await freePorts(8);
    const options = ["--nodes", "1", "--candidates", "1", "--data", directory, "--first-port", `${port}`];
    const network = await startProgram(["testnet", "--json", ...options]);
    const client = new TTChainClient({ url: `http://127.0.0.1:${port}` });
    const { candidates, locked } = await client.candidates();
    const standing = candidates.map(({ name, isDelegate, votes }) => ({ name, isDelegate, votes }));
    expect(standing.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: "node0", isDelegate: true, votes: "100000000000" },
      { name: "node1", isDelegate: false, votes: "0" },
    ]);
    expect(locked).toBe("100000000000");
    expect((await client.partners()).treasury).toBe("100000000000000");
    expect(await network.kill("SIGTERM")).toBe(0);
  }, 90_000);
});

describe.skipIf(!engineIsInstalled)("four validators", () => {
  test("lose one and go on, lose all and go on, with one chain and nothing committed lost", async () => {
    nodes = await prepareTestnet(directory, 4);
    await Promise.all(nodes.map((node) => node.start()));
    await nodes[0].reach(2);
    const load = runCommand(
      ["load", "--url", nodes[0].url, "--tills", "20", "--rate", "100", "--seconds", "15", "--json"],
      environment(nodes[0]),
    );
    await sleep(4_000);
    await nodes[3].kill("SIGKILL");
    const { height } = await nodes[0].status();
    await nodes[0].reach(height + 3);
    await nodes[3].start();
    const { code, stdout, stderr } = await load;
    expect(`${code} ${code === 0 ? "" : stdout + stderr}`).toBe("0 ");
    await nodes[3].reach((await nodes[0].status()).height);
    await expectSameChain(nodes);

    const before = await nodes[0].status();
    await Promise.all(nodes.map((node) => node.kill("SIGKILL")));
    await Promise.all(nodes.map((node) => node.start()));
    await Promise.all(nodes.map((node) => node.reach(before.height + 3)));
    expect(await nodes[2].json(`/v1/blocks/${before.height}`)).toMatchObject({ hash: before.blockHash });
    await expectSameChain(nodes);
  }, 180_000);
});

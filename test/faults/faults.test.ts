// Faults that four real validators must stand, each under load whose audit passes: `npm run testnet:faults`. They take minutes, so
// that they run by command only. TESTNET_SEED chooses the kills.

import type { ChildProcess } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { equalBytes, toHex } from "../../src/base/bytes.js";
import { SeededRandom } from "../../src/base/random.js";
import { registerNodes } from "../../src/cli/registerNodes.js";
import { Account } from "../../src/client/account.js";
import type { Action } from "../../src/client/actions.js";
import { TTChainClient } from "../../src/client/client.js";
import { claimRewards, unlock, vote } from "../../src/client/delegateActions.js";
import { Sender } from "../../src/client/sender.js";
import { delegateSeed } from "../../src/nodeHome.js";
import { decodeEvidence, verifyEvidence } from "../../src/protocol/evidence.js";
import { type Genesis, genesisHash } from "../../src/protocol/genesis.js";
import { TTC_UNIT } from "../../src/protocol/tokens.js";
import { type CommandResult, runCommand } from "../e2e/nodeProcess.js";
import { engineIsInstalled, expectSameChain, prepareTestnet, sleep, TestnetNode } from "../e2e/testnet.js";
import { evidenceBytes, LIES, Liar, startEngine } from "./liar.js";
import { Links } from "./links.js";
import { Namespaces, namespacesWork } from "./namespaces.js";

const isAsked = process.env.TESTNET_FAULTS !== undefined;
const SEED = Number(process.env.TESTNET_SEED ?? 1);

let directory: string;
let nodes: TestnetNode[] = [];
let closing: (() => void)[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-faults-"));
});

afterEach(async () => {
  for (const close of closing) {
    close();
  }
  closing = [];
  await Promise.all(nodes.map((node) => node.kill("SIGKILL")));
  nodes = [];
  await rm(directory, { recursive: true, force: true });
});

async function startAll(): Promise<void> {
  await Promise.all(nodes.map((node) => node.start()));
  await nodes[0].reach(2);
}

async function startFour(): Promise<Links> {
  nodes = await prepareTestnet(directory, 4);
  const links = await Links.between(nodes);
  closing.push(() => links.close());
  await startAll();
  return links;
}

async function startFourInNamespaces(): Promise<Namespaces> {
  const { network, nodes: moved } = await Namespaces.between(await prepareTestnet(directory, 4));
  closing.push(() => network.close());
  nodes = moved;
  await startAll();
  return network;
}

/** Ways to cut nodes off from each other: connections that are closed, and links that go silent. */
const NETWORKS: { how: string; start: () => Promise<Links | Namespaces> }[] = [
  { how: "by closed connections", start: startFour },
  ...(namespacesWork ? [{ how: "by links that go silent", start: startFourInNamespaces }] : []),
];
if (isAsked && !namespacesWork) {
  console.warn("This machine makes no network namespaces: partitions by silent links and narrow links are left out.");
}

function load(node: TestnetNode, seconds: number): Promise<CommandResult> {
  return runCommand(["load", "--url", node.url, "--tills", "20", "--rate", "100", "--seconds", `${seconds}`, "--json"]);
}

function expectPassed({ code, stdout, stderr }: CommandResult): void {
  expect(`${code} ${code === 0 ? "" : (stdout + stderr).slice(-2_000)}`).toBe("0 ");
}

/** Waits until all are where the first is, and compares every block. */
async function expectOneChain(): Promise<void> {
  const { height } = await nodes[0].status();
  await Promise.all(nodes.map((node) => node.reach(height)));
  expect(await expectSameChain(nodes)).toBeGreaterThanOrEqual(height);
}

async function heights(): Promise<number[]> {
  return Promise.all(nodes.map(async (node) => (await node.status()).height));
}

describe.skipIf(!engineIsInstalled || !isAsked)("four validators stand", () => {
  test.each(NETWORKS)(
    "a partition into halves $how: nobody goes on alone, and healed they go on as one",
    async ({ start }) => {
      const links = await start();
      const fleet = load(nodes[0], 20);
      await sleep(3_000);
      links.partition([0, 1]);
      await sleep(2_000);
      const cut = await heights();
      await sleep(6_000);
      const later = await heights();
      // What was under way when it was cut may still have been decided.
      expect(Math.max(...later) - Math.max(...cut)).toBeLessThanOrEqual(1);
      links.heal();
      await nodes[0].reach(Math.max(...later) + 3);
      expectPassed(await fleet);
      await expectOneChain();
    },
    180_000,
  );

  test.each(NETWORKS)(
    "one that is cut off $how: three go on, and it catches up",
    async ({ start }) => {
      const links = await start();
      const fleet = load(nodes[0], 20);
      await sleep(3_000);
      links.partition([3]);
      const before = await nodes[0].status();
      await nodes[0].reach(before.height + 4);
      const alone = (await nodes[3].status()).height;
      expect((await nodes[0].status()).height).toBeGreaterThan(alone);
      links.heal();
      expectPassed(await fleet);
      await expectOneChain();
    },
    180_000,
  );

  test("a link of 200 ms each way", async () => {
    const links = await startFour();
    links.slow(2, 200);
    const before = await nodes[0].status();
    expectPassed(await load(nodes[2], 15));
    expect((await nodes[0].status()).height).toBeGreaterThan(before.height + 5);
    links.slow(2, 0);
    await expectOneChain();
  }, 180_000);

  test.skipIf(!namespacesWork)(
    "links of 2 Mbit/s",
    async () => {
      const network = await startFourInNamespaces();
      network.narrow(2, "2mbit");
      const before = await nodes[0].status();
      expectPassed(await load(nodes[2], 15));
      expect((await nodes[0].status()).height).toBeGreaterThan(before.height + 5);
      await expectOneChain();
    },
    180_000,
  );

  test(`kills of applications and engines, one at a time, seed ${SEED}`, async () => {
    await startFour();
    const random = new SeededRandom(SEED);
    // The first node serves the fleet: it may lose its engine, not its process.
    const fleet = load(nodes[0], 45);
    for (let kill = 0; kill < 8; kill++) {
      const [who, what, wait] = random.bytes(3);
      const victim = nodes[who % nodes.length];
      await sleep(500 + wait * 8);
      if (what % 2 === 0 || victim === nodes[0]) {
        victim.killEngine();
      } else {
        await victim.kill("SIGKILL");
        await victim.start();
      }
      await nodes[0].reach((await nodes[0].status()).height + 2);
    }
    expectPassed(await fleet);
    await expectOneChain();
  }, 300_000);

  test("all killed at once, five times", async () => {
    await startFour();
    for (let round = 0; round < 5; round++) {
      const before = await nodes[round % 4].status();
      await Promise.all(nodes.map((node) => node.kill("SIGKILL")));
      await Promise.all(nodes.map((node) => node.start()));
      await Promise.all(nodes.map((node) => node.reach(before.height + 2)));
      expect(await nodes[(round + 1) % 4].json(`/v1/blocks/${before.height}`)).toMatchObject({
        hash: before.blockHash,
      });
    }
    await expectOneChain();
  }, 300_000);

  test("a proposer that lies: wrong result, duplicate, invalid signature, oversized", async () => {
    nodes = await prepareTestnet(directory, 4);
    await Promise.all(nodes.map((node, i) => node.start(...(i === 3 ? ["--external-engine"] : []))));
    const liar = await Liar.takeOver(nodes[3]);
    closing.push(() => liar.stop());
    await nodes[0].reach(2);
    const fleet = load(nodes[0], 60);
    for (let waited = 0; new Set(liar.told).size < LIES.length && waited < 120; waited++) {
      await sleep(1_000);
    }
    expect([...new Set(liar.told)].sort()).toEqual([...LIES].sort());
    expectPassed(await fleet);
    await expectOneChain();
    const { log } = nodes[1];
    for (const reason of [
      '"code":"BAD_RESULT"',
      '"code":"BAD_SIGNATURE"',
      '"reason":"SEQUENCE_USED"',
      "over its limits",
    ]) {
      expect(log).toContain(reason);
    }
    expect((await readdir(join(nodes[1].home, "evidence"))).some((name) => name.startsWith("wrong-result-"))).toBe(
      true,
    );
  }, 300_000);

  test("an election under load: a candidate's node becomes a validator, a delegate leaves, and nothing is lost", async () => {
    nodes = await prepareTestnet(directory, 4, "--candidates", "1", "--round-blocks", "20");
    const accounts = await startAndRegister();
    const [, , third, leaving, joining] = accounts;
    const fleet = load(nodes[0], 60);
    await sleep(2_000);
    await send(nodes[4], joining, vote(joining, { amount: 50_000n * TTC_UNIT, candidates: [joining.address] }));
    await send(nodes[3], leaving, unlock(leaving, 1_000n * TTC_UNIT));
    const client = new TTChainClient({ url: nodes[0].url });
    await eventually("the set changes", async () => {
      const keys = (await client.delegates()).delegates.map(({ publicKey }) => toHex(publicKey));
      return keys.includes(toHex(joining.publicKey)) && !keys.includes(toHex(leaving.publicKey));
    });
    const changed = (await client.status()).height;
    // Three of four have to sign now, the new one among them.
    await nodes[2].kill("SIGKILL");
    await nodes[0].reach(changed + 12, 120_000);
    await nodes[2].start();
    await nodes[2].reach(changed + 12, 120_000);
    expectPassed(await fleet);
    await expectOneChain();
    const proposers = new Set<string>();
    for (let height = changed + 1; height <= changed + 12; height++) {
      proposers.add((await client.block(height)).header.proposer);
    }
    expect(proposers).toContain(toHex(joining.publicKey));
    expect(proposers).not.toContain(toHex(leaving.publicKey));
    // What the delegates earned is theirs.
    await send(nodes[0], third, claimRewards(third));
    expect(await client.candidate(leaving.address)).toMatchObject({ state: "listed", isDelegate: false, votes: "0" });
    expect(await client.candidate(joining.address)).toMatchObject({ state: "listed", isDelegate: true });
  }, 300_000);

  test("a delegate that signs twice: the evidence is in a block, reported by another delegate, and bars it", async () => {
    nodes = await prepareTestnet(directory, 4, "--candidates", "1", "--round-blocks", "20");
    const accounts = await startAndRegister();
    const [, , , doubled, joining] = accounts;
    // Five stand with votes, so that four are left when one is barred.
    await send(nodes[4], joining, vote(joining, { amount: 1_000n * TTC_UNIT, candidates: [joining.address] }));
    // The same keys on a second machine, without the record of what was signed: what an operator must never do.
    await nodes[3].kill("SIGTERM");
    const twin = await copyHome(nodes[3], 8);
    await nodes[3].start();
    await twin.start("--external-engine");
    const engine: ChildProcess = await startEngine(twin, { nodeSeed: new SeededRandom(9).bytes(32) });
    closing.push(() => engine.kill("SIGKILL"));
    nodes.push(twin);
    const fleet = load(nodes[0], 40);
    const found = await findEvidence(nodes.slice(0, 5));
    const genesis = JSON.parse(await readFile(join(nodes[0].home, "genesis.json"), "utf8")) as Genesis;
    const proven = verifyEvidence(decodeEvidence(found), genesisHash(genesis));
    expect(toHex(proven.publicKey)).toBe(genesis.delegates[3].publicKey);
    const client = new TTChainClient({ url: nodes[0].url });
    await eventually("it is barred", async () => (await client.candidate(doubled.address)).state === "barred");
    // Half of the 100,000 TTC is burnt.
    expect((await client.candidate(doubled.address)).deposit).toBe(`${50_000n * TTC_UNIT}`);
    await eventually("it is no delegate any more", async () => {
      return (await client.delegates()).delegates.every(({ publicKey }) => !equalBytes(publicKey, doubled.publicKey));
    });
    expectPassed(await fleet);
    await engineStopped(engine);
    await expectSameChain(nodes.slice(0, 3));
  }, 300_000);
});

/** Starts all nodes and lets them stand for election; gives the accounts of their keys. */
async function startAndRegister(): Promise<Account[]> {
  await Promise.all(nodes.map((node) => node.start()));
  await registerNodes(
    nodes.map(({ home }) => home),
    nodes.map(({ url }) => url),
  );
  return Promise.all(nodes.map(async ({ home }) => Account.fromSecretKey(await delegateSeed(home, undefined))));
}

async function send(node: TestnetNode, account: Account, ...actions: Action[]): Promise<void> {
  const { outcome } = await new Sender(new TTChainClient({ url: node.url }), account).send(actions);
  expect(outcome).toMatchObject({ state: "committed", code: "OK" });
}

/** Waits, for two minutes at the most, until something holds. */
async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    if (tries === 240) {
      throw new Error(`within two minutes it did not come true that ${what}`);
    }
    await sleep(500);
  }
}

/** A copy of a stopped node's home, on ports further on. */
async function copyHome(node: TestnetNode, portsFurther: number): Promise<TestnetNode> {
  const url = node.url.replace(/\d+$/, (port) => `${Number(port) + portsFurther}`);
  const twin = new TestnetNode(`${node.home}-twin`, url);
  await cp(node.home, twin.home, { recursive: true, filter: (path) => !path.endsWith(".sock") });
  const settings = JSON.parse(await readFile(join(twin.home, "node.json"), "utf8"));
  const port = Number(twin.url.split(":")[2]);
  const moved = { ...settings, apiPort: port, p2pListen: `127.0.0.1:${port + 1}`, rpcPort: port + 2 };
  await writeFile(join(twin.home, "node.json"), JSON.stringify(moved));
  return twin;
}

function engineStopped(engine: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    engine.once("exit", () => resolve());
    engine.kill("SIGTERM");
  });
}

/** The first evidence that one of the nodes has written down. */
async function findEvidence(among: TestnetNode[]): Promise<Uint8Array> {
  for (let waited = 0; waited < 120; waited++) {
    for (const node of among) {
      const folder = join(node.home, "evidence");
      const [name] = await readdir(folder).catch(() => [] as string[]);
      if (name !== undefined) {
        return evidenceBytes(await readFile(join(folder, name), "utf8"));
      }
    }
    await sleep(1_000);
  }
  throw new Error(`no evidence within two minutes: ${among[0].log}`);
}

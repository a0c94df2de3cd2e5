// The built program's history commands over both stores: what is made anew from a stopped node's blocks answers as what was there, and
// the store's statement is the same to the byte.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.js";
import { Account } from "../../src/client/account.js";
import { transfer } from "../../src/client/actions.js";
import { TTChainClient } from "../../src/client/client.js";
import { makeReference } from "../../src/client/references.js";
import { Sender } from "../../src/client/sender.js";
import { waitForCommit } from "../../src/client/waitForCommit.js";
import { CassandraServer, hasCassandra } from "../support/cassandraServer.js";
import { type RunningNode, runCommand, startNode } from "./nodeProcess.js";

const SALES = 12;
const FOLLOWED_MS = 30_000;
const shop = Account.random();
const random = new SeededRandom(3);
let directory: string;
let chain: string;
let store: string;
let node: RunningNode;
/** In UTC, of the first sale. */
let day: string;
let answers: string;
let statement: string;

async function stop(): Promise<void> {
  expect(await node.kill("SIGTERM")).toBe(0);
}

/** What the running node's history says of the shop, once it has every block. */
async function answersOf(): Promise<string> {
  const client = new TTChainClient({ url: node.url });
  const { height } = await client.status();
  const deadline = Date.now() + FOLLOWED_MS;
  while ((await client.paymentIndex()).height < height) {
    expect(Date.now(), JSON.stringify(await client.paymentIndex())).toBeLessThan(deadline);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { payments } = await client.payments({ account: shop.address, limit: 100 });
  expect(payments).toHaveLength(SALES);
  day = new Date(payments[SALES - 1].timeMs).toISOString().slice(0, 10);
  const { totals } = await client.paymentDays({ account: shop.address, fromDay: day, toDay: day });
  return JSON.stringify({ payments, totals });
}

async function settled(): Promise<string> {
  const { code, stdout, stderr } = await runCommand(["settle", "statement", store, day, "--data", chain]);
  expect(code, stderr).toBe(0);
  // The node makes blocks while it runs, and the record of the state names the last one.
  return stdout.replace(/^state,.*$/m, "");
}

async function rebuild(...words: string[]): Promise<{ store: string; blocks: number; transactions: number }> {
  const { code, stdout, stderr } = await runCommand(["history", "rebuild", "--json", "--data", chain, ...words]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as { store: string; blocks: number; transactions: number };
}

async function statusOf(): Promise<{ height: number; payments: { store: string; state: string; height: number } }> {
  const { code, stdout, stderr } = await runCommand(["history", "status", "--json", "--url", node.url]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-rebuilt-"));
  chain = join(directory, "chain");
  store = join(directory, "store.json");
  await writeFile(store, JSON.stringify({ name: "Shop", address: shop.addressText, timeZone: "UTC" }));
  node = await startNode(chain, 0, "--no-merchant");
  const client = new TTChainClient({ url: node.url });
  const payer = Account.random();
  await waitForCommit(client, await client.faucet(payer.address));
  const sender = new Sender(client, payer);
  for (let i = 0; i < SALES; i++) {
    const reference = makeReference(20_000, random, { till: 1, staff: 0, purpose: "sale" });
    const { outcome } = await sender.send([transfer(payer, { to: shop.address, amount: 200_000_000n, reference })]);
    expect(outcome.state).toBe("committed");
  }
  answers = await answersOf();
  await stop();
  statement = await settled();
}, 120_000);

afterAll(async () => {
  await node?.kill("SIGKILL");
  await rm(directory, { recursive: true, force: true });
});

test("the node's own, made anew, answers as before, and the statement is the same to the byte", async () => {
  expect(await rebuild()).toMatchObject({ store: "lmdb", transactions: SALES + 1 });
  expect(await settled()).toBe(statement);
  node = await startNode(chain, 0, "--no-merchant");
  expect(await answersOf()).toBe(answers);
  expect(await statusOf()).toMatchObject({ payments: { store: "lmdb", state: "following" } });
  await stop();
}, 120_000);

describe.skipIf(!hasCassandra())("in Cassandra", () => {
  let server: CassandraServer;

  beforeAll(async () => {
    server = await CassandraServer.start();
  }, 120_000);

  afterAll(() => server?.stop());

  test("made from a node that never wrote there, twice, answers as the node's own", async () => {
    const history = ["--history", server.address("rebuilt")];
    expect(await rebuild(...history)).toMatchObject({ store: "cassandra", transactions: SALES + 1 });
    expect(await rebuild(...history)).toMatchObject({ store: "cassandra", transactions: SALES + 1 });
    expect(await settled()).toBe(statement);
    node = await startNode(chain, 0, "--no-merchant", ...history);
    expect(await answersOf()).toBe(answers);
    const { height, payments } = await statusOf();
    expect(payments).toMatchObject({ store: "cassandra", state: "following", epoch: 3 });
    expect(height - payments.height).toBeLessThan(3);
    await stop();
  }, 120_000);
});

// The built gateway beside a built node, killed again and again without a warning while invoices are made and paid: nothing is lost,
// nothing is made twice, and no invoice is ever told to be paid twice.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fromHex } from "../../src/base/bytes.js";
import { SeededRandom } from "../../src/base/random.js";
import { Account } from "../../src/client/account.js";
import { transfer } from "../../src/client/actions.js";
import { TTChainClient } from "../../src/client/client.js";
import { MerchantClient } from "../../src/client/merchantClient.js";
import { Sender } from "../../src/client/sender.js";
import { verifyWebhook } from "../../src/client/verifyWebhook.js";
import { waitForCommit } from "../../src/client/waitForCommit.js";
import type { InvoiceJson } from "../../src/protocol/merchantApiTypes.js";
import { Receiver } from "../merchant/merchantStage.js";
import { freePort } from "../support/freePort.js";
import { type RunningNode, runCommand, startNode } from "./nodeProcess.js";
import { expectAllDelivered, firstEvents, startGateway } from "./shopPrograms.js";

const SALES = 40;
const KILLS = 6;
const PATIENCE_MS = 60_000;
const UP_MS_MAX = 1_200;

let directory: string;
let node: RunningNode;
let gateway: RunningNode;
let receiver: Receiver;

const data = (): string => join(directory, "gateway");

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-shop-"));
  node = await startNode(join(directory, "node"), 0, "--no-merchant");
  gateway = await startGateway(node, data(), await freePort());
  receiver = await Receiver.start();
}, 90_000);

afterAll(async () => {
  await gateway.kill("SIGKILL");
  await node.kill("SIGKILL");
  await receiver.stop();
  await rm(directory, { recursive: true });
});

/** Kills the gateway and starts it again on the same port, at moments that the seed gives. */
async function killAgainAndAgain(seed: number, isOver: () => boolean): Promise<number> {
  const random = new SeededRandom(seed);
  const port = Number(new URL(gateway.url).port);
  let kills = 0;
  while (kills < KILLS || !isOver()) {
    await new Promise((resolve) => setTimeout(resolve, random.below(UP_MS_MAX)));
    if (kills >= KILLS) {
      continue;
    }
    await gateway.kill("SIGKILL");
    kills++;
    gateway = await startGateway(node, data(), port);
  }
  return kills;
}

test("loses nothing and tells nothing twice, killed while it makes invoices and sees them paid", async () => {
  const client = new TTChainClient({ url: node.url });
  const payer = Account.random();
  const payee = Account.random();
  await waitForCommit(client, await client.faucet(payer.address));
  const options = { url: gateway.url, patienceMs: PATIENCE_MS };
  const { secret } = await new MerchantClient(options).createStore({ name: "Shop", payee: payee.addressText });
  const shop = new MerchantClient({ ...options, key: secret });
  const webhook = await shop.createWebhook({ url: receiver.url });
  // A receiver that is not always well.
  receiver.status = ({ body }) => (body.length % 7 === 0 && receiver.received.length % 3 === 0 ? 503 : 204);
  const sender = new Sender(client, payer);
  const sales: InvoiceJson[] = [];
  let over = false;
  const kills = killAgainAndAgain(11, () => over);
  for (let i = 0; i < SALES; i++) {
    const order = { price: { currency: "TTC", amount: `${100_000 + i}` }, order: `${i}` };
    const once = { idempotencyKey: `order-${i}` };
    const [invoice, again] = await Promise.all([shop.createInvoice(order, once), shop.createInvoice(order, once)]);
    expect(again).toEqual(invoice);
    sales.push(invoice);
    const reference = fromHex(invoice.parts[0].reference)!;
    const { outcome } = await sender.send([
      transfer(payer, { to: payee.address, amount: BigInt(100_000 + i), reference }),
    ]);
    expect(outcome.state).toBe("committed");
  }
  over = true;
  expect(await kills).toBe(KILLS);

  const told = await firstEvents(shop, SALES);
  const paid = told.filter(({ type }) => type === "invoice.paid").map(({ data }) => data.invoice!.id);
  expect(paid.toSorted()).toEqual(sales.map(({ id }) => id).toSorted());
  expect(told.map(({ sequence }) => sequence)).toEqual(told.map((_, index) => index + 1));

  const idOf = new Map(told.map((event) => [event.data.invoice!.id, event.id]));
  await expectAllDelivered(receiver, told);
  for (const { headers, body } of receiver.received) {
    const event = verifyWebhook(webhook.secret, headers, body);
    // Told again it may be, but as the same event.
    expect(event.id).toBe(idOf.get(event.data.invoice!.id));
  }
  const { invoices } = await shop.invoices({ limit: 100 });
  expect(invoices.map(({ order, state }) => `${order} ${state}`).toSorted()).toEqual(
    sales.map(({ order }) => `${order} paid`).toSorted(),
  );

  await gateway.kill("SIGTERM");
  const rebuild = ["merchant", "rebuild", "--json", "--node", node.url, "--data", data()];
  const { code, stdout, stderr } = await runCommand(rebuild);
  expect(code, stderr).toBe(0);
  expect((JSON.parse(stdout) as { blocks: number }).blocks).toBeGreaterThanOrEqual(SALES);
  gateway = await startGateway(node, data(), Number(new URL(gateway.url).port));
  expect((await shop.invoices({ limit: 100 })).invoices).toEqual(invoices);
  expect((await shop.events(0)).events).toEqual(told);
}, 120_000);

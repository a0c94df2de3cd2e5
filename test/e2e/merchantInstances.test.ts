// Three built gateways on one directory, all serving, the one that holds the store killed again and again without a warning while each
// order goes to all three: every answer to a key is the same wherever it was asked, no event is lost, and none is told twice.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { fromHex } from "../../src/base/bytes.js";
import { SeededRandom } from "../../src/base/random.js";
import { Account } from "../../src/client/account.js";
import { transfer } from "../../src/client/actions.js";
import { TTChainClient } from "../../src/client/client.js";
import { MerchantClient } from "../../src/client/merchantClient.js";
import { Sender } from "../../src/client/sender.js";
import { verifyWebhook } from "../../src/client/verifyWebhook.js";
import { waitForCommit } from "../../src/client/waitForCommit.js";
import type { InvoiceJson, MerchantEventJson } from "../../src/protocol/merchantApiTypes.js";
import { Receiver } from "../merchant/merchantStage.js";
import { freePort } from "../support/freePort.js";
import { type RunningNode, startNode } from "./nodeProcess.js";
import { expectAllDelivered, firstEvents, startGateway } from "./shopPrograms.js";

const INSTANCES = 3;
const SALES = 24;
const KILLS = 4;
const UP_MS_MAX = 1_500;

let directory: string;
let node: RunningNode;
const instances: RunningNode[] = [];
let receiver: Receiver;

const data = (): string => join(directory, "gateway");

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-shops-"));
  node = await startNode(join(directory, "node"), 0, "--no-merchant");
  for (let i = 0; i < INSTANCES; i++) {
    instances.push(await startGateway(node, data(), await freePort()));
  }
  receiver = await Receiver.start();
}, 90_000);

afterAll(async () => {
  for (const running of [...instances, node]) {
    await running.kill("SIGKILL");
  }
  await receiver.stop();
  await rm(directory, { recursive: true });
}, 30_000);

async function killHolder(): Promise<void> {
  const { process: holder } = JSON.parse(await readFile(join(data(), "holder.json"), "utf8")) as { process: number };
  const index = instances.findIndex(({ process: child }) => child.pid === holder);
  if (index < 0) {
    // The one after a kill has not said yet that it holds the store.
    await new Promise((resolve) => setTimeout(resolve, 20));
    return killHolder();
  }
  const port = Number(new URL(instances[index].url).port);
  await instances[index].kill("SIGKILL");
  instances[index] = await startGateway(node, data(), port);
}

/** The answer's text to one order; asked again where the instance itself is away, and for no other reason. */
async function order(instance: number, key: string, body: object, idempotencyKey: string): Promise<string> {
  for (;;) {
    try {
      const response = await fetch(`${instances[instance].url}/v1/merchant/invoices`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${key}`,
          "content-type": "application/json",
          "idempotency-key": idempotencyKey,
        },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      if (response.status !== 200) {
        throw new Error(text);
      }
      return text;
    } catch (error) {
      if (!(error instanceof TypeError)) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** A reader of one instance's WebSocket, who comes back with what it has whenever it is cut off. */
function follow(instance: number, key: string, told: MerchantEventJson[]): () => void {
  let socket: WebSocket;
  let over = false;
  const open = (): void => {
    socket = new WebSocket(`${instances[instance].url.replace("http", "ws")}/v1/merchant/ws`);
    socket.on("open", () => {
      socket.send(JSON.stringify({ type: "subscribe", key, after: told.at(-1)?.sequence ?? 0 }));
    });
    socket.on("message", (text) => {
      const { event } = JSON.parse(`${text}`) as { event?: MerchantEventJson };
      if (event !== undefined) {
        told.push(event);
      }
    });
    socket.on("error", () => undefined);
    socket.on("close", () => (over ? undefined : setTimeout(open, 50)));
  };
  open();
  return () => {
    over = true;
    socket.terminate();
  };
}

test("gives every key one answer and tells every event once, whichever instance is asked and killed", async () => {
  const client = new TTChainClient({ url: node.url });
  const payer = Account.random();
  const payee = Account.random();
  await waitForCommit(client, await client.faucet(payer.address));
  const operator = new MerchantClient({ url: instances[1].url });
  const { secret: key } = await operator.createStore({ name: "Shop", payee: payee.addressText });
  const shop = new MerchantClient({ url: instances[2].url, key, patienceMs: 60_000 });
  const webhook = await shop.createWebhook({ url: receiver.url });
  const heard: MerchantEventJson[][] = instances.map(() => []);
  const leave = heard.map((told, instance) => follow(instance, key, told));

  const random = new SeededRandom(5);
  const killing = (async () => {
    for (let kills = 0; kills < KILLS; kills++) {
      await new Promise((resolve) => setTimeout(resolve, random.below(UP_MS_MAX)));
      await killHolder();
    }
  })();
  let killed = false;
  killing.then(
    () => (killed = true),
    () => (killed = true),
  );
  const sender = new Sender(client, payer);
  const sales: InvoiceJson[] = [];
  for (let i = 0; i < SALES || !killed; i++) {
    const body = { price: { currency: "TTC", amount: `${100_000 + i}` }, order: `${i}` };
    const answers = await Promise.all(instances.map((_, instance) => order(instance, key, body, `order-${i}`)));
    expect(new Set(answers).size, answers.join("\n")).toBe(1);
    const invoice = JSON.parse(answers[0]) as InvoiceJson;
    sales.push(invoice);
    const reference = fromHex(invoice.parts[0].reference)!;
    const payment = { to: payee.address, amount: BigInt(100_000 + i), reference };
    expect((await sender.send([transfer(payer, payment)])).outcome.state).toBe("committed");
  }
  await killing;

  const told = await firstEvents(shop, sales.length);
  expect(told.map(({ type, data }) => `${type} ${data.invoice!.id}`).toSorted()).toEqual(
    sales.map(({ id }) => `invoice.paid ${id}`).toSorted(),
  );
  expect(told.map(({ sequence }) => sequence)).toEqual(told.map((_, index) => index + 1));
  await expectAllDelivered(receiver, told);
  const ids = new Set(told.map(({ id }) => id));
  for (const { headers, body } of receiver.received) {
    expect(ids).toContain(verifyWebhook(webhook.secret, headers, body).id);
  }
  for (const own of heard) {
    while (own.length < told.length) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(own).toEqual(told);
  }
  for (const close of leave) {
    close();
  }
}, 120_000);

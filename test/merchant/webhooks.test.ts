// Webhooks as the Standard Webhooks specification has them: signed, in order per invoice, repeated until accepted, never to where
// they may not go; the same events by poll and WebSocket.

import { createHmac } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { fromHex } from "../../src/base/bytes.js";
import { SeededRandom } from "../../src/base/random.js";
import { transfer } from "../../src/client/actions.js";
import { retryWaitMs } from "../../src/merchant/webhooks/retrySchedule.js";
import { webhookHeaders } from "../../src/merchant/webhooks/signWebhook.js";
import { isPublicAddress, parseWebhookUrl } from "../../src/merchant/webhooks/webhookAddress.js";
import type {
  InvoiceJson,
  MerchantEventJson,
  MerchantKeyJson,
  WebhookAttemptJson,
  WebhookJson,
} from "../../src/protocol/merchantApiTypes.js";
import { MemoryStore } from "../support/memoryStore.js";
import { MerchantStage, Receiver } from "./merchantStage.js";

const RETRIES = 10;

describe("a signature", () => {
  test("is the one of the specification's own example", () => {
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const body = '{"test": 2432232314}';
    const headers = webhookHeaders([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body);
    expect(headers["webhook-signature"]).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });
});

describe("an address", () => {
  test.each([
    "127.0.0.1",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fd00::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "ff02::1",
    "not an address",
  ])("%s is not public", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8"])("%s is public", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test.each([
    "http://example.com/",
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://user:pass@example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "nonsense",
  ])("%s is no webhook's, unless private ones are allowed and it is one of the web's", (url) => {
    expect(() => parseWebhookUrl(url, false)).toThrow();
  });

  test("a name that resolves to this machine is refused at the moment of connecting", async () => {
    const stage = await MerchantStage.start({ allowPrivateWebhooks: false });
    await stage.post("/v1/merchant/webhooks", { url: "https://localhost:9/hook" });
    const [webhook] = (await stage.get<{ webhooks: WebhookJson[] }>("/v1/merchant/webhooks")).body.webhooks;
    await stage.chain.commit([transfer(stage.chain.accounts[0], { to: stage.payee.address, amount: 5n })]);
    const path = `/v1/merchant/webhooks/${webhook.id}/attempts`;
    let attempts: WebhookAttemptJson[] = [];
    while (attempts.length === 0) {
      attempts = (await stage.get<{ attempts: WebhookAttemptJson[] }>(path)).body.attempts;
    }
    expect(attempts[0].error).toContain("not public");
    await stage.stop();
  });
});

test("tries go on for three days, ever more seldom", () => {
  const waits: number[] = [];
  for (let attempts = 1; ; attempts++) {
    const wait = retryWaitMs(attempts, new SeededRandom(1));
    if (wait === undefined) {
      break;
    }
    waits.push(wait);
  }
  const days = waits.reduce((sum, wait) => sum + wait, 0) / 86_400_000;
  expect(days).toBeGreaterThanOrEqual(3);
  expect(days).toBeLessThan(3.4);
  expect(waits.toSorted((a, b) => a - b)).toEqual(waits);
});

describe("a webhook", () => {
  let stage: MerchantStage;
  let receiver: Receiver;
  let webhook: WebhookJson & { secret: string };

  beforeAll(async () => {
    stage = await MerchantStage.start();
  });
  beforeEach(async () => {
    receiver = await Receiver.start();
    webhook = (await stage.post<WebhookJson & { secret: string }>("/v1/merchant/webhooks", { url: receiver.url })).body;
  });
  afterEach(async () => {
    await stage.post(`/v1/merchant/webhooks/${webhook.id}`, { active: false });
    await receiver.stop();
  });
  afterAll(() => stage.stop());

  async function pay(invoice: InvoiceJson, amount = invoice.parts[0].options[0].amount, payer = 0): Promise<void> {
    const reference = fromHex(invoice.parts[0].reference)!;
    const payment = { to: invoice.payee, amount: BigInt(amount), reference };
    await stage.chain.commit([transfer(stage.chain.accounts[payer], payment)]);
  }

  test("tells of a payment once, signed with the secret that its maker got", async () => {
    const invoice = await stage.invoice();
    await pay(invoice);
    await receiver.expect(1);
    const [{ headers, body }] = receiver.received;
    const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    const key = Buffer.from(webhook.secret.replace("whsec_", ""), "base64");
    expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
    const event = JSON.parse(body) as MerchantEventJson;
    expect(event).toMatchObject({
      id: headers["webhook-id"],
      type: "invoice.paid",
      data: { invoice: { id: invoice.id } },
    });
    await stage.chain.produce();
    await stage.applied();
    expect(receiver.received).toHaveLength(1);
  });

  test("is signed with the old secret too for a day after it got a new one", async () => {
    const path = `/v1/merchant/webhooks/${webhook.id}/secret`;
    const renewed = await stage.post<{ secret: string }>(path, {});
    expect(renewed.body.secret).not.toBe(webhook.secret);
    await pay(await stage.invoice());
    await receiver.expect(1);
    expect(`${receiver.received[0].headers["webhook-signature"]}`.split(" ")).toHaveLength(2);
  });

  test("holds an invoice's later events back while an earlier one is not accepted, and no other invoice's", async () => {
    const [first, second] = [await stage.invoice(), await stage.invoice()];
    receiver.status = ({ body }) => (body.includes(first.id) ? 500 : 200);
    await pay(first, "1");
    await receiver.expect(1);
    await pay(first, "99999999", 1);
    await pay(second, "100000000", 1);
    await receiver.expect(2);
    const told = receiver.events.map(({ data }) => data.invoice!.id);
    expect(told).toEqual([first.id, second.id]);
    const log = await stage.get<{ attempts: WebhookAttemptJson[] }>(`/v1/merchant/webhooks/${webhook.id}/attempts`);
    expect(log.body.attempts.find(({ status }) => status === 500)).toMatchObject({ attempt: 1 });
    expect(log.body.attempts.find(({ status }) => status === 500)?.nextMs).toBeGreaterThan(0);
  });

  test("tells again what is asked for by id or by range, with the same ids", async () => {
    const before = (await stage.events()).at(-1)?.sequence ?? 0;
    for (let i = 0; i < 3; i++) {
      await pay(await stage.invoice());
    }
    await receiver.expect(3);
    const ids = receiver.events.map(({ id }) => id);
    const path = `/v1/merchant/webhooks/${webhook.id}/replay`;
    await stage.post(path, { event: ids[1] });
    await receiver.expect(4);
    await stage.post(path, { from: before + 1 });
    await receiver.expect(7);
    const again = receiver.events.slice(3).map(({ id }) => id);
    expect(again[0]).toBe(ids[1]);
    expect(again.slice(1).toSorted()).toEqual(ids.toSorted());
  });

  test("that wants some events gets no others", async () => {
    const other = await Receiver.start();
    const wanted = { url: other.url, events: ["invoice.expired"] };
    await stage.post("/v1/merchant/webhooks", wanted);
    await pay(await stage.invoice());
    await receiver.expect(1);
    const invoice = await stage.invoice({ expiryHeights: 10 });
    await stage.chain.produceTo(invoice.parts[0].heightExpiry);
    await other.expect(1);
    expect(other.events.map(({ type }) => type)).toEqual(["invoice.expired"]);
    await other.stop();
  });

  test("and poll and WebSocket tell the same events in the same order", async () => {
    const after = (await stage.events()).at(-1)!.sequence;
    const socket = new WebSocket(`${stage.chain.url.replace("http", "ws")}/v1/merchant/ws`);
    const told: MerchantEventJson[] = [];
    socket.on("message", (data) => told.push((JSON.parse(`${data}`) as { event: MerchantEventJson }).event));
    await new Promise((resolve) => socket.once("open", resolve));
    socket.send(JSON.stringify({ type: "subscribe", key: stage.key, after }));
    const waiting = stage.get<{ events: MerchantEventJson[] }>(`/v1/merchant/events?after=${after}&wait=5000`);
    for (let i = 0; i < 3; i++) {
      await pay(await stage.invoice());
    }
    await receiver.expect(3);
    expect((await waiting).body.events.length).toBeGreaterThan(0);
    const polled = await stage.events(after);
    while (told.length < 3) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(told).toEqual(polled);
    expect(receiver.events.toSorted((a, b) => a.sequence - b.sequence)).toEqual(polled);
    socket.close();
  });

  test("a WebSocket whose key was revoked gets no event more and is closed", async () => {
    const after = (await stage.events()).at(-1)?.sequence ?? 0;
    const { staff } = (await stage.get<{ staff: { id: string } }>("/v1/merchant/store")).body;
    const made = await stage.post<{ key: MerchantKeyJson; secret: string }>("/v1/merchant/keys", {
      name: "lost phone",
      staff: staff.id,
    });
    const socket = new WebSocket(`${stage.chain.url.replace("http", "ws")}/v1/merchant/ws`);
    const told: { type: string; error?: { code: string } }[] = [];
    socket.on("message", (data) => told.push(JSON.parse(`${data}`)));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    await new Promise((resolve) => socket.once("open", resolve));
    socket.send(JSON.stringify({ type: "subscribe", key: made.body.secret, after }));
    const polled = stage.get(`/v1/merchant/events?after=${after + 1}&wait=20000`, made.body.secret);
    await pay(await stage.invoice());
    while (told.length < 1) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await stage.post(`/v1/merchant/keys/${made.body.key.id}/revoke`, {});
    await pay(await stage.invoice());
    expect(await closed).toBe(4001);
    expect(told.map(({ type, error }) => error?.code ?? type)).toEqual(["event", "UNAUTHORIZED"]);
    expect((await polled).status).toBe(401);
  });

  test("a WebSocket without a key is told why and closed", async () => {
    const socket = new WebSocket(`${stage.chain.url.replace("http", "ws")}/v1/merchant/ws`);
    await new Promise((resolve) => socket.once("open", resolve));
    const message = new Promise((resolve) => socket.once("message", (data) => resolve(JSON.parse(`${data}`))));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.send(JSON.stringify({ type: "subscribe", key: "tsk_none" }));
    expect(await message).toMatchObject({ type: "error", error: { code: "UNAUTHORIZED" } });
    expect(await closed).toBe(4001);
  });
});

test("a webhook that is switched off while its last try is under way stays off", async () => {
  const stage = await MerchantStage.start({ clock: hastyClock() });
  const server = createServer();
  const tries: ServerResponse[] = [];
  let onTry: () => void = () => undefined;
  server.on("request", (_, response) => {
    tries.push(response);
    onTry();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const { body: webhook } = await stage.post<WebhookJson>("/v1/merchant/webhooks", { url, events: ["invoice.paid"] });
  const isLast = new Promise<void>((resolve) => {
    onTry = () => (tries.length === RETRIES + 1 ? resolve() : tries.at(-1)!.writeHead(500).end());
  });
  const invoice = await stage.invoice();
  const payment = { to: invoice.payee, amount: 100_000_000n, reference: fromHex(invoice.parts[0].reference)! };
  await stage.chain.commit([transfer(stage.chain.accounts[0], payment)]);
  await isLast;
  const failing = (await stage.events()).filter(({ type }) => type === "webhook.failing").length;
  await stage.post(`/v1/merchant/webhooks/${webhook.id}`, { active: false });
  tries.at(-1)!.writeHead(500).end();
  const path = `/v1/merchant/webhooks/${webhook.id}/attempts`;
  while ((await stage.get<{ attempts: unknown[] }>(path)).body.attempts.length <= RETRIES) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const [{ state, failingSinceMs }] = (await stage.get<{ webhooks: WebhookJson[] }>("/v1/merchant/webhooks")).body
    .webhooks;
  expect({ state, failingSinceMs }).toEqual({ state: "disabled" });
  expect((await stage.events()).filter(({ type }) => type === "webhook.failing")).toHaveLength(failing);
  await stage.stop();
  server.closeAllConnections();
  server.close();
});

test("a delivery that a stop cuts off counts as not done, and not as failed", async () => {
  const store = new MemoryStore();
  const stage = await MerchantStage.start({ openStore: () => store });
  const server = createServer();
  const isTried = new Promise((resolve) => server.once("request", resolve));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await stage.post("/v1/merchant/webhooks", { url });
  await stage.chain.commit([transfer(stage.chain.accounts[0], { to: stage.payee.address, amount: 5n })]);
  await isTried;
  const { rows } = stage.gateway.parts;
  await stage.gateway.stop();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([...rows.range("delivery", {})].map(({ value }) => value)).toMatchObject([{ attempts: 0 }]);
  expect([...rows.range("attempt", {})]).toEqual([]);
  await stage.stop();
  server.closeAllConnections();
  server.close();
});

test("events of one invoice arrive in order whatever the receiver answers", async () => {
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.constantFrom(200, 200, 500)), async (statuses) => {
      const stage = await MerchantStage.start({ clock: hastyClock() });
      const receiver = await Receiver.start();
      receiver.status = () => statuses.next().value as number;
      await stage.post("/v1/merchant/webhooks", { url: receiver.url });
      const invoices = [await stage.invoice(), await stage.invoice()];
      for (let i = 0; i < 3; i++) {
        for (const invoice of invoices) {
          const reference = fromHex(invoice.parts[0].reference)!;
          const payment = { to: invoice.payee, amount: BigInt(20_000_000 + i), reference };
          await stage.chain.commit([transfer(stage.chain.accounts[i], payment)]);
        }
      }
      const all = await stage.events();
      while ([...stage.gateway.parts.rows.range("delivery", {})].length > 0) {
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      for (const { id } of invoices) {
        const own = receiver.events.filter(({ data }) => data.invoice?.id === id).map(({ sequence }) => sequence);
        const expected = all.filter(({ data }) => data.invoice?.id === id).map(({ sequence }) => sequence);
        expect(own.toSorted((a, b) => a - b)).toEqual(own);
        expect([...new Set(own)]).toEqual(expected);
      }
      await stage.stop();
      await receiver.stop();
    }),
    { numRuns: 3 },
  );
});

/** The machine's time, with every timer due at once. */
function hastyClock() {
  let jumpedMs = 0;
  return {
    nowMs: () => Date.now() + jumpedMs,
    monotonicMs: () => performance.now(),
    setTimer(delayMs: number, callback: () => void) {
      // Not those that give a receiver its time, or sweep now and then.
      const isRetry = ![15_000, 3_600_000, 30_000].includes(delayMs);
      const handle = setTimeout(
        () => {
          jumpedMs += isRetry ? delayMs : 0;
          callback();
        },
        isRetry ? 0 : delayMs,
      );
      return { cancel: () => clearTimeout(handle) };
    },
  };
}

// A shop's day with real parts: the example shop and a till's program make invoices, a wallet in Chromium and a customer's program pay
// them, the gateway is killed at moments that a seed gives and Cassandra, which holds the history, in the middle; webhooks tell each
// thing once. Then the day is closed, and its statement adds up to the unit.

import type { ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromHex } from "../../src/base/bytes.js";
import { SeededRandom } from "../../src/base/random.js";
import { Account } from "../../src/client/account.js";
import { transfer } from "../../src/client/actions.js";
import { TTChainClient } from "../../src/client/client.js";
import { MerchantClient } from "../../src/client/merchantClient.js";
import { Sender } from "../../src/client/sender.js";
import { verifyWebhook } from "../../src/client/verifyWebhook.js";
import { waitForCommit } from "../../src/client/waitForCommit.js";
import { parseCsv } from "../../src/merchant/settlement/csv.js";
import type { InvoiceJson, InvoiceState } from "../../src/protocol/merchantApiTypes.js";
import { TTC_UNIT } from "../../src/protocol/tokens.js";
import { type RunningNode, runCommand, startProgram } from "../e2e/nodeProcess.js";
import { expectAllDelivered, firstEvents, startGateway, startShop } from "../e2e/shopPrograms.js";
import { Receiver } from "../merchant/merchantStage.js";
import { CassandraServer, hasCassandra } from "../support/cassandraServer.js";
import { freePort } from "../support/freePort.js";
import { findBrowser, getCoins, launchBrowser, makeWallet, openDevice, readCode } from "./browserStage.js";

const executable = findBrowser();
const SEED = 29;
const SALES = 24;
const CASSANDRA_ENDS_AT = 8;
const CASSANDRA_COMES_AT = 16;
const GATEWAY_KILLS = 5;
const GATEWAY_UP_MS_MAX = 1_500;
const PATIENCE_MS = 60_000;
const PRICE = 25n * TTC_UNIT;
const DAY_MS = 86_400_000;
/** What the wallet buys, with the price in won. */
const PAGE_SALES = [
  ["Cheesecake", 6_800n],
  ["Americano", 4_500n],
] as const;

/** The environment of a program whose calendar is ahead by this much; what it measures by other clocks stays as it is. */
function calendarAhead(aheadMs: number): Record<string, string> {
  const script = `{ const now = Date.now; Date.now = () => now() + ${aheadMs}; }`;
  return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(script)}` };
}

/** A zone in which it is about noon, so that no test runs over a midnight. */
function zoneAtNoon(): string {
  const ahead = 12 - new Date().getUTCHours();
  return ahead === 0 ? "Etc/UTC" : `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
}

describe.skipIf(executable === undefined || !hasCassandra())("a shop's day", () => {
  const random = new SeededRandom(SEED);
  const owner = Account.random();
  const customer = Account.random();
  const timeZone = zoneAtNoon();
  let directory: string;
  let cassandra: CassandraServer;
  let node: RunningNode;
  let gateway: RunningNode;
  let receiver: Receiver;
  let exampleShop: ChildProcess;
  let shopUrl: string;
  let browser: Browser;
  let client: TTChainClient;
  let shop: MerchantClient;
  let webhookSecret: string;
  let gatewayKills = 0;
  /** What the store got and gave back, by the test's own account. */
  const taken = { TTC: 0n, TTM: 0n };
  let givenBack = 0n;
  let refunds = 0;
  const expectedStates = new Map<string, InvoiceState>();

  const startChain = async (port: number, aheadMs: number): Promise<RunningNode> =>
    startProgram(
      [
        ...["start", "--json", "--data", join(directory, "node"), "--port", `${port}`, "--workers", "1"],
        ...["--no-merchant", "--history", cassandra.address("shop_day")],
      ],
      calendarAhead(aheadMs),
    );

  async function killGateway(): Promise<void> {
    const port = Number(new URL(gateway.url).port);
    await gateway.kill("SIGKILL");
    gatewayKills++;
    gateway = await startGateway(node, join(directory, "gateway"), port);
  }

  /** At about every second of the moments where it is asked. */
  async function perhapsKillGateway(): Promise<void> {
    if (random.below(2) === 0) {
      await killGateway();
    }
  }

  async function killGatewayAgainAndAgain(isOver: () => boolean): Promise<void> {
    for (let kills = 0; kills < GATEWAY_KILLS && !isOver(); kills++) {
      await setTimeout(random.below(GATEWAY_UP_MS_MAX));
      await killGateway();
    }
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "ttchain-day-"));
    cassandra = await CassandraServer.start();
    node = await startChain(await freePort(), 0);
    gateway = await startGateway(node, join(directory, "gateway"), await freePort());
    receiver = await Receiver.start();
    client = new TTChainClient({ url: node.url });
    await waitForCommit(client, await client.faucet(customer.address));
    const port = await freePort();
    shopUrl = `http://127.0.0.1:${port}`;
    const file = join(directory, "shop.json");
    exampleShop = await startShop(gateway.url, port, file, owner.addressText);
    const { key } = JSON.parse(await readFile(file, "utf8")) as { key: string };
    shop = new MerchantClient({ url: gateway.url, patienceMs: PATIENCE_MS, key });
    webhookSecret = (await shop.createWebhook({ url: receiver.url })).secret;
    browser = await launchBrowser(executable as string);
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    exampleShop?.kill("SIGKILL");
    await gateway?.kill("SIGKILL");
    await node?.kill("SIGKILL");
    await receiver?.stop();
    await cassandra?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  test("sells on the shop's page: a wallet pays the code, and the order is paid once", async () => {
    const buyer = await openDevice(browser, gateway.url, { viewport: { width: 1280, height: 1000 } });
    const wallet = await openDevice(browser, node.url, { viewport: { width: 390, height: 844 } });
    await makeWallet(wallet.page);
    await getCoins(wallet.page, "TTC");
    await getCoins(wallet.page, "TTM");
    for (const [goods, won] of PAGE_SALES) {
      await buyer.page.goto(shopUrl);
      await buyer.page.getByRole("button", { name: `Buy ${goods}` }).click();
      const pay = buyer.page.getByRole("link", { name: "Pay" });
      await pay.waitFor();
      const order = buyer.page.url();
      const checkout = await pay.getAttribute("href");
      await perhapsKillGateway();
      await buyer.page.goto(checkout!);
      await buyer.page.locator("svg.qr").waitFor();
      await readCode(wallet.page, buyer.page);
      await perhapsKillGateway();
      await wallet.page.getByRole("button", { name: "Sign and pay" }).click();
      await wallet.page.getByTestId("sent").waitFor();
      taken.TTM += won;
      await perhapsKillGateway();
      await buyer.page.locator(".paid-banner").waitFor();
      await buyer.page.goto(order);
      const paid = buyer.page.locator("#state", { hasText: "paid" });
      const deadline = Date.now() + 20_000;
      while ((await paid.count()) === 0 && Date.now() < deadline) {
        await buyer.page.reload();
      }
      expect(await paid.getAttribute("data-paid-times")).toBe("1");
    }
    expect(gatewayKills).toBeGreaterThan(0);
  }, 180_000);

  async function pay(sender: Sender, { parts: [{ reference }] }: InvoiceJson, amount: bigint): Promise<void> {
    const action = transfer(customer, { to: owner.address, amount, reference: fromHex(reference)! });
    expect((await sender.send([action])).outcome).toMatchObject({ state: "committed" });
    taken.TTC += amount;
  }

  /** The store gives back `amount` of an invoice, signed by its own account. */
  async function giveBack(store: Sender, { id }: InvoiceJson, amount: bigint): Promise<void> {
    const once = { idempotencyKey: `refund-${id}` };
    const asked = await shop.refund(id, { token: "TTC", amount: `${amount}` }, once);
    expect(await shop.refund(id, { token: "TTC", amount: `${amount}` }, once)).toEqual(asked);
    const action = transfer(owner, { to: asked.to, amount, reference: fromHex(asked.reference)! });
    expect((await store.send([action])).outcome).toMatchObject({ state: "committed" });
    givenBack += amount;
    refunds++;
  }

  /** One sale of the till's program: most are paid, some in part, too much, or given back. */
  async function sell(number: number, payer: Sender, store: Sender): Promise<void> {
    const amount = PRICE + BigInt(number);
    const half = amount / 2n;
    const kind = (["paid", "paid", "paid_in_part", "overpaid", "refunded", "refunded_in_part"] as const)[number % 6];
    const parts = kind === "paid_in_part" ? [half, amount - half] : [amount];
    const instalments = parts.map((part) => ({ amount: `${part}`, expiryHeights: 30_000 }));
    const asked = { price: { currency: "TTC" as const, amount: `${amount}` }, order: `${number}` };
    const invoice = await shop.createInvoice(parts.length === 1 ? asked : { ...asked, instalments }, {
      idempotencyKey: `order-${number}`,
    });
    expectedStates.set(invoice.id, kind);
    await pay(payer, invoice, kind === "overpaid" ? amount + 7n : parts[0]);
    if (kind === "refunded" || kind === "refunded_in_part") {
      await stateOf(invoice.id, "paid");
      await giveBack(store, invoice, kind === "refunded" ? amount : half);
    }
  }

  async function stateOf(id: string, state: InvoiceState): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const invoice = await shop.invoice(id);
      if (invoice.state === state) {
        return;
      }
      expect(Date.now(), `${id} is ${invoice.state}, expected ${state}`).toBeLessThan(deadline);
      await setTimeout(20);
    }
  }

  test("sells on while the gateway is killed again and again and Cassandra is away", async () => {
    const payer = new Sender(client, customer);
    const store = new Sender(client, owner);
    let over = false;
    const kills = killGatewayAgainAndAgain(() => over);
    let cassandraIsBack: Promise<void> | undefined;
    for (let number = 0; number < SALES; number++) {
      if (number === CASSANDRA_ENDS_AT) {
        await cassandra.kill();
      }
      if (number === CASSANDRA_COMES_AT) {
        expect((await client.paymentIndex()).height).toBeLessThan((await client.status()).height);
        cassandraIsBack = cassandra.launch();
      }
      await sell(number, payer, store);
    }
    over = true;
    await Promise.all([kills, cassandraIsBack]);
    for (const [id, state] of expectedStates) {
      await stateOf(id, state);
    }
  }, 180_000);

  test("tells the shop each thing once", async () => {
    // Whoever pays too much or is given something back makes two events of an invoice.
    const again = [...expectedStates.values()].filter((state) => state !== "paid" && state !== "paid_in_part");
    const expected = PAGE_SALES.length + SALES + again.length;
    const told = await firstEvents(shop, expected);
    await expectAllDelivered(receiver, told);
    const delivered = receiver.received.map(({ headers, body }) => verifyWebhook(webhookSecret, headers, body));
    const differing = new Map(delivered.map((event) => [event.id, event]));
    expect(differing.size).toBe(expected);
    const paid = [...differing.values()].filter(({ type }) => type === "invoice.paid");
    expect(new Set(paid.map(({ data }) => data.invoice!.id)).size).toBe(paid.length);
  }, 60_000);

  test("closes the day, and the statement is what came and went, to the unit", async () => {
    const { height } = await client.status();
    const deadline = Date.now() + 60_000;
    while ((await client.paymentIndex()).height < height) {
      expect(Date.now(), JSON.stringify(await client.paymentIndex())).toBeLessThan(deadline);
      await setTimeout(100);
    }
    const day = new Intl.DateTimeFormat("en-CA", { timeZone }).format(new Date());
    const description = join(directory, "store.json");
    await writeFile(description, JSON.stringify({ name: "Bada Coffee", address: owner.addressText, timeZone }));
    const from = ["settle", "statement", description, day];
    expect((await runCommand([...from, "--url", node.url])).stderr).toContain("not closed yet");
    // The next block is made a day later.
    await node.kill("SIGTERM");
    node = await startChain(Number(new URL(node.url).port), DAY_MS);
    await waitForCommit(client, await client.faucet(customer.address));
    const { stdout: statement, stderr, code } = await runCommand([...from, "--url", node.url]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });

    const rows = parseCsv(statement);
    expect(rows.find(([part]) => part === "state")?.[1]).toBe("closed");
    // All of a token's decimals are written.
    const units = (row: readonly string[]): bigint => BigInt(row[8].replace(".", ""));
    const sum = (purpose: string, token: string): bigint =>
      rows
        .filter((row) => row[0] === "sum" && row[1] === purpose && row[6] === token)
        .reduce((all, row) => all + units(row), 0n);
    expect(sum("sale", "TTC")).toBe(taken.TTC);
    expect(sum("sale", "TTM")).toBe(taken.TTM);
    expect(sum("refund", "TTC")).toBe(-givenBack);
    const { balances } = await client.account(owner.address);
    for (const token of ["TTC", "TTM"] as const) {
      const [closing] = rows.filter((row) => row[0] === "holding" && row[1] === "closing" && row[6] === token);
      expect(units(closing), token).toBe(balances[token]);
    }
    const payments = await client.payments({ account: owner.address, limit: 100 });
    expect(payments.payments).toHaveLength(PAGE_SALES.length + SALES + refunds);

    await node.kill("SIGTERM");
    const stopped = await runCommand([...from, "--data", join(directory, "node")]);
    expect(stopped.stdout).toBe(statement);
  }, 120_000);
});

// The desk as its operator runs it: configured by the guide's file, fed a statement over HTTP, killed at any moment.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Account } from "../../src/client/account.js";
import { TTChainClient } from "../../src/client/client.js";
import { encryptKeyFile } from "../../src/client/keyFile.js";
import { MerchantClient } from "../../src/client/merchantClient.js";
import { buildPurchase } from "../../src/client/purchase.js";
import { waitForCommit } from "../../src/client/waitForCommit.js";
import { openKeys } from "../../src/consensus/solo/chainFiles.js";
import { readDeskConfig } from "../../src/merchant/desk/deskConfig.js";
import { DESK_ROUTES } from "../../src/merchant/desk/deskRoutes.js";
import { DESK_REFUSALS } from "../../src/merchant/desk/order.js";
import { type RunningNode, runCommand, startNode, startProgram } from "../e2e/nodeProcess.js";
import { PartnerServer } from "./partnerServer.js";
import { SimulatedBank } from "./simulatedBank.js";

const GUIDE = await readFile(join(import.meta.dirname, "../../docs/desk.md"), "utf8");

/** An answer's status and whatever fields it has. */
// biome-ignore lint/suspicious/noExplicitAny: the tests say what they expect of each.
type Answer = Record<string, any>;

describe("the desk's guide", () => {
  test("lists every refusal and every route, and its configuration is one", () => {
    for (const [code, meaning] of Object.entries(DESK_REFUSALS)) {
      expect(GUIDE).toContain(`| \`${code}\` | ${meaning} |`);
    }
    for (const { method, path } of DESK_ROUTES) {
      expect(GUIDE).toContain(`\`${method.toUpperCase()} ${path}\``);
    }
    const config = readDeskConfig(/```json\n([\s\S]*?)```/.exec(GUIDE)?.[1] ?? "");
    expect(config.coins[0].confirmations).toBe(12);
    expect(config.bank?.limits?.orderUnitsMin).toBe(1n);
  });

  test("names the field of a configuration that is wrong", () => {
    const partner = {
      name: "bada",
      url: "https://x",
      secretFile: "s",
      purse: "p",
      rate: { units: "1", ttcUnits: "1" },
    };
    const purses = { p: { wallet: "w", passphraseFile: "f" } };
    const wrong: [object, RegExp][] = [
      [{ purses: {}, partners: [partner] }, /purse of bada/],
      [{ purses, partners: [{ ...partner, rate: { units: "0", ttcUnits: "1" } }] }, /partners\[0\].rate/],
      [{ purses, partners: [{ ...partner, url: "ftp://x" }] }, /partners\[0\].url/],
      [{ purses, partners: [{ ...partner, more: 1 }] }, /partners\[0\].more/],
      [{ purses, partners: [partner, partner] }, /different names/],
      [{ purses, coins: [{ kind: "doge" }] }, /coins\[0\]/],
    ];
    for (const [config, message] of wrong) {
      expect(() => readDeskConfig(JSON.stringify(config))).toThrow(message);
    }
    expect(() => readDeskConfig("{")).toThrow(/desk configuration/);
  });
});

describe("the desk's process", () => {
  let directory: string;
  let node: RunningNode;
  let desk: RunningNode;
  let client: TTChainClient;
  let bada: PartnerServer;
  const bank = new SimulatedBank();
  const ann = Account.random();
  const bob = Account.random();
  const reserve = Account.random();

  const startDesk = (): Promise<RunningNode> => {
    const options = ["--config", join(directory, "desk.json"), "--node", node.url, "--data", join(directory, "desk")];
    return startProgram(["desk", "--json", "--port", "0", ...options]);
  };

  async function saveWallet(name: string, account: Account): Promise<void> {
    const file = await encryptKeyFile({ secretKey: account.exportSecretKey() }, "desk passphrase");
    await writeFile(join(directory, `${name}.json`), JSON.stringify(file), { mode: 0o600 });
    await writeFile(join(directory, `${name}.passphrase`), "desk passphrase\n", { mode: 0o600 });
  }

  async function ask(method: string, path: string, body?: string | object, key?: string): Promise<Answer> {
    const isText = typeof body === "string";
    const response = await fetch(desk.url + path, {
      method,
      headers: {
        "Content-Type": isText ? "text/csv" : "application/json",
        ...(key === undefined ? {} : { "Idempotency-Key": key }),
      },
      ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
    });
    return { status: response.status, ...((await response.json()) as object) };
  }

  async function until(key: string, state: string): Promise<Answer> {
    for (;;) {
      const order = await ask("GET", `/v1/desk/orders/${encodeURIComponent(key)}`);
      if (order.state === state || order.state === "undone") {
        return order;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "ttchain-desk-"));
    node = await startNode(join(directory, "chain"), 0);
    client = new TTChainClient({ url: node.url });
    bada = await PartnerServer.start("bada's secret");
    const { faucet } = await openKeys(join(directory, "chain"), undefined);
    await saveWallet("issuer", Account.fromSecretKey(faucet as Uint8Array));
    await saveWallet("reserve", reserve);
    await waitForCommit(client, await client.faucet(reserve.address, { token: "TTC", amount: 10_000_000_000n }));
    await writeFile(join(directory, "bada.secret"), bada.secret, { mode: 0o600 });
    await writeFile(join(directory, "callback.secret"), `${bank.secret}\n`, { mode: 0o600 });
    const config = {
      purses: {
        issuer: { wallet: "issuer.json", passphraseFile: "issuer.passphrase" },
        reserve: { wallet: "reserve.json", passphraseFile: "reserve.passphrase" },
      },
      bank: {
        name: "bank",
        purse: "issuer",
        payouts: { url: bada.url, secretFile: "bada.secret" },
        callbackSecretFile: "callback.secret",
      },
      partners: [
        {
          name: "bada",
          url: bada.url,
          secretFile: "bada.secret",
          purse: "reserve",
          rate: { units: "100", ttcUnits: "100000000" },
        },
      ],
      mileage: {
        purse: "reserve",
        priceToken: "TTM",
        mileageToken: "TTMI",
        rules: {
          grades: [{ name: "Family", earnBasisPoints: 1_000 }],
          earnUnitsMax: "500",
          spendBasisPoints: 5_000,
          earnOnSpent: false,
        },
      },
    };
    await writeFile(join(directory, "desk.json"), JSON.stringify(config));
    desk = await startDesk();
  }, 60_000);

  afterAll(async () => {
    await desk?.kill("SIGTERM");
    await node?.kill("SIGTERM");
    await bada?.close();
    await rm(directory, { recursive: true, force: true });
  }, 30_000);

  test("mints a statement's deposits once each, though it is killed again and again while it does", async () => {
    const { code } = await ask("POST", "/v1/desk/charge-codes", { address: ann.addressText });
    const lines = Array.from({ length: 12 }, (_, index) => `${index + 1},${1_000 + index},${code},Ann,09:00`);
    const statement = `id,amount,memo,name,time\n${lines.join("\n")}\n`;
    for (let kills = 0; kills < 3; kills++) {
      const sending = ask("POST", "/v1/desk/statements", statement).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 30 + 60 * kills));
      await desk.kill("SIGKILL");
      await sending;
      desk = await startDesk();
    }
    await ask("POST", "/v1/desk/statements", statement);
    const { deposits } = await ask("GET", "/v1/desk/deposits/bank");
    expect(deposits).toHaveLength(12);
    for (const { id } of deposits) {
      expect((await until(`deposit/bank/${id}/0`, "done")).state).toBe("done");
    }
    expect((await client.account(ann.address)).balances.TTM).toBe(12n * 1_000n + 66n);
    expect(await ask("GET", "/v1/desk/proof")).toMatchObject({
      isComplete: true,
      differenceUnits: "0",
      mintedWon: "12066",
    });
  }, 60_000);

  test("mints what the bank tells itself, once each, however often it tells, though the desk is killed meanwhile", async () => {
    const { code } = await ask("POST", "/v1/desk/charge-codes", { address: bob.addressText });
    const told = Array.from({ length: 8 }, (_, index) => bank.deposit(2_000 + index, `charge ${code}`, "Bob"));
    const telling = Promise.all(
      told.flatMap((movement) => [movement, movement].map((one) => bank.tell(() => desk.url, one))),
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    await desk.kill("SIGKILL");
    desk = await startDesk();
    for (const { status } of await telling) {
      expect(status).toBe(200);
    }
    const lost = bank.deposit(700, "no code");
    const first = await bank.call(desk.url, lost);
    expect(first).toEqual({ status: 200, body: { recorded: 1, known: 0, unassigned: 1 } });
    const again = await bank.call(desk.url, lost);
    expect(again).toEqual({ status: 200, body: { recorded: 0, known: 1, unassigned: 0 } });
    // The evening's statement holds them all, and brings nothing new.
    const statement = await ask("POST", "/v1/desk/statements", bank.statement());
    expect(statement).toMatchObject({ recorded: 0, known: 9 });
    for (const { id } of told) {
      expect((await until(`deposit/bank/${id}/0`, "done")).state).toBe("done");
    }
    expect((await client.account(bob.address)).balances.TTM).toBe(8n * 2_000n + 28n);

    expect(await bank.call(desk.url, { ...lost, amount: "70000" })).toMatchObject({
      status: 409,
      body: { code: "KEY_REUSED" },
    });
    expect((await bank.call(desk.url, lost, { secret: `whsec_${"A".repeat(44)}` })).status).toBe(401);
    expect(await bank.call(desk.url, { ...lost, id: "B-99", amount: "1.5" })).toMatchObject({ status: 400 });
    expect((await ask("GET", "/v1/desk/deposits/bank")).deposits.some(({ id }: Answer) => id === "B-99")).toBe(false);
    const { paths } = await ask("GET", "/v1/desk/openapi.json");
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method} ${path}`),
    );
    expect(described.toSorted()).toEqual(DESK_ROUTES.map(({ method, path }) => `${method} ${path}`).toSorted());
  }, 60_000);

  test("says no with a reason, and gives the same order for the same key", async () => {
    bada.balances.set("ann", 1_000n);
    const wanted = { partner: "bada", account: "ann", points: "500", address: ann.addressText };
    const first = await ask("POST", "/v1/desk/points", wanted, "p-1");
    expect(first.status).toBe(200);
    expect(await until("points/p-1", "done")).toMatchObject({ state: "done" });
    expect(await ask("POST", "/v1/desk/points", wanted, "p-1")).toMatchObject({ state: "done" });
    const other = { ...wanted, points: "600" };
    expect(await ask("POST", "/v1/desk/points", other, "p-1")).toMatchObject({ status: 409, code: "KEY_REUSED" });
    const tooMuch = { ...wanted, points: "1000000" };
    expect(await ask("POST", "/v1/desk/points", tooMuch, "p-2")).toMatchObject({ status: 409, code: "RESERVE_SHORT" });
    expect(await ask("POST", "/v1/desk/points", { ...wanted, points: "1" }, "p-3")).toMatchObject({ status: 200 });
    await ask("POST", "/v1/desk/points", { ...wanted, points: "9000" }, "p-4");
    expect(await until("points/p-4", "undone")).toMatchObject({ reason: { code: "OUTSIDE_REFUSED" } });
    expect(await ask("POST", "/v1/desk/points", wanted)).toMatchObject({ status: 400 });
    expect(await ask("GET", "/v1/desk/orders/none")).toMatchObject({ status: 404 });
    expect((await ask("POST", "/v1/desk/redemptions", { account: "ann", units: "5" }, "r-1")).reference).toMatch(
      /^[0-9a-f]{64}$/,
    );
  }, 60_000);

  test("signs a purchase for the gateway, whose key opens nothing else, and the invoice is paid and its mileage given", async () => {
    for (const [to, token, amount] of [
      [ann.address, "TTC", 1_000_000_000n],
      [reserve.address, "TTMI", 1_000n],
    ] as const) {
      await waitForCommit(client, await client.faucet(to, { token, amount }));
    }
    const create = ["apikey", "create", "shops", "--scope", "mileage", "--data", join(directory, "desk"), "--json"];
    const { key } = JSON.parse((await runCommand(create)).stdout) as { key: string };
    await writeFile(join(directory, "mileage.key"), `${key}\n`, { mode: 0o600 });
    const options = ["--node", node.url, "--data", join(directory, "gateway"), "--mileage-desk", desk.url];
    const keyFile = ["--mileage-key-file", join(directory, "mileage.key")];
    const gateway = await startProgram(["merchant", "--json", "--port", "0", ...options, ...keyFile]);
    const store = { name: "Shop", payee: reserve.addressText, tokens: ["TTM"] };
    const { secret } = await new MerchantClient({ url: gateway.url }).createStore(store);
    const shop = new MerchantClient({ url: gateway.url, key: secret });
    const price = { currency: "KRW", amount: "2000" };
    const invoice = await shop.createInvoice({ price, mileage: { token: "TTMI", amount: "200" } });
    const offer = await shop.mileageOffer(invoice.id, ann.addressText);
    expect(offer).toMatchObject({ paid: "2000", earned: "200", store: reserve.addressText });
    const { sequencePending } = await client.lane(ann.address, 3);
    const place = { lane: 3, sequence: sequencePending };
    const purchase = buildPurchase(await client.chain(), ann, offer, place);
    const { bytes } = await shop.signPurchase(invoice.id, purchase.bytes);
    expect(await client.submit([bytes], { waitMs: 10_000 })).toMatchObject([{ state: "committed" }]);
    for await (const event of shop.follow(0)) {
      expect(event).toMatchObject({ type: "invoice.paid", data: { invoice: { id: invoice.id } } });
      break;
    }
    expect((await client.account(ann.address)).balances.TTMI).toBe(200n);
    const proof = await fetch(`${desk.url}/v1/desk/proof`, { headers: { authorization: `Bearer ${key}` } });
    expect(proof.status).toBe(401);
    await gateway.kill("SIGTERM");
  }, 60_000);
});

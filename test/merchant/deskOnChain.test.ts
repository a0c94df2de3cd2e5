// The desk against a real node: won become TTM and go back, points become TTC, a swap that one side refuses leaves nothing behind;
// with the desk and the node ended in the middle.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.js";
import { Account } from "../../src/client/account.js";
import { type Action, transfer } from "../../src/client/actions.js";
import { buildBody } from "../../src/client/buildTransaction.js";
import { TTChainClient } from "../../src/client/client.js";
import { Sender } from "../../src/client/sender.js";
import { waitForCommit } from "../../src/client/waitForCommit.js";
import { openKeys } from "../../src/consensus/solo/chainFiles.js";
import { addressOfMemo, chargeCode } from "../../src/merchant/desk/bank/chargeCodes.js";
import { dailyProof } from "../../src/merchant/desk/bank/dailyProof.js";
import { awaitedReference, ChainDesk } from "../../src/merchant/desk/chainDesk.js";
import { Deposits } from "../../src/merchant/desk/deposits.js";
import { Desk } from "../../src/merchant/desk/desk.js";
import { HttpLedger } from "../../src/merchant/desk/httpLedger.js";
import type { Order } from "../../src/merchant/desk/order.js";
import {
  chargePlan,
  type PointsPartner,
  pointsPlan,
  redeemPlan,
  rewardPlan,
  swapPlan,
} from "../../src/merchant/desk/plans.js";
import type { MileageRules } from "../../src/merchant/mileage/mileageRules.js";
import { MileageSigner } from "../../src/merchant/mileage/mileageSigner.js";
import { MerchantRows } from "../../src/merchant/rows/merchantRows.js";
import { encodeBody, encodeTransaction } from "../../src/protocol/transaction.js";
import { type RunningNode, startNode } from "../e2e/nodeProcess.js";
import { freePort } from "../support/freePort.js";
import { MemoryStore } from "../support/memoryStore.js";
import { PartnerServer } from "./partnerServer.js";

const TTC = 100_000_000n;
const AWAIT_BLOCKS = 600;

describe("the desk on a chain", () => {
  const store = new MemoryStore();
  const ann = Account.random();
  const reserves = { bada: Account.random(), haneul: Account.random() };
  let directory: string;
  let node: RunningNode;
  let client: TTChainClient;
  let issuer: Account;
  let bank: PartnerServer;
  let bada: PartnerServer;
  let haneul: PartnerServer;
  let rows: MerchantRows;
  let desk: Desk;
  let chain: ChainDesk;
  let deposits: Deposits;

  /** A desk of the next life over the same rows. */
  function openDesk(): void {
    rows = new MerchantRows(store, () => undefined);
    const purses = new Map([
      ["issuer", { account: issuer }],
      ["bada", { account: reserves.bada }],
      ["haneul", { account: reserves.haneul }],
    ]);
    chain = new ChainDesk(client, purses, rows);
    const ledgers = Object.entries({ bank, bada, haneul }).map(
      ([name, { url, secret }]) => new HttpLedger({ name, url, secret }),
    );
    desk = new Desk({ rows, chain, ledgers, limits: new Map(), clock: systemClock });
    desk.start();
    deposits = new Deposits({
      rows,
      desk,
      ledger: "bank",
      kind: "charge",
      addressOf: (memo) => addressOfMemo(rows, memo),
      plan: (to, units) => chargePlan("issuer", to, units),
      nowMs: () => 0,
    });
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "ttchain-desk-"));
    node = await startNode(join(directory, "chain"), await freePort());
    client = new TTChainClient({ url: node.url, patienceMs: 20_000 });

    const keys = await openKeys(join(directory, "chain"), undefined);
    issuer = Account.fromSecretKey(keys.faucet as Uint8Array);
    [bank, bada, haneul] = await Promise.all([
      PartnerServer.start("b"),
      PartnerServer.start("c"),
      PartnerServer.start("d"),
    ]);
    for (const address of [ann.address, reserves.bada.address, reserves.haneul.address]) {
      const id = await client.faucet(address, { token: "TTC", amount: 1_000n * TTC });
      await waitForCommit(client, id);
    }
    openDesk();
  }, 60_000);

  afterAll(async () => {
    await desk?.stop();
    await node?.kill("SIGTERM");
    await Promise.all([bank, bada, haneul].map((server) => server?.close()));
    await rm(directory, { recursive: true, force: true });
  }, 30_000);

  const held = async (address: Uint8Array): Promise<Record<string, bigint>> => (await client.account(address)).balances;

  async function redeem(key: string, account: string, units: bigint, blocks = AWAIT_BLOCKS): Promise<number> {
    const expiryHeight = (await client.status()).height + blocks;
    await desk.submit({ key, kind: "redeem", steps: redeemPlan("issuer", "bank", { account, units, expiryHeight }) });
    return expiryHeight;
  }

  async function payDesk(key: string, expiryHeight: number, amount: bigint): Promise<void> {
    const reference = awaitedReference(`${key}.0`, expiryHeight);
    const action = transfer(ann, { to: issuer.address, token: "TTM", amount, reference });
    const { outcome } = await new Sender(client, ann).send([action]);
    expect(outcome.code).toBe("OK");
  }

  test("mints what the bank received, once, with desk and node ended in the middle", async () => {
    const list = [{ id: "1", units: 50_000n, memo: chargeCode(rows, ann.addressText), name: "", time: "" }];
    await deposits.record(list);
    await desk.stop();
    await node.kill("SIGKILL");
    openDesk();
    node = await startNode(join(directory, "chain"), Number(new URL(node.url).port));
    await deposits.record(list);
    const order = await desk.settled(deposits.orderKey("1"));
    expect(order).toMatchObject({ state: "done" });
    expect((await held(ann.address)).TTM).toBe(50_000n);
    expect((await client.token("TTM")).supply).toBe(50_000n);
  }, 60_000);

  test("pays won out for TTM and burns it, though the bank's answer was lost", async () => {
    bank.answersToLose = 2;
    const expiryHeight = await redeem("out-1", "ann's account", 20_000n);
    await payDesk("out-1", expiryHeight, 20_000n);
    expect(await desk.settled("out-1")).toMatchObject({ state: "done", payer: ann.addressText });
    expect(bank.balances.get("ann's account")).toBe(20_000n);
    expect((await client.token("TTM")).supply).toBe(30_000n);
  }, 60_000);

  test("gives TTM back where the bank refuses, and lets an unpaid request run out", async () => {
    bank.closed.add("closed account");
    // The desk pays the fee of what it gives back out of TTM of its own.
    await waitForCommit(client, await client.faucet(issuer.address, { token: "TTM", amount: 1_000n }));
    const before = (await held(ann.address)).TTM;
    const expiryHeight = await redeem("out-2", "closed account", 5_000n);
    await payDesk("out-2", expiryHeight, 5_000n);
    expect(await desk.settled("out-2")).toMatchObject({ state: "undone", reason: { code: "OUTSIDE_REFUSED" } });
    const fee = before - (await held(ann.address)).TTM;
    expect(fee).toBeGreaterThan(0n);
    expect(fee).toBeLessThan(100n);
    await redeem("out-3", "ann's account", 1n, 1);
    expect(await desk.settled("out-3")).toMatchObject({ state: "undone", reason: { code: "UNPAID" } });
  }, 60_000);

  test("turns points into TTC out of the partner's reserve, and swaps them between partners or not at all", async () => {
    const from: PointsPartner = { name: "bada", ledger: "bada", purse: "bada", rate: { from: 100n, to: TTC } };
    const to: PointsPartner = { name: "haneul", ledger: "haneul", purse: "haneul", rate: { from: 50n, to: TTC } };
    bada.balances.set("ann", 1_000n);
    const ttcBefore = (await held(ann.address)).TTC;
    await desk.submit({ key: "p-1", kind: "points", steps: pointsPlan(from, "ann", 250n, ann.addressText) });
    await desk.stop();
    openDesk();
    expect((await desk.settled("p-1"))?.state).toBe("done");
    expect((await held(ann.address)).TTC - ttcBefore).toBe((TTC * 5n) / 2n);
    const swap = (account: string) =>
      swapPlan({ ...from, account: "ann" }, { ...to, account, address: reserves.haneul.addressText }, 200n);
    await desk.submit({ key: "s-1", kind: "swap", steps: swap("ann at haneul").steps });
    expect((await desk.settled("s-1"))?.state).toBe("done");
    expect(haneul.balances.get("ann at haneul")).toBe(100n);
    haneul.closed.add("closed");
    await desk.submit({ key: "s-2", kind: "swap", steps: swap("closed").steps });
    expect(await desk.settled("s-2")).toMatchObject({ state: "undone", reason: { code: "OUTSIDE_REFUSED" } });
    expect(bada.balances.get("ann")).toBe(550n);
    const tooMuch = { key: "p-2", kind: "points" as const, steps: pointsPlan(from, "ann", 500_000n, ann.addressText) };
    await expect(desk.submit(tooMuch)).rejects.toMatchObject({ code: "RESERVE_SHORT" });
  }, 60_000);

  test("shares a reward 30 to 70 in one transaction", async () => {
    const [platform, creator] = [Account.random(), Account.random()];
    const receivers = [
      { to: platform.addressText, weight: 30n },
      { to: creator.addressText, weight: 70n },
    ];
    await desk.submit({ key: "r-1", kind: "reward", steps: rewardPlan("bada", "TTC", 10n * TTC + 1n, receivers) });
    expect((await desk.settled("r-1"))?.state).toBe("done");
    expect((await held(platform.address)).TTC).toBe(3n * TTC + 1n);
    expect((await held(creator.address)).TTC).toBe(7n * TTC);
  }, 60_000);

  test("signs purchases with mileage as the rules allow, and nothing else", async () => {
    const store = Account.random();
    const rules: MileageRules = {
      grades: [
        { name: "Family", spentUnitsMin: 0n, earnBasisPoints: 100 },
        { name: "Gold", spentUnitsMin: 5_000n, earnBasisPoints: 1_000 },
      ],
      earnUnitsMax: 500n,
      priceUnitsMin: 1_000n,
      spendBasisPoints: 5_000,
      spendStepUnits: 10n,
      earnOnSpent: false,
    };
    const options = { rules, store, priceToken: "TTM", mileageToken: "TTMI", rows, client };
    const signer = new MileageSigner(options);
    await waitForCommit(client, await client.faucet(store.address, { token: "TTMI", amount: 1_000n }));
    await waitForCommit(client, await client.faucet(store.address, { token: "TTC", amount: 10n * TTC }));
    const buy = async (paid: bigint, spent: bigint, earned: bigint, more: Action[] = []): Promise<Uint8Array> => {
      const view = await client.chain();
      const { sequencePending } = await client.lane(ann.address, 7);
      const actions = [
        transfer(ann, { to: store.address, token: "TTM", amount: paid }),
        ...(spent > 0n ? [transfer(ann, { to: store.address, token: "TTMI", amount: spent })] : []),
        ...(earned > 0n ? [transfer(store, { to: ann.address, token: "TTMI", amount: earned })] : []),
        ...more,
      ];
      const body = encodeBody(buildBody(view, { actions, sender: ann, lane: 7, sequence: sequencePending }));
      return encodeTransaction(body, [ann.signBody(view.genesisHash, body), new Uint8Array(64)]);
    };
    const send = async (bytes: Uint8Array): Promise<void> => {
      const { id, bytes: whole } = await signer.sign(bytes);
      const [{ state }] = await client.submit([whole], { waitMs: 10_000 });
      expect([id.length, state]).toEqual([64, "committed"]);
    };
    expect(await signer.quote(ann.addressText, 6_000n, 0n)).toEqual({
      grade: "Family",
      spendable: 3_000n,
      earned: 60n,
    });
    await send(await buy(6_000n, 0n, 60n));
    expect(await signer.quote(ann.addressText, 1_050n, 50n)).toEqual({ grade: "Gold", spendable: 520n, earned: 100n });
    await send(await buy(1_000n, 50n, 100n));
    expect((await held(ann.address)).TTMI).toBe(110n);
    await expect(signer.sign(await buy(1_000n, 0n, 101n))).rejects.toThrow(/at most 100 of mileage earned/);
    await expect(signer.sign(await buy(500n, 510n, 1n))).rejects.toThrow(/at most 500 of mileage/);
    const theft = transfer(store, { to: ann.address, token: "TTC", amount: TTC });
    await expect(signer.sign(await buy(1_000n, 0n, 10n, [theft]))).rejects.toThrow(/one payment to the store/);
    const twice = transfer(store, { to: ann.address, token: "TTMI", amount: 100n });
    await expect(signer.sign(await buy(1_000n, 0n, 100n, [twice]))).rejects.toThrow(/one payment to the store/);
  }, 60_000);

  test("proves that the supply stands for deposits", async () => {
    const { height } = await client.status();
    const orders = [...rows.range<Order>("deskOrder", {})].map(({ value }) => value);
    const { supply } = await client.token("TTM");
    const proof = dailyProof({
      day: "2026-01-02",
      height,
      stateKey: "",
      supplyUnits: supply,
      // What the faucet gave the issuer for fees.
      openingUnits: 1_000n - (31_000n - supply),
      deposits: deposits.all(),
      ordersBefore: orders,
      ordersAfter: orders,
    });
    expect(proof).toMatchObject({
      mintedWon: "50000",
      paidOutWon: "20000",
      burnedUnits: "20000",
      differenceUnits: "0",
    });
  });
});

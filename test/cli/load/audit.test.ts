// The audit against a real chain: it passes where everything is as it was told, and finds each kind of lie.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toHex } from "../../../src/base/bytes.js";
import { type AuditReport, auditLoad } from "../../../src/cli/load/audit.js";
import { type Fleet, makeFleet } from "../../../src/cli/load/fleet.js";
import { holdingsNeeded } from "../../../src/cli/load/fundFleet.js";
import type { ItemContext } from "../../../src/cli/load/itemTransaction.js";
import { makePlan } from "../../../src/cli/load/plan.js";
import { LazyItems } from "../../../src/cli/load/signedItems.js";
import { type Snapshot, takeSnapshot } from "../../../src/cli/load/snapshot.js";
import { Tracker } from "../../../src/cli/load/tracker.js";
import { mint, transfer } from "../../../src/client/actions.js";
import { TTChainClient } from "../../../src/client/client.js";
import { type ErrorCode, errorNumber } from "../../../src/protocol/errors.js";
import { ApiChain } from "../../api/apiChain.js";

const size = { seed: 3, tills: 4, merchants: 2, payees: 0 };
const shares = { hotShare: 0.5, refunds: 0.1, duplicates: 0, doublePay: 0.2, references: 0.5, mileage: 0.3 };

let chain: ApiChain;
let client: TTChainClient;
let fleet: Fleet;
let items: ItemContext;
let signed: LazyItems;
let before: Snapshot;
let addresses: string[];

beforeEach(async () => {
  chain = await ApiChain.start();
  client = new TTChainClient({ url: chain.url });
  fleet = makeFleet(size);
  const plan = makePlan({ ...size, ...shares, count: 60, referenceExpiryHeight: 10_000 });
  const view = await client.chain();
  items = {
    chain: view,
    accounts: fleet.accounts,
    seed: 1,
    plan,
    sequencesFirst: fleet.accounts.map(() => 0),
    validUntil: 1_000,
  };
  signed = new LazyItems(items);
  addresses = [...fleet.accounts, fleet.funder, chain.issuer].map((account) => account.addressText);
  const holdings = holdingsNeeded(items);
  for (const [place, { address: to }] of fleet.accounts.entries()) {
    const [ttc, ttm, ttmi] = holdings[place];
    await chain.commit([transfer(chain.accounts[0], { to, amount: ttc })]);
    await chain.commit([
      mint(chain.issuer, { token: "TTM", to, amount: ttm }),
      mint(chain.issuer, { token: "TTMI", to, amount: ttmi }),
    ]);
  }
  before = await takeSnapshot(client, addresses);
});

afterEach(() => chain.stop());

/** Sends the whole plan, a block for every ten, and books what the blocks say. */
async function runPlan(): Promise<Tracker> {
  const tracker = new Tracker(items.plan.items, () => 0);
  for (let first = 0; first < items.plan.items.length; first += 10) {
    const part = items.plan.items.slice(first, first + 10);
    const results = await chain.mempool.submit(part.map(({ index }) => signed.get(index).bytes));
    expect(results.map(({ error }) => error?.code)).toEqual(part.map(() => undefined));
    await chain.produce();
    for (const { index } of part) {
      tracker.sent(index);
      tracker.accepted(index, 1);
    }
  }
  for (const { index } of items.plan.items) {
    const { state, receipt, height } = await client.transaction(signed.get(index).id);
    tracker.final(index, state === "committed" ? 0 : errorNumber(receipt?.code as ErrorCode), height ?? 0, 1);
  }
  return tracker;
}

function audit(tracker: Tracker, asked: TTChainClient = client): Promise<AuditReport> {
  return auditLoad({ client: asked, items, signed, tracker, before, ownChain: true, verifyIds: 10 }, addresses);
}

/** A client that answers as the node does, but for one method. */
function lying(method: "account" | "block" | "transaction" | "token", lie: (answer: never) => unknown): TTChainClient {
  return new Proxy(client, {
    get(target, name) {
      const own = Reflect.get(target, name, target) as unknown;
      if (typeof own !== "function") {
        return own;
      }
      const bound = own.bind(target) as (...inputs: unknown[]) => Promise<never>;
      return name === method ? async (...inputs: unknown[]) => lie(await bound(...inputs)) : bound;
    },
  });
}

describe("the audit", () => {
  test("passes where the chain holds what it told", async () => {
    const tracker = await runPlan();
    expect(tracker.counts.failed).toBeGreaterThan(0);
    const report = await audit(tracker);
    expect(report.findings).toEqual([]);
    expect(report.passed).toBe(true);
    expect(Object.keys(report.checked)).toHaveLength(9);
  });

  test("finds a unit that is missing or too many", async () => {
    const tracker = await runPlan();
    const till = fleet.accounts[0].addressText;
    const report = await audit(
      tracker,
      lying("account", (answer: { address: string; balances: { TTM: bigint } }) =>
        answer.address === till
          ? { ...answer, balances: { ...answer.balances, TTM: answer.balances.TTM + 1n } }
          : answer,
      ),
    );
    expect(report.passed).toBe(false);
    const kinds = report.findings.map((finding) => finding.split(":")[0]);
    expect(kinds).toEqual([
      "every balance is what the outcomes make it",
      "every unit is accounted for",
      "the accounts hold the whole supply",
    ]);
  });

  test("finds a committed transaction that is in no block, and one that was never told", async () => {
    const tracker = await runPlan();
    const lost = toHex(signed.get(5).id);
    const report = await audit(
      tracker,
      lying("block", (answer: { transactions: { id: string }[] }) => ({
        ...answer,
        transactions: answer.transactions.filter(({ id }) => id !== lost),
      })),
    );
    expect(report.findings).toEqual([expect.stringContaining(`${lost} was told`)]);
    const partial = new Tracker(items.plan.items, () => 0);
    for (const { index } of items.plan.items) {
      partial.sent(index);
      partial.refused(index, "BUSY");
    }
    expect((await audit(partial)).findings[0]).toContain("every balance is what the outcomes make it");
  });

  test("finds a transaction that stands twice", async () => {
    const tracker = await runPlan();
    const report = await audit(
      tracker,
      lying("block", (answer: { transactions: unknown[] }) => ({
        ...answer,
        transactions: [...answer.transactions, ...answer.transactions.slice(0, 1)],
      })),
    );
    expect(report.findings).toEqual([expect.stringContaining("no transaction stands in two places")]);
  });

  test("finds what was accepted and never ended", async () => {
    const tracker = new Tracker(items.plan.items, () => 0);
    tracker.sent(0);
    tracker.accepted(0, 1);
    const report = await audit(tracker);
    expect(report.findings).toEqual([expect.stringContaining("every accepted transaction has ended")]);
  });

  test("finds a reference that was told paid twice", async () => {
    const tracker = await runPlan();
    const again = items.plan.items.find(({ kind }) => kind === "doublePay")!;
    const told = new Tracker(items.plan.items, () => 0);
    for (const { index } of items.plan.items) {
      told.sent(index);
      const isFirst = items.plan.items.find(({ reference }) => reference === again.reference)!.index === index;
      told.final(index, isFirst || index === again.index ? 0 : errorNumber("REFERENCE_PAID"), tracker.height(index), 1);
    }
    const { findings } = await audit(told);
    expect(findings).toContainEqual(expect.stringContaining(`reference ${again.reference} was paid 2 times`));
  });

  test("finds coins that were made or burned behind its back", async () => {
    const tracker = await runPlan();
    const report = await audit(
      tracker,
      lying("token", (answer: { token: string; supply: bigint }) =>
        answer.token === "TTMI" ? { ...answer, supply: answer.supply + 5n } : answer,
      ),
    );
    expect(report.findings.map((finding) => finding.split(":")[0])).toEqual([
      "every unit is accounted for",
      "the accounts hold the whole supply",
    ]);
  });

  test("finds a committed transaction that is not found by its id", async () => {
    const tracker = await runPlan();
    const report = await audit(
      tracker,
      lying("transaction", (answer: object) => ({ ...answer, state: "unknown" })),
    );
    expect(report.findings[0]).toContain("a committed transaction is found by its id");
  });
});

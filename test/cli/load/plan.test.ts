// The plan of a load run: repeatable, true to the shares asked for, and made of transactions that chains accept.

import { describe, expect, test } from "vitest";
import { toHex } from "../../../src/base/bytes.js";
import { makeFleet } from "../../../src/cli/load/fleet.js";
import { holdingsNeeded } from "../../../src/cli/load/fundFleet.js";
import { itemChanges, signItem } from "../../../src/cli/load/itemTransaction.js";
import { makePlan, type PlanItem, type PlanOptions } from "../../../src/cli/load/plan.js";
import { LazyItems } from "../../../src/cli/load/signedItems.js";
import { signShare } from "../../../src/cli/load/signShare.js";
import { decodeTransaction } from "../../../src/protocol/transaction.js";
import { testChain } from "../../client/chainView.js";

const options: PlanOptions = {
  seed: 5,
  tills: 40,
  merchants: 8,
  payees: 0,
  count: 20_000,
  hotShare: 0.3,
  refunds: 0.05,
  duplicates: 0.02,
  doublePay: 0.01,
  references: 0.1,
  mileage: 0.2,
  referenceExpiryHeight: 50_000,
};

const plan = makePlan(options);

function shareOf(test: (item: PlanItem) => boolean): number {
  return plan.items.filter(test).length / plan.items.length;
}

describe("a plan", () => {
  test("is the same for the same seed and another for another", () => {
    expect(makePlan(options).items).toEqual(plan.items);
    expect(makePlan(options).references).toEqual(plan.references);
    expect(makePlan({ ...options, seed: 6 }).items).not.toEqual(plan.items);
  });

  test("keeps the shares that were asked for", () => {
    expect(shareOf(({ kind }) => kind === "refund")).toBeCloseTo(0.05, 1);
    expect(shareOf(({ kind }) => kind === "duplicate")).toBeCloseTo(0.02, 1);
    expect(shareOf(({ kind }) => kind === "doublePay")).toBeCloseTo(0.01, 1);
    const payments = plan.items.filter(({ kind }) => kind === "payment" || kind === "mileage");
    expect(payments.filter(({ payee }) => payee === options.tills).length / payments.length).toBeCloseTo(0.3, 1);
    expect(payments.filter(({ reference }) => reference >= 0).length / payments.length).toBeCloseTo(0.1, 1);
    const inMoney = payments.filter(({ token }) => token === "TTM");
    expect(inMoney.filter(({ kind }) => kind === "mileage").length / inMoney.length).toBeCloseTo(0.2, 1);
  });

  test("gives each sender its numbers without gap, and duplicates none", () => {
    const next = new Map<number, number>();
    for (const { kind, sender, sequence, original } of plan.items) {
      if (kind === "duplicate") {
        expect(plan.items[original].sequence).toBe(sequence);
        continue;
      }
      expect(sequence).toBe(next.get(sender) ?? 0);
      next.set(sender, sequence + 1);
    }
  });

  test("pays every reference twice at most by intent, and each for the same payee, token and amount", () => {
    const first = new Map<number, PlanItem>();
    for (const item of plan.items) {
      if (item.reference < 0 || item.kind === "duplicate") {
        continue;
      }
      const known = first.get(item.reference);
      if (known === undefined) {
        expect(item.kind).not.toBe("doublePay");
        first.set(item.reference, item);
      } else {
        expect(item.kind).toBe("doublePay");
        expect([item.payee, item.token, item.amount]).toEqual([known.payee, known.token, known.amount]);
      }
    }
    expect(first.size).toBe(plan.references.length);
  });

  test("serves one till and one merchant", () => {
    const small = makePlan({ ...options, tills: 1, merchants: 1, payees: 0, count: 100 });
    expect(small.items).toHaveLength(100);
  });
});

describe("the transactions of a plan", () => {
  const small = { ...options, count: 300 };
  const fleet = makeFleet(small);
  const context = {
    chain: testChain,
    accounts: fleet.accounts,
    seed: 1,
    plan: makePlan(small),
    sequencesFirst: fleet.accounts.map((_, i) => i),
    validUntil: 1_500,
  };

  test("are the same whether signed in threads or when they are due", () => {
    const lazy = new LazyItems(context);
    const request = {
      plan: small,
      chain: testChain,
      sequencesFirst: context.sequencesFirst,
      validUntil: 1_500,
      threads: 3,
    };
    for (const thread of [0, 1, 2]) {
      const { packed, offsets, ids } = signShare({ ...request, thread });
      const own = context.plan.items.filter(({ index, kind }) => index % 3 === thread && kind !== "duplicate");
      expect(offsets).toHaveLength(own.length + 1);
      for (const [place, { index }] of own.entries()) {
        expect(toHex(packed.subarray(offsets[place], offsets[place + 1]))).toBe(toHex(lazy.get(index).bytes));
        expect(toHex(ids.subarray(32 * place, 32 * place + 32))).toBe(toHex(lazy.get(index).id));
      }
    }
  });

  test("carry what the plan says, and two signatures where mileage is given", () => {
    for (const item of context.plan.items.filter(({ kind }) => kind !== "duplicate")) {
      const { signers, operations, sequence, validUntil } = decodeTransaction(signItem(context, item).bytes);
      expect(signers).toHaveLength(item.mileage > 0 ? 2 : 1);
      expect(operations[0]).toMatchObject({ token: item.token, amount: BigInt(item.amount) });
      expect(sequence).toBe(item.sender + item.sequence);
      expect(validUntil).toBe(1_500);
    }
  });

  test("lose nothing but fees, and every account is given enough for its part", () => {
    const spent = holdingsNeeded(context).map((holdings) => [...holdings]);
    for (const item of context.plan.items.filter(({ kind }) => kind !== "duplicate")) {
      const totals: Record<string, bigint> = { TTC: 0n, TTM: 0n, TTMI: 0n };
      for (const { account, token, delta } of itemChanges(context, item, "committed")) {
        totals[token] += delta;
        if (delta < 0n) {
          spent[account][["TTC", "TTM", "TTMI"].indexOf(token)] += delta;
        }
      }
      const { feeToken, feeLimit } = signItem(context, item).body;
      expect(totals).toEqual({ TTC: 0n, TTM: 0n, TTMI: 0n, [feeToken]: -feeLimit });
      expect(itemChanges(context, item, "failed")).toEqual([
        { account: item.sender, token: feeToken, delta: feeToken === "TTC" ? -10_000_000n : -10n },
      ]);
    }
    expect(spent.flat().every((left) => left >= 0n)).toBe(true);
  });
});

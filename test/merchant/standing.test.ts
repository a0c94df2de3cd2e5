// What payments and refunds come to, whatever their order: shares of several tokens add up without rounding anything away.

import fc from "fast-check";
import { expect, test } from "vitest";
import { dueOfPart, type MoneyOf, netOf, stateOf } from "../../src/merchant/invoices/standing.js";
import type { PaymentJson, RefundJson } from "../../src/protocol/merchantApiTypes.js";

const amounts = fc.tuple(fc.bigInt({ min: 1n, max: 10n ** 18n }), fc.bigInt({ min: 1n, max: 10n ** 18n }));
const TOKENS = ["TTC", "TTM"];

function invoiceOf([ttc, ttm]: [bigint, bigint]): MoneyOf {
  const options = [ttc, ttm].map((amount, index) => ({ token: TOKENS[index], amount: `${amount}` }));
  return {
    parts: [{ reference: "", heightExpiry: 9, price: "1", options, uri: "" }],
    payments: [],
    refunds: [],
  };
}

function pay(invoice: MoneyOf, token: string, amount: bigint): void {
  const payment = { id: `${invoice.payments.length}`, transactionId: "", height: 1, timeMs: 0, payer: "", part: 0 };
  invoice.payments.push({ ...payment, token, amount: `${amount}` } satisfies PaymentJson);
}

test("what is still due in a token makes the part whole, and one unit less does not", () => {
  fc.assert(
    fc.property(amounts, fc.array(fc.tuple(fc.nat(1), fc.nat(100))), fc.nat(1), (prices, shares, last) => {
      const invoice = invoiceOf(prices);
      for (const [which, percent] of shares) {
        const part = (dueOfPart(invoice, 0)[which] * BigInt(percent)) / 200n;
        if (part > 0n) {
          pay(invoice, TOKENS[which], part);
        }
      }
      const due = dueOfPart(invoice, 0)[last];
      fc.pre(due > 0n);
      const short = structuredClone(invoice);
      if (due > 1n) {
        pay(short, TOKENS[last], due - 1n);
        expect(["open", "paid_in_part"]).toContain(stateOf(short, true));
      }
      pay(invoice, TOKENS[last], due);
      expect(["paid", "overpaid"]).toContain(stateOf(invoice, true));
      expect(dueOfPart(invoice, 0)).toEqual([0n, 0n]);
    }),
  );
});

test("an invoice whose every payment went back is refunded, with nothing left in any token", () => {
  fc.assert(
    fc.property(
      amounts,
      fc.array(fc.tuple(fc.nat(1), fc.integer({ min: 1, max: 1_000 })), { minLength: 1 }),
      (prices, paid) => {
        const invoice = invoiceOf(prices);
        for (const [which, amount] of paid) {
          pay(invoice, TOKENS[which], BigInt(amount));
        }
        for (const { token, amount } of [...invoice.payments].reverse()) {
          expect(stateOf(invoice, false)).not.toBe("refunded");
          invoice.refunds.push({ token, amount, state: "sent" } as RefundJson);
        }
        expect(stateOf(invoice, false)).toBe("refunded");
        expect([...netOf(invoice).values()].every((net) => net === 0n)).toBe(true);
      },
    ),
  );
});

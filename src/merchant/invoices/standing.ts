// What an invoice's payments come to. A part is paid by several tokens at once as their shares of its options add up: of amounts
// A and B, a payment of A/2 and one of B/2 are the whole. Shares are compared as whole numbers, so nothing is rounded here.

import { assert } from "../../base/assert.js";
import type { InvoiceJson, InvoiceState, PayOptionJson } from "../../protocol/merchantApiTypes.js";
import type { TokenId } from "../../protocol/tokens.js";

/** The fields that decide what an invoice is. */
export type MoneyOf = Pick<InvoiceJson, "parts" | "payments" | "refunds">;

type Sums = Map<TokenId, bigint>;

function add(sums: Sums, token: TokenId, amount: bigint): void {
  sums.set(token, (sums.get(token) ?? 0n) + amount);
}

/** `paid` times the product of the amounts, and that product: their ratio is the share that is paid. */
function shareOf(options: readonly PayOptionJson[], paid: Sums): { paid: bigint; whole: bigint } {
  const whole = options.reduce((product, { amount }) => product * BigInt(amount), 1n);
  const sum = options.reduce(
    (total, { token, amount }) => total + (paid.get(token) ?? 0n) * (whole / BigInt(amount)),
    0n,
  );
  return { paid: sum, whole };
}

/** How many units of each option's token would pay the rest of a part, rounded up; 0 where nothing is due. */
export function dueOfPart(invoice: MoneyOf, part: number): bigint[] {
  const { options } = invoice.parts[part];
  const { paid, whole } = shareOf(options, paidTo(invoice, part));
  const rest = whole > paid ? whole - paid : 0n;
  return options.map(({ amount }) => (rest * BigInt(amount) + whole - 1n) / whole);
}

function paidTo(invoice: MoneyOf, part: number): Sums {
  const sums: Sums = new Map();
  for (const payment of invoice.payments) {
    if (payment.part === part) {
      add(sums, payment.token, BigInt(payment.amount));
    }
  }
  return sums;
}

function refundedOf(invoice: MoneyOf): Sums {
  const sums: Sums = new Map();
  for (const refund of invoice.refunds) {
    if (refund.state === "sent") {
      add(sums, refund.token, BigInt(refund.amount));
    }
  }
  return sums;
}

/** Of each token: what came in and has not gone back. */
export function netOf(invoice: MoneyOf): Sums {
  const net: Sums = new Map();
  for (const { token, amount } of invoice.payments) {
    add(net, token, BigInt(amount));
  }
  for (const [token, amount] of refundedOf(invoice)) {
    add(net, token, -amount);
  }
  return net;
}

/** Whether the parts are paid by `paid`, and by more than they ask. Refunds are taken off the last parts first. */
function coverage(invoice: MoneyOf, refunded: Sums): "none" | "part" | "exact" | "more" {
  let left = new Map(refunded);
  let some = false;
  let all = true;
  let more = false;
  for (let part = invoice.parts.length - 1; part >= 0; part--) {
    const paid = paidTo(invoice, part);
    const after: Sums = new Map(left);
    for (const [token, amount] of paid) {
      const taken = (left.get(token) ?? 0n) < amount ? (left.get(token) ?? 0n) : amount;
      paid.set(token, amount - taken);
      after.set(token, (left.get(token) ?? 0n) - taken);
    }
    left = after;
    const share = shareOf(invoice.parts[part].options, paid);
    some ||= share.paid > 0n;
    all &&= share.paid >= share.whole;
    more ||= share.paid > share.whole;
  }
  return !some ? "none" : !all ? "part" : more ? "more" : "exact";
}

/** The state that the payments and refunds give; `payable` tells whether more can still come. */
export function stateOf(invoice: MoneyOf, payable: boolean): InvoiceState {
  const refunded = refundedOf(invoice);
  const covered = coverage(invoice, refunded);
  if (covered === "exact") {
    return "paid";
  }
  if (covered === "more") {
    return "overpaid";
  }
  if (refunded.size > 0) {
    return covered === "none" ? "refunded" : "refunded_in_part";
  }
  if (covered === "part") {
    return "paid_in_part";
  }
  return payable ? "open" : "expired";
}

/** Whether the chain would still take a payment of some part in the block after `height`. */
export function isPayable(invoice: MoneyOf, height: number): boolean {
  assert(invoice.parts.length > 0, "an invoice has at least one part");
  return invoice.parts.some((part) => part.heightExpiry > height);
}

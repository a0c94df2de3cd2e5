// What a committed block does to invoices: payments and refunds come in, what can't be paid any more ends. A pure function of the
// rows and the block: all its changes and the cursor become durable together, so a block counts once however often the gateway
// is killed, and blocks applied anew from the beginning give the same rows.

import { assert } from "../../base/assert.js";
import { toHex } from "../../base/bytes.js";
import { formatAddress } from "../../protocol/address.js";
import type { InvoiceJson, MerchantEventType, PaymentJson, UnassignedJson } from "../../protocol/merchantApiTypes.js";
import type { ChainBlock } from "../chain/chainSource.js";
import type { GatewayParts } from "../gatewayParts.js";
import { type Credit, creditsOf, memoText } from "./creditsOf.js";
import type { ReferenceOwner } from "./references.js";
import { isPayable, stateOf } from "./standing.js";

export const CURSOR_KEY = "cursor";

/** Where and when an invoice changes. */
interface Moment {
  parts: GatewayParts;
  /** The height up to which blocks count. */
  height: number;
  timeMs: number;
}

/** Applies the block after the cursor's. */
export function applyBlock(parts: GatewayParts, block: ChainBlock): void {
  assert(block.height === parts.cursor() + 1, `expected block ${parts.cursor() + 1}, got ${block.height}`);
  const scope: Moment = { parts, height: block.height, timeMs: block.timeMs };
  // Where nobody sells, blocks need not even be decoded.
  if (!parts.stores.isEmpty) {
    for (const credit of creditsOf(block)) {
      applyCredit(scope, credit);
    }
  }
  for (const owner of parts.references.takeEnding(block.height)) {
    applyEnd(scope, owner);
  }
  parts.rows.put("meta", CURSOR_KEY, block.height);
}

function loadInvoice({ rows }: GatewayParts, id: string): InvoiceJson {
  const invoice = rows.get<InvoiceJson>("invoice", id);
  assert(invoice !== undefined, `a reference names invoice ${id}, which has no row`);
  return invoice;
}

function paymentOf({ height, timeMs }: Moment, credit: Credit): Omit<PaymentJson, "part"> {
  return {
    id: credit.id,
    transactionId: toHex(credit.transaction.id),
    height,
    timeMs,
    payer: formatAddress(credit.from),
    token: credit.token,
    amount: `${credit.amount}`,
  };
}

function applyCredit(scope: Moment, credit: Credit): void {
  const { parts } = scope;
  const store = parts.stores.ofPayee(credit.to);
  const owner = credit.reference && parts.references.find(credit.to, credit.reference);
  if (owner?.refund !== undefined) {
    applyRefund(scope, owner, credit);
    return;
  }
  const invoice = owner && loadInvoice(parts, owner.invoice);
  if (invoice !== undefined && owner?.part !== undefined) {
    const accepted = invoice.parts[owner.part].options.some(({ token }) => token === credit.token);
    if (accepted) {
      addPayment(scope, invoice, { ...paymentOf(scope, credit), part: owner.part });
      return;
    }
  }
  // Blocks that are applied again may be older than the store.
  if (store !== undefined && store.heightCreated < scope.height) {
    const reason =
      invoice !== undefined ? "token_not_accepted" : credit.reference ? "foreign_reference" : "no_reference";
    addUnassigned(scope, store.id, credit, reason);
  }
}

/** Adds a payment, of this moment or an earlier one, and tells what it made of the invoice. */
export function addPayment(scope: Moment, invoice: InvoiceJson, payment: PaymentJson): void {
  const { parts, height, timeMs } = scope;
  invoice.payments.push(payment);
  const before = invoice.state;
  touch(invoice, height);
  const isWhole = invoice.state === "paid" || invoice.state === "overpaid";
  const tell = (type: MerchantEventType): void => {
    parts.events.add({
      store: invoice.store,
      type,
      // Paid it becomes once; each payment of a part, or too much, is an event of its own.
      cause: type === "invoice.paid" ? invoice.id : payment.id,
      timeMs,
      data: { invoice, payment },
    });
  };
  if (isWhole && invoice.heightPaid === undefined) {
    invoice.heightPaid = payment.height;
    invoice.paidMs = payment.timeMs;
    tell("invoice.paid");
  }
  if (invoice.state === "overpaid") {
    tell("invoice.overpaid");
  } else if (!isWhole || before === "refunded" || before === "refunded_in_part") {
    tell("invoice.paid_in_part");
  }
  parts.rows.put("invoice", invoice.id, invoice);
}

/** Counts the change: state, whether it can still be paid, version. */
function touch(invoice: InvoiceJson, height: number): void {
  invoice.payable = isPayable(invoice, height);
  invoice.state = stateOf(invoice, invoice.payable);
  invoice.version++;
}

function applyRefund(scope: Moment, owner: ReferenceOwner, credit: Credit): void {
  const { parts, height, timeMs } = scope;
  const invoice = loadInvoice(parts, owner.invoice);
  const refund = invoice.refunds.find(({ id }) => id === owner.refund);
  assert(refund !== undefined, `invoice ${invoice.id} has no refund ${owner.refund}`);
  const isAsWritten = refund.token === credit.token && refund.amount === `${credit.amount}`;
  if (!isAsWritten || formatAddress(credit.from) !== invoice.payee || refund.state === "sent") {
    // Somebody else's money under this reference, or another amount: the chain still takes the refund itself.
    return;
  }
  refund.state = "sent";
  refund.transactionId = toHex(credit.transaction.id);
  refund.height = height;
  touch(invoice, height);
  const told = invoice.state === "refunded" || invoice.state === "refunded_in_part";
  parts.events.add({
    store: invoice.store,
    type: told ? `invoice.${invoice.state as "refunded" | "refunded_in_part"}` : "invoice.excess_refunded",
    cause: refund.id,
    timeMs,
    data: { invoice, refund },
  });
  parts.rows.put("invoice", invoice.id, invoice);
}

function addUnassigned(scope: Moment, store: string, credit: Credit, reason: UnassignedJson["reason"]): void {
  const { parts, timeMs } = scope;
  const memo = memoText(credit.transaction);
  const payment: UnassignedJson = {
    ...paymentOf(scope, credit),
    reason,
    ...(credit.reference === undefined ? {} : { reference: toHex(credit.reference) }),
    ...(memo === undefined ? {} : { memo }),
  };
  parts.rows.put("unassigned", `${store}/${unassignedOrder(credit.id)}`, payment);
  parts.events.add({ store, type: "payment.unassigned", cause: credit.id, timeMs, data: { payment } });
}

/** A payment's id as text that sorts by its place in the chain. */
export function unassignedOrder(id: string): string {
  return id
    .split("-")
    .map((part) => part.padStart(12, "0"))
    .join("-");
}

/** A part, or a refund, can't be paid any more: the chain refuses its reference from the next block on. */
function applyEnd(scope: Moment, owner: ReferenceOwner): void {
  const { parts, height, timeMs } = scope;
  const invoice = loadInvoice(parts, owner.invoice);
  if (owner.refund !== undefined) {
    const refund = invoice.refunds.find(({ id }) => id === owner.refund);
    assert(refund !== undefined, `invoice ${invoice.id} has no refund ${owner.refund}`);
    parts.references.forget(height, refund.reference);
    if (refund.state === "asked") {
      refund.state = "expired";
      invoice.version++;
      parts.rows.put("invoice", invoice.id, invoice);
    }
    return;
  }
  assert(owner.part !== undefined, "a reference belongs to a part or a refund");
  parts.references.forget(height, invoice.parts[owner.part].reference);
  if (isPayable(invoice, height)) {
    return;
  }
  touch(invoice, height);
  if (invoice.state === "expired" || invoice.state === "paid_in_part") {
    const type = invoice.state === "expired" ? "invoice.expired" : "invoice.ended_in_part";
    parts.events.add({ store: invoice.store, type, cause: invoice.id, timeMs, data: { invoice } });
  }
  if (invoice.state === "expired" && !parts.rows.has("absence", `proof/${invoice.id}`)) {
    parts.rows.put("absence", `wanted/${invoice.id}`, height);
  }
  parts.rows.put("invoice", invoice.id, invoice);
}

// What people do to an invoice after it was made: ask for a refund, and assign a payment that came without its reference. A refund
// is a payment request to the store's own account, with a reference of its own: the store's key signs it, the chain takes it
// once, and the gateway sees it in a block. The gateway holds no key.

import { assert } from "../../base/assert.js";
import { toHex } from "../../base/bytes.js";
import { formatPaymentUri } from "../../client/paymentUri.js";
import { makeReference } from "../../client/references.js";
import { CodedError } from "../../protocol/errors.js";
import type { InvoiceJson, RefundJson, UnassignedJson } from "../../protocol/merchantApiTypes.js";
import type { TokenId } from "../../protocol/tokens.js";
import type { GatewayParts } from "../gatewayParts.js";
import { newId } from "../newId.js";
import { addPayment, unassignedOrder } from "./applyBlock.js";
import { netOf } from "./standing.js";

const ID_BYTES = 12;
/** Heights within which a refund can be sent: three minutes under load, an hour on an idle chain. */
const REFUND_HEIGHTS = 1_800;

/** The store's invoice; throws NOT_FOUND. */
export function findInvoice({ rows }: GatewayParts, store: string, id: string): InvoiceJson {
  const invoice = rows.get<InvoiceJson>("invoice", id);
  if (invoice?.store !== store) {
    throw new CodedError("NOT_FOUND", `the store has no invoice "${id.slice(0, 40)}"`);
  }
  return invoice;
}

/** What may still go back in a token: what came in, less what went back or may still go. */
function refundable(invoice: InvoiceJson, token: TokenId): bigint {
  const asked = invoice.refunds
    .filter((refund) => refund.state === "asked" && refund.token === token)
    .reduce((sum, { amount }) => sum + BigInt(amount), 0n);
  return (netOf(invoice).get(token) ?? 0n) - asked;
}

export interface NewRefund {
  token: TokenId;
  amount: bigint;
  to: string;
  reason?: string;
  staff: string;
}

/** Writes the request down. Throws REFUND_TOO_LARGE. */
export function askRefund(parts: GatewayParts, invoice: InvoiceJson, wanted: NewRefund): RefundJson {
  const { rows, chain, random, clock, references, stores } = parts;
  const { token, amount, to, reason, staff } = wanted;
  const most = refundable(invoice, token);
  if (amount > most) {
    throw new CodedError("REFUND_TOO_LARGE", `expected at most ${most} units of ${token}, got ${amount}`, {
      most: `${most}`,
    });
  }
  const id = newId(random, "rfd", ID_BYTES);
  const heightExpiry = chain.height + REFUND_HEIGHTS;
  const reference = makeReference(heightExpiry, random, {
    till: invoice.till === undefined ? 0 : stores.tills.expect(invoice.store, invoice.till).number,
    staff: stores.staff.expect(invoice.store, staff).number,
    purpose: "refund",
  });
  const refund: RefundJson = {
    id,
    to,
    token,
    amount: `${amount}`,
    reference: toHex(reference),
    heightExpiry,
    state: "asked",
    uri: formatPaymentUri({ payee: to, token, amount, reference, chain: toHex(chain.genesisHash).slice(0, 8) }),
    ...(reason === undefined ? {} : { reason }),
    staff,
    createdMs: clock.nowMs(),
  };
  invoice.refunds.push(refund);
  invoice.version++;
  rows.put("invoice", invoice.id, invoice);
  references.add(to, refund.reference, { invoice: invoice.id, refund: id }, heightExpiry);
  return refund;
}

/** Which invoice's part a payment was assigned to; known by store and payment. */
export interface AssignmentRow {
  invoice: string;
  part: number;
  /** The height up to which blocks had been applied, and the invoice's version: when it was done. */
  height: number;
  version: number;
}

/** Throws NOT_FOUND. */
export function findUnassigned({ rows }: GatewayParts, store: string, paymentId: string): UnassignedJson {
  const found = rows.get<UnassignedJson>("unassigned", `${store}/${unassignedOrder(paymentId)}`);
  if (found === undefined) {
    throw new CodedError("NOT_FOUND", `the store has no unassigned payment "${paymentId.slice(0, 40)}"`);
  }
  return found;
}

/** Counts an unassigned payment for an invoice's part. Throws NOT_FOUND, or BAD_REQUEST for one that can't be. */
export function assignPayment(parts: GatewayParts, invoice: InvoiceJson, part: number, paymentId: string): InvoiceJson {
  const found = findUnassigned(parts, invoice.store, paymentId);
  if (found.assigned !== undefined) {
    throw new CodedError("BAD_REQUEST", `expected a payment that is not assigned, got one of ${found.assigned}`);
  }
  const options = invoice.parts[part]?.options ?? [];
  if (!options.some(({ token }) => token === found.token)) {
    throw new CodedError("BAD_REQUEST", `expected a payment in a token of the invoice, got ${found.token}`);
  }
  const row: AssignmentRow = { invoice: invoice.id, part, height: parts.cursor(), version: invoice.version };
  parts.rows.put("assignment", `${invoice.store}/${paymentId}`, row);
  return countAssigned(parts, row, found);
}

/** Does what an assignment says; the invoice that it made of it. */
export function countAssigned(
  parts: GatewayParts,
  { invoice: id, part }: AssignmentRow,
  found: UnassignedJson,
): InvoiceJson {
  const { rows, clock } = parts;
  const invoice = rows.get<InvoiceJson>("invoice", id);
  assert(invoice !== undefined, `an assignment names invoice ${id}, which has no row`);
  rows.put("unassigned", `${invoice.store}/${unassignedOrder(found.id)}`, { ...found, assigned: id });
  const { reason: _, reference: __, memo: ___, ...payment } = found;
  addPayment({ parts, height: parts.cursor(), timeMs: clock.nowMs() }, invoice, { ...payment, part });
  return invoice;
}

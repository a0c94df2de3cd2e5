// Giving a payment back. The refund carries a reference that follows from the invoice's own, so that the chain itself refuses a
// second refund of the same sale, whichever till or device tries it.

import { type Account, expiryHeightOf, fromHex, type Outcome } from "ttchain";
import { sha256 } from "ttchain/crypto";
import { client } from "../node.js";
import { pay } from "../wallet/pay.js";
import { type Sale, saveSale } from "./sales.js";

/** How long after an invoice's expiry its refund can be sent. */
export const REFUND_HEIGHTS = 1_000_000;
const REFERENCE_BYTES = 32;

/** u64 expiry height of the invoice + REFUND_HEIGHTS, then 24 bytes of SHA-256("refund" and the invoice's reference). */
export function refundReference(reference: Uint8Array): Uint8Array {
  const name = new TextEncoder().encode("refund");
  const source = new Uint8Array(name.length + reference.length);
  source.set(name);
  source.set(reference, name.length);
  const refund = sha256(source).slice();
  new DataView(refund.buffer).setBigUint64(0, expiryHeightOf(reference) + BigInt(REFUND_HEIGHTS), true);
  return refund;
}

function referenceOfRefund(sale: Sale): Uint8Array {
  const reference = fromHex(sale.reference);
  if (reference?.length !== REFERENCE_BYTES) {
    throw new Error("a sale's reference has 64 hex digits");
  }
  return refundReference(reference);
}

/** Asks the chain whether the sale was refunded, by this till, before a reload, or by another; writes it into the book if so. */
export async function lookForRefund(sale: Sale): Promise<void> {
  if (sale.paid === undefined) {
    return;
  }
  const { token, paid } = sale;
  const refund = { payee: paid.payer, token, amount: BigInt(sale.amount), reference: referenceOfRefund(sale) };
  const { state, transactionId } = await client.reference(refund);
  if (state === "paid" && transactionId !== undefined) {
    saveSale({ ...sale, refund: { id: transactionId, state: "committed" } });
  }
}

/** Sends the refund and writes it into the book once it is committed. */
export async function refundSale(account: Account, sale: Sale): Promise<Outcome> {
  if (sale.paid === undefined) {
    throw new Error("only a paid sale can be refunded");
  }
  const { id, outcome } = await pay(account, {
    to: sale.paid.payer,
    token: sale.token,
    amount: BigInt(sale.amount),
    reference: referenceOfRefund(sale),
    memo: `refund ${sale.reference.slice(16, 24)}`,
    lane: sale.till,
  });
  if (outcome.state === "committed") {
    saveSale({ ...sale, refund: { id, state: "committed" } });
  }
  return outcome;
}

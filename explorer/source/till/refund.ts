// Giving a payment back. The refund carries a reference that follows from the invoice's own, so that the chain itself refuses a
// second refund of the same sale, whichever till or device tries it.

import { type Account, expiryHeightOf, fromHex, type Outcome } from "ttchain";
import { sha256 } from "ttchain/crypto";
import { pay } from "../wallet/pay.js";
import { type Sale, saveSale } from "./sales.js";

/** How long after an invoice's expiry its refund can be sent. */
export const REFUND_HEIGHTS = 1_000_000;
const EXPIRY_BYTES = 8;

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

/** Sends the refund and writes it into the book once it is committed. */
export async function refundSale(account: Account, sale: Sale): Promise<Outcome> {
  const reference = fromHex(sale.reference);
  if (reference?.length !== EXPIRY_BYTES + 24 || sale.paid === undefined) {
    throw new Error("only a paid sale can be refunded");
  }
  const { id, outcome } = await pay(account, {
    to: sale.paid.payer,
    token: sale.token,
    amount: BigInt(sale.amount),
    reference: refundReference(reference),
    memo: `refund ${sale.reference.slice(16, 24)}`,
    lane: sale.till,
  });
  if (outcome.state === "committed") {
    saveSale({ ...sale, refund: { id, state: "committed" } });
  }
  return outcome;
}

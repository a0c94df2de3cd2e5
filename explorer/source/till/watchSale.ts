// Follows an open sale until the chain has decided it: paid (told by the payments' topic, or asked for after a break), or expired, with
// the proof that nobody paid. Nothing that the node says of a sale counts before a block is committed.

import { fromHex, parseAddress, type SubscriptionMessage } from "ttchain";
import { client, linkState, subscribe } from "../node.js";
import { type Sale, saleOf, saveSale } from "./sales.js";

const POLL_MS = 2_000;

function referenceBytes(sale: Sale): Uint8Array {
  const bytes = fromHex(sale.reference);
  if (bytes?.length !== 32) {
    throw new Error("a sale's reference has 64 hex digits");
  }
  return bytes;
}

/** What must have been paid, as the proofs want it. */
export function expectedPayment(sale: Sale) {
  const { payee, token, amount } = sale;
  return { payee: parseAddress(payee), token, amount: BigInt(amount), reference: referenceBytes(sale) };
}

type Transactions = Extract<SubscriptionMessage, { type: "transactions" }>;

function paymentIn(sale: Sale, message: Transactions): Sale["paid"] | undefined {
  for (const transaction of message.transactions) {
    const operations = transaction.operations as Record<string, unknown>[];
    const payment = operations.find(
      ({ kind, to, token, amount, reference }) =>
        kind === "transfer" &&
        to === sale.payee &&
        token === sale.token &&
        amount === sale.amount &&
        reference === sale.reference,
    );
    if (transaction.code === "OK" && payment !== undefined) {
      const { height, timeMs } = message;
      return { height, timeMs, id: String(transaction.id), payer: String(payment.account) };
    }
  }
  return undefined;
}

async function askNode(sale: Sale): Promise<Sale["paid"] | undefined> {
  const state = await client.reference(expectedPayment(sale));
  if (state.state !== "paid" || state.transactionId === undefined) {
    return undefined;
  }
  const transaction = await client.transaction(state.transactionId);
  const operations = (transaction.transaction?.operations ?? []) as Record<string, unknown>[];
  const payment = operations.find(({ reference }) => reference === sale.reference);
  return {
    height: transaction.height ?? state.heightPaid ?? 0,
    timeMs: transaction.timeMs ?? 0,
    id: state.transactionId,
    payer: String(payment?.account ?? ""),
  };
}

/** Watches until `onChange` was told of the end; gives the way to stop. */
export function watchSale(sale: Sale, onChange: (sale: Sale) => void): () => void {
  let ended = false;
  const settle = (paid: Sale["paid"]): void => {
    if (!ended && paid !== undefined && saleOf(sale.reference)?.state === "open") {
      ended = true;
      const done: Sale = { ...sale, state: "paid", paid };
      saveSale(done);
      onChange(done);
    }
  };
  const expire = (): void => {
    if (!ended && saleOf(sale.reference)?.state === "open") {
      ended = true;
      const over: Sale = { ...sale, state: "expired" };
      saveSale(over);
      onChange(over);
    }
  };
  const ask = async (): Promise<void> => {
    // The height is read first: a payment at that height or below is then certainly seen.
    const { height } = await client.status();
    const paid = await askNode(sale);
    settle(paid);
    if (paid === undefined && height >= sale.expiry) {
      expire();
    }
  };
  const askSafely = (): void => void ask().catch(() => undefined);
  const unsubscribe = subscribe({ topic: "payments", address: sale.payee }, (message) => {
    if (message.type === "transactions") {
      settle(paymentIn(sale, message));
    }
  });
  const unwatch = linkState.watch(askSafely);
  const timer = setInterval(askSafely, POLL_MS);
  askSafely();
  return () => {
    ended = true;
    unsubscribe();
    unwatch();
    clearInterval(timer);
  };
}

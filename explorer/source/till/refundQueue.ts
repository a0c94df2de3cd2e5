// Refunds that were asked for while the till had no network. They wait on the device and go out when the network and the wallet are
// there again. A sale is never queued: without the chain nobody can know that it was paid. A refund can be, because its reference
// follows from the sale's, so that the chain refuses a second one whoever sends it.

import type { Account } from "ttchain";
import { linkState } from "../node.js";
import { createStore } from "../store.js";
import { openAccount } from "../wallet/vault.js";
import { lookForRefund, refundSale } from "./refund.js";
import { saleOf } from "./sales.js";

const STORAGE_KEY = "ttchain.refundQueue";

export interface QueuedRefund {
  /** The sale's reference. */
  reference: string;
  askedMs: number;
  /** Why the last try failed. */
  problem?: string;
}

function read(): QueuedRefund[] {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "[]");
  } catch {
    return [];
  }
}

export const refundQueue = createStore<QueuedRefund[]>(read());

function write(queue: QueuedRefund[]): void {
  localStorage.setItem(STORAGE_KEY, JSON.stringify(queue));
  refundQueue.set(queue);
}

/** Puts a refund into the queue; once for each sale. */
export function queueRefund(reference: string): void {
  if (!read().some((entry) => entry.reference === reference)) {
    write([...read(), { reference, askedMs: Date.now() }]);
  }
}

function settle(reference: string, problem?: string): void {
  const others = read().filter((entry) => entry.reference !== reference);
  const entry = read().find((candidate) => candidate.reference === reference);
  write(problem === undefined || entry === undefined ? others : [...others, { ...entry, problem }]);
}

async function sendOne(account: Account, { reference }: QueuedRefund): Promise<void> {
  const sale = saleOf(reference);
  if (sale === undefined || sale.payee !== account.addressText) {
    settle(reference, sale === undefined ? "the till's book no longer has this sale" : "another wallet is open");
    return;
  }
  await lookForRefund(sale);
  if (saleOf(reference)?.refund !== undefined) {
    settle(reference);
    return;
  }
  const outcome = await refundSale(account, sale);
  settle(reference, outcome.state === "committed" ? undefined : (outcome.message ?? outcome.code));
}

let sending = false;

/** Sends what waits, if there are network and open wallet; what fails stays with its reason. */
export async function sendQueuedRefunds(): Promise<void> {
  const account = openAccount.get();
  if (sending || account === undefined || linkState.get() !== "open") {
    return;
  }
  sending = true;
  try {
    for (const entry of read()) {
      await sendOne(account, entry).catch((error: unknown) =>
        settle(entry.reference, error instanceof Error ? error.message : String(error)),
      );
    }
  } finally {
    sending = false;
  }
}

/** Sends the queue whenever network or wallet come back; gives the way to stop. */
export function watchRefundQueue(): () => void {
  const send = (): void => void sendQueuedRefunds();
  const stops = [linkState.watch(send), openAccount.watch(send)];
  send();
  return () => {
    for (const stop of stops) {
      stop();
    }
  };
}

// Paying: what it would cost, then signing and staying with the transaction until its fate is known. The signed bytes are kept on the
// device before they are sent, so that a page that is closed or reloaded goes on with the same transaction and never makes a second.

import {
  type Account,
  type Action,
  buildBody,
  buildTransaction,
  type ChainView,
  decodeTransaction,
  fromHex,
  type Outcome,
  type SignedTransaction,
  sendTransaction,
  type TokenId,
  toHex,
  transactionFee,
  transfer,
} from "ttchain";
import { client } from "../node.js";
import { createStore } from "../store.js";

export interface Payment {
  /** ttc1… text. */
  to: string;
  token: TokenId;
  amount: bigint;
  reference?: Uint8Array;
  memo?: string;
  lane?: number;
}

export interface Quote {
  chain: ChainView;
  fee: bigint;
  feeToken: TokenId;
  /** TTC units held for the payee's new account; 0 where it exists. */
  deposit: bigint;
}

/** A payment whose fate is not known yet. */
export interface PendingPayment {
  id: string;
  bytes: string;
  to: string;
  token: TokenId;
  amount: string;
}

const STORAGE_KEY = "ttchain.pending";
const SEQUENCE_TRIES_MAX = 3;
const TIMEOUT_MS = 120_000;

function readPending(): PendingPayment[] {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "[]");
  } catch {
    return [];
  }
}

export const pendingPayments = createStore<PendingPayment[]>(readPending());

function writePending(list: PendingPayment[]): void {
  localStorage.setItem(STORAGE_KEY, JSON.stringify(list));
  pendingPayments.set(list);
}

function forget(id: string): void {
  writePending(readPending().filter((entry) => entry.id !== id));
}

/** What is to be signed, without the sequence number, which is asked for at the last moment. */
export interface ActionsToSign {
  actions: Action[];
  lane?: number;
  memo?: Uint8Array;
}

function actionsOf(account: Account, { to, token, amount, reference, memo, lane = 0 }: Payment): ActionsToSign {
  const action = transfer(account, { to, token, amount, ...(reference === undefined ? {} : { reference }) });
  const note = memo === undefined || memo === "" ? {} : { memo: new TextEncoder().encode(memo) };
  return { actions: [action], lane, ...note };
}

/** What these actions would cost now, at most. Throws a coded error for what can't be built. */
export async function quoteActions(account: Account, toSign: ActionsToSign): Promise<Omit<Quote, "deposit">> {
  const chain = await client.chain();
  const body = buildBody(chain, { lane: 0, ...toSign, sender: account, sequence: 0 });
  return { chain, fee: transactionFee(chain.parameters, body), feeToken: body.feeToken };
}

/** What the payment would cost now. Throws a coded error for one that can't be built. */
export async function quotePayment(account: Account, payment: Payment): Promise<Quote> {
  const quote = quoteActions(account, actionsOf(account, payment));
  const [{ chain, ...rest }, payee] = await Promise.all([quote, client.account(payment.to)]);
  return { chain, ...rest, deposit: payee.exists ? 0n : chain.parameters.depositAccountTtcUnits };
}

function send(transaction: SignedTransaction): Promise<Outcome> {
  return sendTransaction(client, transaction, { timeoutMs: TIMEOUT_MS });
}

/** Signs and sends a payment; see `signAndSend`. */
export function pay(account: Account, payment: Payment): Promise<{ id: string; outcome: Outcome }> {
  return signAndSend(account, actionsOf(account, payment), payment);
}

/**
 * Signs and sends; `shown` is what lists of pending payments say of it. Throws OutcomeUnknownError where the time was up; it then stays
 * pending.
 */
export async function signAndSend(
  account: Account,
  toSign: ActionsToSign,
  { to, token, amount }: Pick<Payment, "to" | "token" | "amount">,
): Promise<{ id: string; outcome: Outcome }> {
  const { lane = 0 } = toSign;
  for (let tries = 1; ; tries++) {
    const [chain, { sequencePending }] = await Promise.all([client.chain(), client.lane(account.address, lane)]);
    const options = { ...toSign, lane, sender: account, sequence: sequencePending };
    const transaction = buildTransaction(chain, [account], options);
    const id = toHex(transaction.id);
    const entry = { id, bytes: toHex(transaction.bytes), to, token, amount: amount.toString() };
    writePending([...readPending(), entry]);
    const outcome = await send(transaction);
    forget(id);
    // Another till on the same lane was quicker: this transaction was never taken, so a new one with the next number is no second payment.
    const isLaneTaken = outcome.code === "SEQUENCE_USED" || outcome.code === "SEQUENCE_GAP";
    if (outcome.state !== "refused" || !isLaneTaken || tries >= SEQUENCE_TRIES_MAX) {
      return { id, outcome };
    }
  }
}

let resumed = false;

/** Goes on with payments that an earlier page began, once a page load. */
export function resumePending(): void {
  if (resumed) {
    return;
  }
  resumed = true;
  for (const { id, bytes } of readPending()) {
    const encoded = fromHex(bytes);
    if (encoded === undefined) {
      forget(id);
      continue;
    }
    const body = decodeTransaction(encoded);
    send({ id: body.id, bytes: encoded, validUntil: body.validUntil, body }).then(
      () => forget(id),
      () => undefined,
    );
  }
}

// The client of a merchant's gateway (docs/merchant.md): a store's invoices, refunds, webhooks and events. What changes something
// carries an idempotency key, and is sent again with it while nobody answers: nothing happens twice.

import { fromHex, toHex } from "../base/bytes.js";
import { systemRandom } from "../base/random.js";
import { CodedError } from "../protocol/errors.js";
import type {
  AbsenceJson,
  CheckoutJson,
  InvoiceJson,
  InvoiceState,
  MerchantEventJson,
  MerchantEventType,
  MerchantKeyJson,
  MerchantScope,
  MileageOfferJson,
  PresentedCodeJson,
  PriceJson,
  RefundJson,
  StaffJson,
  StaffRole,
  StoreJson,
  TillJson,
  UnassignedJson,
  WebhookAttemptJson,
  WebhookJson,
} from "../protocol/merchantApiTypes.js";
import type { TokenId } from "../protocol/tokens.js";
import { delay } from "./delay.js";
import { NodeUnreachableError, requestJson } from "./requestJson.js";

const DEFAULT_TIMEOUT_MS = 15_000;
const DEFAULT_PATIENCE_MS = 10_000;
const RETRY_MS = 200;
const EVENTS_WAIT_MS = 25_000;
const EVENTS_PAGE = 100;

export interface MerchantClientOptions {
  /** The gateway, which is the node itself where it runs inside. */
  url: string;
  /** tsk_…; the operator's, ttk_…, for making stores. */
  key?: string;
  /** How long one request may take. */
  timeoutMs?: number;
  /** How long a request is sent again while nobody answers. */
  patienceMs?: number;
}

/** What names a request for ever; a random text where undefined. */
export interface Once {
  idempotencyKey?: string;
}

export interface NewInvoiceRequest {
  price: PriceJson;
  tokens?: TokenId[];
  till?: string;
  expiryHeights?: number;
  instalments?: { amount: string; expiryHeights: number }[];
  order?: string;
  label?: string;
  metadata?: Record<string, string>;
  returnUrl?: string;
  mileage?: { token: TokenId; amount: string };
}

export interface NewStoreRequest {
  name: string;
  payee: string;
  timeZone?: string;
  categoryCode?: string;
  city?: string;
  tokens?: TokenId[];
}

type Page<Name extends string, T> = { [K in Name]: T[] } & { next?: string };

function query(values: Record<string, string | number | undefined>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return given.length === 0
    ? ""
    : `?${given.map(([name, value]) => `${name}=${encodeURIComponent(value!)}`).join("&")}`;
}

export class MerchantClient {
  /** Without a slash at the end. */
  readonly url: string;
  readonly #key: string | undefined;
  readonly #timeoutMs: number;
  readonly #patienceMs: number;

  constructor({ url, key, timeoutMs = DEFAULT_TIMEOUT_MS, patienceMs = DEFAULT_PATIENCE_MS }: MerchantClientOptions) {
    this.url = url.replace(/\/+$/, "");
    this.#key = key;
    this.#timeoutMs = timeoutMs;
    this.#patienceMs = patienceMs;
  }

  async #send<T>(
    path: string,
    body?: object,
    { idempotencyKey = toHex(systemRandom.bytes(16)) }: Once = {},
  ): Promise<T> {
    const headers: Record<string, string> = this.#key === undefined ? {} : { authorization: `Bearer ${this.#key}` };
    const request =
      body === undefined
        ? { headers }
        : {
            method: "POST" as const,
            headers: { ...headers, "content-type": "application/json", "idempotency-key": idempotencyKey },
            body: JSON.stringify(body),
          };
    const deadlineMs = performance.now() + this.#patienceMs;
    for (;;) {
      try {
        return (await requestJson(this.url, `/v1/merchant${path}`, request, this.#timeoutMs)) as T;
      } catch (error) {
        const mayCome =
          error instanceof NodeUnreachableError || (error instanceof CodedError && error.code === "NO_HOLDER");
        if (!mayCome || performance.now() >= deadlineMs) {
          throw error;
        }
        await delay(RETRY_MS);
      }
    }
  }

  /** Makes a store; `secret` is its owner's key. */
  createStore(
    store: NewStoreRequest,
    once?: Once,
  ): Promise<{ store: StoreJson; owner: StaffJson; key: MerchantKeyJson; secret: string }> {
    return this.#send("/stores", store, once);
  }

  /** The key's own store, and whose key it is. */
  store(): Promise<{ store: StoreJson; staff: StaffJson; scopes: MerchantScope[] }> {
    return this.#send("/store");
  }

  createTill(name: string, once?: Once): Promise<TillJson> {
    return this.#send("/tills", { name }, once);
  }

  createStaff(person: { name: string; role: StaffRole }, once?: Once): Promise<StaffJson> {
    return this.#send("/staff", person, once);
  }

  createKey(
    key: { name: string; staff: string; scopes?: MerchantScope[] },
    once?: Once,
  ): Promise<{ key: MerchantKeyJson; secret: string }> {
    return this.#send("/keys", key, once);
  }

  createInvoice(invoice: NewInvoiceRequest, once?: Once): Promise<InvoiceJson> {
    return this.#send("/invoices", invoice, once);
  }

  invoice(id: string): Promise<InvoiceJson> {
    return this.#send(`/invoices/${encodeURIComponent(id)}`);
  }

  invoices(
    page: { state?: InvoiceState; before?: string; limit?: number } = {},
  ): Promise<Page<"invoices", InvoiceJson>> {
    return this.#send(`/invoices${query(page)}`);
  }

  /** The chain's proofs that an expired invoice was not paid: see `verifyStateProof`. */
  absence(id: string): Promise<AbsenceJson> {
    return this.#send(`/invoices/${encodeURIComponent(id)}/absence`);
  }

  /** Asks for a refund: the store's own account then pays the answer's `uri`. */
  refund(
    invoice: string,
    refund: { token: TokenId; amount: string; to?: string; reason?: string },
    once?: Once,
  ): Promise<RefundJson> {
    return this.#send(`/invoices/${encodeURIComponent(invoice)}/refunds`, refund, once);
  }

  unassigned(page: { after?: string; limit?: number } = {}): Promise<Page<"payments", UnassignedJson>> {
    return this.#send(`/unassigned${query(page)}`);
  }

  /** Counts a payment that came without the invoice's reference for it. */
  assign(invoice: string, payment: string, part = 0, once?: Once): Promise<InvoiceJson> {
    return this.#send(`/invoices/${encodeURIComponent(invoice)}/assign`, { payment, part }, once);
  }

  createWebhook(
    webhook: { url: string; events?: MerchantEventType[] },
    once?: Once,
  ): Promise<WebhookJson & { secret: string }> {
    return this.#send("/webhooks", webhook, once);
  }

  webhooks(): Promise<{ webhooks: WebhookJson[] }> {
    return this.#send("/webhooks");
  }

  setWebhookActive(id: string, active: boolean, once?: Once): Promise<WebhookJson> {
    return this.#send(`/webhooks/${encodeURIComponent(id)}`, { active }, once);
  }

  webhookAttempts(
    id: string,
    page: { before?: string; limit?: number } = {},
  ): Promise<Page<"attempts", WebhookAttemptJson>> {
    return this.#send(`/webhooks/${encodeURIComponent(id)}/attempts${query(page)}`);
  }

  replay(
    id: string,
    which: { event: string } | { from: number; to?: number },
    once?: Once,
  ): Promise<{ id: string; from: number; to: number }> {
    return this.#send(`/webhooks/${encodeURIComponent(id)}/replay`, which, once);
  }

  /** One page of events; `waitMs` waits for one where there is none yet. */
  events(after: number, waitMs = 0): Promise<{ events: MerchantEventJson[]; after: number }> {
    return this.#send(`/events${query({ after, wait: waitMs, limit: EVENTS_PAGE })}`);
  }

  /** Every event above `after`, in order, for as long as it is read; `signal` ends it. */
  async *follow(after: number, signal?: AbortSignal): AsyncGenerator<MerchantEventJson> {
    let cursor = after;
    while (signal?.aborted !== true) {
      const page = await this.events(cursor, Math.min(EVENTS_WAIT_MS, this.#timeoutMs - RETRY_MS));
      for (const event of page.events) {
        yield event;
        cursor = event.sequence;
      }
    }
  }

  /** An invoice as its buyer sees it. With `version` it waits, up to `waitMs`, for a later one. */
  checkout(id: string, { version, waitMs }: { version?: number; waitMs?: number } = {}): Promise<CheckoutJson> {
    return this.#send(`/checkout/${encodeURIComponent(id)}${query({ version, wait: waitMs })}`);
  }

  /** What paying the invoice earns `payer` in mileage, and what is due where `spent` of mileage goes towards it. */
  mileageOffer(id: string, payer: string, spent = 0n): Promise<MileageOfferJson> {
    const body = { payer, ...(spent === 0n ? {} : { spent: `${spent}` }) };
    return this.#send(`/checkout/${encodeURIComponent(id)}/mileage/offers`, body);
  }

  /** The whole transaction of a purchase that its payer has signed (`buildPurchase`), ready for `TTChainClient.submit`. */
  async signPurchase(id: string, bytes: Uint8Array): Promise<{ id: string; bytes: Uint8Array }> {
    const path = `/checkout/${encodeURIComponent(id)}/mileage/signatures`;
    const signed = await this.#send<{ id: string; transaction: string }>(path, { transaction: toHex(bytes) });
    return { id: signed.id, bytes: fromHex(signed.transaction)! };
  }

  /** Hands a customer's code to the gateway, so that a till can claim it by its digits. */
  presentCode(token: string): Promise<PresentedCodeJson> {
    return this.#send("/codes", { token });
  }

  /** The code as it stands: with an invoice once a till has claimed it, for which it waits up to `waitMs`. */
  presentedCode(digits: string, waitMs = 0): Promise<PresentedCodeJson> {
    return this.#send(`/codes/${encodeURIComponent(digits)}${query({ wait: waitMs })}`);
  }

  /** Asks the wallet behind a customer's code to pay an invoice. */
  claimCode(digits: string, invoice: string, once?: Once): Promise<PresentedCodeJson> {
    return this.#send(`/codes/${encodeURIComponent(digits)}/claim`, { invoice }, once);
  }

  status(): Promise<{ following: boolean; height: number; chainHeight: number; version: string }> {
    return this.#send("/status");
  }
}

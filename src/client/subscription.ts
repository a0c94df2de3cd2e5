// One subscription over a connection that may break: it remembers the next height it wants, asks for it again after every
// interruption, and passes nothing on twice. A reader who falls behind pauses it instead of filling the memory.

import type { ContractEventJson, SubscriptionTopic } from "../protocol/apiTypes.js";
import { CodedError } from "../protocol/errors.js";
import type { BlockSummary, TransactionSummary } from "./answers.js";

export interface SubscriptionOptions {
  topic: SubscriptionTopic;
  /** ttc1… text, for "account", "payments" and "contract". */
  address?: string;
  /** The first height wanted; the next block where undefined. */
  from?: number;
}

/** A block (topic "blocks"), the events of a block that holds any of the contract (topic "contract"), or its transactions for the topic. */
export type SubscriptionMessage =
  | { type: "block"; height: number; block: BlockSummary }
  | { type: "transactions"; height: number; timeMs: number; transactions: TransactionSummary[] }
  | { type: "contractEvents"; height: number; timeMs: number; events: ContractEventJson[] };

/** How a subscription reaches the node; the connection gives it. */
export interface SubscriptionLink {
  /** Asks for messages, from height `from` on where that is given. */
  subscribe(options: SubscriptionOptions): void;
  /** Asks for no more for now. */
  unsubscribe(): void;
  /** Asks for no more, for good. */
  end(): void;
}

/** Messages kept for a reader; beyond that the node is asked to stop, and to go on from there later. */
const BACKLOG_MAX = 1_000;

interface Waiter {
  resolve(result: IteratorResult<SubscriptionMessage>): void;
  reject(error: Error): void;
}

export class Subscription implements AsyncIterable<SubscriptionMessage>, AsyncIterator<SubscriptionMessage> {
  readonly #link: SubscriptionLink;
  readonly #options: SubscriptionOptions;
  readonly #onMessage: ((message: SubscriptionMessage) => void) | undefined;
  #heightNext: number | undefined;
  #backlog: SubscriptionMessage[] = [];
  #waiters: Waiter[] = [];
  #paused = false;
  #failure: Error | undefined;
  #closed = false;

  constructor(
    link: SubscriptionLink,
    options: SubscriptionOptions,
    onMessage: ((message: SubscriptionMessage) => void) | undefined,
  ) {
    this.#link = link;
    this.#options = options;
    this.#onMessage = onMessage;
    this.#heightNext = options.from;
  }

  /** The next height wanted: where a later subscription would go on. Undefined until the node has answered. */
  get heightNext(): number | undefined {
    return this.#heightNext;
  }

  /** Why it ended, where it did not end by `unsubscribe`. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Called by the connection whenever it is open anew. */
  connected(): void {
    if (!this.#paused && !this.#closed) {
      const { from: _, ...options } = this.#options;
      this.#link.subscribe(this.#heightNext === undefined ? options : { ...options, from: this.#heightNext });
    }
  }

  /** Called by the connection: the node begins with height `from`. */
  started(from: number): void {
    this.#heightNext ??= from;
  }

  /** Called by the connection with each message. */
  received(message: SubscriptionMessage): void {
    if (this.#closed || this.#paused || (this.#heightNext !== undefined && message.height < this.#heightNext)) {
      return;
    }
    this.#heightNext = message.height + 1;
    if (this.#onMessage !== undefined) {
      this.#onMessage(message);
      return;
    }
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: message });
      return;
    }
    this.#backlog.push(message);
    if (this.#backlog.length >= BACKLOG_MAX) {
      this.#paused = true;
      this.#link.unsubscribe();
    }
  }

  /** Called by the connection: the node refused the subscription, or the connection was closed for good. */
  failed(error: Error | undefined): void {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    this.#failure = error;
    for (const waiter of this.#waiters.splice(0)) {
      if (error === undefined) {
        waiter.resolve({ done: true, value: undefined });
      } else {
        waiter.reject(error);
      }
    }
  }

  /** Ends it; a waiting reader is told so. */
  unsubscribe(): void {
    if (!this.#closed) {
      this.#link.end();
      this.failed(undefined);
    }
  }

  next(): Promise<IteratorResult<SubscriptionMessage>> {
    if (this.#onMessage !== undefined) {
      return Promise.reject(new CodedError("BAD_REQUEST", "this subscription calls back: it can't be iterated too"));
    }
    const message = this.#backlog.shift();
    if (message !== undefined) {
      this.#resumeWhenRead();
      return Promise.resolve({ done: false, value: message });
    }
    if (this.#failure !== undefined) {
      return Promise.reject(this.#failure);
    }
    if (this.#closed) {
      return Promise.resolve({ done: true, value: undefined });
    }
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Called by `for await` when it is left early. */
  return(): Promise<IteratorResult<SubscriptionMessage>> {
    this.unsubscribe();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #resumeWhenRead(): void {
    if (this.#paused && this.#backlog.length === 0) {
      this.#paused = false;
      this.connected();
    }
  }
}

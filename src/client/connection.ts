// A WebSocket connection to a node that keeps itself up and resumes its subscriptions. It never sends a submission again by
// itself: what was under way when the connection broke is told as lost, and its outcome is asked for by id (see
// sendTransaction and waitForCommit).

import type { NodeMessage } from "../protocol/apiTypes.js";
import { CodedError } from "../protocol/errors.js";
import { encodeBatchFrame } from "./batchFrame.js";
import { DEFAULT_NODE_URL } from "./client.js";
import { type BatchListener, type BatchPromises, OpenBatches, promiseBatch } from "./openBatches.js";
import { ReconnectingSocket } from "./reconnectingSocket.js";
import { errorOfAnswer, NodeUnreachableError } from "./requestJson.js";
import { Subscription, type SubscriptionMessage, type SubscriptionOptions } from "./subscription.js";
import { loadWebSocket, type WebSocketConstructor } from "./webSocket.js";

const REQUEST_MAX = 0xffffffff;

export interface ConnectionOptions {
  /** The node, http(s):// or ws(s)://; http://127.0.0.1:7070 where undefined. */
  url?: string;
  /** Another WebSocket than the platform's. */
  webSocket?: WebSocketConstructor;
  /** Told when the connection is up, and when it broke (with a reason) and will be tried again. */
  onStateChange?(state: "open" | "lost", reason?: string): void;
}

/** The WebSocket address of a node's URL. */
export function webSocketUrl(url: string): string {
  if (!/^(http|ws)s?:\/\/[^/]/.test(url)) {
    throw new CodedError("BAD_REQUEST", `expected a URL such as ${DEFAULT_NODE_URL}, got "${url.slice(0, 100)}"`);
  }
  const base = url.replace(/^http/, "ws").replace(/\/+$/, "");
  return base.endsWith("/v1/ws") ? base : `${base}/v1/ws`;
}

export class Connection {
  readonly url: string;
  readonly #socket: ReconnectingSocket;
  readonly #batches = new OpenBatches();
  readonly #pings = new Map<number, { resolve(): void; reject(error: Error): void }>();
  readonly #subscriptions = new Set<Subscription>();
  /** Of the open socket: the request that asked, then the node's number. */
  readonly #asked = new Map<number, Subscription>();
  readonly #running = new Map<number, Subscription>();
  #request = 0;

  private constructor(options: ConnectionOptions, webSocket: WebSocketConstructor) {
    this.url = webSocketUrl(options.url ?? DEFAULT_NODE_URL);
    this.#socket = new ReconnectingSocket(this.url, webSocket, {
      opened: () => {
        options.onStateChange?.("open");
        for (const subscription of this.#subscriptions) {
          subscription.connected();
        }
      },
      received: (message) => this.#receive(message),
      lost: (error) => {
        this.#lost(error);
        options.onStateChange?.("lost", error.message);
      },
    });
  }

  /** Connects. Throws NodeUnreachableError where the first try fails; later breaks are mended silently. */
  static async open(options: ConnectionOptions = {}): Promise<Connection> {
    const connection = new Connection(options, options.webSocket ?? (await loadWebSocket()));
    await connection.#socket.open();
    return connection;
  }

  /** Whether the socket is up now. */
  get isOpen(): boolean {
    return this.#socket.isOpen;
  }

  /** Bytes that were sent but have not left this machine yet. */
  get bufferedBytes(): number {
    return this.#socket.bufferedBytes;
  }

  /**
   * Sends a batch and tells `listener` what comes of it; with `final`, also when each is final. Throws a coded error for
   * a batch that no frame can hold, NodeUnreachableError while the connection is down.
   */
  submitBatch(transactions: Uint8Array[], listener: BatchListener, { final = true }: { final?: boolean } = {}): void {
    const request = this.#nextRequest();
    if (!this.#socket.send(encodeBatchFrame(request, transactions, final))) {
      throw new NodeUnreachableError(this.url, "the connection is down");
    }
    this.#batches.add(request, listener, final);
  }

  /** Sends a batch and gives its answers as promises. */
  submit(transactions: Uint8Array[]): BatchPromises {
    return promiseBatch(transactions.length, (listener) => this.submitBatch(transactions, listener));
  }

  /** Messages of a topic, to `onMessage` or, where that is undefined, to `for await` over the result. */
  subscribe(options: SubscriptionOptions, onMessage?: (message: SubscriptionMessage) => void): Subscription {
    const subscription = new Subscription(
      {
        subscribe: (again) => {
          const request = this.#nextRequest();
          if (this.#socket.send({ type: "subscribe", request, ...again })) {
            this.#asked.set(request, subscription);
          }
        },
        unsubscribe: () => this.#unsubscribe(subscription),
        end: () => {
          this.#subscriptions.delete(subscription);
          this.#unsubscribe(subscription);
        },
      },
      options,
      onMessage,
    );
    this.#subscriptions.add(subscription);
    if (this.isOpen) {
      subscription.connected();
    }
    return subscription;
  }

  /** Resolves with the milliseconds to the node and back. */
  async ping(): Promise<number> {
    const request = this.#nextRequest();
    const startMs = performance.now();
    await new Promise<void>((resolve, reject) => {
      if (this.#socket.send({ type: "ping", request })) {
        this.#pings.set(request, { resolve, reject });
      } else {
        reject(new NodeUnreachableError(this.url, "the connection is down"));
      }
    });
    return performance.now() - startMs;
  }

  /** Closes for good: subscriptions end, what is under way is told as lost. */
  close(): void {
    this.#socket.close();
    for (const subscription of this.#subscriptions) {
      subscription.failed(undefined);
    }
    this.#subscriptions.clear();
  }

  #nextRequest(): number {
    this.#request = this.#request === REQUEST_MAX ? 1 : this.#request + 1;
    return this.#request;
  }

  #unsubscribe(subscription: Subscription): void {
    for (const [number, running] of this.#running) {
      if (running === subscription) {
        this.#running.delete(number);
        this.#socket.send({ type: "unsubscribe", request: this.#nextRequest(), subscription: number });
      }
    }
  }

  #lost(error: NodeUnreachableError): void {
    this.#asked.clear();
    this.#running.clear();
    this.#batches.lost(error);
    for (const ping of this.#pings.values()) {
      ping.reject(error);
    }
    this.#pings.clear();
  }

  #receive(message: NodeMessage): void {
    switch (message.type) {
      case "results":
        this.#batches.results(message);
        break;
      case "final":
        this.#batches.finals(message);
        break;
      case "block": {
        const { block } = message;
        this.#running.get(message.subscription)?.received({ type: "block", height: block.height, block });
        break;
      }
      case "transactions": {
        const { height, timeMs, transactions } = message;
        this.#running.get(message.subscription)?.received({ type: "transactions", height, timeMs, transactions });
        break;
      }
      case "contractEvents": {
        const { height, timeMs, events } = message;
        this.#running.get(message.subscription)?.received({ type: "contractEvents", height, timeMs, events });
        break;
      }
      case "subscribed":
        this.#subscribed(message);
        break;
      case "pong":
        this.#pings.get(message.request)?.resolve();
        this.#pings.delete(message.request);
        break;
      case "dropped":
        this.#droppedSubscription(message);
        break;
      case "error":
        this.#refused(message.request, errorOfAnswer(message, "the node refused the request"));
        break;
      case "unsubscribed":
        break;
    }
  }

  #subscribed({ request, subscription: number, from }: NodeMessage & { type: "subscribed" }): void {
    const subscription = this.#asked.get(request);
    this.#asked.delete(request);
    if (subscription === undefined || !this.#subscriptions.has(subscription)) {
      // It was ended while the node was being asked.
      this.#socket.send({ type: "unsubscribe", request: this.#nextRequest(), subscription: number });
      return;
    }
    this.#running.set(number, subscription);
    subscription.started(from);
  }

  /** A slow reader's socket is closed next, and the subscription resumes; pruned blocks are gone for good. */
  #droppedSubscription({ subscription: number, reason, height }: NodeMessage & { type: "dropped" }): void {
    const subscription = this.#running.get(number);
    if (subscription !== undefined && reason === "pruned") {
      this.#running.delete(number);
      this.#subscriptions.delete(subscription);
      subscription.failed(new CodedError("HEIGHT_NOT_KEPT", `the node does not keep block ${height} any more`));
    }
  }

  #refused(request: number | undefined, error: CodedError): void {
    if (request === undefined) {
      return;
    }
    const subscription = this.#asked.get(request);
    if (subscription !== undefined) {
      this.#asked.delete(request);
      this.#subscriptions.delete(subscription);
      subscription.failed(error);
      return;
    }
    this.#batches.refused(request, error);
  }
}

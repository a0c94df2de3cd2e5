// A WebSocket connection to a node that keeps itself up: it reconnects with growing pauses and resumes its subscriptions. It never
// sends a submission again by itself: what was under way when the connection broke is told as lost, and its outcome is
// asked for by id (see sendTransaction and waitForCommit).

import { systemRandom } from "../base/random.js";
import type { ClientMessage, NodeMessage, RefusedItem } from "../protocol/apiTypes.js";
import { CodedError, type ErrorCode, errorName } from "../protocol/errors.js";
import { encodeBatchFrame } from "./batchFrame.js";
import { DEFAULT_NODE_URL } from "./client.js";
import { errorOfAnswer, NodeUnreachableError } from "./requestJson.js";
import {
  Subscription,
  type SubscriptionLink,
  type SubscriptionMessage,
  type SubscriptionOptions,
} from "./subscription.js";
import { loadWebSocket, type WebSocketConstructor, type WebSocketLike } from "./webSocket.js";

const RECONNECT_FIRST_MS = 100;
const RECONNECT_MAX_MS = 5_000;
const REQUEST_MAX = 0xffffffff;
const CLOSE_CODE_BAD_MESSAGE = 4000;
const CLOSE_CODE_SILENT = 4001;
/** A ping goes out this often; a node that has sent nothing since the one before is taken for gone. */
const KEEP_ALIVE_MS = 30_000;

export interface ConnectionOptions {
  /** The node, http(s):// or ws(s)://; http://127.0.0.1:7070 where undefined. */
  url?: string;
  /** Another WebSocket than the platform's. */
  webSocket?: WebSocketConstructor;
  /** Told when the connection is up, and when it broke (with a reason) and will be tried again. */
  onStateChange?(state: "open" | "lost", reason?: string): void;
}

/** A transaction of a batch that was refused. */
export interface Refusal {
  index: number;
  code: ErrorCode;
  message: string;
  retryAfterMs?: number;
}

/** Told about one batch. Called synchronously as frames arrive; it must not throw. */
export interface BatchListener {
  /** All were admitted or refused: those that `refused` does not name were admitted. */
  results(refused: Refusal[], height: number): void;
  /** One that was admitted is final: number 0 committed, 3xx failed in the block, 202 expired. */
  final(index: number, number: number, height: number, timeMs: number): void;
  /** The connection broke, or the node refused the whole batch: nothing more will be told. */
  lost(error: Error): void;
}

/** What became of one transaction, as far as this connection heard. */
export interface FinalAnswer {
  /** "unknown": the connection broke before it was told; ask for the id. */
  state: "committed" | "failed" | "expired" | "refused" | "unknown";
  /** "OK" or an error's name. */
  code: ErrorCode | "OK";
  message?: string;
  height?: number;
  timeMs?: number;
}

interface Batch {
  listener: BatchListener;
  final: boolean;
  /** Admitted and not final yet; undefined until the results are there. */
  waiting: number | undefined;
  /** Told final before the results were. */
  early: number;
}

interface Request {
  resolve(): void;
  reject(error: Error): void;
}

/** The WebSocket address of a node's URL. */
export function webSocketUrl(url: string): string {
  if (!/^(http|ws)s?:\/\/[^/]/.test(url)) {
    throw new CodedError("BAD_REQUEST", `expected a URL such as ${DEFAULT_NODE_URL}, got "${url.slice(0, 100)}"`);
  }
  const base = url.replace(/^http/, "ws").replace(/\/+$/, "");
  return base.endsWith("/v1/ws") ? base : `${base}/v1/ws`;
}

function parseMessage(text: string): NodeMessage | undefined {
  try {
    const message = JSON.parse(text) as NodeMessage | null;
    return typeof message?.type === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

function refusalOf([index, code, message, retryAfterMs]: RefusedItem): Refusal {
  return { index, code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

export class Connection {
  readonly url: string;
  readonly #webSocket: WebSocketConstructor;
  readonly #onStateChange: NonNullable<ConnectionOptions["onStateChange"]>;
  readonly #batches = new Map<number, Batch>();
  readonly #pings = new Map<number, Request>();
  readonly #subscriptions = new Set<Subscription>();
  /** Of the open socket: the request that asked, then the node's number. */
  readonly #asked = new Map<number, Subscription>();
  readonly #running = new Map<number, Subscription>();
  #socket: WebSocketLike | undefined;
  #isOpen = false;
  #closed = false;
  #request = 0;
  #reconnectMs = RECONNECT_FIRST_MS;
  #reconnectTimer: ReturnType<typeof setTimeout> | undefined;
  #keepAliveTimer: ReturnType<typeof setInterval> | undefined;
  #heard = true;
  #firstOpen: { resolve(): void; reject(error: Error): void } | undefined;

  private constructor(options: ConnectionOptions, webSocket: WebSocketConstructor) {
    this.url = webSocketUrl(options.url ?? DEFAULT_NODE_URL);
    this.#webSocket = webSocket;
    this.#onStateChange = options.onStateChange ?? (() => {});
  }

  /** Connects. Throws NodeUnreachableError where the first try fails; later breaks are mended silently. */
  static async open(options: ConnectionOptions = {}): Promise<Connection> {
    const connection = new Connection(options, options.webSocket ?? (await loadWebSocket()));
    await new Promise<void>((resolve, reject) => {
      connection.#firstOpen = { resolve, reject };
      connection.#connect();
    });
    return connection;
  }

  /** Whether the socket is up now. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Bytes that were sent but have not left this machine yet. */
  get bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /**
   * Sends a batch and tells `listener` what comes of it; with `final`, also when each is final. Throws a coded error for
   * a batch that no frame can hold, NodeUnreachableError while the connection is down.
   */
  submitBatch(transactions: Uint8Array[], listener: BatchListener, { final = true }: { final?: boolean } = {}): void {
    const socket = this.#socket;
    if (socket === undefined || !this.#isOpen) {
      throw new NodeUnreachableError(this.url, "the connection is down");
    }
    const request = this.#nextRequest();
    const frame = encodeBatchFrame(request, transactions, final);
    this.#batches.set(request, { listener, final, waiting: undefined, early: 0 });
    socket.send(frame);
  }

  /**
   * Sends a batch. `results` resolves when each was admitted (undefined) or refused, and rejects where the connection breaks before;
   * `finals` has one promise for each transaction and never rejects.
   */
  submit(transactions: Uint8Array[]): { results: Promise<(Refusal | undefined)[]>; finals: Promise<FinalAnswer>[] } {
    const settlers: ((answer: FinalAnswer) => void)[] = [];
    const finals = transactions.map(() => new Promise<FinalAnswer>((resolve) => settlers.push(resolve)));
    const results = new Promise<(Refusal | undefined)[]>((resolve, reject) => {
      this.submitBatch(transactions, {
        results(refused) {
          const answers: (Refusal | undefined)[] = transactions.map(() => undefined);
          for (const refusal of refused) {
            answers[refusal.index] = refusal;
            if (refusal.code !== "DUPLICATE") {
              settlers[refusal.index]({ state: "refused", code: refusal.code, message: refusal.message });
            }
          }
          resolve(answers);
        },
        final(index, number, height, timeMs) {
          const code = errorName(number) ?? "INTERNAL";
          const state = number === 0 ? "committed" : code === "EXPIRED" ? "expired" : "failed";
          settlers[index]({ state, code, height, timeMs });
        },
        lost(error) {
          reject(error);
          for (const settle of settlers) {
            settle({ state: "unknown", code: "UNAVAILABLE", message: error.message });
          }
        },
      });
    });
    return { results, finals };
  }

  /** Messages of a topic, to `onMessage` or, where that is undefined, to `for await` over the result. */
  subscribe(options: SubscriptionOptions, onMessage?: (message: SubscriptionMessage) => void): Subscription {
    const subscription = new Subscription(this.#link, options, onMessage);
    this.#subscriptions.add(subscription);
    if (this.#isOpen) {
      subscription.connected();
    }
    return subscription;
  }

  /** Resolves with the milliseconds to the node and back. */
  async ping(): Promise<number> {
    const request = this.#nextRequest();
    const startMs = performance.now();
    await new Promise<void>((resolve, reject) => {
      this.#pings.set(request, { resolve, reject });
      if (!this.#sendJson({ type: "ping", request })) {
        this.#pings.delete(request);
        reject(new NodeUnreachableError(this.url, "the connection is down"));
      }
    });
    return performance.now() - startMs;
  }

  /** Closes for good: subscriptions end, what is under way is told as lost. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#reconnectTimer);
    this.#socket?.close(1000);
    this.#dropped("closed");
    for (const subscription of this.#subscriptions) {
      subscription.failed(undefined);
    }
    this.#subscriptions.clear();
  }

  readonly #link: SubscriptionLink = {
    subscribe: (subscription, options) => {
      const request = this.#nextRequest();
      if (this.#sendJson({ type: "subscribe", request, ...options })) {
        this.#asked.set(request, subscription);
      }
    },
    unsubscribe: (subscription) => {
      for (const [number, running] of this.#running) {
        if (running === subscription) {
          this.#running.delete(number);
          this.#sendJson({ type: "unsubscribe", request: this.#nextRequest(), subscription: number });
        }
      }
    },
    end: (subscription) => {
      this.#subscriptions.delete(subscription);
      this.#link.unsubscribe(subscription);
    },
  };

  #nextRequest(): number {
    this.#request = this.#request === REQUEST_MAX ? 1 : this.#request + 1;
    return this.#request;
  }

  #sendJson(message: ClientMessage): boolean {
    if (this.#socket === undefined || !this.#isOpen) {
      return false;
    }
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #connect(): void {
    const socket = new this.#webSocket(this.url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => {
      this.#isOpen = true;
      this.#reconnectMs = RECONNECT_FIRST_MS;
      this.#heard = true;
      this.#keepAliveTimer = setInterval(() => this.#keepAlive(socket), KEEP_ALIVE_MS);
      this.#firstOpen?.resolve();
      this.#firstOpen = undefined;
      this.#onStateChange("open");
      for (const subscription of this.#subscriptions) {
        subscription.connected();
      }
    };
    socket.onmessage = (event: { data: unknown }) => {
      this.#heard = true;
      if (typeof event.data === "string") {
        const message = parseMessage(event.data);
        if (message === undefined) {
          socket.close(CLOSE_CODE_BAD_MESSAGE, "no message of the API");
          this.#dropped("it sent what is no message of the API");
          return;
        }
        this.#receive(message);
      }
    };
    // A close event follows every error and says no less.
    let reason = "refused";
    socket.onerror = (event: { message?: unknown }) => {
      reason = typeof event.message === "string" && event.message !== "" ? event.message : reason;
    };
    socket.onclose = (event: { code: number }) => {
      if (this.#socket === socket) {
        this.#dropped(event.code === 1006 ? reason : `closed with code ${event.code}`);
      }
    };
  }

  /** The socket is gone: tell everybody, and try again unless closed for good. */
  #dropped(reason: string): void {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    this.#socket = undefined;
    clearInterval(this.#keepAliveTimer);
    this.#asked.clear();
    this.#running.clear();
    const error = new NodeUnreachableError(this.url, reason);
    for (const batch of this.#takeAll(this.#batches)) {
      batch.listener.lost(error);
    }
    for (const ping of this.#takeAll(this.#pings)) {
      ping.reject(error);
    }
    if (this.#firstOpen !== undefined) {
      this.#closed = true;
      this.#firstOpen.reject(error);
      this.#firstOpen = undefined;
    }
    if (wasOpen) {
      this.#onStateChange("lost", reason);
    }
    if (!this.#closed) {
      // Half of the pause is random, so that a fleet does not come back all at once.
      const jitter = systemRandom.bytes(1)[0] / 255;
      this.#reconnectTimer = setTimeout(() => this.#connect(), this.#reconnectMs * (0.5 + jitter / 2));
      this.#reconnectMs = Math.min(this.#reconnectMs * 2, RECONNECT_MAX_MS);
    }
  }

  #keepAlive(socket: WebSocketLike): void {
    if (!this.#heard) {
      socket.close(CLOSE_CODE_SILENT, "silent");
      this.#dropped(`silent for ${KEEP_ALIVE_MS} ms`);
      return;
    }
    this.#heard = false;
    this.#sendJson({ type: "ping", request: 0 });
  }

  #takeAll<T>(map: Map<number, T>): T[] {
    const values = [...map.values()];
    map.clear();
    return values;
  }

  #receive(message: NodeMessage): void {
    switch (message.type) {
      case "results":
        this.#results(message);
        break;
      case "final":
        this.#finals(message);
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
      case "subscribed":
        this.#subscribed(message.request, message.subscription, message.from);
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

  #results({ request, accepted, refused, height }: NodeMessage & { type: "results" }): void {
    const batch = this.#batches.get(request);
    if (batch === undefined) {
      return;
    }
    // A duplicate is refused here because it waits already, and its end is told too.
    const duplicates = refused.filter(([, code]) => code === "DUPLICATE").length;
    batch.waiting = accepted + duplicates - batch.early;
    if (!batch.final || batch.waiting <= 0) {
      this.#batches.delete(request);
    }
    batch.listener.results(refused.map(refusalOf), height);
  }

  #finals({ items, height, timeMs }: NodeMessage & { type: "final" }): void {
    for (const [request, index, number] of items) {
      const batch = this.#batches.get(request);
      if (batch === undefined) {
        continue;
      }
      if (batch.waiting === undefined) {
        batch.early++;
      } else if (--batch.waiting === 0) {
        this.#batches.delete(request);
      }
      batch.listener.final(index, number, height, timeMs);
    }
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

  #subscribed(request: number, number: number, from: number): void {
    const subscription = this.#asked.get(request);
    this.#asked.delete(request);
    if (subscription === undefined || !this.#subscriptions.has(subscription)) {
      // It was ended while the node was being asked.
      this.#sendJson({ type: "unsubscribe", request: this.#nextRequest(), subscription: number });
      return;
    }
    this.#running.set(number, subscription);
    subscription.started(from);
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
    const batch = this.#batches.get(request);
    if (batch !== undefined) {
      this.#batches.delete(request);
      batch.listener.lost(error);
    }
  }
}

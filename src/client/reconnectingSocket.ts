// A WebSocket to a node that comes back when it breaks: after growing, partly random pauses, so that a fleet does not return all
// at once. It carries messages; what they mean, and what was lost with a broken socket, is its owner's affair.

import { systemRandom } from "../base/random.js";
import type { ClientMessage, NodeMessage } from "../protocol/apiTypes.js";
import { NodeUnreachableError } from "./requestJson.js";
import type { WebSocketConstructor, WebSocketLike } from "./webSocket.js";

const RECONNECT_FIRST_MS = 100;
const RECONNECT_MAX_MS = 5_000;
/** A ping goes out this often; a node that has sent nothing since the one before is taken for gone. */
const KEEP_ALIVE_MS = 30_000;
const CLOSE_CODE_NORMAL = 1000;
/** The standard's code for a socket that broke without a farewell. */
const CLOSE_CODE_ABNORMAL = 1006;
const CLOSE_CODE_BAD_MESSAGE = 4000;
const CLOSE_CODE_SILENT = 4001;

export interface SocketOwner {
  /** It is up, for the first time or again. */
  opened(): void;
  /** A message of the node. */
  received(message: NodeMessage): void;
  /** It was up and broke, or was closed; it will be tried again unless it was closed. */
  lost(error: NodeUnreachableError): void;
}

function parseMessage(data: unknown): NodeMessage | undefined {
  try {
    const message = typeof data === "string" ? (JSON.parse(data) as NodeMessage | null) : undefined;
    return typeof message?.type === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

export class ReconnectingSocket {
  readonly #url: string;
  readonly #webSocket: WebSocketConstructor;
  readonly #owner: SocketOwner;
  #socket: WebSocketLike | undefined;
  #isOpen = false;
  #closed = false;
  #heard = true;
  #reconnectMs = RECONNECT_FIRST_MS;
  #reconnectTimer: ReturnType<typeof setTimeout> | undefined;
  #keepAliveTimer: ReturnType<typeof setInterval> | undefined;
  #firstOpen: { resolve(): void; reject(error: Error): void } | undefined;

  constructor(url: string, webSocket: WebSocketConstructor, owner: SocketOwner) {
    this.#url = url;
    this.#webSocket = webSocket;
    this.#owner = owner;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Bytes that were sent but have not left this machine yet. */
  get bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Connects for the first time; rejects with NodeUnreachableError, and does not try again, where that fails. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#firstOpen = { resolve, reject };
      this.#connect();
    });
  }

  /** Sends a text or binary frame; false while the socket is down. */
  send(frame: ClientMessage | Uint8Array): boolean {
    if (this.#socket === undefined || !this.#isOpen) {
      return false;
    }
    this.#socket.send(frame instanceof Uint8Array ? frame : JSON.stringify(frame));
    return true;
  }

  /** Closes for good. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#reconnectTimer);
    this.#socket?.close(CLOSE_CODE_NORMAL);
    this.#dropped("closed");
  }

  #connect(): void {
    const socket = new this.#webSocket(this.#url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => this.#opened(socket);
    socket.onmessage = (event: { data: unknown }) => {
      this.#heard = true;
      const message = parseMessage(event.data);
      if (message !== undefined) {
        this.#owner.received(message);
      } else if (this.#socket === socket) {
        this.#abandon(socket, CLOSE_CODE_BAD_MESSAGE, "it sent what is no message of the API");
      }
    };
    // A close event follows every error and says no less.
    let reason = "refused";
    socket.onerror = (event: { message?: unknown }) => {
      reason = typeof event.message === "string" && event.message !== "" ? event.message : reason;
    };
    socket.onclose = (event: { code: number }) => {
      if (this.#socket === socket) {
        this.#dropped(event.code === CLOSE_CODE_ABNORMAL ? reason : `closed with code ${event.code}`);
      }
    };
  }

  #opened(socket: WebSocketLike): void {
    this.#isOpen = true;
    this.#heard = true;
    this.#reconnectMs = RECONNECT_FIRST_MS;
    this.#keepAliveTimer = setInterval(() => this.#keepAlive(socket), KEEP_ALIVE_MS);
    this.#firstOpen?.resolve();
    this.#firstOpen = undefined;
    this.#owner.opened();
  }

  #keepAlive(socket: WebSocketLike): void {
    if (!this.#heard) {
      this.#abandon(socket, CLOSE_CODE_SILENT, `silent for ${KEEP_ALIVE_MS} ms`);
      return;
    }
    this.#heard = false;
    this.send({ type: "ping", request: 0 });
  }

  /** Gives a socket up without waiting for the other side's farewell. */
  #abandon(socket: WebSocketLike, code: number, reason: string): void {
    socket.close(code, "abandoned");
    this.#dropped(reason);
  }

  #dropped(reason: string): void {
    const wasOpen = this.#isOpen;
    const error = new NodeUnreachableError(this.#url, reason);
    this.#isOpen = false;
    this.#socket = undefined;
    clearInterval(this.#keepAliveTimer);
    if (this.#firstOpen !== undefined) {
      this.#closed = true;
      this.#firstOpen.reject(error);
      this.#firstOpen = undefined;
    }
    if (!this.#closed) {
      // Half of the pause is random.
      const jitter = systemRandom.bytes(1)[0] / 255;
      this.#reconnectTimer = setTimeout(() => this.#connect(), this.#reconnectMs * (0.5 + jitter / 2));
      this.#reconnectMs = Math.min(this.#reconnectMs * 2, RECONNECT_MAX_MS);
    }
    if (wasOpen) {
      this.#owner.lost(error);
    }
  }
}

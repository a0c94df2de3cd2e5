// A store's events over WebSocket. The first frame names the key and the last event that was seen:
// {"type":"subscribe","key":"tsk_…","after":0}; then every event above it comes, in order, each once a connection. A reader who
// does not read is cut off, and comes back with the sequence number that it has.

import type { TemplatedApp, WebSocket } from "uWebSockets.js";
import type { Door, Visitor } from "../../http/door/door.js";
import { CodedError } from "../../protocol/errors.js";
import type { Gateway } from "../gateway.js";

const PAGE = 100;
const FRAME_BYTES_MAX = 4_096;
const WAITING_BYTES_MAX = 4_194_304;
const IDLE_SECONDS = 60;
const CLOSE_AWAY = 1_001;
const CLOSE_REFUSED = 4_001;

interface Reader {
  visitor: Visitor;
  store?: string;
  /** The last event that was sent. */
  after: number;
}

export class EventSocket {
  private readonly open = new Map<string, Set<WebSocket<Reader>>>();
  private readonly unsubscribe: () => void;

  constructor(
    private readonly gateway: Gateway,
    private readonly door: Door,
  ) {
    this.unsubscribe = gateway.parts.events.subscribe((store) => {
      for (const socket of this.open.get(store) ?? []) {
        this.sendNew(socket);
      }
    });
  }

  serve(app: TemplatedApp, path: string): void {
    app.ws<Reader>(path, {
      maxPayloadLength: FRAME_BYTES_MAX,
      maxBackpressure: WAITING_BYTES_MAX,
      closeOnBackpressureLimit: true,
      idleTimeout: IDLE_SECONDS,
      upgrade: (response, request, context) => {
        const connected = new TextDecoder().decode(response.getRemoteAddressAsText());
        const visitor = this.door.visitor(this.door.addressOf(connected, request.getHeader("x-forwarded-for")));
        if (!visitor.mayOpen()) {
          response.writeStatus("429 Too Many Requests").end();
          return;
        }
        response.upgrade<Reader>(
          { visitor, after: 0 },
          request.getHeader("sec-websocket-key"),
          request.getHeader("sec-websocket-protocol"),
          request.getHeader("sec-websocket-extensions"),
          context,
        );
      },
      open: (socket) => {
        socket.getUserData().visitor.connections++;
      },
      message: (socket, message) => this.onMessage(socket, new TextDecoder().decode(message)),
      drain: (socket) => this.sendNew(socket),
      close: (socket) => {
        const reader = socket.getUserData();
        reader.visitor.connections--;
        if (reader.store !== undefined) {
          this.open.get(reader.store)?.delete(socket);
        }
      },
    });
  }

  /** Closes all: their readers come back elsewhere, or later. */
  close(): void {
    this.unsubscribe();
    for (const sockets of this.open.values()) {
      for (const socket of [...sockets]) {
        socket.end(CLOSE_AWAY, "the gateway stops");
      }
    }
  }

  private onMessage(socket: WebSocket<Reader>, text: string): void {
    const reader = socket.getUserData();
    try {
      reader.visitor.request(text.length);
      const { store, after } = this.subscription(text);
      if (reader.store !== undefined) {
        throw new CodedError("BAD_REQUEST", "expected one subscription a connection");
      }
      reader.store = store;
      reader.after = after;
      const sockets = this.open.get(store) ?? new Set();
      this.open.set(store, sockets.add(socket));
      this.sendNew(socket);
    } catch (error) {
      const { code, message } = error instanceof CodedError ? error : new CodedError("INTERNAL");
      socket.send(JSON.stringify({ type: "error", error: { code, message, details: {} } }));
      socket.end(CLOSE_REFUSED, code);
    }
  }

  private subscription(text: string): { store: string; after: number } {
    let value: { type?: unknown; key?: unknown; after?: unknown };
    try {
      value = JSON.parse(text) as typeof value;
    } catch {
      value = {};
    }
    if (value?.type !== "subscribe" || typeof value.key !== "string" || !Number.isSafeInteger(value.after ?? 0)) {
      throw new CodedError("BAD_REQUEST", 'expected {"type":"subscribe","key":…,"after":…}');
    }
    const { store, scopes } = this.gateway.keyring.expectPrincipal(`Bearer ${value.key}`);
    this.gateway.keyring.expect("read", scopes, "");
    return { store: store.id, after: Math.max(0, (value.after as number | undefined) ?? 0) };
  }

  private sendNew(socket: WebSocket<Reader>): void {
    const reader = socket.getUserData();
    if (reader.store === undefined) {
      return;
    }
    for (;;) {
      // What waits for the reader is sent first: `drain` goes on from here.
      if (socket.getBufferedAmount() > WAITING_BYTES_MAX / 4) {
        return;
      }
      const events = this.gateway.parts.events.after(reader.store, reader.after, PAGE);
      for (const event of events) {
        socket.send(JSON.stringify({ type: "event", event }));
        reader.after = event.sequence;
      }
      if (events.length < PAGE) {
        return;
      }
    }
  }
}

// A store's events over WebSocket. The first frame names the key and the last event that was seen:
// {"type":"subscribe","key":"tsk_…","after":0}; then every event above it comes, in order, each once a connection, for as long as
// the key is good. A reader who does not read is cut off, and comes back with the sequence number that it has.

import type { TemplatedApp, WebSocket } from "uWebSockets.js";
import type { Logger } from "../../base/logging.js";
import type { Door, Visitor } from "../../http/door/door.js";
import { CodedError, type ErrorCode } from "../../protocol/errors.js";
import type { MerchantEventJson } from "../../protocol/merchantApiTypes.js";
import type { EventQuery } from "./eventPage.js";
import { PAGE_MOST } from "./pageParameters.js";

const FRAME_BYTES_MAX = 4_096;
const WAITING_BYTES_MAX = 4_194_304;
const IDLE_SECONDS = 60;
const CLOSE_AWAY = 1_001;
const CLOSE_REFUSED = 4_001;
const REFUSALS = new Set<ErrorCode>(["BAD_REQUEST", "UNAUTHORIZED", "FORBIDDEN", "RATE_LIMITED"]);

/** The next events, waited for; none where the time is up. Throws UNAUTHORIZED or FORBIDDEN. */
export type NextEvents = (query: EventQuery, aborted: AbortSignal) => Promise<readonly MerchantEventJson[]>;

interface Reader {
  visitor: Visitor;
  isSubscribed: boolean;
  gone: AbortController;
  /** Goes on with a reader who has caught up with what was sent. */
  onDrain: () => void;
}

type Socket = WebSocket<Reader>;

export class EventSocket {
  private readonly open = new Set<Socket>();

  constructor(
    private readonly next: NextEvents,
    private readonly door: Door,
    private readonly logger: Logger,
  ) {}

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
          { visitor, isSubscribed: false, gone: new AbortController(), onDrain: () => undefined },
          request.getHeader("sec-websocket-key"),
          request.getHeader("sec-websocket-protocol"),
          request.getHeader("sec-websocket-extensions"),
          context,
        );
      },
      open: (socket) => {
        socket.getUserData().visitor.connections++;
        this.open.add(socket);
      },
      message: (socket, message) => void this.onMessage(socket, new TextDecoder().decode(message)),
      drain: (socket) => socket.getUserData().onDrain(),
      close: (socket) => {
        const reader = socket.getUserData();
        reader.visitor.connections--;
        reader.gone.abort();
        reader.onDrain();
        this.open.delete(socket);
      },
    });
  }

  /** Closes all: their readers come back elsewhere, or later. */
  close(): void {
    for (const socket of [...this.open]) {
      socket.end(CLOSE_AWAY, "the gateway stops");
    }
  }

  private async onMessage(socket: Socket, text: string): Promise<void> {
    const reader = socket.getUserData();
    try {
      reader.visitor.request(text.length);
      if (reader.isSubscribed) {
        throw new CodedError("BAD_REQUEST", "expected one subscription a connection");
      }
      const { key, after } = readSubscription(text);
      reader.isSubscribed = true;
      await this.sendEvents(socket, reader, { authorization: `Bearer ${key}`, after, limit: PAGE_MOST });
    } catch (error) {
      if (!reader.gone.signal.aborted) {
        const told = error instanceof CodedError ? error : new CodedError("INTERNAL");
        if (told !== error) {
          this.logger.error({ err: error }, "a WebSocket's events could not be had");
        }
        const { code, message } = told;
        socket.send(JSON.stringify({ type: "error", error: { code, message, details: {} } }));
        socket.end(REFUSALS.has(code) ? CLOSE_REFUSED : CLOSE_AWAY, code);
      }
    }
  }

  /** Returns when the reader is gone. */
  private async sendEvents(socket: Socket, { gone }: Reader, query: EventQuery): Promise<void> {
    while (!gone.signal.aborted) {
      for (const event of await this.next(query, gone.signal)) {
        if (gone.signal.aborted) {
          return;
        }
        socket.send(JSON.stringify({ type: "event", event }));
        query.after = event.sequence;
      }
      await this.drained(socket);
    }
  }

  /** Resolves when little waits for the reader, or it is gone. */
  private drained(socket: Socket): Promise<void> {
    const reader = socket.getUserData();
    return new Promise((resolve) => {
      reader.onDrain = () => {
        if (reader.gone.signal.aborted || socket.getBufferedAmount() <= WAITING_BYTES_MAX / 4) {
          resolve();
        }
      };
      reader.onDrain();
    });
  }
}

/** Throws BAD_REQUEST. */
function readSubscription(text: string): { key: string; after: number } {
  let value: { type?: unknown; key?: unknown; after?: unknown };
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    value = {};
  }
  if (value?.type !== "subscribe" || typeof value.key !== "string" || !Number.isSafeInteger(value.after ?? 0)) {
    throw new CodedError("BAD_REQUEST", 'expected {"type":"subscribe","key":…,"after":…}');
  }
  return { key: value.key, after: Math.max(0, (value.after as number | undefined) ?? 0) };
}

// The WebSocket on uWebSockets.js: who may connect, how large and how idle, and what a committed block tells each connection.

import type { HttpRequest, HttpResponse, TemplatedApp, us_socket_context_t, WebSocket } from "uWebSockets.js";
import type { Visitor } from "../../http/door/door.js";
import { SECURE_HEADERS } from "../../http/exchange.js";
import { mayWrite } from "../../http/origins.js";
import { CLOSE_CODES } from "../../protocol/apiTypes.js";
import type { CommittedBlock } from "../../storage/committedBlock.js";
import type { ApiContext } from "../context.js";
import { Connection, type SocketData } from "./connection.js";
import { Frames } from "./frames.js";
import { Subscriptions } from "./subscriptions.js";

/** Room for the message that goes over a connection's limit and for the farewell; beyond it uWebSockets.js cuts off without a word. */
const FAREWELL_BYTES = 64 * 1024 * 1024;

/** Answers an upgrade that is not wanted. */
function refuse(response: HttpResponse, status: string, reason: string): void {
  response.cork(() => {
    response.writeStatus(status);
    for (const [name, value] of SECURE_HEADERS) {
      response.writeHeader(name, value);
    }
    response.writeHeader("Content-Type", "text/plain").end(reason, true);
  });
}

export class SocketServer {
  private readonly connections = new Set<Connection>();
  private readonly subscriptions: Subscriptions;
  private readonly frames: Frames;
  private app: TemplatedApp | undefined;
  private closing = false;

  constructor(
    private readonly context: ApiContext,
    private readonly originsAllowed: readonly string[],
  ) {
    this.subscriptions = new Subscriptions(context.services, context.limits, context.metrics, (topicName, text) => {
      this.app?.publish(topicName, text);
    });
    this.frames = new Frames(context, this.subscriptions);
  }

  serve(app: TemplatedApp, path: string): void {
    const { limits } = this.context;
    this.app = app;
    app.ws<SocketData>(path, {
      maxPayloadLength: limits.frameBytesMax,
      idleTimeout: limits.idleTimeoutSeconds,
      sendPingsAutomatically: true,
      maxBackpressure: limits.connectionBytesMax + FAREWELL_BYTES,
      closeOnBackpressureLimit: true,
      upgrade: (response, request, socketContext) => this.upgrade(response, request, socketContext),
      open: (socket) => this.onOpen(socket),
      message: (socket, message, isBinary) => this.onMessage(socket, message, isBinary),
      drain: (socket) => socket.getUserData().connection?.onDrain(),
      close: (socket) => this.onClose(socket),
    });
  }

  private upgrade(response: HttpResponse, request: HttpRequest, socketContext: us_socket_context_t): void {
    const { limits, door } = this.context;
    const connected = new TextDecoder().decode(response.getRemoteAddressAsText());
    const visitor = door.visitor(door.addressOf(connected, request.getHeader("x-forwarded-for")));
    if (this.closing || this.connections.size >= limits.connectionsMax) {
      refuse(response, "503 Service Unavailable", "too many connections");
      return;
    }
    if (!visitor.mayOpen()) {
      refuse(response, "429 Too Many Requests", "this address has too many connections, or is cut off for a while");
      return;
    }
    const origin = { origin: request.getHeader("origin"), host: request.getHeader("host") };
    const data: SocketData = {
      visitor,
      mayWrite: mayWrite(origin, this.originsAllowed),
      connection: undefined,
    };
    response.upgrade(
      data,
      request.getHeader("sec-websocket-key"),
      request.getHeader("sec-websocket-protocol"),
      request.getHeader("sec-websocket-extensions"),
      socketContext,
    );
  }

  private onOpen(socket: WebSocket<SocketData>): void {
    const data = socket.getUserData();
    data.connection = new Connection(socket, data.visitor, data.mayWrite, this.context.limits);
    data.visitor.connections++;
    this.connections.add(data.connection);
    this.context.metrics.connections.set(this.connections.size);
  }

  private onMessage(socket: WebSocket<SocketData>, message: ArrayBuffer, isBinary: boolean): void {
    const { connection } = socket.getUserData();
    if (connection === undefined || !connection.isOpen) {
      return;
    }
    if (isBinary) {
      this.frames.onBinary(connection, new Uint8Array(message));
    } else {
      this.frames.onText(connection, new TextDecoder().decode(message));
    }
  }

  private onClose(socket: WebSocket<SocketData>): void {
    const { connection } = socket.getUserData();
    if (connection === undefined) {
      return;
    }
    connection.onClosed();
    connection.visitor.connections--;
    this.context.finality.forget(connection);
    this.subscriptions.endAll(connection);
    this.connections.delete(connection);
    this.context.metrics.connections.set(this.connections.size);
  }

  /** Ends all connections of an address. */
  cutOff(visitor: Visitor): void {
    for (const connection of this.connections) {
      if (connection.visitor === visitor) {
        connection.close(CLOSE_CODES.wasteful, "too much from this address was for nothing");
      }
    }
  }

  /** Tells subscribers of a block. */
  onBlock(block: CommittedBlock): void {
    this.subscriptions.onBlock(block);
    this.boundMemory();
  }

  /** Cuts off those that let the most wait, until what waits for all is within its limit. */
  private boundMemory(): void {
    const { allConnectionsBytesMax } = this.context.limits;
    let bytes = 0;
    for (const connection of this.connections) {
      bytes += connection.bufferedBytes;
    }
    if (bytes > allConnectionsBytesMax) {
      const waiting = [...this.connections].map((connection) => ({ connection, bytes: connection.bufferedBytes }));
      for (const worst of waiting.sort((a, b) => b.bytes - a.bytes)) {
        if (bytes <= allConnectionsBytesMax) {
          break;
        }
        bytes -= worst.bytes;
        worst.connection.closeSlow();
      }
    }
  }

  /** Says goodbye to everybody and takes no more. */
  close(): void {
    this.closing = true;
    for (const connection of this.connections) {
      connection.close(CLOSE_CODES.goingAway, "the node stops");
    }
  }
}

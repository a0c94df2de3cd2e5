// A small server that speaks as much of docs/api.md as a test tells it to: fixed HTTP answers, and a WebSocket that the test
// scripts. It checks nothing and keeps no state.

import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { decodeBatchFrame } from "../../src/api/batchFrame.js";

export interface StandInRequest {
  method: string;
  /** Path and query. */
  path: string;
  body: Buffer;
}

export interface StandInAnswer {
  status?: number;
  json?: unknown;
  text?: string;
  bytes?: Uint8Array;
}

export type Message = Record<string, unknown> & { type: string; request: number };

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

export class StandInNode {
  readonly requests: StandInRequest[] = [];
  /** Answers by path, with the query or without. */
  readonly answers = new Map<string, StandInAnswer | ((request: StandInRequest) => StandInAnswer)>();
  /** Called with every message of a client; binary frames come as { type: "frame", request, final, transactions }. */
  onMessage: (message: Message, socket: WebSocket) => void = () => {};
  /** How often a client connected. */
  connections = 0;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;

  private constructor(server: Server, sockets: WebSocketServer) {
    this.#server = server;
    this.#sockets = sockets;
  }

  static async start(port = 0): Promise<StandInNode> {
    const server = createServer();
    const sockets = new WebSocketServer({ server, path: "/v1/ws" });
    const node = new StandInNode(server, sockets);
    server.on("request", async (request, response) => {
      const received = { method: request.method ?? "", path: request.url ?? "", body: await readBody(request) };
      node.requests.push(received);
      const found = node.answers.get(received.path) ?? node.answers.get(received.path.split("?")[0]);
      const answer =
        typeof found === "function" ? found(received) : (found ?? { status: 404, json: notFound(received) });
      response.statusCode = answer.status ?? 200;
      response.end(answer.bytes ?? answer.text ?? JSON.stringify(answer.json));
    });
    sockets.on("connection", (socket) => {
      node.connections++;
      socket.on("message", (data: Buffer, isBinary) => {
        const message = isBinary
          ? { type: "frame", ...decodeBatchFrame(new Uint8Array(data)) }
          : (JSON.parse(data.toString()) as Message);
        node.onMessage(message as Message, socket);
      });
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    return node;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Sends a message to every client. */
  broadcast(message: unknown): void {
    for (const socket of this.#sockets.clients) {
      socket.send(JSON.stringify(message));
    }
  }

  /** Breaks every connection, as a killed node would. */
  breakConnections(): void {
    for (const socket of this.#sockets.clients) {
      socket.terminate();
    }
  }

  async stop(): Promise<void> {
    this.breakConnections();
    this.#sockets.close();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function notFound(request: StandInRequest): unknown {
  return { error: { code: "NOT_FOUND", message: `no ${request.path} here`, details: {} } };
}

// A WebSocket client for tests: collects what the node sends and waits for what is expected.

import { WebSocket } from "ws";
import type { ClientMessage, NodeMessage } from "../../src/protocol/apiTypes.js";

type MessageOf<T extends NodeMessage["type"]> = Extract<NodeMessage, { type: T }>;

export class SocketClient {
  readonly messages: NodeMessage[] = [];
  readonly closed: Promise<number>;
  closeCode: number | undefined;
  private readonly waiters = new Set<() => void>();

  private constructor(readonly socket: WebSocket) {
    socket.on("message", (data: Buffer) => {
      this.messages.push(JSON.parse(data.toString()) as NodeMessage);
      this.wake();
    });
    socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on("close", (code) => {
        this.closeCode = code;
        this.wake();
        resolve(code);
      });
    });
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<SocketClient> {
    const socket = new WebSocket(url, { headers });
    const client = new SocketClient(socket);
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return client;
  }

  send(message: ClientMessage | Record<string, unknown>): void {
    this.socket.send(JSON.stringify(message));
  }

  sendBytes(bytes: Uint8Array): void {
    this.socket.send(bytes);
  }

  all<T extends NodeMessage["type"]>(type: T): MessageOf<T>[] {
    return this.messages.filter((message): message is MessageOf<T> => message.type === type);
  }

  /** The first message of a type that fits, now or as soon as it comes; rejects when the connection closes before. */
  next<T extends NodeMessage["type"]>(
    type: T,
    fits: (message: MessageOf<T>) => boolean = () => true,
  ): Promise<MessageOf<T>> {
    return this.until(() => this.all(type).find(fits), `a message of type ${type}`);
  }

  /** Resolves when `look` finds something. */
  until<T>(look: () => T | undefined, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const found = look();
        if (found !== undefined) {
          this.waiters.delete(check);
          resolve(found);
        } else if (this.closeCode !== undefined) {
          this.waiters.delete(check);
          reject(new Error(`the connection closed with ${this.closeCode} before ${what}`));
        }
      };
      this.waiters.add(check);
      check();
    });
  }

  /** Resolves when everything that the node sent before has arrived. */
  async settled(): Promise<void> {
    const request = 4_000_000_000 + this.messages.length;
    this.send({ type: "ping", request });
    await this.next("pong", (message) => message.request === request);
  }

  /** Stops reading from the network. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  private wake(): void {
    for (const check of [...this.waiters]) {
      check();
    }
  }
}

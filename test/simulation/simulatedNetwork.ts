// A network in memory behind the interface of uWebSockets.js: requests and WebSockets reach the node's own routes, frames and
// subscriptions, with nothing between. What the node sends waits until the client reads it, and counts as buffered until then.

import type { Uws } from "../../src/http/loadUws.js";

type Handler = (response: unknown, request: unknown) => void;

interface SocketBehaviour {
  upgrade(response: unknown, request: unknown, context: unknown): void;
  open(socket: unknown): void;
  message(socket: unknown, message: ArrayBuffer, isBinary: boolean): void;
  drain(socket: unknown): void;
  close(socket: unknown, code: number, message: ArrayBuffer): void;
}

export interface HttpAnswer {
  status: number;
  body: string;
}

function requestOf(method: string, path: string, parameters: string[] = []) {
  const [url, query = ""] = path.split("?");
  return {
    getMethod: () => method,
    getUrl: () => url,
    getQuery: (key?: string) => (key === undefined ? query : (new URLSearchParams(query).get(key) ?? undefined)),
    getHeader: (name: string) => (name === "content-length" || name === "origin" ? "" : ""),
    getParameter: (index: number) => parameters[index],
    forEach: () => undefined,
    setYield: () => undefined,
  };
}

/** One WebSocket, seen from both ends. */
export class SimulatedSocket {
  /** What the client has not read yet. */
  inbox: string[] = [];
  /** Set when it is closed: the code that the client sees. */
  closeCode: number | undefined;
  private readonly topics = new Set<string>();
  private bufferedBytes = 0;

  constructor(
    private readonly app: SimulatedApp,
    private readonly data: unknown,
  ) {}

  getUserData(): unknown {
    return this.data;
  }

  getBufferedAmount(): number {
    return this.bufferedBytes;
  }

  getRemoteAddressAsText(): ArrayBuffer {
    return new TextEncoder().encode("10.0.0.1").buffer as ArrayBuffer;
  }

  send(text: string): number {
    this.inbox.push(text);
    this.bufferedBytes += text.length;
    return 1;
  }

  subscribe(topic: string): boolean {
    this.topics.add(topic);
    return true;
  }

  unsubscribe(topic: string): boolean {
    return this.topics.delete(topic);
  }

  isSubscribed(topic: string): boolean {
    return this.topics.has(topic);
  }

  cork(callback: () => void): this {
    callback();
    return this;
  }

  end(code = 1000): void {
    this.app.onSocketGone(this, code);
  }

  close(): void {
    this.app.onSocketGone(this, 1006);
  }

  /** The client sends a frame; the node's callback may keep nothing of it. */
  push(frame: Uint8Array | string): void {
    if (this.closeCode === undefined) {
      const isBinary = typeof frame !== "string";
      const bytes = isBinary ? frame.slice() : new TextEncoder().encode(frame);
      this.app.behaviour!.message(this, bytes.buffer as ArrayBuffer, isBinary);
      bytes.fill(0xdd);
    }
  }

  /** The client reads everything that has arrived. */
  read(): string[] {
    const messages = this.inbox;
    this.inbox = [];
    const waited = this.bufferedBytes > 0;
    this.bufferedBytes = 0;
    if (waited && this.closeCode === undefined) {
      this.app.behaviour!.drain(this);
    }
    return messages;
  }
}

class SimulatedApp {
  readonly routes: { method: string; pattern: RegExp; handler: Handler }[] = [];
  readonly sockets = new Set<SimulatedSocket>();
  behaviour: SocketBehaviour | undefined;
  listening = false;

  private add(method: string, path: string, handler: Handler): this {
    const pattern = path.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/:\w+/g, "([^/]+)");
    this.routes.push({ method, pattern: new RegExp(`^${pattern.replace(/\*$/, ".*")}$`), handler });
    return this;
  }

  get = (path: string, handler: Handler) => this.add("get", path, handler);
  post = (path: string, handler: Handler) => this.add("post", path, handler);
  put = (path: string, handler: Handler) => this.add("put", path, handler);
  del = (path: string, handler: Handler) => this.add("delete", path, handler);
  head = (path: string, handler: Handler) => this.add("head", path, handler);
  options = (path: string, handler: Handler) => this.add("options", path, handler);
  any = (path: string, handler: Handler) => this.add("any", path, handler);

  ws(_path: string, behaviour: SocketBehaviour): this {
    this.behaviour = behaviour;
    return this;
  }

  listen(_host: string, _port: number, _options: number, callback: (socket: unknown) => void): this {
    this.listening = true;
    callback({});
    return this;
  }

  publish(topic: string, text: string): boolean {
    for (const socket of [...this.sockets]) {
      if (socket.isSubscribed(topic)) {
        socket.send(text);
      }
    }
    return true;
  }

  onSocketGone(socket: SimulatedSocket, code: number): void {
    if (this.sockets.delete(socket)) {
      socket.closeCode = code;
      this.behaviour?.close(socket, code, new ArrayBuffer(0));
    }
  }

  close(): this {
    this.listening = false;
    for (const socket of [...this.sockets]) {
      this.onSocketGone(socket, 1006);
    }
    return this;
  }
}

/** The network of one process; it goes when that goes. */
export class SimulatedNetwork {
  private readonly app = new SimulatedApp();

  /** What the node is given in the place of uWebSockets.js. */
  readonly uws = {
    App: () => this.app,
    SSLApp: () => this.app,
    us_listen_socket_close: () => {
      this.app.listening = false;
    },
    us_socket_local_port: () => 1,
  } as unknown as Uws;

  get isListening(): boolean {
    return this.app.listening;
  }

  /** A WebSocket from `address`; undefined where the node takes none. */
  connect(address: string): SimulatedSocket | undefined {
    let socket: SimulatedSocket | undefined;
    const response = {
      getRemoteAddressAsText: () => new TextEncoder().encode(address).buffer,
      writeStatus: () => response,
      writeHeader: () => response,
      onAborted: () => response,
      cork: (callback: () => void) => callback(),
      end: () => response,
      upgrade: (data: unknown) => {
        socket = new SimulatedSocket(this.app, data);
      },
    };
    if (this.app.listening) {
      this.app.behaviour!.upgrade(response, requestOf("get", "/v1/ws"), {});
    }
    if (socket !== undefined) {
      this.app.sockets.add(socket);
      this.app.behaviour!.open(socket);
    }
    return socket;
  }

  /** A request without a body; resolves when the node answers. */
  get(path: string): Promise<HttpAnswer> {
    return new Promise((resolve) => {
      const [url] = path.split("?");
      for (const { method, pattern, handler } of this.app.routes) {
        const match = method === "get" || method === "any" ? pattern.exec(url) : null;
        if (match !== null) {
          handler(makeResponse(resolve), requestOf("get", path, match.slice(1)));
          return;
        }
      }
      resolve({ status: 404, body: "" });
    });
  }

  /** The process is gone: every connection breaks. */
  cut(): void {
    this.app.close();
  }
}

function makeResponse(resolve: (answer: HttpAnswer) => void) {
  let status = 200;
  const response = {
    getRemoteAddressAsText: () => new TextEncoder().encode("10.0.0.9").buffer,
    onAborted: () => response,
    onData: () => response,
    writeHeader: () => response,
    writeStatus: (line: string) => {
      status = Number(line.split(" ")[0]);
      return response;
    },
    cork: (callback: () => void) => {
      callback();
      return response;
    },
    end: (body: string | Uint8Array = "") => {
      resolve({ status, body: typeof body === "string" ? body : Buffer.from(body).toString() });
      return response;
    },
    endWithoutBody: () => response.end(""),
    close: () => response,
  };
  return response;
}

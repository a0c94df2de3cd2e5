// The socket on which the engine calls the application: frames of a varint length and a message, four connections at once,
// answers in the order of the requests on each. A frame that arrives in many chunks is joined once, when it is whole.

import { chmod, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { concatBytes } from "../../base/bytes.js";
import { lengthDelimited } from "../../protocol/protobuf.js";
import { type AbciRequest, decodeRequest, encodeException, encodeResponse } from "./abciMessages.js";

/** A block has at most 100 MiB with CometBFT. */
const FRAME_BYTES_MAX = 128 * 1024 * 1024;
const LENGTH_BYTES_MAX = 5;

/** Answers one request; the connection's next one waits for it. What it throws stops the engine. */
export type AbciHandler = (request: AbciRequest) => Uint8Array | Promise<Uint8Array>;

/** Cuts a stream of chunks into frames. */
export class FrameCutter {
  private chunks: Uint8Array[] = [];
  private length = 0;
  /** Bytes of the frame's length and message together; undefined until the length is there. */
  private needed: number | undefined;

  /** The frames that a chunk completes. Throws for a frame that is too long. */
  push(chunk: Uint8Array): Uint8Array[] {
    this.chunks.push(chunk);
    this.length += chunk.length;
    if (this.needed !== undefined && this.length < this.needed) {
      return [];
    }
    let bytes = this.chunks.length === 1 ? chunk : concatBytes(...this.chunks);
    const frames: Uint8Array[] = [];
    for (;;) {
      const head = readLength(bytes);
      this.needed = head && head.offset + head.length;
      if (head === undefined || bytes.length < head.offset + head.length) {
        break;
      }
      frames.push(bytes.subarray(head.offset, head.offset + head.length));
      bytes = bytes.subarray(head.offset + head.length);
    }
    this.chunks = bytes.length === 0 ? [] : [bytes];
    this.length = bytes.length;
    return frames;
  }
}

function readLength(bytes: Uint8Array): { offset: number; length: number } | undefined {
  let length = 0;
  for (let offset = 0, scale = 1; offset < bytes.length; offset++, scale *= 128) {
    length += (bytes[offset] & 127) * scale;
    if (offset >= LENGTH_BYTES_MAX || length > FRAME_BYTES_MAX) {
      throw new Error(`expected a frame of at most ${FRAME_BYTES_MAX} bytes, got more`);
    }
    if (bytes[offset] < 128) {
      return { offset: offset + 1, length };
    }
  }
  return undefined;
}

export class AbciServer {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly handler: AbciHandler,
    private readonly onError: (error: unknown) => void,
  ) {
    server.on("connection", (socket) => this.serve(socket));
  }

  /** Listens on a unix socket that only this user may use. */
  static async listen(path: string, handler: AbciHandler, onError: (error: unknown) => void): Promise<AbciServer> {
    const server = createServer();
    const abci = new AbciServer(server, handler, onError);
    // What a process that was killed left behind; the directory's lock says that no other one uses it.
    await rm(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
    await chmod(path, 0o600);
    return abci;
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    const cutter = new FrameCutter();
    let last: Promise<void> = Promise.resolve();
    socket.on("data", (chunk: Buffer) => {
      try {
        for (const frame of cutter.push(chunk)) {
          last = last.then(() => this.answer(socket, frame));
        }
      } catch (error) {
        this.onError(error);
        socket.destroy();
      }
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.sockets.delete(socket));
  }

  private async answer(socket: Socket, frame: Uint8Array): Promise<void> {
    try {
      const request = decodeRequest(frame);
      const body = await this.handler(request);
      socket.write(lengthDelimited(encodeResponse(request.responseField, body)));
    } catch (error) {
      this.onError(error);
      const reason = error instanceof Error ? error.message : String(error);
      socket.end(lengthDelimited(encodeException(reason)));
    }
  }

  /** Whether the engine is connected. */
  get isConnected(): boolean {
    return this.sockets.size > 0;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) {
      socket.destroy();
    }
    await closed;
  }
}

// Keeps a connection to the engine's socket for signers, over which the engine asks for signatures, one at a time. The engine listens as long
// as it runs and the signer dials; where the connection ends it dials again.

import { connect, type Socket } from "node:net";
import type { Clock, Timer } from "../../base/clock.js";
import { lengthDelimited } from "../../protocol/protobuf.js";
import { FrameCutter } from "./abciServer.js";

/** The engine gives up when nobody came for three seconds. */
const DIAL_AGAIN_MS = 100;

export interface SignerConnectionOptions {
  socketPath: string;
  answer: (frame: Uint8Array) => Promise<Uint8Array>;
  clock: Clock;
  /** Told where a request can't be answered: the node can't go on. */
  onFailure: (error: unknown) => void;
}

export class SignerConnection {
  private socket: Socket | undefined;
  private timer: Timer | undefined;
  private stopping = false;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly options: SignerConnectionOptions) {}

  start(): void {
    const { socketPath, clock } = this.options;
    const socket = connect(socketPath);
    const cutter = new FrameCutter();
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      try {
        for (const frame of cutter.push(chunk)) {
          this.last = this.last.then(() => this.answer(socket, frame));
        }
      } catch (error) {
        this.fail(error);
      }
    });
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      if (!this.stopping) {
        this.timer = clock.setTimer(DIAL_AGAIN_MS, () => this.start());
      }
    });
  }

  private async answer(socket: Socket, frame: Uint8Array): Promise<void> {
    try {
      socket.write(lengthDelimited(await this.options.answer(frame)));
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    this.socket?.destroy();
    if (!this.stopping) {
      this.options.onFailure(error);
    }
  }

  /** Resolves when nothing is being signed any more. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.timer?.cancel();
    this.socket?.destroy();
    await this.last;
  }
}

// Those who only listen: a subscriber to blocks that resumes after the last one it saw, and checks that each comes once, in
// order, and never says something else than before.

import type { NodeMessage } from "../../src/protocol/apiTypes.js";
import type { SimulatedNetwork, SimulatedSocket } from "./simulatedNetwork.js";

export class Watcher {
  /** The last block seen. */
  height = 0;
  private socket: SimulatedSocket | undefined;
  private subscription: number | undefined;

  constructor(
    readonly name: string,
    /** Whether the node may have let go of blocks that the watcher was away for. */
    private readonly mayMiss: boolean,
    /** Told of each block; throws where it contradicts what was said before. */
    private readonly onBlock: (height: number, hash: string, stateRoot: string) => void,
  ) {}

  get isConnected(): boolean {
    return this.socket !== undefined && this.socket.closeCode === undefined;
  }

  connect(network: SimulatedNetwork): void {
    this.subscription = undefined;
    this.socket = network.connect(`watcher ${this.name}`);
    this.socket?.push(JSON.stringify({ type: "subscribe", request: 1, topic: "blocks", from: this.height + 1 }));
  }

  disconnect(): void {
    this.socket?.close();
    this.socket = undefined;
  }

  read(): string[] {
    const texts = this.socket?.read() ?? [];
    for (const text of texts) {
      this.take(JSON.parse(text) as NodeMessage);
    }
    return texts;
  }

  private take(message: NodeMessage): void {
    if (message.type === "subscribed") {
      this.subscription = message.subscription;
    } else if (message.type === "block" && message.subscription === this.subscription) {
      const { height, hash, stateRoot } = message.block;
      if (height !== this.height + 1) {
        throw new Error(`watcher ${this.name} was told block ${height} after block ${this.height}`);
      }
      this.height = height;
      this.onBlock(height, hash, stateRoot);
    } else if (this.mayMiss && message.type === "error" && message.error.code === "HEIGHT_NOT_KEPT") {
      this.height = Number(message.error.details.oldest) - 1;
      this.disconnect();
    } else if (message.type === "dropped" || message.type === "error") {
      // Whatever the reason: it comes back for the rest.
      this.disconnect();
    }
  }
}

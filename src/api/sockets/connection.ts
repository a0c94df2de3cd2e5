// One WebSocket: what is sent to it, what it waits to hear the end of, and how much it wasted. After its close nothing
// touches the native socket any more, which would end the process.

import type { WebSocket } from "uWebSockets.js";
import { LinkedList } from "../../base/linkedList.js";
import type { Visitor } from "../../http/door/door.js";
import { errorJson } from "../../http/errorJson.js";
import { CLOSE_CODES, type FinalItem, type NodeMessage } from "../../protocol/apiTypes.js";
import type { CodedError } from "../../protocol/errors.js";
import type { BlockMoment, Final, FinalListener, Watch } from "../finality.js";
import type { ApiLimits } from "../options.js";
import type { Topic } from "./topic.js";

/** What uWebSockets.js keeps for each socket. */
export interface SocketData {
  visitor: Visitor;
  /** Whether it may submit. */
  mayWrite: boolean;
  connection: Connection | undefined;
}

/** A subscription of one connection to one topic. */
export interface Subscription {
  readonly topic: Topic;
  readonly connection: Connection;
  /** The next height to be told, until the subscription is live. */
  next: number;
  /** Told of new blocks through the topic; before, it is told of old ones, or waits for a future height. */
  live: boolean;
  /** Until it is unsubscribed or its connection closed. */
  active: boolean;
}

export class Connection implements FinalListener {
  /** By the number that the client knows them by. */
  readonly subscriptions = new Map<number, Subscription>();
  /** Transactions whose admission is not decided yet. */
  unanswered = 0;
  readonly watches = new LinkedList<Watch>();
  private finals: FinalItem[] = [];
  private finalHeight = 0;
  private finalTimeMs = 0;
  private wasted = 0;
  private open = true;
  private readonly drainWaiters: (() => void)[] = [];

  constructor(
    private readonly socket: WebSocket<SocketData>,
    readonly visitor: Visitor,
    readonly mayWrite: boolean,
    private readonly limits: ApiLimits,
  ) {}

  get isOpen(): boolean {
    return this.open;
  }

  /** Bytes that wait for the client to read. */
  get bufferedBytes(): number {
    return this.open ? this.socket.getBufferedAmount() : 0;
  }

  send(message: NodeMessage): void {
    this.sendText(JSON.stringify(message));
  }

  sendText(text: string): void {
    if (this.open) {
      this.socket.send(text, false);
      if (this.socket.getBufferedAmount() > this.limits.connectionBytesMax) {
        this.closeSlow();
      }
    }
  }

  sendError(error: CodedError, request: number | undefined): void {
    this.send({ type: "error", ...(request === undefined ? {} : { request }), error: errorJson(error) });
  }

  joinTopic(name: string): void {
    if (this.open) {
      this.socket.subscribe(name);
    }
  }

  leaveTopic(name: string): void {
    if (this.open) {
      this.socket.unsubscribe(name);
    }
  }

  /** Ends the connection. */
  close(code: number, reason: string): void {
    if (this.open) {
      this.open = false;
      this.socket.end(code, reason);
    }
  }

  /** Cuts off a client that does not read what it asked for. */
  closeSlow(): void {
    this.close(CLOSE_CODES.slow, "reads too slowly");
  }

  /** Counts work that was for nothing; a connection that wastes more than it gives is cut off. */
  waste(units: number): void {
    this.wasted += units;
    if (this.wasted > this.limits.connectionWastedMax) {
      this.close(CLOSE_CODES.wasteful, "too many bad frames or transactions");
    }
  }

  makeUpFor(units: number): void {
    this.wasted = Math.max(0, this.wasted - units);
  }

  /** Resolves when the client has read something, or is gone. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      if (this.open) {
        this.drainWaiters.push(resolve);
      } else {
        resolve();
      }
    });
  }

  onDrain(): void {
    for (const resolve of this.drainWaiters.splice(0)) {
      resolve();
    }
  }

  /** The socket is gone. */
  onClosed(): void {
    this.open = false;
    this.onDrain();
  }

  addFinal(request: number, index: number, { number, height, timeMs }: Final): void {
    this.finals.push([request, index, number]);
    if (height >= this.finalHeight) {
      this.finalHeight = height;
      this.finalTimeMs = timeMs;
    }
  }

  onFinal(watch: Watch, final: Final): void {
    this.addFinal(watch.request, watch.index, final);
  }

  onFinalsTold(latest: BlockMoment): void {
    if (this.finals.length > 0) {
      // An expiry may be told before the block of its height, whose time is known only now.
      const timeMs = this.finalHeight === latest.height ? latest.timeMs : this.finalTimeMs;
      this.send({ type: "final", height: this.finalHeight, timeMs, items: this.finals });
      this.finals = [];
    }
  }
}

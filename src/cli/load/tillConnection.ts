// One connection of the fleet with the senders that keep to it: sends what is due in batches, tries again what the node could
// not take, and sends again, in order, what was under way when the connection broke. It never waits for an answer before
// it sends the next.

import type { Clock } from "../../base/clock.js";
import { batchFrameBytes, FRAME_BYTES_MAX } from "../../client/batchFrame.js";
import { Connection } from "../../client/connection.js";
import type { Refusal } from "../../client/openBatches.js";
import type { WebSocketConstructor } from "../../client/webSocket.js";
import { BATCH_TRANSACTIONS_MAX } from "../../protocol/limits.js";
import { DueQueue } from "./dueQueue.js";
import type { PlanItem } from "./plan.js";
import type { SignedItems } from "./signedItems.js";
import type { Tracker } from "./tracker.js";

// The node can't take these now; it may a moment later.
const RETRY_CODES = new Set(["BUSY", "SENDER_LIMIT", "SEQUENCE_GAP", "BALANCE_RESERVED", "INTERNAL"]);
// The node's answer names no outcome: it is asked for by id.
const ASK_CODES = new Set(["ALREADY_COMMITTED", "SEQUENCE_USED", "EXPIRED"]);
const RETRY_MS = 200;
/** Larger answers from a busy node than this would stretch the run beyond its end. */
const RETRY_MAX_MS = 8_000;
/** Transactions sent and not answered yet, at most; fewer while the node says that it is busy. */
const UNANSWERED_MAX = 2_048;
const UNANSWERED_MIN = 32;
/** What an answer without refusals adds to the present most. */
const UNANSWERED_STEP = 16;

export interface TillContext {
  clock: Clock;
  items: PlanItem[];
  signed: SignedItems;
  tracker: Tracker;
  /** Asked to find out by id what became of an item. */
  askOutcome(index: number): void;
}

export class TillConnection {
  readonly #context: TillContext;
  readonly #connection: Connection;
  readonly #again = new DueQueue();
  /** How often each was put off. */
  readonly #tries = new Map<number, number>();
  #fresh: number[] = [];
  /** How many at the front of the fresh ones have left. */
  #freshTaken = 0;
  #unanswered = 0;
  #unansweredMost = UNANSWERED_MAX;

  private constructor(context: TillContext, connection: Connection) {
    this.#context = context;
    this.#connection = connection;
  }

  static async open(context: TillContext, url: string, webSocket: WebSocketConstructor): Promise<TillConnection> {
    return new TillConnection(context, await Connection.open({ url, webSocket }));
  }

  /** Items that wait here to be sent, for the first time or again. */
  get waiting(): number {
    return this.#fresh.length - this.#freshTaken + this.#again.size;
  }

  get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  /** An item is due. It leaves with the next `flush`. */
  due(index: number): void {
    this.#fresh.push(index);
  }

  /** Sends an item's same bytes again in a moment. */
  sendAgain(index: number): void {
    this.#again.push(this.#context.clock.monotonicMs() + RETRY_MS, index);
  }

  /**
   * Sends what is due now, if the connection is up, as far as the node keeps up: like any good client it has only so much
   * unanswered. What waits here counts its latency from when it was due all the same.
   */
  flush(): void {
    const nowMs = this.#context.clock.monotonicMs();
    if (!this.#connection.isOpen || this.waiting === 0) {
      return;
    }
    const indexes: number[] = [];
    const room = this.#unansweredMost - this.#unanswered;
    while (indexes.length < room) {
      const index = this.#again.take(nowMs);
      if (index === undefined) {
        break;
      }
      if (!this.#context.tracker.isFinal(index)) {
        indexes.push(index);
      }
    }
    while (indexes.length < room && this.#freshTaken < this.#fresh.length) {
      indexes.push(this.#fresh[this.#freshTaken++]);
    }
    if (2 * this.#freshTaken > this.#fresh.length) {
      this.#fresh = this.#fresh.slice(this.#freshTaken);
      this.#freshTaken = 0;
    }
    this.#sendBatches(indexes);
  }

  close(): void {
    this.#connection.close();
  }

  #sendBatches(indexes: number[]): void {
    const { items, tracker, signed } = this.#context;
    let batch: number[] = [];
    let transactions: Uint8Array[] = [];
    let frameBytes = batchFrameBytes([]);
    for (const index of indexes) {
      const item = items[index];
      if (item.kind === "duplicate" && !tracker.wasSent(item.original)) {
        continue;
      }
      const { bytes } = signed.get(index);
      if (batch.length === BATCH_TRANSACTIONS_MAX || frameBytes + 2 + bytes.length > FRAME_BYTES_MAX) {
        this.#send(batch, transactions);
        [batch, transactions, frameBytes] = [[], [], batchFrameBytes([])];
      }
      if (item.kind !== "duplicate") {
        tracker.sent(index);
      }
      batch.push(index);
      transactions.push(bytes);
      frameBytes += 2 + bytes.length;
    }
    if (batch.length > 0) {
      this.#send(batch, transactions);
    }
  }

  #send(batch: number[], transactions: Uint8Array[]): void {
    const { tracker, items, clock } = this.#context;
    const committedBefore = new Set<number>();
    for (const index of batch) {
      const { kind, original } = items[index];
      if (kind === "duplicate" && tracker.state(original) === "committed") {
        committedBefore.add(index);
      }
    }
    this.#unanswered += batch.length;
    let isAnswered = false;
    this.#connection.submitBatch(transactions, {
      results: (refused) => {
        isAnswered = true;
        this.#results(batch, refused, committedBefore);
      },
      final: (place, number, height) => {
        const { kind, original } = items[batch[place]];
        tracker.final(kind === "duplicate" ? original : batch[place], number, height, clock.monotonicMs());
      },
      lost: () => {
        this.#unanswered -= isAnswered ? 0 : batch.length;
        this.#lost(batch);
      },
    });
  }

  #results(batch: number[], refused: Refusal[], committedBefore: Set<number>): void {
    const { tracker, items, clock } = this.#context;
    const nowMs = clock.monotonicMs();
    this.#answered(batch.length, refused);
    const refusals = new Map(refused.map((refusal) => [refusal.index, refusal]));
    for (const [place, index] of batch.entries()) {
      const refusal = refusals.get(place);
      if (items[index].kind === "duplicate") {
        tracker.duplicateAnswered(index, refusal?.code ?? "OK", committedBefore.has(index));
      } else if (refusal === undefined || refusal.code === "DUPLICATE") {
        tracker.accepted(index, nowMs);
      } else {
        this.#refused(index, refusal, nowMs);
      }
    }
  }

  /** Half as much at once after each answer of a busy node, a little more after each other one. */
  #answered(count: number, refused: Refusal[]): void {
    this.#unanswered -= count;
    const isBusy = refused.some(({ code }) => code === "BUSY");
    this.#unansweredMost = isBusy
      ? Math.max(UNANSWERED_MIN, this.#unansweredMost >> 1)
      : Math.min(UNANSWERED_MAX, this.#unansweredMost + UNANSWERED_STEP);
  }

  #refused(index: number, { code, retryAfterMs = RETRY_MS }: Refusal, nowMs: number): void {
    const { tracker, askOutcome } = this.#context;
    if (tracker.isFinal(index)) {
      return;
    }
    tracker.refused(index, code);
    if (ASK_CODES.has(code)) {
      askOutcome(index);
    } else if (RETRY_CODES.has(code)) {
      // Longer each time, as any good client does: a node told to hurry by everybody at once never gets to its work.
      const tries = this.#tries.get(index) ?? 0;
      this.#tries.set(index, tries + 1);
      this.#again.push(nowMs + Math.min(retryAfterMs * 2 ** tries, RETRY_MAX_MS), index);
    }
  }

  /** What was under way goes out again in order once the connection is back, before anything new. */
  #lost(batch: number[]): void {
    const { tracker, items } = this.#context;
    for (const index of batch) {
      if (items[index].kind !== "duplicate" && !tracker.isFinal(index) && tracker.state(index) !== "refused") {
        tracker.lost(index);
        this.#again.push(0, index);
      }
    }
  }
}

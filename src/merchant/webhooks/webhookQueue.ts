// The deliveries of one webhook: those of one invoice strictly in their order, each only when the one before was accepted or given
// up; those of different invoices side by side. What waits stands in rows, of which a bounded number is held here, so that a
// receiver that is away for days costs disk and no memory. A kill between acceptance and its row means that it is sent again.

import type { Clock, Timer } from "../../base/clock.js";
import type { Random } from "../../base/random.js";
import type { MerchantEventJson, WebhookAttemptJson } from "../../protocol/merchantApiTypes.js";
import { type DeliveryRow, deliveryKey, type EventLog } from "../events/eventLog.js";
import { type MerchantRows, orderedNumber } from "../rows/merchantRows.js";
import type { WebhookRecord } from "../stores/storeRegistry.js";
import { retryWaitMs } from "./retrySchedule.js";
import type { SendResult } from "./sendWebhook.js";

/** Deliveries under way at once. */
const UNDER_WAY_MAX = 32;
/** Deliveries held in memory; more are read when half of these are gone. */
const HELD_MAX = 4_096;
/** The longest that a timer of the machine takes at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;
const OK_FROM = 200;
const OK_BELOW = 300;

export interface QueueOptions {
  webhook: WebhookRecord;
  rows: MerchantRows;
  events: EventLog;
  clock: Clock;
  random: Random;
  send(webhook: WebhookRecord, event: MerchantEventJson): Promise<SendResult>;
  /** Told of every try, and whether the delivery was given up. */
  onAttempt(webhook: WebhookRecord, accepted: boolean, gaveUp: boolean, reason: string): void;
}

interface Held {
  sequence: number;
  row: DeliveryRow;
  event: MerchantEventJson | undefined;
}

/** What an event's order is kept within. */
function laneOf(event: MerchantEventJson): string {
  return event.data.invoice?.id ?? event.id;
}

export class WebhookQueue {
  private readonly lanes = new Map<string, Held[]>();
  /** Lanes whose first delivery may be sent now. */
  private ready: string[] = [];
  private readonly timers = new Set<Timer>();
  private held = 0;
  private underWay = 0;
  /** The sequence up to which deliveries were taken from the rows. */
  private heldUpTo = 0;
  private moreInRows = true;
  private stopped = false;

  constructor(private readonly options: QueueOptions) {}

  /** Takes what waits in the rows. */
  start(): void {
    this.refill();
    this.sendReady();
  }

  /** An event became durable whose delivery stands in the rows. */
  offer(event: MerchantEventJson): void {
    if (this.moreInRows || this.held >= HELD_MAX) {
      this.moreInRows = true;
      return;
    }
    if (event.sequence > this.heldUpTo) {
      this.hold({ sequence: event.sequence, row: { attempts: 0, dueMs: 0, firstMs: 0 }, event });
      this.sendReady();
    }
  }

  /** Sends no more; what is under way ends, and its row with it where it is accepted. */
  stop(): void {
    this.stopped = true;
    for (const timer of this.timers) {
      timer.cancel();
    }
  }

  private refill(): void {
    const { rows, webhook } = this.options;
    const start = deliveryKey(webhook.id, this.heldUpTo + 1);
    const limit = HELD_MAX - this.held;
    let taken = 0;
    for (const { key, value } of [...rows.range<DeliveryRow>("delivery", { start, end: `${webhook.id}0`, limit })]) {
      taken++;
      this.hold({ sequence: Number(key.split("/")[1]), row: value, event: undefined });
    }
    this.moreInRows = taken === limit;
  }

  /** Puts a delivery at the end of its lane. */
  private hold(held: Held): void {
    const { rows, events, webhook } = this.options;
    this.heldUpTo = Math.max(this.heldUpTo, held.sequence);
    held.event ??= events.one(webhook.store, held.sequence);
    if (held.event === undefined) {
      rows.remove("delivery", deliveryKey(webhook.id, held.sequence));
      return;
    }
    this.held++;
    const lane = laneOf(held.event);
    const waiting = this.lanes.get(lane);
    if (waiting === undefined) {
      this.lanes.set(lane, [held]);
      this.scheduleFirst(lane, held);
    } else {
      waiting.push(held);
    }
  }

  private scheduleFirst(lane: string, { row }: Held): void {
    const { clock } = this.options;
    const waitMs = row.dueMs - clock.nowMs();
    if (waitMs <= 0) {
      this.ready.push(lane);
      return;
    }
    const timer = clock.setTimer(Math.min(waitMs, TIMER_MS_MAX), () => {
      this.timers.delete(timer);
      this.scheduleFirst(lane, this.lanes.get(lane)![0]);
      this.sendReady();
    });
    this.timers.add(timer);
  }

  private sendReady(): void {
    while (!this.stopped && this.underWay < UNDER_WAY_MAX && this.ready.length > 0) {
      const lane = this.ready.shift()!;
      this.underWay++;
      void this.attempt(lane, this.lanes.get(lane)![0]);
    }
  }

  private async attempt(lane: string, held: Held): Promise<void> {
    const { webhook, clock, send } = this.options;
    const startMs = clock.nowMs();
    // What failed before is read again when its turn has come: it may have waited for a day.
    const event = held.event ?? this.options.events.one(webhook.store, held.sequence);
    const result: SendResult = event === undefined ? { status: OK_FROM } : await send(webhook, event);
    const accepted = result.status !== undefined && result.status >= OK_FROM && result.status < OK_BELOW;
    this.underWay--;
    held.row = { ...held.row, attempts: held.row.attempts + 1, firstMs: held.row.firstMs || startMs };
    const waitMs = accepted ? undefined : retryWaitMs(held.row.attempts, this.options.random);
    const endMs = clock.nowMs();
    if (event !== undefined) {
      this.log(held, event, { startMs, endMs, result, ...(waitMs === undefined ? {} : { nextMs: endMs + waitMs }) });
    }
    if (waitMs === undefined) {
      this.options.rows.remove("delivery", deliveryKey(webhook.id, held.sequence));
    } else {
      held.row.dueMs = endMs + waitMs;
      held.event = undefined;
      this.options.rows.put("delivery", deliveryKey(webhook.id, held.sequence), held.row);
    }
    this.options.onAttempt(
      webhook,
      accepted,
      !accepted && waitMs === undefined,
      result.error ?? `HTTP status ${result.status}`,
    );
    if (!this.stopped) {
      this.goOn(lane, held, waitMs === undefined);
    }
  }

  private goOn(lane: string, held: Held, isDone: boolean): void {
    const waiting = this.lanes.get(lane)!;
    if (isDone) {
      waiting.shift();
      this.held--;
    }
    if (waiting.length === 0) {
      this.lanes.delete(lane);
    } else {
      this.scheduleFirst(lane, isDone ? waiting[0] : held);
    }
    if (this.moreInRows && this.held < HELD_MAX / 2) {
      this.refill();
    }
    this.sendReady();
  }

  private log(
    { sequence, row }: Held,
    event: MerchantEventJson,
    { startMs, endMs, result, nextMs }: { startMs: number; endMs: number; result: SendResult; nextMs?: number },
  ): void {
    const attempt: WebhookAttemptJson = {
      event: event.id,
      sequence,
      type: event.type,
      attempt: row.attempts,
      atMs: startMs,
      durationMs: endMs - startMs,
      ...(result.status === undefined ? { error: result.error } : { status: result.status }),
      ...(nextMs === undefined ? {} : { nextMs }),
    };
    const key = `${this.options.webhook.id}/${orderedNumber(startMs)}-${sequence}-${row.attempts}`;
    this.options.rows.put("attempt", key, attempt);
  }
}

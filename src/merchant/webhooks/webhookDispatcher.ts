// Sends events to the webhooks that want them, and keeps account of how each fares. One that accepts nothing is never given up in
// silence: after an hour an event says so, after three days of nothing but failures another says that it is switched off; both
// reach the store's other webhooks, its WebSockets and whoever polls.

import { assert } from "../../base/assert.js";
import type { MerchantEventJson, WebhookJson } from "../../protocol/merchantApiTypes.js";
import type { GatewaySecret } from "../access/gatewaySecret.js";
import { deliveryKey } from "../events/eventLog.js";
import type { GatewayParts } from "../gatewayParts.js";
import { orderedNumber } from "../rows/merchantRows.js";
import type { WebhookRecord } from "../stores/storeRegistry.js";
import type { SendResult, SendWebhook } from "./sendWebhook.js";
import { webhookHeaders } from "./signWebhook.js";
import { wantsEvent } from "./wantsEvent.js";
import { WebhookQueue } from "./webhookQueue.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WARN_AFTER_MS = HOUR_MS;
const DISABLE_AFTER_MS = 3 * DAY_MS;
/** How long the secret before the present one signs too. */
const OLD_SECRET_MS = DAY_MS;
const LOG_KEPT_MS = 30 * DAY_MS;
const LOG_SWEPT_AT_ONCE = 10_000;

export class WebhookDispatcher {
  private readonly queues = new Map<string, WebhookQueue>();
  private readonly unsubscribe: () => void;
  private stopped = false;
  private sweepTimer: { cancel(): void } | undefined;

  constructor(
    private readonly parts: GatewayParts,
    private readonly secret: GatewaySecret,
    private readonly send: SendWebhook,
  ) {
    this.unsubscribe = parts.events.subscribe((store, event) => this.onEvent(store, event));
    for (const store of parts.stores.list()) {
      for (const webhook of parts.stores.webhooks.list(store.id)) {
        this.open(webhook);
      }
    }
    this.sweep();
  }

  stop(): void {
    this.stopped = true;
    this.sweepTimer?.cancel();
    this.unsubscribe();
    for (const queue of this.queues.values()) {
      queue.stop();
    }
  }

  /** Begins to send to a webhook, anew where it did before: its rows say what is due. */
  open(webhook: WebhookRecord): void {
    this.close(webhook.id);
    if (webhook.state === "disabled" || this.stopped) {
      return;
    }
    const { rows, events, clock, random } = this.parts;
    const queue = new WebhookQueue({
      webhook,
      rows,
      events,
      clock,
      random,
      send: (target, event) => this.deliver(target, event),
      onAttempt: (target, accepted, gaveUp, reason) => this.onAttempt(target, accepted, gaveUp, reason),
    });
    this.queues.set(webhook.id, queue);
    queue.start();
  }

  private close(id: string): void {
    this.queues.get(id)?.stop();
    this.queues.delete(id);
  }

  /** Makes events wait for delivery again, those from one sequence number to another; `open` then sends them. */
  replay(webhook: WebhookRecord, from: number, to: number): void {
    const { rows, events } = this.parts;
    for (let sequence = from; sequence <= to; sequence++) {
      const event = events.one(webhook.store, sequence);
      assert(event !== undefined, `event ${sequence} of ${webhook.store} has no row`);
      if (wantsEvent(webhook, event)) {
        rows.put("delivery", deliveryKey(webhook.id, sequence), { attempts: 0, dueMs: 0, firstMs: 0 });
      }
    }
  }

  /** The secrets that sign now, the present one first. */
  secretsOf(webhook: WebhookRecord): string[] {
    const { id, secretNumber, secretChangedMs } = webhook;
    const both = secretNumber > 0 && this.parts.clock.nowMs() - (secretChangedMs ?? 0) < OLD_SECRET_MS;
    const numbers = both ? [secretNumber, secretNumber - 1] : [secretNumber];
    return numbers.map((number) => this.secret.webhookSecret(id, number));
  }

  private onEvent(store: string, event: MerchantEventJson): void {
    for (const webhook of this.parts.stores.webhooks.list(store)) {
      if (wantsEvent(webhook, event)) {
        this.queues.get(webhook.id)?.offer(event);
      }
    }
  }

  private deliver({ store, id }: WebhookRecord, event: MerchantEventJson): Promise<SendResult> {
    const webhook = this.parts.stores.webhooks.expect(store, id);
    const body = JSON.stringify(event);
    const seconds = Math.floor(this.parts.clock.nowMs() / 1_000);
    return this.send(webhook.url, webhookHeaders(this.secretsOf(webhook), event.id, seconds, body), body);
  }

  private onAttempt(known: WebhookRecord, accepted: boolean, gaveUp: boolean, reason: string): void {
    const { stores, clock } = this.parts;
    const webhook = stores.webhooks.expect(known.store, known.id);
    if (webhook.state === "disabled") {
      // Switched off while the try was under way: how it ended changes nothing.
      return;
    }
    if (accepted) {
      if (webhook.failingSinceMs !== undefined) {
        const { failingSinceMs: _, warned: __, ...healthy } = webhook;
        stores.webhooks.save({ ...healthy, state: "active" });
      }
      return;
    }
    const nowMs = clock.nowMs();
    const failingSinceMs = webhook.failingSinceMs ?? nowMs;
    const failedMs = nowMs - failingSinceMs;
    const changed: WebhookRecord = { ...webhook, failingSinceMs };
    if (gaveUp && failedMs >= DISABLE_AFTER_MS) {
      stores.webhooks.save({ ...changed, state: "disabled" });
      this.notice("webhook.disabled", changed, `nothing was accepted for three days: ${reason}`);
      this.close(webhook.id);
    } else if (gaveUp || (failedMs >= WARN_AFTER_MS && webhook.warned !== true)) {
      stores.webhooks.save({ ...changed, state: "failing", warned: true });
      this.notice("webhook.failing", changed, gaveUp ? `a delivery was given up after three days: ${reason}` : reason);
    } else if (webhook.failingSinceMs === undefined) {
      stores.webhooks.save(changed);
    }
  }

  private notice(type: "webhook.failing" | "webhook.disabled", webhook: WebhookRecord, reason: string): void {
    const timeMs = this.parts.clock.nowMs();
    const { id, url, store } = webhook;
    this.parts.events.add({ store, type, cause: `${id}/${timeMs}`, timeMs, data: { webhook: { id, url, reason } } });
  }

  /** Removes tries from the log that are older than it reaches, a bounded number at once. */
  private sweep(): void {
    const { rows, stores, clock } = this.parts;
    for (const store of stores.list()) {
      for (const { id } of stores.webhooks.list(store.id)) {
        const end = `${id}/${orderedNumber(clock.nowMs() - LOG_KEPT_MS)}`;
        for (const { key } of [...rows.range("attempt", { start: `${id}/`, end, limit: LOG_SWEPT_AT_ONCE })]) {
          rows.remove("attempt", key);
        }
      }
    }
    this.sweepTimer = clock.setTimer(HOUR_MS, () => this.sweep());
  }
}

/** A webhook as its store may see it. */
export function webhookJson({ id, url, events, state, failingSinceMs, createdMs }: WebhookRecord): WebhookJson {
  return { id, url, events, state, ...(failingSinceMs === undefined ? {} : { failingSinceMs }), createdMs };
}

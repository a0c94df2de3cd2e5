// All subscriptions. One that begins in the past is told old blocks from the store, one after another and no faster than its
// client reads, until the next height is that of the next block; from then on it hears of blocks with all others. Both happen on
// one thread, so that nothing is missed and nothing told twice.

import { setImmediate } from "node:timers/promises";
import { bytesKey, toHex } from "../../base/bytes.js";
import type { History } from "../../history/history.js";
import type { SubscriptionTopic } from "../../protocol/apiTypes.js";
import { CodedError } from "../../protocol/errors.js";
import type { CommittedBlock } from "../../storage/committedBlock.js";
import type { ApiMetrics } from "../metrics.js";
import type { ApiLimits } from "../options.js";
import type { ApiBlocks, ApiServices } from "../services.js";
import { type AddressKind, BlockMessages, isAddressKind, summaryText } from "./blockMessages.js";
import type { Connection, Subscription } from "./connection.js";
import { Slots } from "./slots.js";
import type { Topic } from "./topic.js";

/** Bytes of old blocks that may wait for a client before more are read for it. */
const REPLAY_BYTES_MAX = 262_144;

/** The block was removed. */
const PRUNED = Symbol("pruned");

/**
 * Whether the history knows the heights that hold something of the topic. It does not know them of a contract's events: a contract that
 * another one calls has no entry, so that every block with transactions is looked at.
 */
function hasIndex(topic: Topic): topic is Topic & { address: Uint8Array } {
  return topic.address !== undefined && topic.kind !== "contract";
}

export class Subscriptions {
  /** Topics that tell the same, under different numbers: one for each subscription that a single connection has to it. */
  private readonly families = new Map<string, Topic[]>();
  private readonly byAddress: Record<AddressKind, Map<string, Topic[]>> = {
    account: new Map(),
    payments: new Map(),
    contract: new Map(),
  };
  /** Those that begin with a block that is still to come, by the height before it. */
  private readonly waiting = new Map<number, Subscription[]>();
  /** Connections with subscriptions, and how many of these are not live. */
  private readonly subscribers = new Map<Connection, number>();
  private readonly slots: Slots;
  private readonly blocks: ApiBlocks;
  private readonly history: History;
  private topicNumberNext = 1;
  /** The latest block that was told. */
  private height: number;

  constructor(
    private readonly services: ApiServices,
    private readonly limits: ApiLimits,
    private readonly metrics: ApiMetrics,
    private readonly publish: (topicName: string, text: string) => void,
  ) {
    this.slots = new Slots(limits.replaysMax);
    this.blocks = services.blocks;
    this.history = services.history;
    this.height = services.blocks.lastHeight;
  }

  get heightTold(): number {
    return this.height;
  }

  /** Begins a subscription with block `from`, by default the next one. Throws BUSY or HEIGHT_NOT_KEPT. */
  subscribe(
    connection: Connection,
    kind: SubscriptionTopic,
    address: Uint8Array | undefined,
    from: number | undefined,
    onSubscribed: (number: number, from: number) => void,
  ): void {
    const next = from ?? this.height + 1;
    const first = this.blocks.firstHeight ?? 1;
    if (next < first) {
      throw new CodedError("HEIGHT_NOT_KEPT", `expected a height from ${first}, got ${next}`, { oldest: first });
    }
    if (connection.subscriptions.size >= this.limits.connectionSubscriptionsMax) {
      throw new CodedError(
        "BUSY",
        `expected at most ${this.limits.connectionSubscriptionsMax} subscriptions of a connection`,
      );
    }
    const topic = this.topicFor(connection, kind, address);
    topic.subscribers++;
    this.metrics.subscriptions.inc({ topic: kind });
    const subscription: Subscription = { topic, connection, next, live: false, active: true };
    connection.subscriptions.set(topic.number, subscription);
    this.subscribers.set(connection, (this.subscribers.get(connection) ?? 0) + 1);
    onSubscribed(topic.number, next);
    if (next > this.height) {
      this.goLiveOrWait(subscription);
    } else {
      void this.replay(subscription);
    }
  }

  /** The first topic of this kind and address that the connection has no subscription to; made where there is none. */
  private topicFor(connection: Connection, kind: SubscriptionTopic, address: Uint8Array | undefined): Topic {
    const family = address === undefined ? kind : `${kind}:${toHex(address)}`;
    const present = this.families.get(family) ?? [];
    const free = present.find((topic) => !connection.subscriptions.has(topic.number));
    const { transactionSubscribersMax } = this.limits;
    if (
      kind === "transactions" &&
      present.reduce((sum, topic) => sum + topic.subscribers, 0) >= transactionSubscribersMax
    ) {
      throw new CodedError("BUSY", `${transactionSubscribersMax} subscriptions to all transactions are taken already`);
    }
    if (free !== undefined) {
      return free;
    }
    const number = this.topicNumberNext++;
    const topic: Topic = { number, kind, address, family, name: `${number}`, subscribers: 0 };
    this.families.set(family, [...present, topic]);
    if (address !== undefined && isAddressKind(kind)) {
      this.byAddress[kind].set(bytesKey(address), [...present, topic]);
    }
    return topic;
  }

  private removeTopic(topic: Topic): void {
    const { family, kind, address } = topic;
    const left = (this.families.get(family) ?? []).filter((other) => other !== topic);
    const byAddress = isAddressKind(kind) ? this.byAddress[kind] : undefined;
    const addressKey = address === undefined ? "" : bytesKey(address);
    if (left.length > 0) {
      this.families.set(family, left);
      byAddress?.set(addressKey, left);
    } else {
      this.families.delete(family);
      byAddress?.delete(addressKey);
    }
  }

  /** Throws NOT_FOUND for a number that the connection has no subscription under. */
  unsubscribe(connection: Connection, number: number): void {
    const subscription = connection.subscriptions.get(number);
    if (subscription === undefined) {
      throw new CodedError("NOT_FOUND", `this connection has no subscription ${number}`);
    }
    this.end(subscription);
  }

  /** The connection is gone. */
  endAll(connection: Connection): void {
    for (const subscription of [...connection.subscriptions.values()]) {
      this.end(subscription);
    }
    this.subscribers.delete(connection);
  }

  private end(subscription: Subscription): void {
    const { topic, connection } = subscription;
    subscription.active = false;
    connection.subscriptions.delete(topic.number);
    if (subscription.live) {
      connection.leaveTopic(topic.name);
    } else {
      this.countPending(connection, -1);
      this.stopWaiting(subscription);
    }
    if (connection.subscriptions.size === 0) {
      this.subscribers.delete(connection);
    }
    topic.subscribers--;
    this.metrics.subscriptions.dec({ topic: topic.kind });
    if (topic.subscribers === 0) {
      this.removeTopic(topic);
    }
  }

  private stopWaiting(subscription: Subscription): void {
    const heightBefore = subscription.next - 1;
    const others = this.waiting.get(heightBefore)?.filter((other) => other !== subscription);
    if (others?.length === 0) {
      this.waiting.delete(heightBefore);
    } else if (others !== undefined) {
      this.waiting.set(heightBefore, others);
    }
  }

  private countPending(connection: Connection, change: number): void {
    this.subscribers.set(connection, (this.subscribers.get(connection) ?? 0) + change);
  }

  private goLiveOrWait(subscription: Subscription): void {
    if (subscription.next === this.height + 1) {
      subscription.live = true;
      this.countPending(subscription.connection, -1);
      subscription.connection.joinTopic(subscription.topic.name);
      return;
    }
    const heightBefore = subscription.next - 1;
    const others = this.waiting.get(heightBefore);
    if (others === undefined) {
      this.waiting.set(heightBefore, [subscription]);
    } else {
      others.push(subscription);
    }
  }

  private async replay(subscription: Subscription): Promise<void> {
    const { connection, topic } = subscription;
    try {
      while (subscription.active && subscription.next <= this.height) {
        const height = this.nextHeightOf(subscription);
        if (height === undefined) {
          subscription.next = this.height + 1;
          break;
        }
        const text = await this.oldText(topic, height);
        if (!subscription.active) {
          return;
        }
        if (text === PRUNED) {
          connection.send({ type: "dropped", subscription: topic.number, reason: "pruned", height });
          this.end(subscription);
          return;
        }
        if (text !== undefined) {
          connection.sendText(text);
        }
        subscription.next = height + 1;
        // Blocks in memory come without a wait: others must have their turn.
        await setImmediate();
        while (connection.bufferedBytes > REPLAY_BYTES_MAX) {
          await connection.drained();
        }
      }
      if (subscription.active) {
        this.goLiveOrWait(subscription);
      }
    } catch (error) {
      this.services.logger.error({ error, topic: topic.name }, "a subscription could not be resumed");
      this.services.onFailure?.(error);
      connection.sendError(new CodedError("INTERNAL"), undefined);
      if (subscription.active) {
        this.end(subscription);
      }
    }
  }

  /** What an old block tells a topic; undefined for nothing. */
  private async oldText(topic: Topic, height: number): Promise<string | undefined | typeof PRUNED> {
    const summary = hasIndex(topic) ? undefined : this.history.blockSummary(height);
    if (summary !== undefined && topic.kind === "blocks") {
      return summaryText(topic, summary);
    }
    if (summary?.transactionCount === 0) {
      return undefined;
    }
    const block = await this.slots.run(() => this.blocks.read(height));
    return block === undefined ? PRUNED : new BlockMessages(block).textFor(topic);
  }

  /** The next height that may hold something of the topic; undefined where none up to the latest does. */
  private nextHeightOf({ topic, next }: Subscription): number | undefined {
    return hasIndex(topic) ? this.history.accountHeights(topic.address, next, 1)[0] : next;
  }

  onBlock(block: CommittedBlock): void {
    this.dropSlow();
    this.height = block.height;
    const messages = new BlockMessages(block);
    for (const kind of ["blocks", "transactions"] as const) {
      for (const topic of this.families.get(kind) ?? []) {
        const text = messages.textFor(topic);
        if (text !== undefined) {
          this.publish(topic.name, text);
        }
      }
    }
    for (const kind of ["account", "payments", "contract"] as const) {
      if (this.byAddress[kind].size > 0) {
        for (const [topic, text] of messages.textsFor(kind, this.byAddress[kind])) {
          this.publish(topic.name, text);
        }
      }
    }
    const due = this.waiting.get(block.height) ?? [];
    this.waiting.delete(block.height);
    for (const subscription of due) {
      if (subscription.active) {
        this.goLiveOrWait(subscription);
      }
    }
  }

  /** Cuts off whoever has not read what the blocks before brought. One that is being told old blocks paces itself. */
  private dropSlow(): void {
    for (const [connection, pending] of this.subscribers) {
      if (pending === 0 && connection.bufferedBytes > this.limits.subscriberBytesMax) {
        this.metrics.subscribersDropped.inc();
        for (const number of connection.subscriptions.keys()) {
          connection.send({ type: "dropped", subscription: number, reason: "slow", height: this.height });
        }
        connection.closeSlow();
      }
    }
  }
}

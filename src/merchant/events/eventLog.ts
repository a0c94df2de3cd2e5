// What happened, in the order it happened, a sequence number a store. An event's id is made of what it is about, so that an event
// that is told again, by a replay of blocks too, is the same event and enters the log once. With it, in the same batch of rows,
// a delivery begins to wait for each webhook that wants it.

import { toHex, utf8Bytes } from "../../base/bytes.js";
import type { MerchantEventJson, MerchantEventType } from "../../protocol/merchantApiTypes.js";
import { sha256 } from "../../wasm/sha256.js";
import { type MerchantRows, orderedNumber } from "../rows/merchantRows.js";
import type { StoreRegistry } from "../stores/storeRegistry.js";
import { wantsEvent } from "../webhooks/wantsEvent.js";

const ID_HEX_DIGITS = 32;

/** Told of an event when it is durable. */
export type EventListener = (store: string, event: MerchantEventJson) => void;

/** A delivery that waits: its key names webhook and sequence. */
export interface DeliveryRow {
  attempts: number;
  /** Not before this moment. */
  dueMs: number;
  /** When it was tried first; 0 before. */
  firstMs: number;
}

export interface NewEvent {
  store: string;
  type: MerchantEventType;
  /** What makes it the one it is, besides its type. */
  cause: string;
  timeMs: number;
  data: MerchantEventJson["data"];
}

export class EventLog {
  private readonly sequences = new Map<string, number>();
  private readonly listeners = new Set<EventListener>();
  private readonly untold: { store: string; event: MerchantEventJson }[] = [];
  private added = 0;
  private told = 0;

  constructor(
    private readonly rows: MerchantRows,
    private readonly stores: StoreRegistry,
  ) {}

  /** Adds an event, unless it is there already. */
  add({ store, type, cause, timeMs, data }: NewEvent): void {
    const id = `evt_${toHex(sha256(utf8Bytes(`${store}/${type}/${cause}`))).slice(0, ID_HEX_DIGITS)}`;
    if (this.rows.has("eventId", id)) {
      return;
    }
    const sequence = this.last(store) + 1;
    this.sequences.set(store, sequence);
    const event: MerchantEventJson = { id, sequence, type, timestamp: new Date(timeMs).toISOString(), data };
    this.rows.put("event", eventKey(store, sequence), event);
    this.rows.put("eventId", id, { store, sequence });
    for (const webhook of this.stores.webhooks.list(store)) {
      if (webhook.state !== "disabled" && wantsEvent(webhook, event)) {
        this.rows.put("delivery", deliveryKey(webhook.id, sequence), { attempts: 0, dueMs: 0, firstMs: 0 });
      }
    }
    this.untold.push({ store, event });
    const upTo = ++this.added;
    this.rows.durable().then(
      () => this.tell(upTo),
      // Whoever owns the rows is told why nothing more can be.
      () => undefined,
    );
  }

  /** The sequence number of a store's latest event; 0 for none. */
  last(store: string): number {
    let last = this.sequences.get(store);
    if (last === undefined) {
      const [latest] = this.rows.below<MerchantEventJson>("event", `${store}/`, { limit: 1, reverse: true });
      last = latest?.value.sequence ?? 0;
      this.sequences.set(store, last);
    }
    return last;
  }

  /** Durable events above a sequence number, oldest first. */
  after(store: string, sequence: number, limit: number): MerchantEventJson[] {
    const range = { start: eventKey(store, sequence + 1), end: `${store}0`, limit };
    return [...this.rows.range<MerchantEventJson>("event", range)].map(({ value }) => value);
  }

  one(store: string, sequence: number): MerchantEventJson | undefined {
    return this.rows.get<MerchantEventJson>("event", eventKey(store, sequence));
  }

  /** Where an event stands; undefined for an id that is none of the store's. */
  sequenceOf(store: string, id: string): number | undefined {
    const place = this.rows.get<{ store: string; sequence: number }>("eventId", id);
    return place?.store === store ? place.sequence : undefined;
  }

  /** Calls back for every event that became durable, in order, until the function returned is called. */
  subscribe(listener: EventListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Tells the events up to the one with this number. */
  private tell(upTo: number): void {
    const told = this.untold.splice(0, upTo - this.told);
    this.told = Math.max(this.told, upTo);
    for (const { store, event } of told) {
      for (const listener of [...this.listeners]) {
        listener(store, event);
      }
    }
  }
}

function eventKey(store: string, sequence: number): string {
  return `${store}/${orderedNumber(sequence)}`;
}

export function deliveryKey(webhook: string, sequence: number): string {
  return `${webhook}/${orderedNumber(sequence)}`;
}

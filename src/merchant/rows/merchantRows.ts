// The gateway's rows over an ordered store. A command changes rows synchronously and sees its own changes at once; all changes of
// one turn of the event loop become durable together or not at all, and in the order they were made. Who answers a client or
// sends a webhook waits for `durable()` first. One process writes: the caller holds the directory's lock.

import { utf8Bytes } from "../../base/bytes.js";
import type { KeyValueChange, KeyValueRange, KeyValueStore } from "../../storage/keyValueStore.js";

const decoder = new TextDecoder();

/** Tables by what their keys and values are: docs/merchant.md. */
export type MerchantTable =
  | "meta"
  | "store"
  | "till"
  | "staff"
  | "key"
  | "payee"
  | "invoice"
  | "invoiceByStore"
  | "reference"
  | "absence"
  | "expiry"
  | "unassigned"
  | "assignment"
  | "idempotency"
  | "event"
  | "eventId"
  | "webhook"
  | "delivery"
  | "attempt"
  | "claimed"
  | "purchase"
  | "deskOrder"
  | "deskOpen"
  | "deskSent"
  | "deskDay"
  | "deskDeposit"
  | "deskCode"
  | "mileage";

interface Waiting {
  value: Uint8Array | undefined;
  /** Which batch it is part of. */
  batch: number;
}

export class MerchantRows {
  /** Changes that are not durable yet, by table and key. */
  private readonly waiting = new Map<string, Waiting>();
  private batch: (KeyValueChange & { place: string })[] = [];
  private batchNumber = 1;
  private writing: Promise<void> = Promise.resolve();
  private scheduled: Promise<void> | undefined;
  private failure: unknown;
  private closed = false;

  constructor(
    private readonly store: KeyValueStore,
    /** Told once where the store can't be written: nothing said after that would be true. */
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** A row's value as JSON gave it; undefined where there is none. */
  get<T>(table: MerchantTable, key: string): T | undefined {
    const bytes = this.getBytes(table, key);
    return bytes === undefined ? undefined : (JSON.parse(decoder.decode(bytes)) as T);
  }

  has(table: MerchantTable, key: string): boolean {
    return this.getBytes(table, key) !== undefined;
  }

  put(table: MerchantTable, key: string, value: unknown): void {
    this.change(table, key, utf8Bytes(JSON.stringify(value)));
  }

  remove(table: MerchantTable, key: string): void {
    this.change(table, key, undefined);
  }

  /** Durable rows of a range, in the keys' order: what waits is not among them. */
  *range<T>(table: MerchantTable, range: { start?: string; end?: string; limit?: number; reverse?: boolean }) {
    const { start, end, ...rest } = range;
    const bounds: KeyValueRange = {
      ...rest,
      ...(start === undefined ? {} : { start: utf8Bytes(start) }),
      ...(end === undefined ? {} : { end: utf8Bytes(end) }),
    };
    for (const { key, value } of this.store.range(table, bounds)) {
      yield { key: decoder.decode(key), value: JSON.parse(decoder.decode(value)) as T };
    }
  }

  /** Durable rows whose keys begin with `prefix`, which ends with a slash. */
  below<T>(table: MerchantTable, prefix: string, options: { limit?: number; reverse?: boolean } = {}) {
    // "0" follows "/" in ASCII.
    return this.range<T>(table, { start: prefix, end: `${prefix.slice(0, -1)}0`, ...options });
  }

  /** Resolves when every change made so far is durable. */
  async durable(): Promise<void> {
    if (this.failure !== undefined) {
      throw this.failure;
    }
    if (this.batch.length > 0) {
      await this.schedule();
    } else {
      await this.writing;
    }
    if (this.failure !== undefined) {
      throw this.failure;
    }
  }

  /** Writes what waits and takes no more changes: what ends later, such as a delivery under way, counts as not done. */
  async close(): Promise<void> {
    await this.durable().catch(() => undefined);
    this.closed = true;
    await this.durable().catch(() => undefined);
  }

  private getBytes(table: MerchantTable, key: string): Uint8Array | undefined {
    const waiting = this.waiting.get(placeOf(table, key));
    return waiting === undefined ? this.store.get(table, utf8Bytes(key)) : waiting.value;
  }

  private change(table: MerchantTable, key: string, value: Uint8Array | undefined): void {
    if (this.closed) {
      return;
    }
    const place = placeOf(table, key);
    this.batch.push({ table, key: utf8Bytes(key), value, place });
    this.waiting.set(place, { value, batch: this.batchNumber });
    void this.schedule();
  }

  /** One write at a time: what is changed meanwhile becomes the next. */
  private schedule(): Promise<void> {
    this.scheduled ??= this.writing.then(() => this.write());
    return this.scheduled;
  }

  private async write(): Promise<void> {
    const changes = this.batch;
    const number = this.batchNumber++;
    this.batch = [];
    this.scheduled = undefined;
    this.writing = this.store.write(changes).then(
      () => {
        for (const { place } of changes) {
          if (this.waiting.get(place)?.batch === number) {
            this.waiting.delete(place);
          }
        }
      },
      (error: unknown) => {
        this.failure ??= error;
        this.onFailure(error);
      },
    );
    await this.writing;
  }
}

function placeOf(table: MerchantTable, key: string): string {
  return `${table}\0${key}`;
}

const ORDERED_DIGITS = 16;

/** A whole number as text that sorts as the number does. */
export function orderedNumber(value: number): string {
  return value.toString().padStart(ORDERED_DIGITS, "0");
}

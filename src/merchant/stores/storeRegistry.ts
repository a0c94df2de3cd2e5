// Stores with their tills, staff, keys and webhooks, all in memory: there are few of them, and every block asks for the payees.
// Each is a row of its own; what changes here is durable with the command that changed it.

import { timingSafeEqual } from "node:crypto";
import { bytesKey, fromHex, toHex, utf8Bytes } from "../../base/bytes.js";
import { parseAddress } from "../../protocol/address.js";
import { CodedError } from "../../protocol/errors.js";
import type { MerchantKeyJson, StaffJson, StoreJson, TillJson, WebhookJson } from "../../protocol/merchantApiTypes.js";
import { sha256 } from "../../wasm/sha256.js";
import type { MerchantRows, MerchantTable } from "../rows/merchantRows.js";

/** A key as it is kept: its SHA-256 only. */
export interface KeyRecord extends MerchantKeyJson {
  store: string;
  hash: string;
}

/** A webhook as it is kept; its secret is derived from the gateway's own. */
export interface WebhookRecord extends WebhookJson {
  store: string;
  /** How often its secret was made anew. */
  secretNumber: number;
  secretChangedMs?: number;
  /** Told that it fails, since when. */
  warned?: boolean;
}

interface Owned {
  store: string;
}

/** Rows of one kind by store and id. */
class OwnedRows<T extends { id: string }> {
  private readonly byId = new Map<string, T & Owned>();
  private readonly byStore = new Map<string, Set<string>>();

  constructor(
    private readonly rows: MerchantRows,
    private readonly table: MerchantTable,
  ) {
    for (const { value } of rows.range<T & Owned>(table, {})) {
      this.remember(value);
    }
  }

  find(id: string): (T & Owned) | undefined {
    return this.byId.get(id);
  }

  /** Throws NOT_FOUND for one that the store hasn't. */
  expect(store: string, id: string): T & Owned {
    const found = this.byId.get(id);
    if (found?.store !== store) {
      throw new CodedError("NOT_FOUND", `the store has no ${this.table} "${id.slice(0, 40)}"`);
    }
    return found;
  }

  list(store: string): (T & Owned)[] {
    return [...(this.byStore.get(store) ?? [])].map((id) => this.byId.get(id)!);
  }

  save(value: T & Owned): void {
    this.remember(value);
    this.rows.put(this.table, value.id, value);
  }

  private remember(value: T & Owned): void {
    this.byId.set(value.id, value);
    const ids = this.byStore.get(value.store) ?? new Set();
    this.byStore.set(value.store, ids.add(value.id));
  }
}

export class StoreRegistry {
  readonly tills: OwnedRows<TillJson & Owned>;
  readonly staff: OwnedRows<StaffJson & Owned>;
  readonly keys: OwnedRows<KeyRecord>;
  readonly webhooks: OwnedRows<WebhookRecord>;
  private readonly stores = new Map<string, StoreJson>();
  private readonly byPayee = new Map<string, StoreJson>();

  constructor(private readonly rows: MerchantRows) {
    for (const { value } of rows.range<StoreJson>("store", {})) {
      // Where a store names no height, all blocks count.
      this.remember({ ...value, heightCreated: value.heightCreated ?? 0 });
    }
    this.tills = new OwnedRows(rows, "till");
    this.staff = new OwnedRows(rows, "staff");
    this.keys = new OwnedRows(rows, "key");
    this.webhooks = new OwnedRows(rows, "webhook");
  }

  get isEmpty(): boolean {
    return this.stores.size === 0;
  }

  list(): StoreJson[] {
    return [...this.stores.values()];
  }

  /** Throws NOT_FOUND. */
  expect(id: string): StoreJson {
    const store = this.stores.get(id);
    if (store === undefined) {
      throw new CodedError("NOT_FOUND", `there is no store "${id.slice(0, 40)}"`);
    }
    return store;
  }

  ofPayee(address: Uint8Array): StoreJson | undefined {
    return this.byPayee.get(bytesKey(address));
  }

  save(store: StoreJson): void {
    this.remember(store);
    this.rows.put("store", store.id, store);
  }

  /** The record of a key that somebody presents; undefined for one that is none, or was revoked. */
  findKey(text: string): KeyRecord | undefined {
    const id = /^tsk_([0-9a-f]{12})_[0-9a-f]{64}$/.exec(text)?.[1];
    const record = id === undefined ? undefined : this.keys.find(id);
    const hash = record === undefined ? undefined : fromHex(record.hash);
    const fits = hash !== undefined && timingSafeEqual(sha256(utf8Bytes(text)), hash);
    return fits && record?.revoked === false ? record : undefined;
  }

  private remember(store: StoreJson): void {
    this.stores.set(store.id, store);
    this.byPayee.set(bytesKey(parseAddress(store.payee)), store);
  }
}

/** What is kept of a key's text. */
export function keyHash(text: string): string {
  return toHex(sha256(utf8Bytes(text)));
}

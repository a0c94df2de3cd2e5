// Items by the ids of their transactions.

import { LinkedTable } from "./linkedTable.js";

export interface Identified<T> {
  /** `bytesKey` of the id; several items may have the same. */
  readonly idKey: string;
  /** The next item of its bucket, which the table keeps. */
  next: T | undefined;
}

export class IdTable<T extends Identified<T>> extends LinkedTable<T> {
  /** An item with this id, the last one put in; `next` may lead to others. */
  get(idKey: string): T | undefined {
    let item = this.firstOf(this.hashOfId(idKey));
    while (item !== undefined && item.idKey !== idKey) {
      item = item.next;
    }
    return item;
  }

  protected override hashOf(item: T): number {
    return this.hashOfId(item.idKey);
  }

  protected override nextOf(item: T): T | undefined {
    return item.next;
  }

  protected override setNext(item: T, next: T | undefined): void {
    item.next = next;
  }

  private hashOfId(idKey: string): number {
    return this.hash(wordAt(idKey, 0), wordAt(idKey, 4));
  }
}

function wordAt(key: string, at: number): number {
  return (
    key.charCodeAt(at) | (key.charCodeAt(at + 1) << 8) | (key.charCodeAt(at + 2) << 16) | (key.charCodeAt(at + 3) << 24)
  );
}

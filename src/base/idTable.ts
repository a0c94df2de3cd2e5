// Items by the ids of their transactions. The hash has a secret key, so that nobody can choose ids that share a bucket.

import { LinkedTable } from "./linkedTable.js";
import { type Random, systemRandom } from "./random.js";

export interface Identified<T> {
  /** `bytesKey` of the id; several items may have the same. */
  readonly idKey: string;
  /** The next item of its bucket, which the table keeps. */
  next: T | undefined;
}

export class IdTable<T extends Identified<T>> extends LinkedTable<T> {
  private readonly low: number;
  private readonly high: number;

  constructor(random: Random = systemRandom) {
    super();
    const [low, high] = new Uint32Array(random.bytes(8).slice().buffer);
    // Odd, so that no word's lowest bits are lost.
    this.low = low | 1;
    this.high = high | 1;
  }

  /** An item with this id, the last one put in; `next` may lead to others. */
  get(idKey: string): T | undefined {
    let item = this.firstOf(this.hash(idKey));
    while (item !== undefined && item.idKey !== idKey) {
      item = item.next;
    }
    return item;
  }

  protected override hashOf(item: T): number {
    return this.hash(item.idKey);
  }

  protected override nextOf(item: T): T | undefined {
    return item.next;
  }

  protected override setNext(item: T, next: T | undefined): void {
    item.next = next;
  }

  private hash(idKey: string): number {
    return Math.imul(wordAt(idKey, 0), this.low) + Math.imul(wordAt(idKey, 4), this.high);
  }
}

function wordAt(key: string, at: number): number {
  return (
    key.charCodeAt(at) | (key.charCodeAt(at + 1) << 8) | (key.charCodeAt(at + 2) << 16) | (key.charCodeAt(at + 3) << 24)
  );
}

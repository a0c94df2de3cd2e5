// Items by the ids of their transactions. Items with one bucket are linked by a field of their own, so that putting one in and taking it
// out makes nothing: a Map's tables, which grow and shrink with every block, were a tenth of all that a payment allocated. The hash has a
// secret key, so that nobody can choose ids that share a bucket.

import { type Random, systemRandom } from "../base/random.js";

export interface Identified<T> {
  /** `bytesKey` of the id; several items may have the same. */
  readonly idKey: string;
  /** The next item of its bucket, which the table keeps. */
  next: T | undefined;
}

const BUCKETS_LEAST = 1_024;

export class IdTable<T extends Identified<T>> {
  count = 0;
  private buckets: (T | undefined)[] = new Array(BUCKETS_LEAST).fill(undefined);
  private shift = shiftOf(BUCKETS_LEAST);
  private readonly low: number;
  private readonly high: number;

  constructor(random: Random = systemRandom) {
    const [low, high] = new Uint32Array(random.bytes(8).slice().buffer);
    // Odd, so that no word's lowest bits are lost.
    this.low = low | 1;
    this.high = high | 1;
  }

  /** An item with this id, the last one put in; `next` may lead to others. */
  get(idKey: string): T | undefined {
    let item = this.buckets[this.bucketOf(idKey)];
    while (item !== undefined && item.idKey !== idKey) {
      item = item.next;
    }
    return item;
  }

  add(item: T): void {
    if (this.count === this.buckets.length) {
      this.grow();
    }
    this.count++;
    this.link(item);
  }

  private link(item: T): void {
    const bucket = this.bucketOf(item.idKey);
    item.next = this.buckets[bucket];
    this.buckets[bucket] = item;
  }

  /** Takes an item out, which is in this table. */
  remove(item: T): void {
    const bucket = this.bucketOf(item.idKey);
    let before: T | undefined;
    let found = this.buckets[bucket];
    while (found !== undefined && found !== item) {
      before = found;
      found = found.next;
    }
    if (before === undefined) {
      this.buckets[bucket] = item.next;
    } else {
      before.next = item.next;
    }
    // A dead item that the collector of garbage has not found yet would carry the next one along.
    item.next = undefined;
    this.count--;
  }

  /** It never shrinks: a pool that was full once may be so again. */
  private grow(): void {
    const all = this.buckets;
    this.buckets = new Array(2 * all.length).fill(undefined);
    this.shift = shiftOf(this.buckets.length);
    for (const first of all) {
      for (let item = first; item !== undefined; ) {
        const { next } = item;
        this.link(item);
        item = next;
      }
    }
  }

  private bucketOf(idKey: string): number {
    const hash = Math.imul(wordAt(idKey, 0), this.low) + Math.imul(wordAt(idKey, 4), this.high);
    // Of a product the upper bits alone depend on all others.
    return hash >>> this.shift;
  }
}

/** How far a hash of 32 bits is shifted to be a bucket of so many, a power of two. */
function shiftOf(buckets: number): number {
  return Math.clz32(buckets) + 1;
}

function wordAt(key: string, at: number): number {
  return (
    key.charCodeAt(at) | (key.charCodeAt(at + 1) << 8) | (key.charCodeAt(at + 2) << 16) | (key.charCodeAt(at + 3) << 24)
  );
}

// A hash table whose buckets are linked through fields of the items: putting one in and taking it out makes nothing. A Map makes a new
// table whenever it has grown, shrunk or seen enough of both, and each old one leads on to the next: of what passes through a Map for a
// moment the collector of garbage carried most along to the old space.

import { assert } from "./assert.js";
import { type Random, systemRandom } from "./random.js";

const BUCKETS_LEAST = 1_024;

export abstract class LinkedTable<T> {
  count = 0;
  private buckets: (T | undefined)[] = new Array(BUCKETS_LEAST).fill(undefined);
  private shift = shiftOf(BUCKETS_LEAST);
  private readonly first: number;
  private readonly second: number;

  /** The hash has a secret key from `random`, so that nobody can choose items that share a bucket. */
  constructor(random: Random = systemRandom) {
    const [first, second] = new Uint32Array(random.bytes(8).slice().buffer);
    // Odd, so that no word's lowest bits are lost.
    this.first = first | 1;
    this.second = second | 1;
  }

  /** The hash of two words: 32 bits, of which the upper ones alone depend on all of the words'. */
  protected hash(a: number, b: number): number {
    return Math.imul(a, this.first) + Math.imul(b, this.second);
  }

  protected abstract hashOf(item: T): number;
  protected abstract nextOf(item: T): T | undefined;
  protected abstract setNext(item: T, next: T | undefined): void;

  add(item: T): void {
    if (this.count === this.buckets.length) {
      this.grow();
    }
    this.count++;
    this.link(item);
  }

  /** Takes an item out, which is in this table. */
  remove(item: T): void {
    const next = this.nextOf(item);
    const bucket = this.hashOf(item) >>> this.shift;
    let before = this.buckets[bucket];
    if (before === item) {
      this.buckets[bucket] = next;
    } else {
      while (before !== undefined && this.nextOf(before) !== item) {
        before = this.nextOf(before);
      }
      assert(before !== undefined, "only what is in a table can be taken out");
      this.setNext(before, next);
    }
    // A dead item that the collector of garbage has not found yet would carry the next one along.
    this.setNext(item, undefined);
    this.count--;
  }

  /** The first of the items whose hashes share a bucket. */
  protected firstOf(hash: number): T | undefined {
    return this.buckets[hash >>> this.shift];
  }

  private link(item: T): void {
    const bucket = this.hashOf(item) >>> this.shift;
    this.setNext(item, this.buckets[bucket]);
    this.buckets[bucket] = item;
  }

  /** It never shrinks: what was full once may be so again. Items of a bucket keep their order, the last one put in first. */
  private grow(): void {
    const all = this.buckets;
    this.buckets = new Array(2 * all.length).fill(undefined);
    this.shift = shiftOf(this.buckets.length);
    for (const first of all) {
      for (let item = this.reverse(first); item !== undefined; ) {
        const next = this.nextOf(item);
        this.link(item);
        item = next;
      }
    }
  }

  /** Turns a bucket's links around; returns the item that was the last. */
  private reverse(first: T | undefined): T | undefined {
    let reversed: T | undefined;
    for (let item = first; item !== undefined; ) {
      const next = this.nextOf(item);
      this.setNext(item, reversed);
      reversed = item;
      item = next;
    }
    return reversed;
  }
}

/** How far a hash of 32 bits is shifted to be a bucket of so many, a power of two. */
function shiftOf(buckets: number): number {
  return Math.clz32(buckets) + 1;
}

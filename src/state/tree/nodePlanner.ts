// Plans the inner nodes of one page: those over changed slots become hashes of the plan, those over unchanged slots are
// taken from the page as it was. A node stands where an aligned range of slots is parted into two halves that both hold items.

import type { HashPlan } from "./hashPlan.js";
import { HASH_WORDS, type Page } from "./page.js";
import { bitCount, PAGE_BITS, rankOf, SLOTS } from "./slots.js";

const NO_HASHES = new Int32Array(0);

export class NodePlanner {
  /** Reference of the item in each occupied slot; set by the caller before `plan`. */
  readonly references = new Int32Array(SLOTS);
  private depth = 0;
  private low = 0;
  private high = 0;
  private count = 0;
  private base: Page | undefined;
  private baseHashes: Int32Array = NO_HASHES;
  private rebuilt: Int32Array | undefined;
  private readonly hashPlan: HashPlan;
  private readonly patches: number[];

  /** Planned inner nodes are appended to `patches`: twice the node's index in the page's hashes, then the reference. */
  constructor(hashPlan: HashPlan, patches: number[]) {
    this.hashPlan = hashPlan;
    this.patches = patches;
  }

  /**
   * Plans all nodes over the occupied slots (not none) and returns the reference of the page's root, in terms of `base`.
   * Slots outside the changed set hold what they hold in `base`. `rebuilt` receives the hashes of unchanged inner nodes
   * where the page's items move; undefined where they stay in place.
   */
  plan(
    depth: number,
    low: number,
    high: number,
    base: Page | undefined,
    changedLow: number,
    changedHigh: number,
    rebuilt: Int32Array | undefined,
  ): number {
    this.depth = depth;
    this.low = low;
    this.high = high;
    this.count = bitCount(low) + bitCount(high);
    this.base = base;
    this.baseHashes = base === undefined ? NO_HASHES : base.hashes;
    this.rebuilt = rebuilt;
    if (low === 0) {
      return this.node(high, 32, changedHigh);
    }
    if (high === 0) {
      return this.node(low, 0, changedLow);
    }
    if ((changedLow | changedHigh) === 0) {
      return this.existing(32, 0, this.count);
    }
    return this.addNode(32, PAGE_BITS - 6, this.node(low, 0, changedLow), this.node(high, 32, changedHigh));
  }

  /** The node over the slots of `set`, a part of the word of slots that begins at slot `start`. */
  private node(set: number, start: number, changed: number): number {
    const last = 31 - Math.clz32(set);
    const first = 31 - Math.clz32(set & -set);
    if (first === last) {
      return this.references[start + last];
    }
    const bit = 31 - Math.clz32(first ^ last);
    const middle = (last >>> bit) << bit;
    const size = 2 << bit;
    const range = size === 32 ? -1 : ((1 << size) - 1) << (middle - (1 << bit));
    if ((changed & range) === 0) {
      return this.existing(start + middle, start + first, bitCount(set));
    }
    const right = -1 << middle;
    return this.addNode(
      start + middle,
      PAGE_BITS - 1 - bit,
      this.node(set & ~right, start, changed),
      this.node(set & right, start, changed),
    );
  }

  private addNode(middle: number, bitInPage: number, left: number, right: number): number {
    const reference = this.hashPlan.addInner(this.depth + bitInPage, left, right, this.baseHashes);
    this.patches.push(2 * (this.count + rankOf(this.low, this.high, middle) - 1), reference);
    return reference;
  }

  /** The unchanged node split at slot `middle` over `items` items from the one in slot `first` on. */
  private existing(middle: number, first: number, items: number): number {
    const base = this.base!;
    if (this.rebuilt !== undefined) {
      const from = HASH_WORDS * (base.count + base.itemIndex(first));
      const to = HASH_WORDS * (this.count + rankOf(this.low, this.high, first));
      this.rebuilt.set(base.hashes.subarray(from, from + HASH_WORDS * (items - 1)), to);
    }
    return -1 - (base.count + base.itemIndex(middle) - 1);
  }
}

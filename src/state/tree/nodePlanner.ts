// Plans the inner nodes of one page: those over changed slots become hashes of the plan, those over unchanged slots are
// taken from the page as it was. A node stands where an aligned range of slots is parted into two halves that both hold
// items.

import type { HashPlan } from "./hashPlan.js";
import type { IntList } from "./intList.js";
import { HASH_WORDS } from "./page.js";
import { bitCount, PAGE_BITS, rankOf, SLOTS } from "./slots.js";

const NO_WORDS: Int32Array = new Int32Array(0);

export class NodePlanner {
  /** Reference of the item in each changed slot; set by the caller before `plan`. */
  references = new Int32Array(SLOTS);
  private readonly hashPlan: HashPlan;
  private readonly patches: IntList;
  private depth = 0;
  private low = 0;
  private high = 0;
  private count = 0;
  /** The page as it was: its occupied slots, and where its hashes begin. */
  private baseLow = 0;
  private baseHigh = 0;
  private baseCount = 0;
  private baseWords = NO_WORDS;
  private baseStart = 0;
  /** Where unchanged hashes are to be copied, for a page whose items move. */
  private movedWords: Int32Array | undefined;
  private movedStart = 0;

  /** Planned inner nodes are appended to `patches`: the node's index in the page's hashes, then the reference. */
  constructor(hashPlan: HashPlan, patches: IntList) {
    this.hashPlan = hashPlan;
    this.patches = patches;
  }

  /** Names the page as it was, to which negative references refer; its hashes begin at word `start` of `words`. */
  setBase(low: number, high: number, words: Int32Array, start: number): void {
    this.baseLow = low;
    this.baseHigh = high;
    this.baseCount = bitCount(low) + bitCount(high);
    this.baseWords = words;
    this.baseStart = start;
  }

  setNoBase(): void {
    this.setBase(0, 0, NO_WORDS, 0);
  }

  /** Says where the new page's hashes begin, for unchanged ones to be copied there; undefined: they stay where they are. */
  setMoved(words: Int32Array | undefined, start: number): void {
    this.movedWords = words;
    this.movedStart = start;
  }

  /**
   * Plans all nodes over the occupied slots (not none) of a page and returns the reference of its root. Slots outside the
   * changed set hold what they held in the page as it was.
   */
  plan(depth: number, low: number, high: number, changedLow: number, changedHigh: number): number {
    this.depth = depth;
    this.low = low;
    this.high = high;
    this.count = bitCount(low) + bitCount(high);
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
      const slot = start + last;
      return (changed >>> last) & 1 ? this.references[slot] : -1 - rankOf(this.baseLow, this.baseHigh, slot);
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
    const reference = this.hashPlan.addInner(this.depth + bitInPage, left, right, this.baseWords, this.baseStart);
    this.patches.pushPair(this.count + rankOf(this.low, this.high, middle) - 1, reference);
    return reference;
  }

  /** The unchanged node split at slot `middle` over `items` items from the one in slot `first` on. */
  private existing(middle: number, first: number, items: number): number {
    if (this.movedWords !== undefined) {
      const from = this.baseStart + HASH_WORDS * (this.baseCount + rankOf(this.baseLow, this.baseHigh, first));
      const to = this.movedStart + HASH_WORDS * (this.count + rankOf(this.low, this.high, first));
      for (let i = 0; i < HASH_WORDS * (items - 1); i++) {
        this.movedWords[to + i] = this.baseWords[from + i];
      }
    }
    return -1 - (this.baseCount + rankOf(this.baseLow, this.baseHigh, middle) - 1);
  }
}

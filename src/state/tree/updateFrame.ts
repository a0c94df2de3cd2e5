// What a page's slots will hold, while the changes below it are worked out: sets of slots, and for those that change the
// new item.

import { EMPTY, LEAF, SUBTREE } from "./page.js";
import { LEAVES_HIGH, LEAVES_LOW, OCCUPIED_HIGH, OCCUPIED_LOW } from "./pageTable.js";
import { hasSlot, SLOTS } from "./slots.js";

/** Source of an item that stays as it is, and of a subtree. */
export const NO_SOURCE = -1;

/** One frame serves each level of pages: an update is never in two pages of a level at once. */
export class UpdateFrame {
  /** Hash of each changed item, of the plan. */
  readonly references = new Int32Array(SLOTS);
  /** Where a changed leaf's key and value are: the number of a change, below NO_SOURCE a leaf from elsewhere. */
  readonly sources = new Int32Array(SLOTS);
  changedLow = 0;
  changedHigh = 0;
  occupiedLow = 0;
  occupiedHigh = 0;
  leavesLow = 0;
  leavesHigh = 0;
  /** True where items come, go, move or change their length, so that the page's block must be built anew. */
  rebuilt = false;

  /** Begins with a page that doesn't exist yet. */
  resetEmpty(): void {
    this.changedLow = 0;
    this.changedHigh = 0;
    this.occupiedLow = 0;
    this.occupiedHigh = 0;
    this.leavesLow = 0;
    this.leavesHigh = 0;
    this.rebuilt = true;
  }

  /** Begins with the page of a row. */
  reset(rows: Int32Array, row: number): void {
    this.changedLow = 0;
    this.changedHigh = 0;
    this.occupiedLow = rows[row + OCCUPIED_LOW];
    this.occupiedHigh = rows[row + OCCUPIED_HIGH];
    this.leavesLow = rows[row + LEAVES_LOW];
    this.leavesHigh = rows[row + LEAVES_HIGH];
    this.rebuilt = false;
  }

  /** EMPTY, LEAF or SUBTREE. */
  kindAt(slot: number): number {
    if (!hasSlot(this.occupiedLow, this.occupiedHigh, slot)) {
      return EMPTY;
    }
    return hasSlot(this.leavesLow, this.leavesHigh, slot) ? LEAF : SUBTREE;
  }

  isChanged(slot: number): boolean {
    return hasSlot(this.changedLow, this.changedHigh, slot);
  }

  /** Source of the leaf in `slot`; NO_SOURCE where it is the page's own. */
  sourceAt(slot: number): number {
    return this.isChanged(slot) ? this.sources[slot] : NO_SOURCE;
  }

  change(slot: number, kind: number, reference: number, source: number, rebuilt: boolean): void {
    this.references[slot] = reference;
    this.sources[slot] = source;
    this.rebuilt ||= rebuilt;
    const bit = 1 << (slot & 31);
    if (slot < 32) {
      this.changedLow |= bit;
      this.occupiedLow = kind === EMPTY ? this.occupiedLow & ~bit : this.occupiedLow | bit;
      this.leavesLow = kind === LEAF ? this.leavesLow | bit : this.leavesLow & ~bit;
    } else {
      this.changedHigh |= bit;
      this.occupiedHigh = kind === EMPTY ? this.occupiedHigh & ~bit : this.occupiedHigh | bit;
      this.leavesHigh = kind === LEAF ? this.leavesHigh | bit : this.leavesHigh & ~bit;
    }
  }
}

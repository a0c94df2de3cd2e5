// What a page's slots will hold, while the changes below it are worked out.

import { EMPTY, LEAF, SUBTREE } from "./page.js";
import { LEAVES_HIGH, LEAVES_LOW, OCCUPIED_HIGH, OCCUPIED_LOW } from "./pageTable.js";
import { bitCount, SLOTS } from "./slots.js";

/** Source of an item that stays as it is, and of a subtree. */
export const NO_SOURCE = -1;

/** One frame serves each level of pages: an update is never in two pages of a level at once. */
export class UpdateFrame {
  readonly kinds = new Uint8Array(SLOTS);
  /** Hash of each item: of the plan, or negative: of the page as it was. */
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
    this.kinds.fill(EMPTY);
    this.sources.fill(NO_SOURCE);
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
    this.resetEmpty();
    this.occupiedLow = rows[row + OCCUPIED_LOW];
    this.occupiedHigh = rows[row + OCCUPIED_HIGH];
    this.leavesLow = rows[row + LEAVES_LOW];
    this.leavesHigh = rows[row + LEAVES_HIGH];
    this.rebuilt = false;
    this.readWord(this.occupiedLow, this.leavesLow, 0, 0);
    this.readWord(this.occupiedHigh, this.leavesHigh, 32, bitCount(this.occupiedLow));
  }

  private readWord(occupied: number, leaves: number, start: number, itemStart: number): void {
    let item = itemStart;
    for (let rest = occupied; rest !== 0; rest &= rest - 1) {
      const bit = 31 - Math.clz32(rest & -rest);
      this.kinds[start + bit] = (leaves >>> bit) & 1 ? LEAF : SUBTREE;
      this.references[start + bit] = -1 - item++;
    }
  }

  change(slot: number, kind: number, reference: number, source: number, rebuilt: boolean): void {
    this.kinds[slot] = kind;
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

// What a page's slots will hold, while the changes below it are worked out.

import { EMPTY, LEAF, type Page, SUBTREE } from "./page.js";
import type { ItemSource } from "./pageBytes.js";
import { bitCount, SLOTS } from "./slots.js";

/** One frame serves each level of pages: an update is never in two pages of a level at once. */
export class UpdateFrame {
  readonly kinds = new Uint8Array(SLOTS);
  /** Hash of each item: of the plan, or negative: of the page as it was. */
  readonly references = new Int32Array(SLOTS);
  /** Where a changed leaf's bytes lie; undefined for items that stay, and for subtrees. */
  readonly sources: (ItemSource | undefined)[] = new Array(SLOTS).fill(undefined);
  changedLow = 0;
  changedHigh = 0;
  /** True where items come, go, move or change their length, so that the page's bytes must be built anew. */
  rebuilt = false;

  reset(base: Page | undefined): void {
    this.kinds.fill(EMPTY);
    if (this.changedLow !== 0 || this.changedHigh !== 0) {
      this.sources.fill(undefined);
    }
    this.changedLow = 0;
    this.changedHigh = 0;
    this.rebuilt = base === undefined;
    if (base !== undefined) {
      this.readWord(base.occupiedLow, base.leavesLow, 0, 0);
      this.readWord(base.occupiedHigh, base.leavesHigh, 32, bitCount(base.occupiedLow));
    }
  }

  private readWord(occupied: number, leaves: number, start: number, itemStart: number): void {
    let item = itemStart;
    for (let rest = occupied; rest !== 0; rest &= rest - 1) {
      const bit = 31 - Math.clz32(rest & -rest);
      this.kinds[start + bit] = (leaves >>> bit) & 1 ? LEAF : SUBTREE;
      this.references[start + bit] = -1 - item++;
    }
  }

  change(slot: number, kind: number, reference: number, source: ItemSource | undefined, rebuilt: boolean): void {
    this.kinds[slot] = kind;
    this.references[slot] = reference;
    this.sources[slot] = source;
    this.rebuilt ||= rebuilt;
    if (slot < 32) {
      this.changedLow |= 1 << slot;
    } else {
      this.changedHigh |= 1 << (slot - 32);
    }
  }
}

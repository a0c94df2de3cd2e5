// Items by the heights at which they are over. An item knows its place in its height's list, so that taking it out looks for nothing and
// makes nothing.

import { assert } from "./assert.js";

export interface Limited {
  /** The height at which it is over. */
  readonly heightOver: number;
  /** Its place among those with this height, which the index keeps. */
  heightPlace: number;
}

export class HeightIndex<T extends Limited> {
  private readonly byHeight = new Map<number, T[]>();

  add(item: T): void {
    const items = this.byHeight.get(item.heightOver);
    if (items === undefined) {
      item.heightPlace = 0;
      this.byHeight.set(item.heightOver, [item]);
    } else {
      item.heightPlace = items.length;
      items.push(item);
    }
  }

  /** Takes an item out, which is in this index. */
  remove(item: T): void {
    const items = this.byHeight.get(item.heightOver);
    const last = items?.pop();
    assert(items !== undefined && last !== undefined, "only what is in an index can be taken out");
    if (last !== item) {
      items[item.heightPlace] = last;
      last.heightPlace = item.heightPlace;
    }
    if (items.length === 0) {
      this.byHeight.delete(item.heightOver);
    }
  }

  /** Those whose height this is. */
  at(height: number): readonly T[] {
    return this.byHeight.get(height) ?? [];
  }

  /** Those whose height this is or was before, in a list of the caller's own. */
  until(height: number): T[] {
    const over: T[] = [];
    for (const [heightOver, items] of this.byHeight) {
      if (heightOver <= height) {
        for (const item of items) {
          over.push(item);
        }
      }
    }
    return over;
  }
}

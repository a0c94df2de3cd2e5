// Computes all hashes of a page from its bytes: those of its leaves and of the nodes above its items.

import { assert } from "../../base/assert.js";
import { HashPlan } from "./hashPlan.js";
import { NodePlanner } from "./nodePlanner.js";
import { bytesToWords, HASH_WORDS, LEAF, type Page } from "./page.js";
import { SLOTS } from "./slots.js";

export class PageHasher {
  private readonly hashPlan = new HashPlan();
  private readonly patches: number[] = [];
  private readonly planner = new NodePlanner(this.hashPlan, this.patches);

  /** Fills in the hashes of a page that has at least one item. */
  hash(page: Page): void {
    assert(page.count > 0, "a page without items has no hash");
    this.hashPlan.clear();
    this.patches.length = 0;
    page.hashes = new Int32Array(HASH_WORDS * (2 * page.count - 1));
    const { references } = this.planner;
    let item = 0;
    for (let slot = 0; slot < SLOTS; slot++) {
      const kind = page.kindAt(slot);
      if (kind === LEAF) {
        const { bytes } = page;
        const offset = page.itemOffset(item);
        references[slot] = this.hashPlan.addLeaf(bytes, offset, bytes, page.valueOffset(slot), page.valueLength(slot));
        this.patches.push(2 * item++, references[slot]);
      } else if (kind !== 0) {
        bytesToWords(page.bytes, page.itemOffset(item), page.hashes, HASH_WORDS * item);
        references[slot] = -1 - item++;
      }
    }
    this.planner.plan(page.depth, page.occupiedLow, page.occupiedHigh, page, -1, -1, undefined);
    this.hashPlan.run();
    for (let i = 0; i < this.patches.length; i += 2) {
      this.hashPlan.copyTo(this.patches[i + 1], page.hashes, HASH_WORDS * (this.patches[i] >> 1));
    }
  }
}

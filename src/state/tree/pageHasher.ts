// Computes all hashes of a page from its bytes: those of its leaves and of the nodes above its items.

import { assert } from "../../base/assert.js";
import { HashPlan } from "./hashPlan.js";
import { IntList } from "./intList.js";
import { NodePlanner } from "./nodePlanner.js";
import { bytesToWords, EMPTY, HASH_WORDS, LEAF, type Page } from "./page.js";
import { copyBytes } from "./pageBytes.js";
import { KEY_BYTES, SLOTS } from "./slots.js";

export class PageHasher {
  private readonly hashPlan = new HashPlan();
  private readonly patches = new IntList();
  private readonly planner = new NodePlanner(this.hashPlan, this.patches);

  private readonly keys = new Uint8Array(KEY_BYTES * SLOTS);
  private readonly valueOffsets = new Uint32Array(SLOTS + 1);

  /** Fills in the hashes of a page that has at least one item. */
  hash(page: Page): void {
    assert(page.count > 0, "a page without items has no hash");
    const { bytes } = page;
    const hashes = new Int32Array(HASH_WORDS * (2 * page.count - 1));
    this.hashPlan.clear();
    this.patches.length = 0;
    const { references } = this.planner;
    let item = 0;
    let leaf = 0;
    for (let slot = 0; slot < SLOTS; slot++) {
      const kind = page.kindAt(slot);
      if (kind === EMPTY) {
        continue;
      }
      const offset = page.itemOffset(item);
      if (kind === LEAF) {
        copyBytes(bytes, offset, this.keys, KEY_BYTES * leaf, KEY_BYTES);
        this.valueOffsets[leaf + 1] = this.valueOffsets[leaf] + page.lengthOfLeaf(leaf);
        references[slot] = this.hashPlan.leafReference(leaf++);
        this.patches.pushPair(item, references[slot]);
      } else {
        bytesToWords(bytes, offset, hashes, HASH_WORDS * item);
        references[slot] = -1 - item;
      }
      item++;
    }
    const values = bytes.subarray(bytes.length - page.valueBytes());
    this.hashPlan.hashLeaves(this.keys, values, this.valueOffsets, leaf);
    this.planner.setBase(page.occupiedLow, page.occupiedHigh, hashes, 0);
    this.planner.plan(page.depth, page.occupiedLow, page.occupiedHigh, -1, -1);
    this.hashPlan.run();
    const { words, length } = this.patches;
    for (let i = 0; i < length; i += 2) {
      this.hashPlan.copyTo(words[i + 1], hashes, HASH_WORDS * words[i]);
    }
    page.hashes = hashes;
  }
}

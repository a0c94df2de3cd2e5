// Computes all hashes of pages from their bytes: those of their leaves and of the nodes above their items. Many pages at once cost much
// less than one by one: a single page seldom fills the lanes of the hashing kernel.

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
  /** All pages' leaves: their keys and values one behind the other, and where each value begins and the last ends. */
  private keys = new Uint8Array(0);
  private values = new Uint8Array(0);
  private valueOffsets = new Uint32Array(1);

  /** Fills in the hashes of pages that have at least one item each. */
  hash(pages: readonly Page[]): void {
    this.hashPlan.clear();
    this.patches.length = 0;
    this.hashLeaves(pages);
    const patchEnds: number[] = [];
    let leaf = 0;
    for (const page of pages) {
      leaf = this.planPage(page, leaf);
      patchEnds.push(this.patches.length);
    }
    this.hashPlan.run();
    let at = 0;
    pages.forEach((page, index) => {
      for (; at < patchEnds[index]; at += 2) {
        this.hashPlan.copyTo(this.patches.words[at + 1], page.hashes, HASH_WORDS * this.patches.words[at]);
      }
    });
  }

  private hashLeaves(pages: readonly Page[]): void {
    let leaves = 0;
    let valueBytes = 0;
    for (const page of pages) {
      leaves += page.leafCount();
      valueBytes += page.valueBytes();
    }
    this.reserve(leaves, valueBytes);
    let leaf = 0;
    for (const page of pages) {
      const { bytes } = page;
      for (let item = 0, slot = 0; slot < SLOTS; slot++) {
        const kind = page.kindAt(slot);
        if (kind === LEAF) {
          copyBytes(bytes, page.itemOffset(item), this.keys, KEY_BYTES * leaf++, KEY_BYTES);
        }
        item += kind === EMPTY ? 0 : 1;
      }
      const first = leaf - page.leafCount();
      for (let own = 0; own < leaf - first; own++) {
        this.valueOffsets[first + own + 1] = this.valueOffsets[first + own] + page.lengthOfLeaf(own);
      }
      const length = page.valueBytes();
      copyBytes(bytes, bytes.length - length, this.values, this.valueOffsets[first], length);
    }
    this.hashPlan.hashLeaves(this.keys, this.values, this.valueOffsets, leaves);
  }

  private reserve(leaves: number, valueBytes: number): void {
    if (KEY_BYTES * leaves > this.keys.length) {
      this.keys = new Uint8Array(2 * KEY_BYTES * leaves);
      this.valueOffsets = new Uint32Array(2 * leaves + 1);
    }
    if (valueBytes > this.values.length) {
      this.values = new Uint8Array(2 * valueBytes);
    }
  }

  /** Plans a page's nodes, whose first leaf is number `leaf` of all; the number behind its last one. */
  private planPage(page: Page, leaf: number): number {
    assert(page.count > 0, "a page without items has no hash");
    const hashes = new Int32Array(HASH_WORDS * (2 * page.count - 1));
    const { references } = this.planner;
    let item = 0;
    for (let slot = 0; slot < SLOTS; slot++) {
      const kind = page.kindAt(slot);
      if (kind === EMPTY) {
        continue;
      }
      if (kind === LEAF) {
        references[slot] = this.hashPlan.leafReference(leaf++);
        this.patches.pushPair(item, references[slot]);
      } else {
        bytesToWords(page.bytes, page.itemOffset(item), hashes, HASH_WORDS * item);
        references[slot] = -1 - item;
      }
      item++;
    }
    this.planner.setBase(page.occupiedLow, page.occupiedHigh, hashes, 0);
    this.planner.plan(page.depth, page.occupiedLow, page.occupiedHigh, -1, -1);
    page.hashes = hashes;
    return leaf;
  }
}

// A page's bytes, as docs/state-tree.md describes them: writing them from items and checking bytes read from the store.

import { STATE_VALUE_BYTES_MAX } from "../../protocol/limits.js";
import { EMPTY, ITEM_BYTES, LEAF, LENGTH_BYTES, PAGE_HEADER_BYTES, type Page } from "./page.js";
import { bitCount, DEPTH_MAX, KEY_BYTES, SLOTS, samePrefix, slotOf, writeSlot } from "./slots.js";

/** Where an item's bytes lie: a leaf's key and value, or a subtree's hash (then the last three fields mean nothing). */
export interface ItemSource {
  bytes: Uint8Array;
  offset: number;
  values: Uint8Array;
  valueOffset: number;
  valueLength: number;
}

/** Fills in the kinds and sources of all slots of `page`. */
export function readItems(page: Page, kinds: Uint8Array, sources: (ItemSource | undefined)[]): void {
  const { bytes } = page;
  let item = 0;
  let leaf = 0;
  let valueOffset = bytes.length - page.valueBytes();
  for (let slot = 0; slot < SLOTS; slot++) {
    const kind = page.kindAt(slot);
    kinds[slot] = kind;
    if (kind !== EMPTY) {
      const valueLength = kind === LEAF ? page.lengthOfLeaf(leaf++) : 0;
      sources[slot] = { bytes, offset: page.itemOffset(item++), values: bytes, valueOffset, valueLength };
      valueOffset += valueLength;
    }
  }
}

/**
 * A page's bytes from its slots: `kinds` EMPTY, LEAF or SUBTREE, `sources` where the items' bytes lie. A subtree without
 * a source is left zero, to be filled in when its hash is known.
 */
export function encodePage(kinds: Uint8Array, sources: (ItemSource | undefined)[]): Uint8Array {
  let items = 0;
  let leaves = 0;
  let valueBytes = 0;
  for (let slot = 0; slot < SLOTS; slot++) {
    if (kinds[slot] !== EMPTY) {
      items++;
      if (kinds[slot] === LEAF) {
        leaves++;
        valueBytes += sources[slot]!.valueLength;
      }
    }
  }
  const lengths = PAGE_HEADER_BYTES + ITEM_BYTES * items;
  const page = new Uint8Array(lengths + LENGTH_BYTES * leaves + valueBytes);
  let item = PAGE_HEADER_BYTES;
  let length = lengths;
  let value = lengths + LENGTH_BYTES * leaves;
  for (let slot = 0; slot < SLOTS; slot++) {
    if (kinds[slot] === EMPTY) {
      continue;
    }
    page[slot >> 3] |= 1 << (slot & 7);
    const source = sources[slot];
    if (source !== undefined) {
      copyBytes(source.bytes, source.offset, page, item, ITEM_BYTES);
    }
    item += ITEM_BYTES;
    if (kinds[slot] === LEAF) {
      page[8 + (slot >> 3)] |= 1 << (slot & 7);
      page[length] = source!.valueLength;
      page[length + 1] = source!.valueLength >> 8;
      length += LENGTH_BYTES;
      copyBytes(source!.values, source!.valueOffset, page, value, source!.valueLength);
      value += source!.valueLength;
    }
  }
  return page;
}

/** From this length on `set` with a subarray, which makes an object, beats a loop. */
const LONG_COPY_BYTES = 128;

/** Copies `count` bytes between two arrays. */
export function copyBytes(from: Uint8Array, fromOffset: number, to: Uint8Array, toOffset: number, count: number): void {
  if (count >= LONG_COPY_BYTES) {
    to.set(from.subarray(fromOffset, fromOffset + count), toOffset);
    return;
  }
  for (let i = 0; i < count; i++) {
    to[toOffset + i] = from[fromOffset + i];
  }
}

/**
 * What is wrong with a page's bytes, whatever they hash to; undefined where nothing is. `key` is any key below the page.
 */
export function pageProblem(page: Page, key: Uint8Array): string | undefined {
  const { bytes, depth } = page;
  if (page.count === 0 || (page.leavesLow & ~page.occupiedLow) !== 0 || (page.leavesHigh & ~page.occupiedHigh) !== 0) {
    return "its sets of slots contradict each other";
  }
  const leaves = bitCount(page.leavesLow) + bitCount(page.leavesHigh);
  if (depth > 0 && page.count === 1 && leaves === 1) {
    return "a page that isn't the root holds a single leaf";
  }
  if (depth === DEPTH_MAX && leaves !== page.count) {
    return "a page at the keys' end holds a subtree";
  }
  const lengths = page.itemOffset(page.count);
  let end = lengths + LENGTH_BYTES * leaves;
  if (end > bytes.length) {
    return `expected at least ${end} bytes, got ${bytes.length}`;
  }
  for (let i = 0; i < leaves; i++) {
    const length = bytes[lengths + LENGTH_BYTES * i] | (bytes[lengths + LENGTH_BYTES * i + 1] << 8);
    if (length === 0 || length > STATE_VALUE_BYTES_MAX) {
      return `expected values of 1 to ${STATE_VALUE_BYTES_MAX} bytes, got ${length}`;
    }
    end += length;
  }
  if (end !== bytes.length) {
    return `expected ${end} bytes, got ${bytes.length}`;
  }
  return keysProblem(page, key);
}

function keysProblem(page: Page, key: Uint8Array): string | undefined {
  for (let slot = 0; slot < SLOTS; slot++) {
    if (page.kindAt(slot) === LEAF) {
      const offset = page.itemOffset(page.itemIndex(slot));
      if (!samePrefix(key, page.bytes, offset, page.depth) || slotOf(page.bytes, offset, page.depth) !== slot) {
        return `slot ${slot} holds a leaf whose key belongs elsewhere`;
      }
    }
  }
  return undefined;
}

/** The first key that can stand below `slot` of the page at `depth` on the way to `key`: its bits, then zeros. */
export function slotPrefix(key: Uint8Array, depth: number, slot: number): Uint8Array {
  const prefix = new Uint8Array(KEY_BYTES);
  prefix.set(key.subarray(0, (depth >> 3) + 1));
  writeSlot(prefix, depth, slot);
  return prefix;
}

// One page of the state tree: up to 64 slots, each empty, one leaf (key and value inline) or a subtree of two or more
// leaves, whose root hash it holds and whose page lies one level below. `bytes` is exactly what the store holds; `hashes`
// are computed from it: those of the n items in slot order, then those of the n - 1 inner nodes between them. Inner node
// i is the one that parts item i from item i + 1: in a tree without empty children there is exactly one such node for
// each i.

import { bitCount, hasSlot, highestBit, KEY_BYTES, rankOf } from "./slots.js";

export const EMPTY = 0;
export const LEAF = 1;
export const SUBTREE = 2;

/** Bytes before the first item: the set of occupied slots and the set of leaves, two little-endian u64. */
export const PAGE_HEADER_BYTES = 16;
export const ITEM_BYTES = 32;
export const LENGTH_BYTES = 2;
/** Hashes are kept as words of the machine's order, which copy four times quicker than bytes; only this file tells. */
export const HASH_WORDS = 8;

const NO_HASHES = new Int32Array(0);
const wordScratch = new Int32Array(HASH_WORDS);
const byteScratch = new Uint8Array(wordScratch.buffer);

/** Whether the hash at `aIndex` (in hashes) of `a` equals that at `bIndex` of `b`. */
export function sameHash(a: Int32Array, aIndex: number, b: Int32Array, bIndex: number): boolean {
  for (let i = 0; i < HASH_WORDS; i++) {
    if (a[HASH_WORDS * aIndex + i] !== b[HASH_WORDS * bIndex + i]) {
      return false;
    }
  }
  return true;
}

/** Copies a hash from bytes to words. */
export function bytesToWords(bytes: Uint8Array, offset: number, words: Int32Array, index: number): void {
  for (let i = 0; i < 32; i++) {
    byteScratch[i] = bytes[offset + i];
  }
  copyHash(wordScratch, 0, words, index);
}

/** Copies a hash from words to bytes. */
export function wordsToBytes(words: Int32Array, index: number, bytes: Uint8Array, offset: number): void {
  copyHash(words, index, wordScratch, 0);
  for (let i = 0; i < 32; i++) {
    bytes[offset + i] = byteScratch[i];
  }
}

/** Copies the hash at word `fromIndex` to word `toIndex`. */
export function copyHash(from: Int32Array, fromIndex: number, to: Int32Array, toIndex: number): void {
  to[toIndex] = from[fromIndex];
  to[toIndex + 1] = from[fromIndex + 1];
  to[toIndex + 2] = from[fromIndex + 2];
  to[toIndex + 3] = from[fromIndex + 3];
  to[toIndex + 4] = from[fromIndex + 4];
  to[toIndex + 5] = from[fromIndex + 5];
  to[toIndex + 6] = from[fromIndex + 6];
  to[toIndex + 7] = from[fromIndex + 7];
}

function word(bytes: Uint8Array, offset: number): number {
  return bytes[offset] | (bytes[offset + 1] << 8) | (bytes[offset + 2] << 16) | (bytes[offset + 3] << 24);
}

/** A page on its own, read from the store or copied from memory; nothing changes it. */
export class Page {
  readonly depth: number;
  /** As the store holds it. */
  readonly bytes: Uint8Array;
  /** Empty until they are computed. */
  hashes: Int32Array;
  readonly occupiedLow: number;
  readonly occupiedHigh: number;
  readonly leavesLow: number;
  readonly leavesHigh: number;
  /** Number of items: occupied slots. */
  readonly count: number;

  constructor(depth: number, bytes: Uint8Array, hashes: Int32Array = NO_HASHES) {
    this.depth = depth;
    this.bytes = bytes;
    this.hashes = hashes;
    this.occupiedLow = word(bytes, 0);
    this.occupiedHigh = word(bytes, 4);
    this.leavesLow = word(bytes, 8);
    this.leavesHigh = word(bytes, 12);
    this.count = bitCount(this.occupiedLow) + bitCount(this.occupiedHigh);
  }

  /** EMPTY, LEAF or SUBTREE. */
  kindAt(slot: number): number {
    if (!hasSlot(this.occupiedLow, this.occupiedHigh, slot)) {
      return EMPTY;
    }
    return hasSlot(this.leavesLow, this.leavesHigh, slot) ? LEAF : SUBTREE;
  }

  /** Number of the item in an occupied slot. */
  itemIndex(slot: number): number {
    return rankOf(this.occupiedLow, this.occupiedHigh, slot);
  }

  /** Where the item's 32 bytes lie: a leaf's key or a subtree's hash. */
  itemOffset(item: number): number {
    return PAGE_HEADER_BYTES + ITEM_BYTES * item;
  }

  leafCount(): number {
    return bitCount(this.leavesLow) + bitCount(this.leavesHigh);
  }

  /** Length of all values together. */
  valueBytes(): number {
    return this.bytes.length - this.itemOffset(this.count) - LENGTH_BYTES * this.leafCount();
  }

  /** Length of the value of leaf number `leaf`, in bytes. */
  lengthOfLeaf(leaf: number): number {
    const offset = this.itemOffset(this.count) + LENGTH_BYTES * leaf;
    return this.bytes[offset] | (this.bytes[offset + 1] << 8);
  }

  /** Where the value of leaf number `leaf` begins. */
  private valueOffset(leaf: number): number {
    let offset = this.bytes.length - this.valueBytes();
    for (let i = 0; i < leaf; i++) {
      offset += this.lengthOfLeaf(i);
    }
    return offset;
  }

  /** A copy of the value of the leaf in `slot`. */
  valueAt(slot: number): Uint8Array {
    const leaf = rankOf(this.leavesLow, this.leavesHigh, slot);
    const offset = this.valueOffset(leaf);
    return this.bytes.slice(offset, offset + this.lengthOfLeaf(leaf));
  }

  /** A copy of the key of the leaf that is item `item`. */
  keyAt(item: number): Uint8Array {
    const offset = this.itemOffset(item);
    return this.bytes.slice(offset, offset + KEY_BYTES);
  }

  /** Index in `hashes` of the hash over all items, in hashes; the page isn't empty. */
  rootIndex(): number {
    return this.nodeIndex(this.occupiedLow, this.occupiedHigh);
  }

  /** Index in `hashes` of the node over a set of items that is all of the page's items in some aligned range of slots. */
  nodeIndex(low: number, high: number): number {
    const middle = splitSlot(low, high);
    return middle < 0 ? this.itemIndex(-1 - middle) : this.count + this.itemIndex(middle) - 1;
  }
}

/** The first slot right of the split of a non-empty set of slots; -1 - slot where the set holds one slot only. */
export function splitSlot(low: number, high: number): number {
  if (low !== 0 && high !== 0) {
    return 32;
  }
  const base = high === 0 ? 0 : 32;
  const set = high === 0 ? low : high;
  const last = highestBit(set);
  const different = last ^ (31 - Math.clz32(set & -set));
  if (different === 0) {
    return -1 - (base + last);
  }
  const bit = highestBit(different);
  return base + ((last >>> bit) << bit);
}

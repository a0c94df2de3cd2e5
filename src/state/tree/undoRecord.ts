// How one height is undone: the old content of every slot that it changed, in chunks of some kilobytes, ordered by page. A page that
// did not exist counts as a page of empty slots, so that the state of a height is a function of (page, slot) alone.
// A chunk is a list of pages in words of 4 bytes, little-endian. A page: one word, the number of slots that follow and its depth << 8;
// the first `depth` bits of the keys below it, padded with zeros to whole words; the slots. A slot: one word, its number, its old
// kind << 8 and, of a leaf, its value's length << 16; then nothing where it was empty, 32 bytes of hash where it was a subtree,
// 32 bytes of key and the value, padded to whole words, where it was a leaf.

import { assert } from "../../base/assert.js";
import { compareBytes, concatBytes, equalBytes } from "../../base/bytes.js";
import { EMPTY, ITEM_BYTES, LEAF } from "./page.js";

export const DEPTH_SHIFT = 8;
export const KIND_SHIFT = 8;
export const LENGTH_SHIFT = 16;

assert(
  new Uint8Array(Uint32Array.of(1).buffer)[0] === 1,
  "the tree keeps words in a machine's order, which is little-endian",
);

export interface UndoChunk {
  /** Store key of the first page in the chunk. */
  firstPage: Uint8Array;
  bytes: Uint8Array;
}

/** What leads from the state after a height back to the state before it. */
export interface UndoRecord {
  previousRoot: Uint8Array;
  chunks: UndoChunk[];
  /** Size of all chunks. */
  byteLength: number;
}

/** Words that the prefix of a page at `depth` takes. */
export function prefixWords(depth: number): number {
  return (depth + 31) >> 5;
}

/** The store key of the page that begins at `offset` of a chunk. */
export function pageKeyAt(bytes: Uint8Array, offset: number): Uint8Array {
  const depth = bytes[offset + 1];
  const key = new Uint8Array(1 + ((depth + 7) >> 3));
  key.set(bytes.subarray(offset + 4, offset + 4 + key.length - 1), 1);
  key[0] = depth;
  return key;
}

/** Number of the chunk that holds `page`, if any does: the last one that begins at or before it; -1: none. */
export function findChunk(firstPages: readonly Uint8Array[], page: Uint8Array): number {
  let low = 0;
  let high = firstPages.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes(firstPages[middle], page) <= 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - 1;
}

/** The old content of one slot; for a leaf `offset` is that of its key, for a subtree that of its hash. */
export interface OldSlot {
  slot: number;
  kind: number;
  bytes: Uint8Array;
  offset: number;
  valueOffset: number;
  valueLength: number;
}

/** The old slots of `page` in a chunk. */
export function readOldSlots(chunk: Uint8Array, page: Uint8Array): OldSlot[] {
  let offset = 0;
  while (offset < chunk.length) {
    const wanted = equalBytes(pageKeyAt(chunk, offset), page);
    const slots: OldSlot[] = [];
    let count = chunk[offset];
    offset += 4 + 4 * prefixWords(chunk[offset + 1]);
    for (; count > 0; count--) {
      const old = readOldSlot(chunk, offset);
      offset = old.valueOffset + 4 * ((old.valueLength + 3) >> 2);
      if (wanted) {
        slots.push(old);
      }
    }
    if (wanted) {
      return slots;
    }
  }
  return [];
}

function readOldSlot(bytes: Uint8Array, start: number): OldSlot {
  const slot = bytes[start];
  const kind = bytes[start + 1];
  const offset = start + 4;
  const valueLength = kind === LEAF ? bytes[start + 2] | (bytes[start + 3] << 8) : 0;
  return { slot, kind, bytes, offset, valueOffset: kind === EMPTY ? offset : offset + ITEM_BYTES, valueLength };
}

/** The record that the store keeps beside a height's chunks: the root before it, then the first page of each chunk. */
export function encodeUndoIndex(record: UndoRecord): Uint8Array {
  return concatBytes(record.previousRoot, ...record.chunks.map((chunk) => chunk.firstPage));
}

export interface UndoIndex {
  previousRoot: Uint8Array;
  firstPages: Uint8Array[];
}

/** The inverse of `encodeUndoIndex`. */
export function decodeUndoIndex(bytes: Uint8Array): UndoIndex {
  const firstPages: Uint8Array[] = [];
  let offset = 32;
  while (offset < bytes.length) {
    const length = 1 + ((bytes[offset] + 7) >> 3);
    firstPages.push(bytes.slice(offset, offset + length));
    offset += length;
  }
  return { previousRoot: bytes.slice(0, 32), firstPages };
}

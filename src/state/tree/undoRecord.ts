// How one height is undone: the old content of every slot that it changed, in chunks of some kilobytes, ordered by page.
// A page that did not exist counts as a page of empty slots, so that the state of a height is a function of (page, slot)
// alone. A chunk is a list of pages in words of 4 bytes, little-endian. A page: one word, the number of slots that follow
// and its depth << 8; the first `depth` bits of the keys below it, padded with zeros to whole words; the slots. A slot:
// one word, its number, its old kind << 8 and, of a leaf, its value's length << 16; then nothing where it was empty, 32
// bytes of hash where it was a subtree, 32 bytes of key and the value, padded to whole words, where it was a leaf.

import { assert } from "../../base/assert.js";
import { concatBytes } from "../../base/bytes.js";
import { HASH_BYTES } from "../../protocol/stateProof.js";
import { EMPTY, ITEM_BYTES, LEAF } from "./page.js";
import type { ItemSource } from "./pageBytes.js";

export const DEPTH_SHIFT = 8;
export const KIND_SHIFT = 8;
export const LENGTH_SHIFT = 16;

assert(
  new Uint8Array(Uint32Array.of(1).buffer)[0] === 1,
  "the tree keeps words in a machine's order, which is little-endian",
);

/** What leads from the state after a height back to the state before it. */
export interface UndoRecord {
  /** The root before the height, then the store key of the first page of each chunk. */
  index: Uint8Array;
  chunks: Uint8Array[];
  /** Size of all chunks. */
  byteLength: number;
}

/** Words that the prefix of a page at `depth` takes. */
export function prefixWords(depth: number): number {
  return (depth + 31) >> 5;
}

/** Bytes of the store key of a page at `depth`. */
function pageKeyBytes(depth: number): number {
  return 1 + ((depth + 7) >> 3);
}

/** The store key of the page that begins at `offset` of a chunk. */
function pageKeyAt(bytes: Uint8Array, offset: number): Uint8Array {
  const depth = bytes[offset + 1];
  const key = new Uint8Array(pageKeyBytes(depth));
  key.set(bytes.subarray(offset + 4, offset + 3 + key.length), 1);
  key[0] = depth;
  return key;
}

/** The index of a record: the root before the height, then the store key of the first page of each chunk. */
export function makeUndoIndex(previousRoot: Uint8Array, chunks: readonly Uint8Array[]): Uint8Array {
  return concatBytes(previousRoot, ...chunks.map((chunk) => pageKeyAt(chunk, 0)));
}

/** The root before the height that an index stands for. */
export function previousRootOf(index: Uint8Array): Uint8Array {
  return index.slice(0, HASH_BYTES);
}

/** How many chunks an index names. */
export function chunkCountOf(index: Uint8Array): number {
  let count = 0;
  for (let offset = HASH_BYTES; offset < index.length; offset += pageKeyBytes(index[offset])) {
    count++;
  }
  return count;
}

/** Number of the chunk that holds `page` if any does: the last one that begins at or before it; -1: none. */
export function findChunk(index: Uint8Array, page: Uint8Array): number {
  let count = 0;
  for (let offset = HASH_BYTES; offset < index.length; offset += pageKeyBytes(index[offset])) {
    if (comparePageKeys(index, offset, page) > 0) {
      break;
    }
    count++;
  }
  return count - 1;
}

/** Order of the page key at `offset` of `bytes` and `page`: by depth, then by prefix. */
function comparePageKeys(bytes: Uint8Array, offset: number, page: Uint8Array): number {
  for (let i = 0; i < page.length; i++) {
    if (bytes[offset + i] !== page[i]) {
      return bytes[offset + i] - page[i];
    }
  }
  return 0;
}

/** Whether the page that begins at `offset` of a chunk is `page`. */
function isPageAt(chunk: Uint8Array, offset: number, page: Uint8Array): boolean {
  if (chunk[offset + 1] !== page[0]) {
    return false;
  }
  for (let i = 1; i < page.length; i++) {
    if (chunk[offset + 3 + i] !== page[i]) {
      return false;
    }
  }
  return true;
}

/** The old content of one slot, and where its bytes lie. */
export interface OldSlot extends ItemSource {
  slot: number;
  kind: number;
}

/** The old slots of `page` in a chunk. */
export function readOldSlots(chunk: Uint8Array, page: Uint8Array): OldSlot[] {
  let offset = 0;
  while (offset < chunk.length) {
    const wanted = isPageAt(chunk, offset, page);
    const slots: OldSlot[] = [];
    let count = chunk[offset];
    offset += 4 + 4 * prefixWords(chunk[offset + 1]);
    for (; count > 0; count--) {
      if (wanted) {
        slots.push(readOldSlot(chunk, offset));
      }
      offset += slotBytes(chunk, offset);
    }
    if (wanted) {
      return slots;
    }
  }
  return [];
}

/** Length of the slot at `offset` of a chunk. */
function slotBytes(chunk: Uint8Array, offset: number): number {
  const kind = chunk[offset + 1];
  if (kind === EMPTY) {
    return 4;
  }
  const valueLength = kind === LEAF ? chunk[offset + 2] | (chunk[offset + 3] << 8) : 0;
  return 4 + ITEM_BYTES + 4 * ((valueLength + 3) >> 2);
}

function readOldSlot(bytes: Uint8Array, start: number): OldSlot {
  const slot = bytes[start];
  const kind = bytes[start + 1];
  const offset = start + 4;
  const valueLength = kind === LEAF ? bytes[start + 2] | (bytes[start + 3] << 8) : 0;
  return { slot, kind, bytes, offset, values: bytes, valueOffset: offset + ITEM_BYTES, valueLength };
}

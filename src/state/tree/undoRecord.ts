// How one height is undone: the old content of every slot that it changed, in chunks of some kilobytes, ordered by page. A page that
// did not exist counts as a page of empty slots, so that the state of a height is a function of (page, slot) alone.

import { compareBytes, concatBytes, equalBytes } from "../../base/bytes.js";
import { EMPTY, ITEM_BYTES, LEAF } from "./page.js";

const SLOT_MASK = 63;
/** A slot's number and its kind share a byte. */
export const KIND_SHIFT = 6;

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

/** Length of the page key at `offset` of a chunk. */
export function undoPageKeyBytes(bytes: Uint8Array, offset: number): number {
  return 1 + ((bytes[offset] + 7) >> 3);
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
    const pageLength = undoPageKeyBytes(chunk, offset);
    const wanted = equalBytes(chunk.subarray(offset, offset + pageLength), page);
    const slots: OldSlot[] = [];
    offset += pageLength;
    for (let count = chunk[offset++]; count > 0; count--) {
      const old = readOldSlot(chunk, offset);
      offset = old.kind === EMPTY ? offset + 1 : old.valueOffset + old.valueLength;
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
  const slot = bytes[start] & SLOT_MASK;
  const kind = bytes[start] >> KIND_SHIFT;
  const offset = start + 1;
  const end = offset + ITEM_BYTES;
  if (kind !== LEAF) {
    return { slot, kind, bytes, offset, valueOffset: end, valueLength: 0 };
  }
  const valueLength = bytes[end] | (bytes[end + 1] << 8);
  return { slot, kind, bytes, offset, valueOffset: end + 2, valueLength };
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
    const length = undoPageKeyBytes(bytes, offset);
    firstPages.push(bytes.slice(offset, offset + length));
    offset += length;
  }
  return { previousRoot: bytes.slice(0, 32), firstPages };
}

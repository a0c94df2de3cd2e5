// How one height is undone: the old content of every slot that it changed, in chunks of some kilobytes, ordered by page. A page that
// did not exist counts as a page of empty slots, so that the state of a height is a function of (page, slot) alone.

import { compareBytes, concatBytes, equalBytes } from "../../base/bytes.js";
import { EMPTY, HASH_WORDS, ITEM_BYTES, LEAF, type Page, wordsToBytes } from "./page.js";
import { copyBytes } from "./pageBytes.js";
import type { StagedPage } from "./preparedUpdate.js";
import { bitCount, PAGE_BITS, PAGE_LEVELS, pageKey } from "./slots.js";

/** A chunk is closed by the first page that reaches this size; small enough to be read for one proof. */
const CHUNK_BYTES = 8_000;
const SLOT_MASK = 63;
const KIND_SHIFT = 6;

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

/** Collects chunks in a buffer that is reused. */
class ChunkWriter {
  readonly chunks: UndoChunk[] = [];
  private bytes = new Uint8Array(4 * CHUNK_BYTES);
  private length = 0;
  private firstPage: Uint8Array | undefined;

  begin(page: Uint8Array, slots: number): void {
    this.firstPage ??= page;
    this.reserve(page.length + 1);
    this.bytes.set(page, this.length);
    this.bytes[this.length + page.length] = slots;
    this.length += page.length + 1;
  }

  slot(page: Page | undefined, slot: number): void {
    const kind = page === undefined ? EMPTY : page.kindAt(slot);
    this.reserve(1 + ITEM_BYTES + 2);
    this.bytes[this.length++] = slot | (kind << KIND_SHIFT);
    if (kind === EMPTY) {
      return;
    }
    const item = page!.itemIndex(slot);
    if (kind !== LEAF) {
      wordsToBytes(page!.hashes, HASH_WORDS * item, this.bytes, this.length);
      this.length += ITEM_BYTES;
      return;
    }
    const valueLength = page!.valueLength(slot);
    this.reserve(ITEM_BYTES + 2 + valueLength);
    copyBytes(page!.bytes, page!.itemOffset(item), this.bytes, this.length, ITEM_BYTES);
    this.length += ITEM_BYTES;
    this.bytes[this.length++] = valueLength;
    this.bytes[this.length++] = valueLength >> 8;
    copyBytes(page!.bytes, page!.valueOffset(slot), this.bytes, this.length, valueLength);
    this.length += valueLength;
  }

  private reserve(count: number): void {
    if (this.length + count > this.bytes.length) {
      const grown = new Uint8Array(2 * (this.length + count));
      grown.set(this.bytes);
      this.bytes = grown;
    }
  }

  /** Ends a page; closes the chunk where it is full, or where `last`. */
  end(last: boolean): void {
    if (this.firstPage !== undefined && (last || this.length >= CHUNK_BYTES)) {
      this.chunks.push({ firstPage: this.firstPage, bytes: this.bytes.slice(0, this.length) });
      this.firstPage = undefined;
      this.length = 0;
    }
  }
}

/** The undo record of a prepared update, made before it is applied; `staged` holds pages of one depth in the order of their keys. */
export function makeUndoRecord(staged: readonly StagedPage[], previousRoot: Uint8Array): UndoRecord {
  const levels: StagedPage[][] = Array.from({ length: PAGE_LEVELS }, () => []);
  for (const each of staged) {
    levels[each.depth / PAGE_BITS].push(each);
  }
  const writer = new ChunkWriter();
  for (const level of levels) {
    for (const { base, key, depth, changedLow, changedHigh } of level) {
      writer.begin(pageKey(key, depth), bitCount(changedLow) + bitCount(changedHigh));
      for (let word = 0; word < 2; word++) {
        for (let rest = word === 0 ? changedLow : changedHigh; rest !== 0; rest &= rest - 1) {
          writer.slot(base, 32 * word + 31 - Math.clz32(rest & -rest));
        }
      }
      writer.end(false);
    }
  }
  writer.end(true);
  let byteLength = 0;
  for (const { bytes } of writer.chunks) {
    byteLength += bytes.length;
  }
  return { previousRoot, chunks: writer.chunks, byteLength };
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
    const pageLength = 1 + ((chunk[offset] + 7) >> 3);
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
    const length = 1 + ((bytes[offset] + 7) >> 3);
    firstPages.push(bytes.slice(offset, offset + length));
    offset += length;
  }
  return { previousRoot: bytes.slice(0, 32), firstPages };
}

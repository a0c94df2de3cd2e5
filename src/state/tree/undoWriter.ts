// Writes undo records (undoRecord.ts) while an update is prepared: the pages of one level come in the order of their keys, so one
// buffer a level brings them into the order of the record.

import { EMPTY, ITEM_BYTES, LEAF, SUBTREE } from "./page.js";
import { copyBytes } from "./pageBytes.js";
import { PAGE_BITS, PAGE_LEVELS } from "./slots.js";
import { KIND_SHIFT, type UndoChunk, type UndoRecord, undoPageKeyBytes } from "./undoRecord.js";

/** A chunk is closed by the first page that reaches this size; small enough to be read for one proof. */
const CHUNK_BYTES = 8_000;

/** The pages of one level. */
class LevelWriter {
  bytes = new Uint8Array(4_096);
  length = 0;
  /** Where pieces of about a chunk's size end. */
  readonly ends: number[] = [];

  reserve(count: number): void {
    if (this.length + count > this.bytes.length) {
      const grown = new Uint8Array(2 * (this.length + count));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
  }
}

export class UndoWriter {
  private readonly levels: LevelWriter[] = Array.from({ length: PAGE_LEVELS }, () => new LevelWriter());
  private level = this.levels[0];

  clear(): void {
    for (const level of this.levels) {
      level.length = 0;
      level.ends.length = 0;
    }
  }

  /** Begins the page at `depth` on the way to the key at `keys[keyByte..]`, of which `slots` slots follow. */
  beginPage(keys: Uint8Array, keyByte: number, depth: number, slots: number): void {
    const level = this.levels[depth / PAGE_BITS];
    this.level = level;
    const whole = depth >> 3;
    level.reserve(whole + 3);
    level.bytes[level.length++] = depth;
    copyBytes(keys, keyByte, level.bytes, level.length, whole);
    level.length += whole;
    if ((depth & 7) !== 0) {
      level.bytes[level.length++] = keys[keyByte + whole] & (0xff << (8 - (depth & 7)));
    }
    level.bytes[level.length++] = slots;
  }

  emptySlot(slot: number): void {
    this.level.reserve(1);
    this.level.bytes[this.level.length++] = slot | (EMPTY << KIND_SHIFT);
  }

  /** A slot that held a subtree, whose hash is at `hashByte` of `bytes`. */
  subtreeSlot(slot: number, bytes: Uint8Array, hashByte: number): void {
    const { level } = this;
    level.reserve(1 + ITEM_BYTES);
    level.bytes[level.length] = slot | (SUBTREE << KIND_SHIFT);
    copyBytes(bytes, hashByte, level.bytes, level.length + 1, ITEM_BYTES);
    level.length += 1 + ITEM_BYTES;
  }

  /** A slot that held a leaf, whose key and value lie in `bytes`. */
  leafSlot(slot: number, bytes: Uint8Array, keyByte: number, valueByte: number, valueLength: number): void {
    const { level } = this;
    level.reserve(1 + ITEM_BYTES + 2 + valueLength);
    const start = level.length;
    level.bytes[start] = slot | (LEAF << KIND_SHIFT);
    copyBytes(bytes, keyByte, level.bytes, start + 1, ITEM_BYTES);
    level.bytes[start + 1 + ITEM_BYTES] = valueLength;
    level.bytes[start + 2 + ITEM_BYTES] = valueLength >> 8;
    copyBytes(bytes, valueByte, level.bytes, start + 3 + ITEM_BYTES, valueLength);
    level.length += 3 + ITEM_BYTES + valueLength;
  }

  endPage(): void {
    const { ends, length } = this.level;
    if (length - (ends.length === 0 ? 0 : ends[ends.length - 1]) >= CHUNK_BYTES) {
      ends.push(length);
    }
  }

  /** The record of all pages written since `clear`. */
  finish(previousRoot: Uint8Array): UndoRecord {
    const chunks: UndoChunk[] = [];
    let pieces: Uint8Array[] = [];
    let size = 0;
    let byteLength = 0;
    const close = (): void => {
      if (size > 0) {
        chunks.push(joinPieces(pieces, size));
        byteLength += size;
        pieces = [];
        size = 0;
      }
    };
    for (const { bytes, length, ends } of this.levels) {
      let start = 0;
      for (const end of [...ends, length]) {
        if (end > start) {
          pieces.push(bytes.subarray(start, end));
          size += end - start;
          start = end;
        }
        if (size >= CHUNK_BYTES) {
          close();
        }
      }
    }
    close();
    return { previousRoot, chunks, byteLength };
  }
}

function joinPieces(pieces: Uint8Array[], size: number): UndoChunk {
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return { firstPage: bytes.slice(0, undoPageKeyBytes(bytes, 0)), bytes };
}

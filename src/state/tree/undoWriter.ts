// Writes undo records (undoRecord.ts) while an update is prepared: the pages of one level come in the order of their
// keys, so one buffer a level brings them into the order of the record. All is in whole words, which copy four times
// quicker than bytes.

import { EMPTY, HASH_WORDS, LEAF, SUBTREE } from "./page.js";
import { PAGE_BITS, PAGE_LEVELS } from "./slots.js";
import { DEPTH_SHIFT, KIND_SHIFT, LENGTH_SHIFT, makeUndoIndex, prefixWords, type UndoRecord } from "./undoRecord.js";

/** A chunk is closed by the first page that reaches this size, 8 kB; small enough to be read for one proof. */
const CHUNK_WORDS = 2_000;

/** The pages of one level. */
class LevelWriter {
  words = new Int32Array(1_024);
  bytes = new Uint8Array(this.words.buffer);
  length = 0;
  /** Where pieces of about a chunk's size end. */
  readonly ends: number[] = [];

  reserve(count: number): void {
    if (this.length + count > this.words.length) {
      const grown = new Int32Array(2 * (this.length + count));
      grown.set(this.words.subarray(0, this.length));
      this.words = grown;
      this.bytes = new Uint8Array(grown.buffer);
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
    const count = prefixWords(depth);
    level.reserve(1 + count);
    level.words[level.length] = slots | (depth << DEPTH_SHIFT);
    const start = 4 * (level.length + 1);
    const whole = depth >> 3;
    for (let i = 0; i < 4 * count; i++) {
      level.bytes[start + i] = i < whole ? keys[keyByte + i] : 0;
    }
    if ((depth & 7) !== 0) {
      level.bytes[start + whole] = keys[keyByte + whole] & (0xff << (8 - (depth & 7)));
    }
    level.length += 1 + count;
  }

  emptySlot(slot: number): void {
    this.level.reserve(1);
    this.level.words[this.level.length++] = slot | (EMPTY << KIND_SHIFT);
  }

  /** A slot that held a subtree, whose hash is at `hash` of `words`. */
  subtreeSlot(slot: number, words: Int32Array, hash: number): void {
    const { level } = this;
    level.reserve(1 + HASH_WORDS);
    level.words[level.length] = slot | (SUBTREE << KIND_SHIFT);
    copyWords(words, hash, level.words, level.length + 1, HASH_WORDS);
    level.length += 1 + HASH_WORDS;
  }

  /**
   * A slot that held a leaf, whose key is at `key` of `words` and whose value at `valueByte` of the same memory as bytes.
   */
  leafSlot(
    slot: number,
    words: Int32Array,
    key: number,
    bytes: Uint8Array,
    valueByte: number,
    valueLength: number,
  ): void {
    const { level } = this;
    const valueWords = (valueLength + 3) >> 2;
    level.reserve(1 + HASH_WORDS + valueWords);
    const start = level.length;
    level.words[start] = slot | (LEAF << KIND_SHIFT) | (valueLength << LENGTH_SHIFT);
    copyWords(words, key, level.words, start + 1, HASH_WORDS);
    level.length += 1 + HASH_WORDS + valueWords;
    level.words[level.length - 1] = 0;
    const to = 4 * (start + 1 + HASH_WORDS);
    for (let i = 0; i < valueLength; i++) {
      level.bytes[to + i] = bytes[valueByte + i];
    }
  }

  endPage(): void {
    const { ends, length } = this.level;
    if (length - (ends.length === 0 ? 0 : ends[ends.length - 1]) >= CHUNK_WORDS) {
      ends.push(length);
    }
  }

  /** The record of all pages written since `clear`. */
  finish(previousRoot: Uint8Array): UndoRecord {
    const chunks: Uint8Array[] = [];
    let pieces: Int32Array[] = [];
    let size = 0;
    let byteLength = 0;
    const close = (): void => {
      if (size > 0) {
        chunks.push(joinPieces(pieces, size));
        byteLength += 4 * size;
        pieces = [];
        size = 0;
      }
    };
    for (const { words, length, ends } of this.levels) {
      let start = 0;
      for (const end of [...ends, length]) {
        if (end > start) {
          pieces.push(words.subarray(start, end));
          size += end - start;
          start = end;
        }
        if (size >= CHUNK_WORDS) {
          close();
        }
      }
    }
    close();
    return { index: makeUndoIndex(previousRoot, chunks), chunks, byteLength };
  }
}

function copyWords(from: Int32Array, fromIndex: number, to: Int32Array, toIndex: number, count: number): void {
  for (let i = 0; i < count; i++) {
    to[toIndex + i] = from[fromIndex + i];
  }
}

function joinPieces(pieces: Int32Array[], size: number): Uint8Array {
  const words = new Int32Array(size);
  let offset = 0;
  for (const piece of pieces) {
    words.set(piece, offset);
    offset += piece.length;
  }
  return new Uint8Array(words.buffer);
}

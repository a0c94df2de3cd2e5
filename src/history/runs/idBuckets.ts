// Where transactions are, by their ids: buckets of rows, chosen by an id's first bits. A row is the id's first 16 bytes, which
// nobody can make two transactions of others agree on, the height (5 bytes) and the place in the block (3), big-endian.

import { assert } from "../../base/assert.js";
import type { TransactionPlace } from "../history.js";
import { copyWords } from "./copyWords.js";

const ID_BYTES = 16;
export const ID_ROW_BYTES = ID_BYTES + 8;
/** Rows of a bucket, on average: one read fetches it whole. */
const BUCKET_ROWS = 64;
const BITS_MAX = 24;
const HEIGHT_MAX = 2 ** 40 - 1;
const INDEX_MAX = 2 ** 24 - 1;

/** How many bits choose the bucket where there are `count` ids. */
export function bucketBits(count: number): number {
  let bits = 0;
  while (bits < BITS_MAX && count > BUCKET_ROWS * 2 ** bits) {
    bits++;
  }
  return bits;
}

/** The first 32 bits at `offset`. */
function firstWord(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] << 24) | (bytes[offset + 1] << 16) | (bytes[offset + 2] << 8) | bytes[offset + 3]) >>> 0;
}

/** The bucket, of 2^bits, of the id that begins at `offset`. */
export function bucketOf(bytes: Uint8Array, offset: number, bits: number): number {
  // A shift by 32 would be one by 0.
  return bits === 0 ? 0 : firstWord(bytes, offset) >>> (32 - bits);
}

/** Writes a row at `offset`, of the id that begins at `idAt`. */
export function writeIdRow(
  rows: Uint8Array,
  offset: number,
  ids: Uint8Array,
  idAt: number,
  height: number,
  index: number,
): void {
  assert(height <= HEIGHT_MAX && index <= INDEX_MAX, `a place in a row: height ${height}, index ${index}`);
  for (let i = 0; i < ID_BYTES; i++) {
    rows[offset + i] = ids[idAt + i];
  }
  writeBigEndian(rows, offset + ID_BYTES, Math.floor(height / 256));
  writeBigEndian(rows, offset + ID_BYTES + 4, (height % 256) * 2 ** 24 + index);
}

function writeBigEndian(bytes: Uint8Array, offset: number, word: number): void {
  bytes[offset] = word >>> 24;
  bytes[offset + 1] = word >>> 16;
  bytes[offset + 2] = word >>> 8;
  bytes[offset + 3] = word;
}

/** The place of an id among the rows of its bucket. */
export function findId(rows: Uint8Array, id: Uint8Array): TransactionPlace | undefined {
  for (let offset = 0; offset < rows.length; offset += ID_ROW_BYTES) {
    let same = 0;
    while (same < ID_BYTES && rows[offset + same] === id[same]) {
      same++;
    }
    if (same === ID_BYTES) {
      const view = new DataView(rows.buffer, rows.byteOffset + offset + ID_BYTES, 8);
      const low = view.getUint32(4);
      return { height: view.getUint32(0) * 256 + Math.floor(low / 2 ** 24), index: low % 2 ** 24 };
    }
  }
  return undefined;
}

/** Sorts rows, given one after another, into their buckets: each bucket that holds any, with its rows, in ascending order. */
export function* intoBuckets(
  rows: Uint8Array,
  bits: number,
  first: number,
  count: number,
): Iterable<[number, Uint8Array]> {
  const ends = new Uint32Array(count + 1);
  for (let offset = 0; offset < rows.length; offset += ID_ROW_BYTES) {
    ends[bucketOf(rows, offset, bits) - first + 1] += ID_ROW_BYTES;
  }
  for (let i = 1; i <= count; i++) {
    ends[i] += ends[i - 1];
  }
  const filled = ends.slice(0, count);
  const sorted = new Uint8Array(rows.length);
  const sortedView = new DataView(sorted.buffer);
  const view = new DataView(rows.buffer, rows.byteOffset, rows.length);
  for (let offset = 0; offset < rows.length; offset += ID_ROW_BYTES) {
    const bucket = bucketOf(rows, offset, bits) - first;
    copyWords(sortedView, filled[bucket], view, offset, offset + ID_ROW_BYTES);
    filled[bucket] += ID_ROW_BYTES;
  }
  for (let i = 0; i < count; i++) {
    if (ends[i + 1] > ends[i]) {
      yield [first + i, sorted.subarray(ends[i], ends[i + 1])];
    }
  }
}

// Nodes of Merkle trees over 32-byte hashes, and whole trees in place.
// RFC 6962: a node is SHA-256(01 || left || right), 65 bytes, so its second block holds one byte that varies; the 256
// schedules that this block can have are expanded once (64 KiB), which saves a tenth of a node's time. Plain trees have
// nodes of SHA-256(left || right), 64 bytes, whose second block is always the same.

import {
  compressKeyedLanes,
  compressLanes,
  gatherRows,
  loadLanes,
  resetLanes,
  setFirstByteOfLanes,
  storeLaneDigests,
} from "./sha256Lanes";
import {
  compressKeyedSingle,
  compressSingle,
  keySingle,
  loadSingle,
  resetSingle,
  setFirstByteOfSingle,
  storeSingleDigest,
} from "./sha256Single";

const HASH_SIZE: usize = 32;
const PAIR_SIZE: usize = 64;
/** W[t] + K[t] of a block: 64 words. */
const ROW_SIZE: usize = 256;

/** Row b: the second block of a 65-byte message that ends in byte b. */
const PREFIXED_ROWS: usize = memory.data(256 * 256, 16);
/** The second block of a 64-byte message. */
const PLAIN_ROW: usize = memory.data(256, 16);
/** The same row side by side for four lanes. */
const PLAIN_LANES: usize = memory.data(64 * 16, 16);
/** The four rows of the pairs in hand, side by side. */
const PREFIXED_LANES: usize = memory.data(64 * 16, 16);
const BLOCK: usize = memory.data(64, 16);
const DIGESTS: usize = memory.data(4 * 32, 16);

let rowsReady = false;

function expandRow(row: usize, messageLength: u32): void {
  store<u8>(BLOCK + 62, <u8>((messageLength * 8) >>> 8));
  store<u8>(BLOCK + 63, <u8>(messageLength * 8));
  loadSingle(BLOCK);
  keySingle(row);
}

function prepareRows(): void {
  if (rowsReady) return;
  store<u8>(BLOCK, 0x80);
  expandRow(PLAIN_ROW, 64);
  store<u8>(BLOCK + 1, 0x80);
  for (let last: usize = 0; last < 256; last++) {
    store<u8>(BLOCK, <u8>last);
    expandRow(PREFIXED_ROWS + ROW_SIZE * last, 65);
  }
  if (ASC_FEATURE_SIMD) gatherRows(PLAIN_ROW, PLAIN_ROW, PLAIN_ROW, PLAIN_ROW, PLAIN_LANES);
  rowsReady = true;
}

@inline
function prefixedRow(lastByte: usize): usize {
  return PREFIXED_ROWS + ROW_SIZE * <usize>load<u8>(lastByte);
}

/** SHA-256(prefix || pair) for the 64 bytes at `pair`; reads the byte before it too. */
function hashPrefixedPair(pair: usize, prefix: u32, to: usize): void {
  resetSingle();
  loadSingle(pair - 1);
  setFirstByteOfSingle(prefix);
  compressSingle();
  compressKeyedSingle(prefixedRow(pair + 63));
  storeSingleDigest(to);
}

/** The same for four pairs in a row. */
function hashPrefixedPairs4(pairs: usize, prefix: u32, to: usize): void {
  resetLanes();
  loadLanes(pairs - 1, pairs + 63, pairs + 127, pairs + 191);
  setFirstByteOfLanes(prefix);
  compressLanes();
  gatherRows(
    prefixedRow(pairs + 63),
    prefixedRow(pairs + 127),
    prefixedRow(pairs + 191),
    prefixedRow(pairs + 255),
    PREFIXED_LANES,
  );
  compressKeyedLanes(PREFIXED_LANES);
  storeLaneDigests(to, HASH_SIZE);
}

/** SHA-256(pair) for the 64 bytes at `pair`. */
function hashPlainPair(pair: usize, to: usize): void {
  resetSingle();
  loadSingle(pair);
  compressSingle();
  compressKeyedSingle(PLAIN_ROW);
  storeSingleDigest(to);
}

/** The same for four pairs in a row. */
function hashPlainPairs4(pairs: usize, to: usize): void {
  resetLanes();
  loadLanes(pairs, pairs + 64, pairs + 128, pairs + 192);
  compressLanes();
  compressKeyedLanes(PLAIN_LANES);
  storeLaneDigests(to, HASH_SIZE);
}

/** `prefix` of the plain nodes in `hashPairs` and `reduceTree`. */
const PLAIN: i32 = -1;

@inline
function hashPair(pair: usize, prefix: i32, to: usize): void {
  if (prefix == PLAIN) hashPlainPair(pair, to);
  else hashPrefixedPair(pair, <u32>prefix, to);
}

@inline
function hashPairs4(pairs: usize, prefix: i32, to: usize): void {
  if (prefix == PLAIN) hashPlainPairs4(pairs, to);
  else hashPrefixedPairs4(pairs, <u32>prefix, to);
}

/**
 * SHA-256(prefix || pair) (prefix -1: without one) for `count` pairs of 64 bytes in a row, to `count` times 32 bytes.
 * `to` may equal `pairs`. Reads, and never uses, the byte before and up to 192 bytes behind the pairs.
 */
export function hashPairs(pairs: usize, count: u32, prefix: i32, to: usize): void {
  prepareRows();
  let left = count;
  if (ASC_FEATURE_SIMD) {
    for (; left >= 4; left -= 4) {
      hashPairs4(pairs, prefix, to);
      pairs += 4 * PAIR_SIZE;
      to += 4 * HASH_SIZE;
    }
    if (left >= 2) {
      hashPairs4(pairs, prefix, DIGESTS);
      memory.copy(to, DIGESTS, HASH_SIZE * left);
      return;
    }
  }
  for (; left > 0; left--) {
    hashPair(pairs, prefix, to);
    pairs += PAIR_SIZE;
    to += HASH_SIZE;
  }
}

/**
 * Reduces `count` >= 1 hashes of 32 bytes to their root, which takes the place of the first: level by level neighbours
 * become one node, and a last one without a neighbour moves up unchanged. With prefix 1 that is RFC 6962's tree
 * (section 2.1).
 */
export function reduceTree(hashes: usize, count: u32, prefix: i32): void {
  while (count > 1) {
    const pairCount = count >>> 1;
    hashPairs(hashes, pairCount, prefix, hashes);
    if (count & 1) memory.copy(hashes + HASH_SIZE * pairCount, hashes + HASH_SIZE * (count - 1), HASH_SIZE);
    count = pairCount + (count & 1);
  }
}

/** Copies `count` hashes in a row to the left halves of as many pairs at `pairs`. */
export function fillLeftHalves(hashes: usize, count: u32, pairs: usize): void {
  for (let index: u32 = 0; index < count; index++) {
    for (let offset: usize = 0; offset < HASH_SIZE; offset += 8) {
      store<u64>(pairs + offset, load<u64>(hashes + offset));
    }
    hashes += HASH_SIZE;
    pairs += PAIR_SIZE;
  }
}

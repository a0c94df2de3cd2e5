// SHA-256 of whole messages: one, a stream, or a batch of any lengths.
// A message is its full blocks, read where they lie, and a tail: its last 1 to 64 bytes with SHA-256's padding, built in
// memory of our own. In a batch four messages are hashed at once; a lane that has finished takes the next message, so
// lengths need not be alike. Up to 128 bytes behind a message are read, but never used.

import {
  compressLanes,
  loadLanes,
  moveLaneToSingle,
  resetLane,
  resetLanes,
  storeLaneDigest,
  storeLaneDigests,
} from "./sha256Lanes";
import { compressSingle, loadSingle, resetSingle, storeSingleDigest } from "./sha256Single";

const LANES: usize = 4;
/** A tail takes two blocks at most. */
const TAIL_SIZE: usize = 128;
const TAILS: usize = memory.data(4 * 128, 16);

/** `hashMessages` without a prefix byte. */
export const NO_PREFIX: i32 = -1;

/** How many blocks of a message are read where they lie: all but the one that holds its last byte. */
@inline
function fullBlocksOf(length: u32): u32 {
  return length == 0 ? 0 : (length - 1) >>> 6;
}

/** Bytes `first` to `first + 15` of a tail: the message's at `from` up to its length, then 0x80, then zeros. */
@inline
function paddedBytes(from: usize, first: u32, length: u32): v128 {
  const index = i8x16.add(
    i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
    i8x16.splat(<i8>first),
  );
  const lengths = i8x16.splat(<i8>length);
  const kept = v128.and(v128.load(from + first), i8x16.lt_s(index, lengths));
  return v128.or(kept, v128.and(i8x16.eq(index, lengths), i8x16.splat(<i8>0x80)));
}

/**
 * Builds the tail of a message of `blocksBefore * 64 + length` bytes whose last `length` <= 64 bytes are at `from`.
 * Returns its number of blocks, 1 or 2.
 */
function buildTail(tail: usize, from: usize, length: u32, blocksBefore: u32): u32 {
  const blocks: u32 = length < 56 ? 1 : 2;
  const end: u32 = 64 * blocks;
  const bits = bswap<u64>(((<u64>blocksBefore << 6) + <u64>length) << 3);
  if (ASC_FEATURE_SIMD) {
    // Whole vectors, as they will be loaded again: narrower stores would have to reach the cache first.
    for (let first: u32 = 0; first < end - 16; first += 16) {
      v128.store(tail + first, paddedBytes(from, first, length));
    }
    v128.store(tail + end - 16, i64x2.replace_lane(paddedBytes(from, end - 16, length), 1, bits));
  } else {
    memory.copy(tail, from, length);
    memory.fill(tail + length, 0, end - length);
    store<u8>(tail + length, 0x80);
    store<u64>(tail + end - 8, bits);
  }
  return blocks;
}

function compressBlocks(block: usize, blocks: u32): void {
  for (let i: u32 = 0; i < blocks; i++) {
    loadSingle(block + 64 * i);
    compressSingle();
  }
}

let streamBlockCount: u32 = 0;

/** Starts a message that arrives in pieces; one at a time. */
export function streamBegin(): void {
  resetSingle();
  streamBlockCount = 0;
}

/** Adds `blocks` blocks of 64 bytes. */
export function streamBlocks(from: usize, blocks: u32): void {
  compressBlocks(from, blocks);
  streamBlockCount += blocks;
}

/** Adds the last `length` <= 64 bytes and writes the digest. */
export function streamEnd(from: usize, length: u32, to: usize): void {
  compressBlocks(TAILS, buildTail(TAILS, from, length, streamBlockCount));
  storeSingleDigest(to);
}

/** The digest of one message. */
export function hashMessage(from: usize, length: u32, to: usize): void {
  const fullBlocks = fullBlocksOf(length);
  streamBegin();
  streamBlocks(from, fullBlocks);
  streamEnd(from + 64 * fullBlocks, length - 64 * fullBlocks, to);
}

/** What a lane still has to do. */
@unmanaged
class Lane {
  /** The next block. */
  block: usize;
  /** How many blocks follow each other from there; zero: the lane is free. */
  count: u32;
  /** How many tail blocks come after those. */
  tailCount: u32;
  /** Where the digest goes; zero: nowhere. */
  to: usize;
}

const LANE_RECORDS: usize = memory.data(4 * 16, 16);

@inline
function laneAt(index: usize): Lane {
  return changetype<Lane>(LANE_RECORDS + index * offsetof<Lane>());
}

@inline
function tailOf(index: usize): usize {
  return TAILS + TAIL_SIZE * index;
}

function assignLane(index: usize, from: usize, length: u32, to: usize): void {
  const fullBlocks = fullBlocksOf(length);
  const tail = tailOf(index);
  const tailBlocks = buildTail(tail, from + 64 * fullBlocks, length - 64 * fullBlocks, fullBlocks);
  const lane = laneAt(index);
  lane.to = to;
  lane.block = fullBlocks > 0 ? from : tail;
  lane.count = fullBlocks > 0 ? fullBlocks : tailBlocks;
  lane.tailCount = fullBlocks > 0 ? tailBlocks : 0;
}

/** Compresses in all lanes up to where the first of them is through with its row of blocks. */
function runLanes(): void {
  let steps = u32.MAX_VALUE;
  let anyBlock: usize = 0;
  for (let index: usize = 0; index < LANES; index++) {
    const lane = laneAt(index);
    if (lane.count == 0) continue;
    steps = min(steps, lane.count);
    anyBlock = lane.block;
  }
  // A free lane repeats the work of a busy one, so that it reads no memory that isn't there.
  for (let index: usize = 0; index < LANES; index++) {
    const lane = laneAt(index);
    if (lane.count == 0) lane.block = anyBlock;
  }
  const block0 = laneAt(0).block;
  const block1 = laneAt(1).block;
  const block2 = laneAt(2).block;
  const block3 = laneAt(3).block;
  for (let offset: usize = 0; offset < 64 * <usize>steps; offset += 64) {
    loadLanes(block0 + offset, block1 + offset, block2 + offset, block3 + offset);
    compressLanes();
  }
  for (let index: usize = 0; index < LANES; index++) {
    const lane = laneAt(index);
    if (lane.count == 0) continue;
    lane.count -= steps;
    lane.block += 64 * <usize>steps;
    if (lane.count == 0) {
      lane.block = tailOf(index);
      lane.count = lane.tailCount;
      lane.tailCount = 0;
    }
  }
}

/** Ends the message of the only busy lane with 32-bit arithmetic, which is quicker for one. */
function finishAlone(index: usize): void {
  const lane = laneAt(index);
  moveLaneToSingle(index);
  compressBlocks(lane.block, lane.count);
  compressBlocks(tailOf(index), lane.tailCount);
  storeSingleDigest(lane.to);
  lane.count = 0;
  lane.to = 0;
}

/** Writes the digests of the lanes that have just ended their messages. */
function storeFinished(toStride: usize): void {
  const first = laneAt(0).to;
  let inRow = true;
  for (let index: usize = 0; index < LANES; index++) {
    const lane = laneAt(index);
    inRow = inRow && lane.count == 0 && lane.to == first + index * toStride;
  }
  if (inRow) storeLaneDigests(first, toStride);
  for (let index: usize = 0; index < LANES; index++) {
    const lane = laneAt(index);
    if (lane.count > 0 || lane.to == 0) continue;
    if (!inRow) storeLaneDigest(index, lane.to);
    lane.to = 0;
  }
}

/** Where message `index` starts, with the prefix byte written before it if there is one. */
@inline
function startOf(from: usize, offsets: usize, index: u32, prefix: i32): usize {
  const start = from + <usize>load<u32>(offsets + 4 * index);
  if (prefix == NO_PREFIX) return start;
  store<u8>(start - 1, <u8>prefix);
  return start - 1;
}

@inline
function endOf(from: usize, offsets: usize, index: u32): usize {
  return from + <usize>load<u32>(offsets + 4 * index, 4);
}

/** Puts the lanes whose bits are set into SHA-256's initial state. */
function resetFresh(fresh: u32): void {
  // All at once where that is possible: single words would have to reach the cache before they are loaded as vectors.
  if (fresh == (1 << <u32>LANES) - 1) {
    resetLanes();
    return;
  }
  for (let index: usize = 0; index < LANES; index++) {
    if ((fresh >>> <u32>index) & 1) resetLane(index);
  }
}

function hashInLanes(from: usize, offsets: usize, count: u32, prefix: i32, to: usize, toStride: usize): void {
  let next: u32 = 0;
  while (true) {
    let busyCount = 0;
    let busyIndex: usize = 0;
    let fresh: u32 = 0;
    for (let index: usize = 0; index < LANES; index++) {
      if (laneAt(index).count == 0 && next < count) {
        const start = startOf(from, offsets, next, prefix);
        assignLane(index, start, <u32>(endOf(from, offsets, next) - start), to + toStride * next);
        fresh |= 1 << <u32>index;
        next++;
      }
      if (laneAt(index).count > 0) {
        busyCount++;
        busyIndex = index;
      }
    }
    resetFresh(fresh);
    if (busyCount < 2) {
      if (busyCount == 1) finishAlone(busyIndex);
      return;
    }
    runLanes();
    storeFinished(toStride);
  }
}

function hashInTurn(from: usize, offsets: usize, count: u32, prefix: i32, to: usize, toStride: usize): void {
  for (let index: u32 = 0; index < count; index++) {
    const start = startOf(from, offsets, index, prefix);
    hashMessage(start, <u32>(endOf(from, offsets, index) - start), to + toStride * index);
  }
}

/**
 * The digests of `count` messages: message i lies at `from + offsets[i]` and ends where message i + 1 starts (`offsets`:
 * count + 1 words), its digest goes to `to + toStride * i`. With a prefix, a byte 0..255 that is hashed before each message,
 * the byte before each message is overwritten: it is the last byte of the message before, whose tail has already
 * been built then.
 */
export function hashMessages(
  from: usize,
  offsets: usize,
  count: u32,
  prefix: i32,
  to: usize,
  toStride: usize,
): void {
  if (ASC_FEATURE_SIMD) {
    hashInLanes(from, offsets, count, prefix, to, toStride);
  } else {
    hashInTurn(from, offsets, count, prefix, to, toStride);
  }
}

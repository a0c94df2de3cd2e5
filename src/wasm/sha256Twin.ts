// The twin of the SHA-256 kernel in plain TypeScript: the hash is @noble/hashes', the trees follow the recursive
// definitions of RFC 6962, section 2.1, as they are written there. Slow and simple, so that the quick kernel has
// something to be held against.

import { sha256 as digest } from "@noble/hashes/sha2.js";
import { assert } from "../base/assert.js";
import { concatBytes, equalBytes } from "../base/bytes.js";
import { assertLength, checkedMessageCount } from "./checkLengths.js";

const HASH_SIZE = 32;
const PAIR_SIZE = 64;
const LEAF_PREFIX = Uint8Array.of(0);
const INNER_PREFIX = Uint8Array.of(1);

export function sha256(bytes: Uint8Array): Uint8Array {
  return digest(bytes);
}

export function sha256Many(messages: readonly Uint8Array[]): Uint8Array[] {
  return messages.map((message) => digest(message));
}

export function sha256Batch(packed: Uint8Array, offsets: Uint32Array, out: Uint8Array): void {
  const messages = unpack(packed, offsets);
  assertLength(out, messages.length * HASH_SIZE);
  messages.forEach((message, i) => {
    out.set(digest(message), i * HASH_SIZE);
  });
}

export function hashLeaf(bytes: Uint8Array): Uint8Array {
  return digest(concatBytes(LEAF_PREFIX, bytes));
}

export function hashInner(left: Uint8Array, right: Uint8Array): Uint8Array {
  assertLength(left, HASH_SIZE);
  assertLength(right, HASH_SIZE);
  return digest(concatBytes(INNER_PREFIX, left, right));
}

export function hashInnerBatch(pairs: Uint8Array, out: Uint8Array): void {
  assert(pairs.length % PAIR_SIZE === 0, `pairs: expected a multiple of ${PAIR_SIZE} bytes, got ${pairs.length}`);
  assertLength(out, pairs.length / 2);
  for (let at = 0; at < pairs.length; at += PAIR_SIZE) {
    out.set(digest(concatBytes(INNER_PREFIX, pairs.subarray(at, at + PAIR_SIZE))), at / 2);
  }
}

export function hashKeyedLeafBatch(
  keys: Uint8Array,
  packedValues: Uint8Array,
  valueOffsets: Uint32Array,
  out: Uint8Array,
): void {
  const values = unpack(packedValues, valueOffsets);
  assertLength(keys, values.length * HASH_SIZE);
  assertLength(out, values.length * HASH_SIZE);
  values.forEach((value, i) => {
    const key = keys.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE);
    out.set(hashLeaf(concatBytes(key, digest(value))), i * HASH_SIZE);
  });
}

export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  return leaves.length === 0 ? digest(new Uint8Array(0)) : subtreeRoot(leaves, 0, leaves.length);
}

export function merkleLeafHashes(leaves: readonly Uint8Array[]): Uint8Array {
  const hashes = new Uint8Array(HASH_SIZE * leaves.length);
  leaves.forEach((leaf, index) => {
    hashes.set(hashLeaf(leaf), HASH_SIZE * index);
  });
  return hashes;
}

export function merkleRootOfHashes(hashes: Uint8Array): Uint8Array {
  const count = hashes.length / HASH_SIZE;
  assert(Number.isInteger(count), `expected hashes of ${HASH_SIZE} bytes, got ${hashes.length} bytes`);
  if (count < 2) {
    return count === 0 ? digest(hashes) : hashes.slice();
  }
  const middle = HASH_SIZE * leftCount(count);
  return hashInner(merkleRootOfHashes(hashes.subarray(0, middle)), merkleRootOfHashes(hashes.subarray(middle)));
}

export function merkleRootBatch(packed: Uint8Array, offsets: Uint32Array): Uint8Array {
  return merkleRoot(unpack(packed, offsets));
}

export function merkleProof(leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) {
    throw new RangeError(`expected an index below ${leaves.length}, got ${index}`);
  }
  return subtreePath(leaves, 0, leaves.length, index);
}

export function verifyMerkleProof(
  leaf: Uint8Array,
  index: number,
  count: number,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(count) || index < 0 || index >= count) {
    return false;
  }
  const computed = rootFromPath(hashLeaf(leaf), index, count, path);
  return computed !== undefined && equalBytes(computed, root);
}

export function plainTreeRoot(hashes: Uint8Array): Uint8Array {
  const count = hashes.length / HASH_SIZE;
  assert(Number.isInteger(count) && count > 0, `expected one hash or more, got ${hashes.length} bytes`);
  let level: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    level.push(hashes.slice(i * HASH_SIZE, (i + 1) * HASH_SIZE));
  }
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      above.push(i + 1 < level.length ? digest(concatBytes(level[i], level[i + 1])) : level[i]);
    }
    level = above;
  }
  return level[0];
}

function unpack(packed: Uint8Array, offsets: Uint32Array): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let i = 0; i < checkedMessageCount(packed, offsets); i++) {
    messages.push(packed.subarray(offsets[i], offsets[i + 1]));
  }
  return messages;
}

/** The largest power of two below `count` > 1. */
function leftCount(count: number): number {
  let power = 1;
  while (power * 2 < count) {
    power *= 2;
  }
  return power;
}

/** MTH of leaves `start` to `end`, one or more. */
function subtreeRoot(leaves: readonly Uint8Array[], start: number, end: number): Uint8Array {
  if (end - start === 1) {
    return hashLeaf(leaves[start]);
  }
  const middle = start + leftCount(end - start);
  return hashInner(subtreeRoot(leaves, start, middle), subtreeRoot(leaves, middle, end));
}

/** PATH of leaf `index` within leaves `start` to `end`. */
function subtreePath(leaves: readonly Uint8Array[], start: number, end: number, index: number): Uint8Array[] {
  if (end - start === 1) {
    return [];
  }
  const middle = start + leftCount(end - start);
  return index < middle
    ? [...subtreePath(leaves, start, middle, index), subtreeRoot(leaves, middle, end)]
    : [...subtreePath(leaves, middle, end, index), subtreeRoot(leaves, start, middle)];
}

/** The root that a leaf's hash and its path lead to; undefined where the path's length or a hash's length is wrong. */
function rootFromPath(
  leafHash: Uint8Array,
  index: number,
  count: number,
  path: readonly Uint8Array[],
): Uint8Array | undefined {
  if (count === 1) {
    return path.length === 0 ? leafHash : undefined;
  }
  const sibling = path.at(-1);
  if (sibling?.length !== HASH_SIZE) {
    return undefined;
  }
  const middle = leftCount(count);
  const isLeft = index < middle;
  const rest = path.slice(0, -1);
  const child = isLeft
    ? rootFromPath(leafHash, index, middle, rest)
    : rootFromPath(leafHash, index - middle, count - middle, rest);
  if (child === undefined) {
    return undefined;
  }
  return isLeft ? hashInner(child, sibling) : hashInner(sibling, child);
}

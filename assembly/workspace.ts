// Where an instance of the kernel works. Instances may share one memory, so that nothing mutable is static: the host gives
// each instance a region of its own (`assign`), and the addresses below are offsets into it. Globals are one per instance.

/** Signatures that one call may hold; the host splits longer batches. */
export const BATCH_MAX: usize = 1024;
/** Terms of the largest batch equation: an R for each signature, a key for each, and the base point. */
export const TERMS_MAX: usize = 2 * BATCH_MAX + 4;
/** Digits of the longest recoded scalar: 64 windows of 4 bits. */
export const DIGITS_MAX: usize = 64;

/** Bytes of a point in four lanes (X, Y, Z, T) and of its packed form. */
export const POINT: usize = 640;
export const PACKED_POINT: usize = 160;
/** Bytes of a packed affine point prepared for additions: (y + x) / 2, (y - x) / 2, d x y and eight bytes of padding. */
export const NIELS: usize = 128;

const TEMPORARIES_BYTES: usize = 64 * 160;
const HASH_BYTES: usize = 1024;
const SIGNATURES_OFFSET: usize = TEMPORARIES_BYTES + HASH_BYTES;
const KEYS_OFFSET: usize = SIGNATURES_OFFSET + 64 * BATCH_MAX;
const CHALLENGES_OFFSET: usize = KEYS_OFFSET + 32 * BATCH_MAX;
const FACTORS_OFFSET: usize = CHALLENGES_OFFSET + 32 * BATCH_MAX;
const VERDICTS_OFFSET: usize = FACTORS_OFFSET + 16 * BATCH_MAX;
const LISTS_OFFSET: usize = VERDICTS_OFFSET + BATCH_MAX;
const POINTS_OFFSET: usize = LISTS_OFFSET + 64 * BATCH_MAX;
const TERMS_OFFSET: usize = POINTS_OFFSET + (POINT + 160) * (BATCH_MAX / 4);
const COEFFICIENTS_OFFSET: usize = TERMS_OFFSET + NIELS * TERMS_MAX;
const DIGITS_OFFSET: usize = COEFFICIENTS_OFFSET + 32 * TERMS_MAX;
const BUCKETS_OFFSET: usize = DIGITS_OFFSET + 2 * DIGITS_MAX * TERMS_MAX;
const KEY_CACHE_OFFSET: usize = BUCKETS_OFFSET + 4 * 136 * PACKED_POINT;
/** Decompressed keys remembered by an instance, and the bytes of each: key, state, prepared point. */
export const KEY_CACHE_SLOTS: usize = 4096;
export const KEY_CACHE_SLOT: usize = 192;
const WORKSPACE_BYTES: usize = KEY_CACHE_OFFSET + KEY_CACHE_SLOTS * KEY_CACHE_SLOT;

let workspace: usize = 0;
/** Two words that the host draws at random: hashes of keys depend on them, so that nobody can aim at a slot. */
let hashSeed0: u64 = 0;
let hashSeed1: u64 = 0;

/** Bytes of the region that `assign` expects. */
export function workspaceBytes(): usize {
  return WORKSPACE_BYTES;
}

/** Binds this instance to its region (a multiple of 64, zeroed) and to the seed of key hashes. */
export function assign(region: usize, seed0: u64, seed1: u64): void {
  workspace = region;
  hashSeed0 = seed0;
  hashSeed1 = seed1 | 1;
}

/** Temporary element number `index` of 54. Whoever calls a function states which of them it overwrites. */
// @ts-ignore: decorator
@inline
export function temporary(index: usize): usize {
  return workspace + 160 * index;
}

/** Where a product keeps its operands and columns: the last ten temporaries, used by nothing else. */
// @ts-ignore: decorator
@inline
export function productScratch(): usize {
  return workspace + 160 * 54;
}

/** State (64 bytes), block (128 bytes) and counters of the running SHA-512, then 256 bytes for signing. */
// @ts-ignore: decorator
@inline
export function hashState(): usize {
  return workspace + TEMPORARIES_BYTES;
}

// @ts-ignore: decorator
@inline
export function signatureOf(index: usize): usize {
  return workspace + SIGNATURES_OFFSET + 64 * index;
}

// @ts-ignore: decorator
@inline
export function keyOf(index: usize): usize {
  return workspace + KEYS_OFFSET + 32 * index;
}

/** k = SHA-512(R, A, M) mod L of a signature. */
// @ts-ignore: decorator
@inline
export function challengeOf(index: usize): usize {
  return workspace + CHALLENGES_OFFSET + 32 * index;
}

/** The random 128-bit factor of the signature at a place of the batch equation's list. */
// @ts-ignore: decorator
@inline
export function factorOf(index: usize): usize {
  return workspace + FACTORS_OFFSET + 16 * index;
}

// @ts-ignore: decorator
@inline
export function verdictOf(index: usize): usize {
  return workspace + VERDICTS_OFFSET + index;
}

/** List number `list` of 16: a 32-bit word for each signature. */
// @ts-ignore: decorator
@inline
export function listAt(list: usize, index: usize): usize {
  return workspace + LISTS_OFFSET + 4 * (list * BATCH_MAX + index);
}

/** The point of group `group` of four signatures, followed by an element for the shared inversion. */
// @ts-ignore: decorator
@inline
export function groupPoint(group: usize): usize {
  return workspace + POINTS_OFFSET + (POINT + 160) * group;
}

/** The prepared point of a term of the batch equation. */
// @ts-ignore: decorator
@inline
export function termPoint(term: usize): usize {
  return workspace + TERMS_OFFSET + NIELS * term;
}

// @ts-ignore: decorator
@inline
export function coefficientOf(term: usize): usize {
  return workspace + COEFFICIENTS_OFFSET + 32 * term;
}

/** The signed 16-bit digits of a term's coefficient. */
// @ts-ignore: decorator
@inline
export function digitsOf(term: usize): usize {
  return workspace + DIGITS_OFFSET + 2 * DIGITS_MAX * term;
}

/** The packed points that collect terms of equal digits, one array for each lane. */
// @ts-ignore: decorator
@inline
export function bucketAt(lane: usize, digit: usize): usize {
  return workspace + BUCKETS_OFFSET + PACKED_POINT * (136 * lane + digit);
}

// @ts-ignore: decorator
@inline
export function cachedKeyAt(slot: usize): usize {
  return workspace + KEY_CACHE_OFFSET + KEY_CACHE_SLOT * slot;
}

/** A hash of the 32 bytes at `key` that nobody can predict without the seed. */
export function hashKey(key: usize): u64 {
  let hash = hashSeed0;
  for (let i: usize = 0; i < 32; i += 8) {
    hash = (hash ^ load<u64>(key + i)) * hashSeed1;
    hash ^= hash >> 29;
  }
  return (hash * 0x9e3779b97f4a7c15) ^ (hash >> 32);
}

// @ts-ignore: decorator
@inline
export function equalKeys(left: usize, right: usize): bool {
  return (
    load<u64>(left) == load<u64>(right) &&
    load<u64>(left, 8) == load<u64>(right, 8) &&
    load<u64>(left, 16) == load<u64>(right, 16) &&
    load<u64>(left, 24) == load<u64>(right, 24)
  );
}

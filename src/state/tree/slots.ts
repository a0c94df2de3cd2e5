// Where a key lies in the tree's pages. A page covers PAGE_BITS bits of the keys below it; its slots are numbered by
// those bits. Bit 0 of a key is the most significant bit of its first byte. Sets of slots are two 32-bit words, low slots
// first.

export const KEY_BYTES = 32;
export const KEY_BITS = 256;
/**
 * Bits of the key that one page covers: see docs/decisions/state-tree-pages.md. At most 6: sets of slots are 64 bits
 * wide.
 */
export const PAGE_BITS = 6;
export const SLOTS = 1 << PAGE_BITS;
/** Depth of the deepest page that can exist; its slots' numbers run past the key's end with zero bits. */
export const DEPTH_MAX = Math.floor((KEY_BITS - 1) / PAGE_BITS) * PAGE_BITS;
export const PAGE_LEVELS = DEPTH_MAX / PAGE_BITS + 1;

/** The slot of the key at `bytes[offset..offset + 32)` in its page at `depth`. */
export function slotOf(bytes: Uint8Array, offset: number, depth: number): number {
  const index = depth >> 3;
  const first = bytes[offset + index] << 8;
  const pair = index + 1 < KEY_BYTES ? first | bytes[offset + index + 1] : first;
  return (pair >> (16 - PAGE_BITS - (depth & 7))) & (SLOTS - 1);
}

/**
 * The key of a page in the store: its depth in one byte, then the first `depth` bits of the keys below, padded with
 * zeros.
 */
export function pageKey(key: Uint8Array, depth: number): Uint8Array {
  const length = (depth + 7) >> 3;
  const bytes = new Uint8Array(1 + length);
  bytes[0] = depth;
  for (let i = 0; i < length; i++) {
    bytes[1 + i] = key[i];
  }
  if ((depth & 7) !== 0) {
    bytes[length] &= 0xff << (8 - (depth & 7));
  }
  return bytes;
}

/** Whether the first `depth` bits of `bytes[offset..]` and of `key` are the same. */
export function samePrefix(key: Uint8Array, bytes: Uint8Array, offset: number, depth: number): boolean {
  const whole = depth >> 3;
  for (let i = 0; i < whole; i++) {
    if (key[i] !== bytes[offset + i]) {
      return false;
    }
  }
  const rest = depth & 7;
  return rest === 0 || (key[whole] ^ bytes[offset + whole]) >> (8 - rest) === 0;
}

/** Sets the bits of `key` that name `slot` in a page at `depth`; those behind them are left undefined. */
export function writeSlot(key: Uint8Array, depth: number, slot: number): void {
  const index = depth >> 3;
  const shift = 16 - PAGE_BITS - (depth & 7);
  const kept = (key[index] << 8) & ~((1 << (shift + PAGE_BITS)) - 1);
  const pair = kept | (slot << shift);
  key[index] = pair >> 8;
  if (index + 1 < KEY_BYTES) {
    key[index + 1] = pair;
  }
}

/** Whether the keys at `a[aOffset..]` and `b[bOffset..]` are the same. */
export function sameKey(a: Uint8Array, aOffset: number, b: Uint8Array, bOffset: number): boolean {
  for (let i = 0; i < KEY_BYTES; i++) {
    if (a[aOffset + i] !== b[bOffset + i]) {
      return false;
    }
  }
  return true;
}

/** Order of `key` and the key at `bytes[offset..]`: negative, zero or positive. */
export function compareKeyAt(key: Uint8Array, bytes: Uint8Array, offset: number): number {
  for (let i = 0; i < KEY_BYTES; i++) {
    const difference = key[i] - bytes[offset + i];
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}

/** Number of set bits of a 32-bit word. */
export function bitCount(word: number): number {
  let count = word - ((word >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Position of the highest set bit of a word that isn't 0. */
export function highestBit(word: number): number {
  return 31 - Math.clz32(word);
}

/** How many slots of a set lie below `slot` (0 to 64). */
export function rankOf(low: number, high: number, slot: number): number {
  if (slot < 32) {
    return bitCount(low & ((1 << slot) - 1));
  }
  return bitCount(low) + (slot === 64 ? bitCount(high) : bitCount(high & ((1 << (slot - 32)) - 1)));
}

/** Whether a set holds `slot`. */
export function hasSlot(low: number, high: number, slot: number): boolean {
  return slot < 32 ? ((low >>> slot) & 1) !== 0 : ((high >>> (slot - 32)) & 1) !== 0;
}

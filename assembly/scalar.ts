// Scalars modulo L, the order of the base point, as 32 bytes, little-endian, and their signed digits.

const L0: u64 = 0x5812631a5cf5d3ed;
const L1: u64 = 0x14def9dea2f79cd6;
const L3: u64 = 0x1000000000000000;

/** Whether the 32 bytes at `scalar` are below L. Not for secrets. */
export function isBelowOrder(scalar: usize): bool {
  const s3 = load<u64>(scalar, 24);
  if (s3 != L3) {
    return s3 < L3;
  }
  if (load<u64>(scalar, 16) != 0) {
    return false;
  }
  const s1 = load<u64>(scalar, 8);
  return s1 != L1 ? s1 < L1 : load<u64>(scalar) < L0;
}

/**
 * Writes `count` signed digits of `bits` bits each, 16 bits apart by `stride` bytes, so that the scalar is the sum of
 * digit[i] * 2^(bits * i); each lies within 2^(bits - 1) of zero. The scalar's length is `bytes`; `bits * count` must exceed
 * its bits, so that the last digit can take the last carry. `negative` turns all digits round.
 * Free of branches on the scalar's bits, because signing uses it on secrets.
 */
export function recode(
  digits: usize,
  stride: usize,
  scalar: usize,
  bytes: usize,
  bits: u32,
  count: i32,
  negative: bool,
): void {
  const mask = (1 << bits) - 1;
  const half = 1 << (bits - 1);
  const sign = negative ? -1 : 0;
  let carry = 0;
  let position: u32 = 0;
  for (let i = 0; i < count; i++, position += bits) {
    const byte = min<usize>(<usize>(position >> 3), bytes - 4);
    const shift = position - 8 * <u32>byte;
    const window = shift < 32 ? <i32>(<u64>load<u32>(scalar + byte) >> shift) & mask : 0;
    const digit = window + carry;
    // A digit of half or more becomes negative; the last digit keeps what it has.
    carry = i < count - 1 ? (digit + half) >> bits : 0;
    store<i16>(digits, <i16>(((digit - (carry << bits)) ^ sign) - sign));
    digits += stride;
  }
}

/** result = L - scalar where the scalar exceeds L / 2; returns whether it did. Not for secrets. */
export function takeSmallerAbsolute(scalar: usize): bool {
  const s3 = load<u64>(scalar, 24);
  // 2^251 is close enough to L / 2: digits need only that the absolute value stays below 2^251 + 2^125.
  if (s3 < L3 >> 1) {
    return false;
  }
  let borrow: u64 = 0;
  for (let i: usize = 0; i < 32; i += 8) {
    const minuend = i == 0 ? L0 : i == 8 ? L1 : i == 16 ? 0 : L3;
    const value = load<u64>(scalar + i);
    const difference = minuend - value;
    store<u64>(scalar + i, difference - borrow);
    borrow = u64(minuend < value) | u64(difference < borrow);
  }
  return true;
}

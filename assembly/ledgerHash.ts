// SipHash-1-3 (Aumasson and Bernstein, 2012) under a key of this process. Whoever chooses addresses or lanes can't choose where
// they fall in a table; the key decides nothing else, and no result depends on it.

let key0: u64 = 0;
let key1: u64 = 0;

export function setHashKey(low: u64, high: u64): void {
  key0 = low;
  key1 = high;
}

/** The hash of `length` bytes, a multiple of 8. */
export function sipHash(from: usize, length: usize): u64 {
  let v0 = key0 ^ 0x736f6d6570736575;
  let v1 = key1 ^ 0x646f72616e646f6d;
  let v2 = key0 ^ 0x6c7967656e657261;
  let v3 = key1 ^ 0x7465646279746573;
  // The words, a last one that holds the length, and three rounds that end it.
  for (let offset: usize = 0; offset < length + 32; offset += 8) {
    let word: u64 = 0;
    if (offset < length) word = load<u64>(from + offset);
    else if (offset == length) word = <u64>length << 56;
    else if (offset == length + 8) v2 ^= 0xff;
    v3 ^= word;
    v0 += v1;
    v1 = rotl<u64>(v1, 13) ^ v0;
    v0 = rotl<u64>(v0, 32);
    v2 += v3;
    v3 = rotl<u64>(v3, 16) ^ v2;
    v0 += v3;
    v3 = rotl<u64>(v3, 21) ^ v0;
    v2 += v1;
    v1 = rotl<u64>(v1, 17) ^ v2;
    v2 = rotl<u64>(v2, 32);
    v0 ^= word;
  }
  return v0 ^ v1 ^ v2 ^ v3;
}

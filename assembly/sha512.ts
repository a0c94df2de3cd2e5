// SHA-512 (FIPS 180-4) over bytes that arrive in pieces. One hash runs at a time; its state lies in the workspace:
// 64 bytes of chaining value, a block of 128 bytes that fills up, the bytes so far.
import { sha512Compress, sha512Start } from "./generated/sha512Compress";
import { hashState } from "./workspace";

const BLOCK: usize = 64;
const LENGTH: usize = 192;

export function sha512Begin(): void {
  sha512Start(hashState());
  store<u64>(hashState(), 0, LENGTH);
}

export function sha512Update(bytes: usize, length: usize): void {
  const state = hashState();
  const before = load<u64>(state, LENGTH);
  store<u64>(state, before + <u64>length, LENGTH);
  let filled = <usize>(before & 127);
  if (filled > 0) {
    const taken = min(length, 128 - filled);
    memory.copy(state + BLOCK + filled, bytes, taken);
    bytes += taken;
    length -= taken;
    if (filled + taken < 128) {
      return;
    }
    sha512Compress(state, state + BLOCK);
  }
  for (; length >= 128; length -= 128, bytes += 128) {
    sha512Compress(state, bytes);
  }
  memory.copy(state + BLOCK, bytes, length);
}

/** Writes the 64 bytes of the hash. */
export function sha512End(digest: usize): void {
  const state = hashState();
  const length = load<u64>(state, LENGTH);
  const filled = <usize>(length & 127);
  store<u8>(state + BLOCK + filled, 0x80);
  memory.fill(state + BLOCK + filled + 1, 0, 127 - filled);
  if (filled >= 112) {
    sha512Compress(state, state + BLOCK);
    memory.fill(state + BLOCK, 0, 128);
  }
  store<u64>(state, bswap<u64>(length << 3), BLOCK + 120);
  sha512Compress(state, state + BLOCK);
  for (let i: usize = 0; i < 64; i += 8) {
    store<u64>(digest + i, bswap<u64>(load<u64>(state + i)));
  }
}

// Lengths that callers of the batch functions owe; wrong ones are mistakes of this program, hence assertions.

import { assert } from "../base/assert.js";

/** `bytes` is `expected` bytes long. */
export function assertLength(bytes: Uint8Array, expected: number): void {
  // Asked first, so that no message is built in the common case.
  if (bytes.length !== expected) {
    assert(false, `expected ${expected} bytes, got ${bytes.length}`);
  }
}

/** The number of messages in `packed`, after checking that their offsets ascend and end inside it. */
export function checkedMessageCount(packed: Uint8Array, offsets: Uint32Array): number {
  assert(offsets.length > 0, "expected count + 1 offsets, got none");
  let before = offsets[0];
  for (let i = 1; i < offsets.length; i++) {
    const offset = offsets[i];
    if (before > offset) {
      assert(false, `expected ascending offsets, got ${before} before ${offset}`);
    }
    before = offset;
  }
  if (before > packed.length) {
    assert(false, `expected offsets up to ${packed.length}, got ${before}`);
  }
  return offsets.length - 1;
}

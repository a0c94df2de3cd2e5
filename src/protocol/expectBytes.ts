// A check that codecs share.

import { CodedError } from "./errors.js";

/** Throws MALFORMED unless `bytes` has exactly `length` bytes. */
export function expectBytes(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length !== length) {
    throw new CodedError("MALFORMED", `expected ${length} bytes of ${what}, got ${bytes.length}`);
  }
}

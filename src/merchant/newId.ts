// Ids of what a gateway makes: a prefix that says what it is, and chance.

import { toHex } from "../base/bytes.js";
import type { Random } from "../base/random.js";

/** Six bytes are enough for what a store has few of and keeps to itself. */
const BYTES_USUAL = 6;

export function newId(random: Random, prefix: string, bytes = BYTES_USUAL): string {
  return `${prefix}_${toHex(random.bytes(bytes))}`;
}

// A block's write set: every leaf that it changed, with the new value. A node that trusts the block's certificate may apply it
// instead of executing, and checks the state root.

import { assert } from "../base/assert.js";
import { compareBytes } from "../base/bytes.js";
import { CodedError } from "./errors.js";
import { TAGS, taggedHash } from "./hashing.js";
import { STATE_VALUE_BYTES_MAX } from "./limits.js";
import { Reader, Writer } from "./wire.js";

/** A leaf's new value; undefined removes it. */
export interface StateChange {
  key: Uint8Array;
  value: Uint8Array | undefined;
}

/** Bits for a change's place in its list, beside the 32 of its key's first bytes: together an integer below 2^53. */
const PLACE_RANGE = 2 ** 21;

/**
 * The changes in ascending order of their 32-byte keys, as a new list. Integers made of a key's first four bytes and its place
 * sort without a comparison in JavaScript, several times as fast; only keys that begin alike are compared.
 */
export function sortChanges(changes: readonly StateChange[]): StateChange[] {
  const count = changes.length;
  assert(count <= PLACE_RANGE, `a write set has up to ${PLACE_RANGE} changes, got ${count}`);
  const order = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const { key } = changes[i];
    const start = ((key[0] << 24) | (key[1] << 16) | (key[2] << 8) | key[3]) >>> 0;
    order[i] = start * PLACE_RANGE + i;
  }
  order.sort();
  const sorted: StateChange[] = new Array(count);
  for (let i = 0; i < count; i++) {
    const change = changes[order[i] % PLACE_RANGE];
    // Insertion: runs of keys that begin alike are short.
    let at = i;
    while (at > 0 && compareBytes(sorted[at - 1].key, change.key) > 0) {
      sorted[at] = sorted[at - 1];
      at--;
    }
    sorted[at] = change;
  }
  return sorted;
}

/** The changes in ascending order of their keys, each key once. */
export function encodeWriteSet(changes: StateChange[]): Uint8Array {
  const writer = new Writer(64 + changes.length * 96);
  writer.u32(changes.length);
  for (const { key, value } of changes) {
    writer.raw(key);
    if (value === undefined) {
      writer.u8(0);
    } else {
      writer.u8(1).u16(value.length).raw(value);
    }
  }
  return writer.finish();
}

/** The inverse; throws a coded error for keys out of order or values too long. */
export function decodeWriteSet(bytes: Uint8Array): StateChange[] {
  const reader = new Reader(bytes);
  const changes: StateChange[] = [];
  for (let count = reader.u32(); count > 0; count--) {
    const key = reader.raw(32);
    const before = changes.at(-1);
    if (before !== undefined && compareBytes(before.key, key) >= 0) {
      throw new CodedError("NON_CANONICAL", `expected ascending keys, got entry ${changes.length} out of order`);
    }
    let value: Uint8Array | undefined;
    if (reader.flag()) {
      const length = reader.u16();
      if (length > STATE_VALUE_BYTES_MAX) {
        throw new CodedError("TOO_LARGE", `expected a value of at most ${STATE_VALUE_BYTES_MAX} bytes, got ${length}`);
      }
      value = reader.raw(length);
    }
    changes.push({ key, value });
  }
  reader.end();
  return changes;
}

/** The hash that the result record holds, of an encoded write set. */
export function writeSetHash(encoded: Uint8Array): Uint8Array {
  return taggedHash(TAGS.writeSet, encoded);
}

// A block's write set from its packed changes: the same bytes as encodeWriteSet makes of the sorted list.

import { CHANGE_KEY_BYTES, type PackedChanges } from "./packedChanges.js";

/** What stands before a value: its presence and its length. */
const VALUE_HEAD_BYTES = 3;

/** The write set of sealed changes. */
export function encodePackedWriteSet(changes: PackedChanges): Uint8Array {
  const { count, keys, order, values, valueOffsets } = changes;
  const bytes = new Uint8Array(4 + count * (CHANGE_KEY_BYTES + VALUE_HEAD_BYTES) + valueOffsets[count]);
  new DataView(bytes.buffer).setUint32(0, count, true);
  let at = 4;
  for (let place = 0; place < count; place++) {
    const number = order[place];
    const key = CHANGE_KEY_BYTES * number;
    for (let i = 0; i < CHANGE_KEY_BYTES; i++) {
      bytes[at + i] = keys[key + i];
    }
    at += CHANGE_KEY_BYTES;
    const start = valueOffsets[number];
    const length = valueOffsets[number + 1] - start;
    if (length === 0) {
      bytes[at++] = 0;
      continue;
    }
    bytes[at] = 1;
    bytes[at + 1] = length;
    bytes[at + 2] = length >> 8;
    at += VALUE_HEAD_BYTES;
    for (let i = 0; i < length; i++) {
      bytes[at + i] = values[start + i];
    }
    at += length;
  }
  return bytes.subarray(0, at);
}

// Brings changes into the order of their keys. Comparing keys byte by byte costs 0.7 µs a change; here the first bits of the
// key and the change's number share one float64, which the engine sorts natively, and only equal first bits are compared.

import { assert } from "../../base/assert.js";
import { compareBytes } from "../../base/bytes.js";
import type { StateChange } from "../../protocol/writeSet.js";
import { KEY_BYTES } from "./slots.js";

/** Bits that a float64 holds exactly. */
const EXACT_BITS = 53;

/** The changes in ascending order of their keys, which must be 32 bytes each and all different. */
export function orderChanges(changes: readonly StateChange[]): StateChange[] {
  const count = changes.length;
  const numberBits = Math.max(1, 32 - Math.clz32(count));
  const keyBits = Math.min(EXACT_BITS - numberBits, 48);
  const scale = 2 ** numberBits;
  const dropped = 2 ** (48 - keyBits);
  const entries = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const key = changes[i].key;
    assert(key.length === KEY_BYTES, "a state key is 32 bytes");
    const high = ((key[0] << 16) | (key[1] << 8) | key[2]) * 0x1000000;
    const start = high + ((key[3] << 16) | (key[4] << 8) | key[5]);
    entries[i] = Math.floor(start / dropped) * scale + i;
  }
  entries.sort();
  const ordered: StateChange[] = new Array(count);
  for (let i = 0; i < count; i++) {
    ordered[i] = changes[entries[i] % scale];
  }
  sortEqualStarts(ordered, entries, scale);
  return ordered;
}

/** Sorts each run of changes whose keys begin alike, and refuses equal keys. */
function sortEqualStarts(ordered: StateChange[], entries: Float64Array, scale: number): void {
  let from = 0;
  while (from < ordered.length) {
    const start = Math.floor(entries[from] / scale);
    let to = from + 1;
    while (to < ordered.length && Math.floor(entries[to] / scale) === start) {
      to++;
    }
    if (to - from > 1) {
      const run = ordered.slice(from, to).sort((a, b) => compareBytes(a.key, b.key));
      for (let i = 0; i < run.length; i++) {
        ordered[from + i] = run[i];
        assert(i === 0 || compareBytes(run[i - 1].key, run[i].key) !== 0, "two changes of one batch have the same key");
      }
    }
    from = to;
  }
}

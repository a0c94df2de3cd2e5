// The changes of a block to the state in flat arrays: what executes a block fills them, and the state tree, the write set and the
// index of expiring leaves read them, without an object for each leaf. `seal` brings the keys into order by a radix sort of
// their first 32 bits, 30 times quicker than comparing keys; only equal ones are compared further. Sealed changes never change again.

import { assert } from "../base/assert.js";
import { STATE_VALUE_BYTES_MAX } from "./limits.js";
import type { StateChange } from "./writeSet.js";

export const CHANGE_KEY_BYTES = 32;
const RADIX_BITS = 11;
const RADIX = 1 << RADIX_BITS;
const START_BITS = 32;
/** What a value is expected to take, where nothing is known. */
const VALUE_BYTES_EXPECTED = 48;
/** Up to this length a loop is quicker than `set` with a subarray, which makes an object. */
const SHORT_COPY_BYTES = 128;

export class PackedChanges {
  count = 0;
  /** Keys in the order in which the changes came, 32 bytes each. */
  keys: Uint8Array;
  /** Values, one behind the other: that of change i from `valueOffsets[i]` to `valueOffsets[i + 1]`; none: the leaf goes. */
  values: Uint8Array;
  valueOffsets: Uint32Array;
  /** Numbers of the changes in the order of their keys; filled by `seal`. */
  order = new Int32Array(0);
  /** First 32 bits of the keys, in that order. */
  starts = new Uint32Array(0);
  private sealed = false;

  /** With room for `count` changes whose values take `valueBytes`; both grow as needed. */
  constructor(count: number, valueBytes: number = VALUE_BYTES_EXPECTED * count) {
    this.keys = new Uint8Array(CHANGE_KEY_BYTES * count);
    this.values = new Uint8Array(valueBytes);
    this.valueOffsets = new Uint32Array(count + 1);
  }

  /** The same changes, sealed. */
  static of(changes: readonly StateChange[]): PackedChanges {
    const packed = new PackedChanges(changes.length);
    for (let i = 0; i < changes.length; i++) {
      const { key, value } = changes[i];
      assert(key.length === CHANGE_KEY_BYTES, "a state key is 32 bytes");
      assert(value === undefined || value.length > 0, "a state value is 1 to 4096 bytes");
      packed.add(key, 0, value ?? key, 0, value?.length ?? 0);
    }
    return packed.seal();
  }

  /** Adds a copy of a change: the 32 bytes at `keys[keyAt..]`, and a value of `valueLength` bytes (1 to 4096); 0: the leaf goes. */
  add(keys: Uint8Array, keyAt: number, values: Uint8Array, valueAt: number, valueLength: number): void {
    assert(!this.sealed, "sealed changes take no more");
    assert(valueLength <= STATE_VALUE_BYTES_MAX, "a state value is 1 to 4096 bytes");
    const { count } = this;
    const end = this.valueOffsets[count] + valueLength;
    this.reserve(count + 1, end);
    copyShort(keys, keyAt, this.keys, CHANGE_KEY_BYTES * count, CHANGE_KEY_BYTES);
    copyShort(values, valueAt, this.values, end - valueLength, valueLength);
    this.count = count + 1;
    this.valueOffsets[this.count] = end;
  }

  private reserve(count: number, valueBytes: number): void {
    if (CHANGE_KEY_BYTES * count > this.keys.length) {
      this.keys = grownBytes(this.keys, 2 * CHANGE_KEY_BYTES * count);
      const valueOffsets = new Uint32Array(2 * count + 1);
      valueOffsets.set(this.valueOffsets);
      this.valueOffsets = valueOffsets;
    }
    if (valueBytes > this.values.length) {
      this.values = grownBytes(this.values, 2 * valueBytes);
    }
  }

  /** Ends the list and puts its keys in order; each key may occur once. */
  seal(): this {
    assert(!this.sealed, "changes are sealed once");
    this.sealed = true;
    const { count, keys } = this;
    this.order = new Int32Array(count);
    this.starts = new Uint32Array(count);
    for (let i = 0, at = 0; i < count; i++, at += CHANGE_KEY_BYTES) {
      this.order[i] = i;
      this.starts[i] = ((keys[at] << 24) | (keys[at + 1] << 16) | (keys[at + 2] << 8) | keys[at + 3]) >>> 0;
    }
    this.sortStarts();
    this.sortEqualStarts();
    return this;
  }

  /** Passes of a stable radix sort, from the lowest bits of the starts up. */
  private sortStarts(): void {
    const counts = new Uint32Array(RADIX);
    let spareOrder = new Int32Array(this.count);
    let spareStarts = new Uint32Array(this.count);
    for (let shift = 0; shift < START_BITS; shift += RADIX_BITS) {
      const { count, order, starts } = this;
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
      spareOrder = order;
      spareStarts = starts;
    }
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
    const { keys } = this;
    for (let i = 0; i < CHANGE_KEY_BYTES; i++) {
      const difference = keys[CHANGE_KEY_BYTES * a + i] - keys[CHANGE_KEY_BYTES * b + i];
      if (difference !== 0) {
        return difference;
      }
    }
    return 0;
  }

  /** The key of change `number`, as a view. */
  key(number: number): Uint8Array {
    return this.keys.subarray(CHANGE_KEY_BYTES * number, CHANGE_KEY_BYTES * (number + 1));
  }

  /** The value of change `number`, as a view; undefined: the leaf goes. */
  value(number: number): Uint8Array | undefined {
    const start = this.valueOffsets[number];
    const end = this.valueOffsets[number + 1];
    return end > start ? this.values.subarray(start, end) : undefined;
  }

  /** Length of the value of change `number`; 0: the leaf goes. */
  valueLength(number: number): number {
    return this.valueOffsets[number + 1] - this.valueOffsets[number];
  }

  /** The changes in the order of their keys, as views; for who needs objects. */
  *[Symbol.iterator](): Generator<StateChange> {
    for (let place = 0; place < this.count; place++) {
      const number = this.order[place];
      yield { key: this.key(number), value: this.value(number) };
    }
  }
}

function grownBytes(bytes: Uint8Array, length: number): Uint8Array {
  const grown = new Uint8Array(length);
  grown.set(bytes);
  return grown;
}

function copyShort(from: Uint8Array, fromAt: number, to: Uint8Array, toAt: number, count: number): void {
  if (count > SHORT_COPY_BYTES) {
    to.set(from.subarray(fromAt, fromAt + count), toAt);
    return;
  }
  for (let i = 0; i < count; i++) {
    to[toAt + i] = from[fromAt + i];
  }
}

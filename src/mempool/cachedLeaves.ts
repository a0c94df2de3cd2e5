// Leaves that admission asks for again and again, as the state holds them. A block's changes are put in as they are, so that what
// stands here never differs from the state and is read from it once.

import { bytesKeyAt } from "../base/bytes.js";
import { CHANGE_KEY_BYTES, type PackedChanges } from "../protocol/packedChanges.js";
import type { StateReader } from "../state/views.js";

/** One leaf; undefined where the state has none. */
export class CachedLeaf<T> {
  private leaf: T | undefined;
  private decoded = false;

  constructor(
    readonly key: string,
    private value: Uint8Array | undefined,
    private readonly decode: (value: Uint8Array) => T,
  ) {}

  get(): T | undefined {
    if (!this.decoded) {
      this.leaf = this.value === undefined ? undefined : this.decode(this.value);
      this.decoded = true;
    }
    return this.leaf;
  }

  set(value: Uint8Array | undefined): void {
    this.value = value;
    this.leaf = undefined;
    this.decoded = false;
  }
}

export class CachedLeaves {
  private readonly leaves = new Map<string, CachedLeaf<unknown>>();

  constructor(private readonly state: StateReader) {}

  get size(): number {
    return this.leaves.size;
  }

  /** The leaf under `key`, which is from now on kept up to date until it is dropped. Nobody else holds the same one. */
  hold<T>(key: Uint8Array, decode: (value: Uint8Array) => T): CachedLeaf<T> {
    const leaf = new CachedLeaf(bytesKeyAt(key, 0), this.state.get(key), decode);
    this.leaves.set(leaf.key, leaf as CachedLeaf<unknown>);
    return leaf;
  }

  drop(leaf: CachedLeaf<unknown>): void {
    this.leaves.delete(leaf.key);
  }

  /** The state has become another by these changes. */
  apply({ count, keys, values, valueOffsets }: PackedChanges): void {
    for (let i = 0; i < count; i++) {
      const [start, end] = [valueOffsets[i], valueOffsets[i + 1]];
      const leaf = this.leaves.get(bytesKeyAt(keys, CHANGE_KEY_BYTES * i));
      leaf?.set(start === end ? undefined : values.slice(start, end));
    }
  }
}

// A flat piece of memory that grows where it lies, up to 4 GB, without being copied and without being touched before it
// is used: a WebAssembly memory without a module. Its views are replaced when it grows, so they are read afresh after any
// call that may grow it.

import { assert } from "../../base/assert.js";

const WASM_PAGE_BYTES = 65_536;
const WASM_PAGES_MAX = 65_536;
/**
 * The least that it grows by. Growing replaces the views, and the engine counts the memory that they were over once more until they are
 * collected: a tree that grew by a megabyte at a time had its garbage collected each time. So it doubles; what is not used is not touched.
 */
const GROWTH_PAGES = 16;

export class GrowingMemory {
  words: Int32Array;
  bytes: Uint8Array;
  private readonly memory = new WebAssembly.Memory({ initial: 1, maximum: WASM_PAGES_MAX });

  constructor() {
    this.words = new Int32Array(this.memory.buffer);
    this.bytes = new Uint8Array(this.memory.buffer);
  }

  /** Makes room for at least `count` words in all. */
  ensureWords(count: number): void {
    const missing = 4 * count - this.bytes.length;
    if (missing > 0) {
      const before = this.bytes.length / WASM_PAGE_BYTES;
      const needed = Math.ceil(missing / WASM_PAGE_BYTES);
      assert(before + needed <= WASM_PAGES_MAX, "the state tree's pages exceed 4 GB of memory");
      try {
        this.memory.grow(Math.min(Math.max(needed, GROWTH_PAGES, before), WASM_PAGES_MAX - before));
      } catch {
        // A machine that promises no more memory than it has may refuse the double and still have what is needed.
        this.memory.grow(needed);
      }
      this.words = new Int32Array(this.memory.buffer);
      this.bytes = new Uint8Array(this.memory.buffer);
    }
  }
}

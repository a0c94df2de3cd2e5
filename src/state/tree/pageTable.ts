// The pages in memory by number: one row of 16 words a page, so that a page is found by one line of the processor's
// cache, and where its parts lie in its block. A block holds, after its header: the hashes of the n items in slot order
// and of the n - 1 inner nodes (as in page.ts); for each subtree the number of its page, or NO_PAGE where that isn't in
// memory; for each leaf its key; for each leaf the end of its value, counted from the first value's start; the values.

import { GrowingMemory } from "./growingMemory.js";
import { HASH_WORDS } from "./page.js";
import { BLOCK_HEADER_WORDS, type BlockOwner } from "./pageArena.js";

export const NO_PAGE = -1;

export const ROW_BITS = 4;
/** Fields of a row. */
export const BLOCK = 0;
/** Counts the uses of the row, so that a number kept from before can be told to mean another page now. */
export const GENERATION = 1;
export const DEPTH = 2;
export const PARENT = 3;
/** Slot of the parent that the page stands below. */
export const SLOT = 4;
export const FLAGS = 5;
/** How many pages in memory stand below this one. */
export const CHILD_COUNT = 6;
/** Of a dirty page: the number of the flush that is to write what it holds now. */
export const FLUSH = 7;
export const OCCUPIED_LOW = 8;
export const OCCUPIED_HIGH = 9;
export const LEAVES_LOW = 10;
export const LEAVES_HIGH = 11;
export const ITEM_COUNT = 12;
export const LEAF_COUNT = 13;
export const VALUE_BYTES = 14;

/** Flags. */
export const IN_USE = 1;
/** Changed since the last flush. */
export const DIRTY = 2;
/** Read since the eviction's hand came by. */
export const RECENT = 4;
/** A flush under way has taken what the page holds now. */
export const TAKEN = 8;

const NO_BLOCK = -1;

/** Where the hashes begin in a block. */
export const HASHES_AT = BLOCK_HEADER_WORDS;

/** Where the numbers of child pages begin in a block. */
export function childrenAt(items: number): number {
  return HASHES_AT + (items === 0 ? 0 : HASH_WORDS * (2 * items - 1));
}

/** Where the leaves' keys begin in a block. */
export function keysAt(items: number, leaves: number): number {
  return childrenAt(items) + items - leaves;
}

/** Where the ends of values begin in a block. */
export function endsAt(items: number, leaves: number): number {
  return keysAt(items, leaves) + HASH_WORDS * leaves;
}

/** Where the values begin in a block. */
export function valuesAt(items: number, leaves: number): number {
  return endsAt(items, leaves) + leaves;
}

/** The size of a block in words. */
export function blockWords(items: number, leaves: number, valueBytes: number): number {
  return valuesAt(items, leaves) + ((valueBytes + 3) >> 2);
}

export class PageTable implements BlockOwner {
  readonly memory = new GrowingMemory();
  /** Rows that were ever in use: page numbers are below this. */
  rowCount = 0;
  private readonly freePages: number[] = [];

  /** A row for a new page, with all fields zero but the generation; it has no block yet. May replace the memory's view. */
  allocate(): number {
    let page = this.freePages.pop();
    if (page === undefined) {
      page = this.rowCount++;
      this.memory.ensureWords(this.rowCount << ROW_BITS);
    }
    const { words } = this.memory;
    const row = page << ROW_BITS;
    const generation = words[row + GENERATION] + 1;
    words.fill(0, row, row + (1 << ROW_BITS));
    words[row + GENERATION] = generation;
    words[row + BLOCK] = NO_BLOCK;
    words[row + PARENT] = NO_PAGE;
    words[row + FLAGS] = IN_USE;
    return page;
  }

  release(page: number): void {
    const { words } = this.memory;
    const row = page << ROW_BITS;
    words[row + FLAGS] = 0;
    words[row + BLOCK] = NO_BLOCK;
    words[row + GENERATION]++;
    this.freePages.push(page);
  }

  blockOf(page: number): number {
    return this.memory.words[(page << ROW_BITS) + BLOCK];
  }

  moveBlock(page: number, block: number): void {
    this.memory.words[(page << ROW_BITS) + BLOCK] = block;
  }
}

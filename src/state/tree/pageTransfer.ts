// Between a page's form in memory (pageTable.ts) and its form in the store (pageBytes.ts).

import { HASH_WORDS, ITEM_BYTES, LENGTH_BYTES, PAGE_HEADER_BYTES, Page } from "./page.js";
import type { PageArena } from "./pageArena.js";
import { copyBytes } from "./pageBytes.js";
import {
  BLOCK,
  childrenAt,
  DEPTH,
  endsAt,
  FLAGS,
  HASHES_AT,
  IN_USE,
  ITEM_COUNT,
  keysAt,
  LEAF_COUNT,
  LEAVES_HIGH,
  LEAVES_LOW,
  NO_PAGE,
  OCCUPIED_HIGH,
  OCCUPIED_LOW,
  type PageTable,
  RECENT,
  ROW_BITS,
  VALUE_BYTES,
  valuesAt,
} from "./pageTable.js";

/** The pages in memory. */
export interface PagesInMemory {
  readonly table: PageTable;
  readonly arena: PageArena;
}

/** What the page of a row weighs in the store, in bytes. */
export function storeBytes(rows: Int32Array, row: number): number {
  return (
    PAGE_HEADER_BYTES +
    ITEM_BYTES * rows[row + ITEM_COUNT] +
    LENGTH_BYTES * rows[row + LEAF_COUNT] +
    rows[row + VALUE_BYTES]
  );
}

/** Fills the row and the block of `page` with `content`, whose hashes are known; no page is linked below it. */
export function placePage(memory: PagesInMemory, page: number, block: number, content: Page): void {
  const rows = memory.table.memory.words;
  const row = page << ROW_BITS;
  const items = content.count;
  const leaves = content.leafCount();
  rows[row + BLOCK] = block;
  rows[row + DEPTH] = content.depth;
  rows[row + FLAGS] = IN_USE | RECENT;
  rows[row + OCCUPIED_LOW] = content.occupiedLow;
  rows[row + OCCUPIED_HIGH] = content.occupiedHigh;
  rows[row + LEAVES_LOW] = content.leavesLow;
  rows[row + LEAVES_HIGH] = content.leavesHigh;
  rows[row + ITEM_COUNT] = items;
  rows[row + LEAF_COUNT] = leaves;
  rows[row + VALUE_BYTES] = content.valueBytes();
  const { words, bytes } = memory.arena.memory;
  words.set(content.hashes, block + HASHES_AT);
  const children = block + childrenAt(items);
  words.fill(NO_PAGE, children, children + items - leaves);
  const ends = block + endsAt(items, leaves);
  let key = 4 * (block + keysAt(items, leaves));
  let item = 0;
  for (let word = 0; word < 2; word++) {
    const leafSet = word === 0 ? content.leavesLow : content.leavesHigh;
    for (let rest = word === 0 ? content.occupiedLow : content.occupiedHigh; rest !== 0; rest &= rest - 1, item++) {
      if ((leafSet & rest & -rest) !== 0) {
        copyBytes(content.bytes, content.itemOffset(item), bytes, key, ITEM_BYTES);
        key += ITEM_BYTES;
      }
    }
  }
  let end = 0;
  for (let leaf = 0; leaf < leaves; leaf++) {
    end += content.lengthOfLeaf(leaf);
    words[ends + leaf] = end;
  }
  copyBytes(content.bytes, content.bytes.length - end, bytes, 4 * (block + valuesAt(items, leaves)), end);
}

function writeWord(bytes: Uint8Array, offset: number, word: number): void {
  bytes[offset] = word;
  bytes[offset + 1] = word >> 8;
  bytes[offset + 2] = word >> 16;
  bytes[offset + 3] = word >> 24;
}

/** Writes the bytes of a page for the store, `storeBytes` of them, to `stored[at..]`. */
export function encodeStored(memory: PagesInMemory, page: number, stored: Uint8Array, at: number): void {
  const rows = memory.table.memory.words;
  const row = page << ROW_BITS;
  writeWord(stored, at, rows[row + OCCUPIED_LOW]);
  writeWord(stored, at + 4, rows[row + OCCUPIED_HIGH]);
  writeWord(stored, at + 8, rows[row + LEAVES_LOW]);
  writeWord(stored, at + 12, rows[row + LEAVES_HIGH]);
  const { words, bytes } = memory.arena.memory;
  const items = rows[row + ITEM_COUNT];
  const leaves = rows[row + LEAF_COUNT];
  const block = rows[row + BLOCK];
  let item = at + PAGE_HEADER_BYTES;
  if (leaves === 0) {
    copyBytes(bytes, 4 * (block + HASHES_AT), stored, item, ITEM_BYTES * items);
    return;
  }
  let hash = 4 * (block + HASHES_AT);
  let key = 4 * (block + keysAt(items, leaves));
  for (let word = 0; word < 2; word++) {
    const leafSet = rows[row + LEAVES_LOW + word];
    for (let rest = rows[row + OCCUPIED_LOW + word]; rest !== 0; rest &= rest - 1) {
      const isLeaf = (leafSet & rest & -rest) !== 0;
      copyBytes(bytes, isLeaf ? key : hash, stored, item, ITEM_BYTES);
      hash += ITEM_BYTES;
      key += isLeaf ? ITEM_BYTES : 0;
      item += ITEM_BYTES;
    }
  }
  const ends = block + endsAt(items, leaves);
  let before = 0;
  for (let leaf = 0; leaf < leaves; leaf++) {
    const length = words[ends + leaf] - before;
    before = words[ends + leaf];
    stored[item] = length;
    stored[item + 1] = length >> 8;
    item += LENGTH_BYTES;
  }
  copyBytes(bytes, 4 * (block + valuesAt(items, leaves)), stored, item, before);
}

/** A copy of a page in memory, which later changes leave alone. */
export function snapshotPage(memory: PagesInMemory, page: number): Page {
  const rows = memory.table.memory.words;
  const row = page << ROW_BITS;
  const hashes = rows[row + BLOCK] + HASHES_AT;
  const count = rows[row + ITEM_COUNT] === 0 ? 0 : 2 * rows[row + ITEM_COUNT] - 1;
  const words = memory.arena.memory.words.slice(hashes, hashes + HASH_WORDS * count);
  const stored = new Uint8Array(storeBytes(rows, row));
  encodeStored(memory, page, stored, 0);
  return new Page(rows[row + DEPTH], stored, words);
}

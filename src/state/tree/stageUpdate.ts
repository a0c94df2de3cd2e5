// Notes how pages will change: what of a page is patched, the block of one that is built anew, what undoes it, and which
// hashes are to be computed. Leaves are named by sources: the number of a change, or below NO_SOURCE a leaf that lies in
// another page now; NO_SOURCE itself is the leaf that the page at hand holds.

import type { PackedChanges } from "../../protocol/packedChanges.js";
import { NodePlanner } from "./nodePlanner.js";
import { copyHash, HASH_WORDS, ITEM_BYTES, LEAF } from "./page.js";
import { copyBytes } from "./pageBytes.js";
import type { PageCache } from "./pageCache.js";
import {
  BLOCK,
  blockWords,
  endsAt,
  GENERATION,
  HASHES_AT,
  keysAt,
  LEAVES_HIGH,
  LEAVES_LOW,
  NO_PAGE,
  OCCUPIED_HIGH,
  OCCUPIED_LOW,
  ROW_BITS,
  valuesAt,
} from "./pageTable.js";
import {
  CREATED,
  HEAD_BYTES,
  PATCHED,
  REBUILT,
  REMOVED,
  STAGED_CHANGE,
  STAGED_CONTENT,
  STAGED_CONTENT_WORDS,
  STAGED_DEPTH,
  STAGED_GENERATION,
  STAGED_HASH_PATCHES,
  STAGED_KIND,
  STAGED_LEAVES_HIGH,
  STAGED_LEAVES_LOW,
  STAGED_OCCUPIED_HIGH,
  STAGED_OCCUPIED_LOW,
  STAGED_PAGE,
  STAGED_VALUE_BYTES,
  STAGED_VALUE_PATCHES,
  STAGED_WORDS,
  type UpdateMemory,
} from "./preparedUpdate.js";
import { bitCount, hasSlot, KEY_BYTES, rankOf, SLOTS, slotOf } from "./slots.js";
import { NO_SOURCE, type UpdateFrame } from "./updateFrame.js";

export class UpdateStage {
  /** The leaf read last: where its key and value lie. */
  keys: Uint8Array;
  keyByte = 0;
  values: Uint8Array;
  valueByte = 0;
  valueLength = 0;
  private readonly cache: PageCache;
  private readonly changes: PackedChanges;
  private readonly memory: UpdateMemory;
  private readonly planner: NodePlanner;
  private readonly withUndo: boolean;
  /** Leaves from elsewhere: page, number among its leaves. */
  private readonly moved: number[] = [];

  constructor(cache: PageCache, memory: UpdateMemory, withUndo: boolean) {
    this.cache = cache;
    this.changes = memory.changes;
    this.memory = memory;
    this.withUndo = withUndo;
    this.planner = new NodePlanner(memory.hashPlan, memory.hashPatches);
    this.keys = cache.arena.memory.bytes;
    this.values = this.keys;
  }

  /** Source of the leaf in `slot` of `page`, for use in other pages. */
  elsewhere(page: number, slot: number): number {
    this.moved.push(page, this.cache.leafRank(page, slot));
    return NO_SOURCE - this.moved.length / 2;
  }

  /** Finds key and value of a leaf; `page` and `slot` are where NO_SOURCE has it. */
  readLeaf(source: number, page: number, slot: number): void {
    if (source > NO_SOURCE) {
      const { changes } = this;
      this.keys = changes.keys;
      this.keyByte = KEY_BYTES * source;
      this.values = changes.values;
      this.valueByte = changes.valueOffsets[source];
      this.valueLength = changes.valueLength(source);
      return;
    }
    const { cache } = this;
    const at = 2 * (NO_SOURCE - source - 1);
    const holder = source === NO_SOURCE ? page : this.moved[at];
    const leaf = source === NO_SOURCE ? cache.leafRank(page, slot) : this.moved[at + 1];
    this.keys = cache.arena.memory.bytes;
    this.keyByte = cache.keyByte(holder, leaf);
    this.values = this.keys;
    this.valueByte = cache.valueByte(holder, leaf);
    this.valueLength = cache.valueLength(holder, leaf);
  }

  /** Notes how the value of the leaf read last begins, as what change `number` finds. */
  noteHead(number: number): void {
    const length = Math.min(HEAD_BYTES, this.valueLength);
    copyBytes(this.values, this.valueByte, this.memory.headsBefore, HEAD_BYTES * number, length);
  }

  /** The slot in which a leaf (not NO_SOURCE) lies in its page at `depth`. */
  slotOfLeaf(source: number, depth: number): number {
    this.readLeaf(source, NO_PAGE, 0);
    return slotOf(this.keys, this.keyByte, depth);
  }

  /** A reference to the hash of the item in `slot` of `page` that means the same beside any page. */
  itemReference(page: number, slot: number): number {
    const rows = this.cache.table.memory.words;
    const row = page << ROW_BITS;
    return this.freeReference(-1 - rankOf(rows[row + OCCUPIED_LOW], rows[row + OCCUPIED_HIGH], slot), page);
  }

  /** A reference that means the same beside any page, from one that is meant beside `page`. */
  freeReference(reference: number, page: number): number {
    if (reference >= 0) {
      return reference;
    }
    const hashes = this.cache.table.blockOf(page) + HASHES_AT;
    return this.memory.hashPlan.addKnown(this.cache.arena.memory.words, hashes + HASH_WORDS * (-1 - reference));
  }

  /** Stages that `page` ceases to exist; `place` is that of a change below it in the order. */
  removePage(page: number, depth: number, place: number): void {
    const rows = this.cache.table.memory.words;
    const row = page << ROW_BITS;
    this.writeUndo(page, depth, place, rows[row + OCCUPIED_LOW], rows[row + OCCUPIED_HIGH]);
    const at = this.memory.staged.extend(STAGED_WORDS);
    const { words } = this.memory.staged;
    words.fill(0, at, at + STAGED_WORDS);
    words[at + STAGED_PAGE] = page;
    words[at + STAGED_GENERATION] = rows[row + GENERATION];
    words[at + STAGED_CHANGE] = place;
    words[at + STAGED_DEPTH] = depth;
    words[at + STAGED_KIND] = REMOVED;
    words[at + STAGED_HASH_PATCHES] = this.memory.hashPatches.length;
    words[at + STAGED_VALUE_PATCHES] = this.memory.valuePatches.length;
  }

  /** Stages the page that a frame describes, in place of `page` or as a new one, and returns the reference of its root. */
  changePage(frame: UpdateFrame, page: number, depth: number, place: number): number {
    const { memory, planner } = this;
    const { occupiedLow, occupiedHigh } = frame;
    this.writeUndo(page, depth, place, frame.changedLow, frame.changedHigh);
    const at = memory.staged.extend(STAGED_WORDS);
    if (frame.rebuilt) {
      this.rebuildPage(frame, page, at);
    } else {
      memory.staged.words[at + STAGED_KIND] = PATCHED;
      planner.setMoved(undefined, 0);
    }
    this.patchItems(frame, page);
    let changed = 0;
    if (page === NO_PAGE) {
      planner.setNoBase();
      changed = -1;
    } else {
      const rows = this.cache.table.memory.words;
      const row = page << ROW_BITS;
      const hashes = rows[row + BLOCK] + HASHES_AT;
      planner.setBase(rows[row + OCCUPIED_LOW], rows[row + OCCUPIED_HIGH], this.cache.arena.memory.words, hashes);
      memory.staged.words[at + STAGED_GENERATION] = rows[row + GENERATION];
    }
    planner.references = frame.references;
    const low = frame.changedLow | changed;
    const root = planner.plan(depth, occupiedLow, occupiedHigh, low, frame.changedHigh | changed);
    const { words } = memory.staged;
    words[at + STAGED_PAGE] = page;
    words[at + STAGED_CHANGE] = place;
    words[at + STAGED_DEPTH] = depth;
    words[at + STAGED_HASH_PATCHES] = memory.hashPatches.length;
    words[at + STAGED_VALUE_PATCHES] = memory.valuePatches.length;
    words[at + STAGED_OCCUPIED_LOW] = occupiedLow;
    words[at + STAGED_OCCUPIED_HIGH] = occupiedHigh;
    words[at + STAGED_LEAVES_LOW] = frame.leavesLow;
    words[at + STAGED_LEAVES_HIGH] = frame.leavesHigh;
    return this.freeReference(root, page);
  }

  /** Builds the block of a page whose items come, go or move, as far as it is known before hashing. */
  private rebuildPage(frame: UpdateFrame, page: number, at: number): void {
    const { content, staged } = this.memory;
    const items = bitCount(frame.occupiedLow) + bitCount(frame.occupiedHigh);
    const leaves = bitCount(frame.leavesLow) + bitCount(frame.leavesHigh);
    let valueBytes = 0;
    for (let slot = 0; slot < SLOTS; slot++) {
      if (frame.kindAt(slot) === LEAF) {
        this.readLeaf(frame.sourceAt(slot), page, slot);
        valueBytes += this.valueLength;
      }
    }
    const size = blockWords(items, leaves, valueBytes);
    const block = content.extend(size);
    const bytes = new Uint8Array(content.words.buffer);
    const keys = 4 * (block + keysAt(items, leaves));
    const ends = block + endsAt(items, leaves);
    const values = 4 * (block + valuesAt(items, leaves));
    let leaf = 0;
    let end = 0;
    for (let slot = 0; slot < SLOTS; slot++) {
      if (frame.kindAt(slot) === LEAF) {
        this.readLeaf(frame.sourceAt(slot), page, slot);
        copyBytes(this.keys, this.keyByte, bytes, keys + ITEM_BYTES * leaf, ITEM_BYTES);
        copyBytes(this.values, this.valueByte, bytes, values + end, this.valueLength);
        end += this.valueLength;
        content.words[ends + leaf++] = end;
      }
    }
    this.copyItemHashes(frame, page, block);
    this.planner.setMoved(content.words, block + HASHES_AT);
    const { words } = staged;
    words[at + STAGED_KIND] = page === NO_PAGE ? CREATED : REBUILT;
    words[at + STAGED_CONTENT] = block;
    words[at + STAGED_CONTENT_WORDS] = size;
    words[at + STAGED_VALUE_BYTES] = valueBytes;
  }

  /** Copies the hashes of items that stay; those of the others are patched in. */
  private copyItemHashes(frame: UpdateFrame, page: number, block: number): void {
    if (page === NO_PAGE) {
      return;
    }
    const rows = this.cache.table.memory.words;
    const row = page << ROW_BITS;
    const { words } = this.cache.arena.memory;
    const target = this.memory.content.words;
    const from = rows[row + BLOCK] + HASHES_AT;
    const to = block + HASHES_AT;
    for (let word = 0; word < 2; word++) {
      const staying = word === 0 ? frame.occupiedLow & ~frame.changedLow : frame.occupiedHigh & ~frame.changedHigh;
      for (let rest = staying; rest !== 0; rest &= rest - 1) {
        const slot = 32 * word + 31 - Math.clz32(rest & -rest);
        const old = rankOf(rows[row + OCCUPIED_LOW], rows[row + OCCUPIED_HIGH], slot);
        const item = rankOf(frame.occupiedLow, frame.occupiedHigh, slot);
        copyHash(words, from + HASH_WORDS * old, target, to + HASH_WORDS * item);
      }
    }
  }

  /** Notes the new hashes of changed items, and the new values of changed leaves where the page keeps its block. */
  private patchItems(frame: UpdateFrame, page: number): void {
    const { occupiedLow, occupiedHigh } = frame;
    const { hashPatches, valuePatches } = this.memory;
    for (let word = 0; word < 2; word++) {
      const changed = word === 0 ? frame.changedLow & occupiedLow : frame.changedHigh & occupiedHigh;
      for (let rest = changed; rest !== 0; rest &= rest - 1) {
        const slot = 32 * word + 31 - Math.clz32(rest & -rest);
        hashPatches.pushPair(rankOf(occupiedLow, occupiedHigh, slot), frame.references[slot]);
        if (!frame.rebuilt && hasSlot(frame.leavesLow, frame.leavesHigh, slot)) {
          const leaf = rankOf(frame.leavesLow, frame.leavesHigh, slot);
          const block = this.cache.table.blockOf(page);
          valuePatches.pushPair(this.cache.valueByte(page, leaf) - 4 * block, frame.sources[slot]);
        }
      }
    }
  }

  /** Writes what the given slots of a page hold now; of a page that doesn't exist, that they are empty. */
  private writeUndo(page: number, depth: number, place: number, low: number, high: number): void {
    if (!this.withUndo) {
      return;
    }
    const { undo } = this.memory;
    undo.beginPage(this.changes.keys, KEY_BYTES * this.changes.order[place], depth, bitCount(low) + bitCount(high));
    for (let word = 0; word < 2; word++) {
      for (let rest = word === 0 ? low : high; rest !== 0; rest &= rest - 1) {
        this.writeUndoSlot(page, 32 * word + 31 - Math.clz32(rest & -rest));
      }
    }
    undo.endPage();
  }

  private writeUndoSlot(page: number, slot: number): void {
    const { cache } = this;
    const { undo } = this.memory;
    const rows = cache.table.memory.words;
    const row = page << ROW_BITS;
    const { words } = cache.arena.memory;
    if (page === NO_PAGE || !hasSlot(rows[row + OCCUPIED_LOW], rows[row + OCCUPIED_HIGH], slot)) {
      undo.emptySlot(slot);
    } else if (hasSlot(rows[row + LEAVES_LOW], rows[row + LEAVES_HIGH], slot)) {
      this.readLeaf(NO_SOURCE, page, slot);
      undo.leafSlot(slot, words, this.keyByte >> 2, this.keys, this.valueByte, this.valueLength);
    } else {
      const item = rankOf(rows[row + OCCUPIED_LOW], rows[row + OCCUPIED_HIGH], slot);
      undo.subtreeSlot(slot, words, rows[row + BLOCK] + HASHES_AT + HASH_WORDS * item);
    }
  }
}

// Computes what a batch of changes does to the tree, without changing it. The sorted changes go down the pages together;
// on the way back every page that changes is staged (stageUpdate.ts) and its inner nodes are planned; at the end all
// hashes are computed level by level. The outcome depends on the final set of leaves only: changes without effect leave
// no trace.

import type { PackedChanges } from "../../protocol/packedChanges.js";
import { EMPTY_ROOT, HASH_BYTES } from "../../protocol/stateProof.js";
import { EMPTY, HASH_WORDS, LEAF, SUBTREE, wordsToBytes } from "./page.js";
import { type PageCache, ROOT_PAGE } from "./pageCache.js";
import { NO_PAGE, ROW_BITS } from "./pageTable.js";
import { PreparedUpdate, type UpdateMemory } from "./preparedUpdate.js";
import { bitCount, KEY_BYTES, PAGE_BITS, SLOTS, sameKey, slotOf } from "./slots.js";
import { UpdateStage } from "./stageUpdate.js";
import { NO_SOURCE, UpdateFrame } from "./updateFrame.js";

/** What became of a page: one of EMPTY, LEAF, SUBTREE (of page.ts), or the page stays as it is. */
const UNCHANGED = 3;
/** Bits of a key that stand in `PackedChanges.starts`. */
const START_BITS = 32;
/** In place of the root's reference where no leaf is left. */
const EMPTY_TREE = -1;

class UpdatePreparation {
  private readonly cache: PageCache;
  private readonly changes: PackedChanges;
  private readonly memory: UpdateMemory;
  private readonly stage: UpdateStage;
  /** Of the page that `updatePage` returned from last: reference of its root, and the leaf where that is all it holds. */
  private resultReference = 0;
  private resultLeaf = NO_SOURCE;

  constructor(cache: PageCache, memory: UpdateMemory, withUndo: boolean) {
    this.cache = cache;
    this.changes = memory.changes;
    this.memory = memory;
    this.stage = new UpdateStage(cache, memory, withUndo);
  }

  /** The reference of the new root; undefined where nothing changes, EMPTY_TREE where no leaf is left. */
  run(): number | undefined {
    const kind = this.updatePage(ROOT_PAGE, NO_SOURCE, 0, 0, 0, this.changes.count);
    if (kind === UNCHANGED) {
      return undefined;
    }
    return kind === EMPTY ? EMPTY_TREE : this.resultReference;
  }

  /**
   * Works changes `from` to `to` into the page at `depth`: `page`, or where that is NO_PAGE a new one that holds nothing
   * but the leaf `seed` (whose hash is `seedReference`), if any. Returns what the page becomes.
   */
  private updatePage(
    page: number,
    seed: number,
    seedReference: number,
    depth: number,
    from: number,
    to: number,
  ): number {
    const frame = this.frameAt(depth);
    if (page === NO_PAGE) {
      frame.resetEmpty();
      if (seed !== NO_SOURCE) {
        frame.change(this.stage.slotOfLeaf(seed, depth), LEAF, seedReference, seed, true);
      }
    } else {
      frame.reset(this.cache.table.memory.words, page << ROW_BITS);
    }
    let start = from;
    while (start < to) {
      const slot = this.slotAt(start, depth);
      let end = start + 1;
      while (end < to && this.slotAt(end, depth) === slot) {
        end++;
      }
      this.updateSlot(frame, page, slot, depth, start, end);
      start = end;
    }
    if (page !== NO_PAGE && (frame.changedLow | frame.changedHigh) === 0) {
      return UNCHANGED;
    }
    return this.finishPage(frame, page, depth, from);
  }

  /** The slot of the change at `place` in the order, in its page at `depth`. */
  private slotAt(place: number, depth: number): number {
    const { changes } = this;
    if (depth <= START_BITS - PAGE_BITS) {
      return (changes.starts[place] >>> (START_BITS - PAGE_BITS - depth)) & (SLOTS - 1);
    }
    return slotOf(changes.keys, KEY_BYTES * changes.order[place], depth);
  }

  private frameAt(depth: number): UpdateFrame {
    const level = depth / PAGE_BITS;
    let frame = this.memory.frames[level];
    if (frame === undefined) {
      frame = new UpdateFrame();
      this.memory.frames[level] = frame;
    }
    return frame;
  }

  /** Works changes `from` to `to`, at least one and all below `slot`, into that slot. */
  private updateSlot(frame: UpdateFrame, page: number, slot: number, depth: number, from: number, to: number): void {
    const kind = frame.kindAt(slot);
    const below = depth + PAGE_BITS;
    if (kind === SUBTREE) {
      const cached = this.cache.cachedChild(page, slot);
      const child =
        cached === NO_PAGE ? this.cache.childPage(page, slot, this.changes.key(this.changes.order[from])) : cached;
      this.takeResult(frame, slot, this.updatePage(child, NO_SOURCE, 0, below, from, to), SUBTREE);
    } else if (kind === LEAF) {
      this.updateLeafSlot(frame, page, slot, depth, from, to);
    } else if (to - from > 1) {
      this.takeResult(frame, slot, this.updatePage(NO_PAGE, NO_SOURCE, 0, below, from, to), EMPTY);
    } else if (!this.isRemoval(from)) {
      this.setLeaf(frame, slot, from, true);
    }
  }

  private updateLeafSlot(
    frame: UpdateFrame,
    page: number,
    slot: number,
    depth: number,
    from: number,
    to: number,
  ): void {
    const { stage } = this;
    if (to - from === 1) {
      const change = this.changes.order[from];
      stage.readLeaf(frame.sourceAt(slot), page, slot);
      if (sameKey(this.changes.keys, KEY_BYTES * change, stage.keys, stage.keyByte)) {
        stage.noteHead(change);
        if (this.isRemoval(from)) {
          frame.change(slot, EMPTY, 0, NO_SOURCE, true);
        } else if (!this.isSameValue(change)) {
          this.setLeaf(frame, slot, from, this.changes.valueLength(change) !== stage.valueLength);
        }
        return;
      }
      if (this.isRemoval(from)) {
        return;
      }
    }
    // The leaf moves into a page of its own, together with changes to other keys below the slot.
    const source = frame.sourceAt(slot);
    const leaf = source === NO_SOURCE ? stage.elsewhere(page, slot) : source;
    const reference = frame.isChanged(slot) ? frame.references[slot] : stage.itemReference(page, slot);
    const result = this.updatePage(NO_PAGE, leaf, reference, depth + PAGE_BITS, from, to);
    if (result !== LEAF || this.resultLeaf !== leaf) {
      this.takeResult(frame, slot, result, LEAF);
    }
  }

  private isRemoval(place: number): boolean {
    return this.changes.valueLength(this.changes.order[place]) === 0;
  }

  /** Whether the leaf read last has the value of this change. */
  private isSameValue(change: number): boolean {
    const { values, valueByte, valueLength } = this.stage;
    const { changes } = this;
    if (valueLength !== changes.valueLength(change)) {
      return false;
    }
    const start = changes.valueOffsets[change];
    for (let i = 0; i < valueLength; i++) {
      if (values[valueByte + i] !== changes.values[start + i]) {
        return false;
      }
    }
    return true;
  }

  /** Puts the leaf of the change at `place` into a slot. */
  private setLeaf(frame: UpdateFrame, slot: number, place: number, rebuilt: boolean): void {
    const change = this.changes.order[place];
    frame.change(slot, LEAF, this.memory.hashPlan.leafReference(change), change, rebuilt);
  }

  /** Puts into a slot what the page below it has become; `before` is the kind of what it held. */
  private takeResult(frame: UpdateFrame, slot: number, result: number, before: number): void {
    if (result === UNCHANGED || (result === EMPTY && before === EMPTY)) {
      return;
    }
    if (result === EMPTY) {
      frame.change(slot, EMPTY, 0, NO_SOURCE, true);
    } else if (result === LEAF) {
      frame.change(slot, LEAF, this.resultReference, this.resultLeaf, true);
    } else {
      frame.change(slot, SUBTREE, this.resultReference, NO_SOURCE, before !== SUBTREE);
    }
  }

  /** Stages a page that has changed, or that is new, and returns what it becomes. */
  private finishPage(frame: UpdateFrame, page: number, depth: number, place: number): number {
    const count = bitCount(frame.occupiedLow) + bitCount(frame.occupiedHigh);
    const oneLeaf = count === 1 && (frame.leavesLow | frame.leavesHigh) !== 0;
    if (count === 0 || (oneLeaf && depth > 0)) {
      if (page !== NO_PAGE) {
        this.stage.removePage(page, depth, place);
      }
      if (oneLeaf) {
        const slot = frame.leavesLow !== 0 ? 31 - Math.clz32(frame.leavesLow) : 63 - Math.clz32(frame.leavesHigh);
        const source = frame.sourceAt(slot);
        this.resultLeaf = source === NO_SOURCE ? this.stage.elsewhere(page, slot) : source;
        this.resultReference = frame.isChanged(slot) ? frame.references[slot] : this.stage.itemReference(page, slot);
      }
      return oneLeaf ? LEAF : EMPTY;
    }
    this.resultReference = this.stage.changePage(frame, page, depth, place);
    return SUBTREE;
  }
}

/** The state that an update is prepared on: its number and root. */
export interface StateVersion {
  number: number;
  root: Uint8Array;
}

/** What sealed `changes` do to the tree in `cache`. The update refers to them until it is committed or dropped. */
export function prepareUpdate(
  cache: PageCache,
  version: StateVersion,
  changes: PackedChanges,
  memory: UpdateMemory,
  withUndo: boolean,
): PreparedUpdate {
  memory.begin(changes);
  memory.hashPlan.hashLeaves(changes.keys, changes.values, changes.valueOffsets, changes.count);
  const reference = new UpdatePreparation(cache, memory, withUndo).run();
  const undo = memory.undo.finish(version.root);
  if (reference === undefined) {
    return new PreparedUpdate(version.root, version.number, memory, undo);
  }
  memory.hashPlan.run();
  let root = EMPTY_ROOT;
  if (reference !== EMPTY_TREE) {
    const words = new Int32Array(HASH_WORDS);
    memory.hashPlan.copyTo(reference, words, 0);
    root = new Uint8Array(HASH_BYTES);
    wordsToBytes(words, 0, root, 0);
  }
  return new PreparedUpdate(root, version.number, memory, undo);
}

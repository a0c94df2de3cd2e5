// Computes what a batch of changes does to the tree, without changing it. The sorted changes go down the pages together; on the way
// back every page that changes is staged and its inner nodes are planned; at the end all hashes are computed level by level.
// The outcome depends on the final set of leaves only: changes without effect leave no trace.

import { assert } from "../../base/assert.js";
import { STATE_VALUE_BYTES_MAX } from "../../protocol/limits.js";
import { EMPTY_ROOT, HASH_BYTES } from "../../protocol/stateProof.js";
import type { StateChange } from "../../protocol/writeSet.js";
import type { HashPlan } from "./hashPlan.js";
import { NodePlanner } from "./nodePlanner.js";
import { EMPTY, HASH_WORDS, LEAF, type Page, SUBTREE, wordsToBytes } from "./page.js";
import { encodePage, type ItemSource, leafSource, subtreeSource } from "./pageBytes.js";
import { PreparedUpdate, type StagedPage, type UpdateMemory, type UpdateParts } from "./preparedUpdate.js";
import { bitCount, compareKeyAt, PAGE_BITS, rankOf, SLOTS, slotOf } from "./slots.js";
import { orderChanges } from "./sortChanges.js";
import { UpdateFrame } from "./updateFrame.js";

/** The pages that an update reads. */
export interface PageReader {
  readonly rootPage: Page;
  /** The page below the subtree in `slot` of `page`; `key` is any key below it. */
  childPage(page: Page, slot: number, key: Uint8Array): Page;
}

/** What became of a page: one of EMPTY, LEAF, SUBTREE (of page.ts), or the page stays as it is. */
const UNCHANGED = 3;
/** In place of the root's reference where no leaf is left. */
const EMPTY_TREE = -1;

class UpdatePreparation implements UpdateParts {
  readonly staged: StagedPage[] = [];
  readonly hashPatches: number[] = [];
  readonly valueOffsets: number[] = [];
  readonly values: Uint8Array[] = [];
  private readonly reader: PageReader;
  private readonly frames: UpdateFrame[];
  private readonly changes: StateChange[];
  private readonly hashPlan: HashPlan;
  private readonly planner: NodePlanner;
  /** Of the page that `updatePage` returned from last: reference of its root, and the leaf where that is all it holds. */
  private resultReference = 0;
  private resultLeaf: ItemSource | undefined;

  constructor(reader: PageReader, changes: StateChange[], hashPlan: HashPlan, frames: UpdateFrame[]) {
    this.reader = reader;
    this.changes = changes;
    this.hashPlan = hashPlan;
    this.frames = frames;
    this.planner = new NodePlanner(hashPlan, this.hashPatches);
  }

  /** The reference of the new root; undefined where nothing changes, EMPTY_TREE where no leaf is left. */
  run(): number | undefined {
    const kind = this.updatePage(this.reader.rootPage, undefined, 0, 0, 0, this.changes.length);
    if (kind === UNCHANGED) {
      return undefined;
    }
    return kind === EMPTY ? EMPTY_TREE : this.resultReference;
  }

  /**
   * Works changes `from` to `to` into the page at `depth`: `base`, or a new page that holds nothing but the leaf `seed`
   * (whose hash is `seedReference`), if any. Returns what the page becomes.
   */
  private updatePage(
    base: Page | undefined,
    seed: ItemSource | undefined,
    seedReference: number,
    depth: number,
    from: number,
    to: number,
  ): number {
    const frame = this.frameAt(depth);
    frame.reset(base);
    if (seed !== undefined) {
      frame.change(slotOf(seed.bytes, seed.offset, depth), LEAF, seedReference, seed, true);
    }
    let start = from;
    while (start < to) {
      const slot = slotOf(this.changes[start].key, 0, depth);
      let end = start + 1;
      while (end < to && slotOf(this.changes[end].key, 0, depth) === slot) {
        end++;
      }
      this.updateSlot(frame, base, slot, depth, start, end);
      start = end;
    }
    if (base !== undefined && (frame.changedLow | frame.changedHigh) === 0) {
      return UNCHANGED;
    }
    return this.finishPage(frame, base, depth, this.changes[from].key);
  }

  private frameAt(depth: number): UpdateFrame {
    const level = depth / PAGE_BITS;
    let frame = this.frames[level];
    if (frame === undefined) {
      frame = new UpdateFrame();
      this.frames[level] = frame;
    }
    return frame;
  }

  /** Works changes `from` to `to`, at least one and all below `slot`, into that slot. */
  private updateSlot(
    frame: UpdateFrame,
    base: Page | undefined,
    slot: number,
    depth: number,
    from: number,
    to: number,
  ): void {
    const kind = frame.kinds[slot];
    if (kind === SUBTREE) {
      const child = this.reader.childPage(base!, slot, this.changes[from].key);
      this.takeResult(frame, slot, this.updatePage(child, undefined, 0, depth + PAGE_BITS, from, to), SUBTREE);
      return;
    }
    if (kind === EMPTY) {
      if (to - from > 1) {
        this.takeResult(frame, slot, this.updatePage(undefined, undefined, 0, depth + PAGE_BITS, from, to), EMPTY);
      } else if (this.changes[from].value !== undefined) {
        this.setLeaf(frame, slot, this.changes[from], true);
      }
      return;
    }
    const old = frame.sources[slot] ?? leafSource(base!, slot);
    if (to - from > 1) {
      this.splitLeaf(frame, base, slot, old, depth, from, to);
      return;
    }
    const change = this.changes[from];
    if (compareKeyAt(change.key, old.bytes, old.offset) === 0) {
      this.updateLeaf(frame, slot, old, change);
    } else if (change.value !== undefined) {
      this.splitLeaf(frame, base, slot, old, depth, from, to);
    }
  }

  private updateLeaf(frame: UpdateFrame, slot: number, old: ItemSource, change: StateChange): void {
    const value = change.value;
    if (value === undefined) {
      frame.change(slot, EMPTY, 0, undefined, true);
    } else if (!sameValue(old, value)) {
      this.setLeaf(frame, slot, change, value.length !== old.valueLength);
    }
  }

  private setLeaf(frame: UpdateFrame, slot: number, change: StateChange, rebuilt: boolean): void {
    const { key, value } = change;
    assert(value !== undefined, "a leaf has a value");
    assert(value.length > 0 && value.length <= STATE_VALUE_BYTES_MAX, "a state value is 1 to 4096 bytes");
    const reference = this.hashPlan.addLeaf(key, 0, value, 0, value.length);
    const source = { bytes: key, offset: 0, values: value, valueOffset: 0, valueLength: value.length };
    frame.change(slot, LEAF, reference, source, rebuilt);
  }

  /** Moves the leaf in a slot into a page of its own, together with changes to other keys below the slot. */
  private splitLeaf(
    frame: UpdateFrame,
    base: Page | undefined,
    slot: number,
    old: ItemSource,
    depth: number,
    from: number,
    to: number,
  ): void {
    const known = frame.references[slot];
    const reference = known >= 0 ? known : this.hashPlan.addKnown(base!.hashes, -1 - known);
    const result = this.updatePage(undefined, old, reference, depth + PAGE_BITS, from, to);
    if (result !== LEAF || this.resultLeaf !== old) {
      this.takeResult(frame, slot, result, LEAF);
    }
  }

  /** Puts into a slot what the page below it has become; `before` is the kind of what it held. */
  private takeResult(frame: UpdateFrame, slot: number, result: number, before: number): void {
    if (result === UNCHANGED || (result === EMPTY && before === EMPTY)) {
      return;
    }
    if (result === EMPTY) {
      frame.change(slot, EMPTY, 0, undefined, true);
    } else if (result === LEAF) {
      frame.change(slot, LEAF, this.resultReference, this.resultLeaf, true);
    } else {
      frame.change(slot, SUBTREE, this.resultReference, undefined, before !== SUBTREE);
    }
  }

  /** Stages a page that has changed, or that is new, and returns what it becomes. */
  private finishPage(frame: UpdateFrame, base: Page | undefined, depth: number, key: Uint8Array): number {
    let low = 0;
    let high = 0;
    let slot = 0;
    for (let i = 0; i < SLOTS; i++) {
      if (frame.kinds[i] !== EMPTY) {
        slot = i;
        if (i < 32) {
          low |= 1 << i;
        } else {
          high |= 1 << (i - 32);
        }
      }
    }
    const count = bitCount(low) + bitCount(high);
    if (count === 0 || (count === 1 && frame.kinds[slot] === LEAF && depth > 0)) {
      if (base !== undefined) {
        this.stageRemoval(base, depth, key);
      }
      if (count === 1) {
        this.resultLeaf = frame.sources[slot] ?? leafSource(base!, slot);
        this.resultReference = this.planReference(frame.references[slot], base);
      }
      return count === 0 ? EMPTY : LEAF;
    }
    this.stagePage(frame, base, depth, key, low, high);
    return SUBTREE;
  }

  /** A reference that means the same beside any page. */
  private planReference(reference: number, base: Page | undefined): number {
    return reference >= 0 ? reference : this.hashPlan.addKnown(base!.hashes, -1 - reference);
  }

  private stage(base: Page | undefined, depth: number, key: Uint8Array, low: number, high: number): StagedPage {
    const staged: StagedPage = {
      base,
      key,
      depth,
      changedLow: low,
      changedHigh: high,
      removed: false,
      bytes: undefined,
      hashes: undefined,
      patchStart: this.hashPatches.length,
      patchEnd: this.hashPatches.length,
      valueStart: this.values.length,
      valueEnd: this.values.length,
    };
    this.staged.push(staged);
    return staged;
  }

  private stageRemoval(base: Page, depth: number, key: Uint8Array): void {
    const staged = this.stage(base, depth, key, base.occupiedLow, base.occupiedHigh);
    staged.removed = true;
    if (depth === 0) {
      staged.bytes = encodePage(new Uint8Array(SLOTS), []);
      staged.hashes = new Int32Array(0);
    }
  }

  private stagePage(
    frame: UpdateFrame,
    base: Page | undefined,
    depth: number,
    key: Uint8Array,
    low: number,
    high: number,
  ): void {
    const staged = this.stage(base, depth, key, frame.changedLow, frame.changedHigh);
    const { references } = this.planner;
    const count = bitCount(low) + bitCount(high);
    if (frame.rebuilt) {
      staged.hashes = new Int32Array(HASH_WORDS * (2 * count - 1));
      staged.bytes = this.rebuildPage(frame, base, staged.hashes);
    }
    references.set(frame.references);
    this.patchItems(frame, low, high, staged.bytes === undefined ? base : undefined);
    const changed = base === undefined ? -1 : 0;
    const root = this.planner.plan(
      depth,
      low,
      high,
      base,
      frame.changedLow | changed,
      frame.changedHigh | changed,
      base === undefined ? undefined : staged.hashes,
    );
    this.resultReference = this.planReference(root, base);
    staged.patchEnd = this.hashPatches.length;
    staged.valueEnd = this.values.length;
  }

  /** New bytes of a page; unchanged items are copied from `base`, with their hashes. */
  private rebuildPage(frame: UpdateFrame, base: Page | undefined, hashes: Int32Array): Uint8Array {
    const { kinds, references, sources } = frame;
    let item = 0;
    for (let slot = 0; slot < SLOTS; slot++) {
      if (kinds[slot] === EMPTY) {
        continue;
      }
      const reference = references[slot];
      if (reference < 0) {
        const from = HASH_WORDS * (-1 - reference);
        hashes.set(base!.hashes.subarray(from, from + HASH_WORDS), HASH_WORDS * item);
        sources[slot] = kinds[slot] === LEAF ? leafSource(base!, slot) : subtreeSource(base!, slot);
      }
      item++;
    }
    return encodePage(kinds, sources);
  }

  /** Notes the new hashes of changed items, and the new values of changed leaves where the page `inPlace` keeps its bytes. */
  private patchItems(frame: UpdateFrame, low: number, high: number, inPlace: Page | undefined): void {
    for (let word = 0; word < 2; word++) {
      const changed = word === 0 ? frame.changedLow & low : frame.changedHigh & high;
      for (let rest = changed; rest !== 0; rest &= rest - 1) {
        const slot = 32 * word + 31 - Math.clz32(rest & -rest);
        const subtree = frame.kinds[slot] === SUBTREE;
        this.hashPatches.push(2 * rankOf(low, high, slot) + (subtree ? 1 : 0), frame.references[slot]);
        if (inPlace !== undefined && !subtree) {
          this.valueOffsets.push(inPlace.valueOffset(slot));
          this.values.push(frame.sources[slot]!.values);
        }
      }
    }
  }
}

function sameValue(old: ItemSource, value: Uint8Array): boolean {
  if (old.valueLength !== value.length) {
    return false;
  }
  for (let i = 0; i < value.length; i++) {
    if (old.values[old.valueOffset + i] !== value[i]) {
      return false;
    }
  }
  return true;
}

/** The state that an update is prepared on: its number and root. */
export interface StateVersion {
  number: number;
  root: Uint8Array;
}

/**
 * What `changes` do to the tree that `reader` reads. Keys are 32 bytes, each at most once; values 1 to 4096 bytes, or undefined
 * where the leaf goes. Keys and values must stay as they are until the update has been committed or dropped.
 */
export function prepareUpdate(
  reader: PageReader,
  version: StateVersion,
  changes: readonly StateChange[],
  memory: UpdateMemory,
): PreparedUpdate {
  const { hashPlan } = memory;
  hashPlan.clear();
  const preparation = new UpdatePreparation(reader, orderChanges(changes), hashPlan, memory.frames);
  const reference = preparation.run();
  if (reference === undefined) {
    return new PreparedUpdate(version.root, version.number, memory, preparation);
  }
  hashPlan.run();
  let root = EMPTY_ROOT;
  if (reference !== EMPTY_TREE) {
    const words = new Int32Array(HASH_WORDS);
    hashPlan.copyTo(reference, words, 0);
    root = new Uint8Array(HASH_BYTES);
    wordsToBytes(words, 0, root, 0);
  }
  return new PreparedUpdate(root, version.number, memory, preparation);
}

// What a batch of changes does to the tree, computed but not applied: which pages change, into what, and the new root.
// Pages in memory stay as they are until the update is committed; an update that is dropped costs nothing.

import { PackedChanges } from "../../protocol/packedChanges.js";
import { HashPlan } from "./hashPlan.js";
import { IntList } from "./intList.js";
import type { UndoRecord } from "./undoRecord.js";
import { UndoWriter } from "./undoWriter.js";
import type { UpdateFrame } from "./updateFrame.js";

/** Fields of a staged page, in a row of STAGED_WORDS words. */
export const STAGED_WORDS = 16;
/** Number of the page; of no meaning for a created one. */
export const STAGED_PAGE = 0;
/** Generation of the page's row, to tell whether the number still means this page. */
export const STAGED_GENERATION = 1;
/** Place in the order of a change below the page: the first bits of its key are the page's place. */
export const STAGED_CHANGE = 2;
export const STAGED_DEPTH = 3;
/** PATCHED, REBUILT, CREATED or REMOVED. */
export const STAGED_KIND = 4;
/** A rebuilt or created page's block in `content`, and its size in words. */
export const STAGED_CONTENT = 5;
export const STAGED_CONTENT_WORDS = 6;
/** End of this page's part of `hashPatches` and of `valuePatches`; it begins where that of the page staged before ends. */
export const STAGED_HASH_PATCHES = 7;
export const STAGED_VALUE_PATCHES = 8;
export const STAGED_OCCUPIED_LOW = 9;
export const STAGED_OCCUPIED_HIGH = 10;
export const STAGED_LEAVES_LOW = 11;
export const STAGED_LEAVES_HIGH = 12;
export const STAGED_VALUE_BYTES = 13;

/** Some hashes and values change, nothing moves. */
export const PATCHED = 0;
/** The whole block is replaced. */
export const REBUILT = 1;
export const CREATED = 2;
export const REMOVED = 3;

/** The first bytes of a value: its kind and, of a leaf that expires, the height. */
export const HEAD_BYTES = 9;
const NO_CHANGES = new PackedChanges(0).seal();

/** Memory that an update fills while it is prepared and needs until it is committed; used again for later updates. */
export class UpdateMemory {
  /** The sealed changes, which are the caller's. */
  changes = NO_CHANGES;
  /**
   * HEAD_BYTES a change, by its number: how the value begins that the leaf has before it, zeros where there is none. They spare
   * whoever keeps an index beside the tree a look-up of each leaf.
   */
  headsBefore = new Uint8Array(0);
  readonly hashPlan = new HashPlan();
  readonly frames: UpdateFrame[] = [];
  /** Pages below come before those above them; pages of one depth are in the order of their keys. */
  readonly staged = new IntList();
  /** New hashes: index in the page's hashes, reference into `hashPlan`. */
  readonly hashPatches = new IntList();
  /** New values of patched pages: byte in the block, number of the change. */
  readonly valuePatches = new IntList();
  /** Blocks of rebuilt and created pages, without the hashes that patches fill in. */
  readonly content = new IntList();
  readonly undo = new UndoWriter();

  /** Forgets the update before and takes the changes of another. */
  begin(changes: PackedChanges): void {
    this.changes = changes;
    const headBytes = HEAD_BYTES * changes.count;
    if (headBytes > this.headsBefore.length) {
      this.headsBefore = new Uint8Array(2 * headBytes);
    } else {
      this.headsBefore.fill(0, 0, headBytes);
    }
    this.hashPlan.clear();
    this.staged.length = 0;
    this.hashPatches.length = 0;
    this.valuePatches.length = 0;
    this.content.length = 0;
    this.undo.clear();
  }
}

export class PreparedUpdate {
  /** Root of the tree after this update, 32 bytes. */
  readonly root: Uint8Array;
  /** Which state of the tree it was prepared on. */
  readonly version: number;
  readonly memory: UpdateMemory;
  /** What undoes it. */
  readonly undo: UndoRecord;
  /** Whether it changes nothing; then its memory may serve another update already. */
  readonly isEmpty: boolean;

  constructor(root: Uint8Array, version: number, memory: UpdateMemory, undo: UndoRecord) {
    this.root = root;
    this.version = version;
    this.memory = memory;
    this.undo = undo;
    this.isEmpty = memory.staged.length === 0;
  }
}

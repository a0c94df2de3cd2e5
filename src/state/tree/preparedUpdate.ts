// What a batch of changes does to the tree, computed but not applied: which pages change, into what, and the new root. Pages in memory
// stay as they are until the update is committed; an update that is dropped costs nothing.

import type { HashPlan } from "./hashPlan.js";
import type { Page } from "./page.js";
import type { UpdateFrame } from "./updateFrame.js";

/** The change of one page. */
export interface StagedPage {
  /** The page as it was; undefined where none was. */
  base: Page | undefined;
  /** Any key below the page: its first `depth` bits are the page's place. */
  key: Uint8Array;
  depth: number;
  /** The slots whose content changes; all items of a new or removed page. */
  changedLow: number;
  changedHigh: number;
  /** True where the page ceases to exist. */
  removed: boolean;
  /** New content of a page whose items change place or length; hashes still missing in it come from the patches. */
  bytes: Uint8Array | undefined;
  hashes: Int32Array | undefined;
  /** Range of this page's numbers in the update's `hashPatches`. */
  patchStart: number;
  patchEnd: number;
  /** Range of this page's entries in the update's `valueOffsets` and `values`. */
  valueStart: number;
  valueEnd: number;
}

export class PreparedUpdate {
  /** Root of the tree after this update, 32 bytes. */
  readonly root: Uint8Array;
  /** Which state of the tree it was prepared on. */
  readonly version: number;
  /** Pages below come before those above them; pages of one depth are in the order of their keys. */
  readonly staged: StagedPage[];
  /** Pairs: twice an index in a page's hashes, plus 1 where it is a subtree's; then a reference into the hash plan. */
  readonly hashPatches: number[];
  readonly valueOffsets: number[];
  readonly values: Uint8Array[];
  /** Holds the hashes that the patches name. */
  readonly memory: UpdateMemory;

  constructor(root: Uint8Array, version: number, memory: UpdateMemory, parts: UpdateParts) {
    this.root = root;
    this.version = version;
    this.memory = memory;
    this.staged = parts.staged;
    this.hashPatches = parts.hashPatches;
    this.valueOffsets = parts.valueOffsets;
    this.values = parts.values;
  }
}

export interface UpdateParts {
  staged: StagedPage[];
  hashPatches: number[];
  valueOffsets: number[];
  values: Uint8Array[];
}

/** Memory that an update needs while it is prepared, and for its hashes until it is committed; reused for later updates. */
export interface UpdateMemory {
  hashPlan: HashPlan;
  frames: UpdateFrame[];
}

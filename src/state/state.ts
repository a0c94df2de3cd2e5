// The chain's state: the authenticated tree of leaves and, beside it, the index of leaves that expire. Both are written in one
// atomic flush, so that what the disk holds is always the state of one height.

import { PackedChanges } from "../protocol/packedChanges.js";
import type { StateChange } from "../protocol/writeSet.js";
import type { KeyValueStore } from "../storage/keyValueStore.js";
import { EXPIRY_TABLE, ExpiryIndex } from "./expiryIndex.js";
import { PAGES_TABLE } from "./tree/loadPage.js";
import type { PreparedUpdate } from "./tree/preparedUpdate.js";
import { UNDO_TABLE } from "./tree/stateHistory.js";
import type { StateLeaf } from "./tree/stateReader.js";
import { StateTree, type StateTreeOptions } from "./tree/stateTree.js";
import type { TreeCounts } from "./tree/verifyTree.js";
import type { StateReader } from "./views.js";

/** What the state keeps in its store. */
export const STATE_TABLES: readonly string[] = [PAGES_TABLE, UNDO_TABLE, EXPIRY_TABLE];

/** A block's changes, each key once: objects, or packed and sealed, which spares copying them. */
export type StateChanges = readonly StateChange[] | PackedChanges;

/** Changes computed on the present state and not applied: drop it, or commit it before any other. */
export interface PreparedState {
  /** The state's root once the changes are committed, 32 bytes. */
  readonly root: Uint8Array;
  /** The list as it was given. */
  readonly changes: StateChanges;
  readonly packed: PackedChanges;
  readonly update: PreparedUpdate;
}

export class State implements StateReader {
  readonly #tree: StateTree;
  readonly #expiry: ExpiryIndex;
  #lastFlush: Promise<void> = Promise.resolve();

  private constructor(tree: StateTree, store: KeyValueStore) {
    this.#tree = tree;
    this.#expiry = new ExpiryIndex(store, (key) => tree.get(key));
  }

  /** The state that `store` holds, as of its last flush. */
  static open(store: KeyValueStore, options: StateTreeOptions): State {
    return new State(StateTree.open(store, options), store);
  }

  /** The height committed last. */
  get height(): number {
    return this.#tree.height;
  }

  /** The lowest height that can still be read and proved. */
  get oldestHeight(): number {
    return this.#tree.oldestHeight;
  }

  /** The height that a crash would fall back to; -1: none. */
  get flushedHeight(): number {
    return this.#tree.flushedHeight;
  }

  /** The root at that height, 32 bytes. */
  get root(): Uint8Array {
    return this.#tree.root;
  }

  /** An estimate of the memory that a flush would free for reuse. */
  get dirtyBytes(): number {
    return this.#tree.dirtyBytes + this.#expiry.dirtyBytes;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#tree.get(key);
  }

  preload(keys: Uint8Array): void {
    this.#tree.preload(keys);
  }

  /** Reads pages into memory that nothing has asked for yet, while there is room; yields after each page on the way. */
  warmUp(): Generator<void> {
    return this.#tree.warmUp();
  }

  /** Keys of lanes and references that expired before `height`, in the order of (expiry, key). Commit nothing while iterating. */
  expiredLeaves(height: number): Iterable<Uint8Array> {
    return this.#expiry.due(height);
  }

  /** The state after `changes` (each key once; no value: the leaf goes), computed and not applied. */
  prepare(changes: StateChanges): PreparedState {
    const packed = changes instanceof PackedChanges ? changes : PackedChanges.of(changes);
    const update = this.#tree.prepare(packed);
    return { root: update.root, changes, packed, update };
  }

  /** Makes the prepared state that of `height`. */
  commit(height: number, prepared: PreparedState): void {
    const { isEmpty, memory } = prepared.update;
    if (!isEmpty) {
      this.#expiry.update(prepared.packed, memory.headsBefore);
    }
    this.#tree.commit(height, prepared.update);
  }

  /** The root at a height still kept. Throws HEIGHT_NOT_KEPT for others. */
  rootAt(height: number): Uint8Array {
    return this.#tree.rootAt(height);
  }

  /** A leaf as of a height still kept. Throws HEIGHT_NOT_KEPT for others. */
  getAt(height: number, key: Uint8Array): Uint8Array | undefined {
    return this.#tree.getAt(height, key);
  }

  /** An encoded proof of the leaf's value, or that it is absent, under the root of `height` (default: the present one). */
  prove(key: Uint8Array, height?: number): Uint8Array {
    return this.#tree.prove(key, height);
  }

  /** All leaves of a kept height (default: the present one) in the order of their keys; commits may go on meanwhile. */
  leaves(height?: number): Generator<StateLeaf> {
    return this.#tree.leaves(height);
  }

  /**
   * Hashes the whole state again from what the store holds, and looks that each leaf that expires stands in the index. Throws
   * StateDamageError naming the first damage. Takes seconds for a million leaves.
   */
  verify(): TreeCounts {
    const counts = this.#tree.verify();
    this.#expiry.verify(this.#tree.leaves());
    return counts;
  }

  /**
   * Writes everything committed by the moment it starts, in one transaction; resolves when that is durable. Rejects as the store
   * does, and a later flush writes the same again.
   */
  flush(): Promise<void> {
    // One at a time: the index's entries and the tree's pages of one flush must be of one moment.
    const flush = this.#lastFlush.then(() => this.#flushNow());
    this.#lastFlush = flush.catch(() => {});
    return flush;
  }

  async #flushNow(): Promise<void> {
    if (this.#tree.flushedHeight === this.#tree.height) {
      return;
    }
    const { changes, settle } = this.#expiry.takePending();
    await this.#tree.flush(changes);
    settle();
  }

  /**
   * Writes the index of expiring leaves anew, from the leaves: after the leaves of a snapshot were put in place. Resolves when
   * it is durable; nothing may be committed meanwhile.
   */
  async rebuildExpiryIndex(): Promise<void> {
    await this.flush();
    await this.#expiry.rebuild(this.#tree.leaves());
  }
}

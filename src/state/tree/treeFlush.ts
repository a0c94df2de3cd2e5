// Brings committed changes to the store: all dirty pages, removals, undo records and the tree's description in one
// transaction. Commits may go on all the while: pages are taken a few at a time between other work, in the order of their numbers, and a
// page that changes before its turn is taken right before it does. What is taken goes into the store's own bytes at once: an array for
// each of a hundred thousand pages would be the collector of garbage's work.

import { bytesKey } from "../../base/bytes.js";
import type { BatchPiece, KeyValueChange, KeyValueStore } from "../../storage/keyValueStore.js";
import { BatchPacker, writePieces } from "../../storage/packedWrite.js";
import type { RemovedPages } from "./commitUpdate.js";
import { PAGES_TABLE } from "./loadPage.js";
import { PAGE_HEADER_BYTES } from "./page.js";
import { type PageCache, ROOT_PAGE } from "./pageCache.js";
import { copyAt } from "./pageCopy.js";
import { DEPTH, FLAGS, PARENT, ROW_BITS, SLOT, TAKEN } from "./pageTable.js";
import { encodeStored, storeBytes } from "./pageTransfer.js";
import { KEY_BYTES, pageKey, writeSlot } from "./slots.js";
import type { StateHistory } from "./stateHistory.js";
import { encodeMeta, META_KEY } from "./treeMeta.js";

/** Pages taken before other work gets its turn, and pages looked at for them: under load a turn of others is ten times as long. */
const TAKEN_A_TURN = 128;
const LOOKED_AT_A_TURN = 4_096;

/** Pages that the store may still hold although the tree has none there any more. */
class RemovalList implements RemovedPages {
  private keys = new Map<string, Uint8Array>();

  add(key: Uint8Array, depth: number): void {
    const storeKey = pageKey(key, depth);
    this.keys.set(bytesKey(storeKey), storeKey);
  }

  delete(key: Uint8Array, depth: number): void {
    if (this.keys.size > 0) {
      this.keys.delete(bytesKey(pageKey(key, depth)));
    }
  }

  /** The list so far; it is empty afterwards. */
  take(): Uint8Array[] {
    const keys = [...this.keys.values()];
    this.keys = new Map();
    return keys;
  }
}

export class TreeFlush {
  readonly removed = new RemovalList();
  private readonly store: KeyValueStore;
  private readonly cache: PageCache;
  private readonly history: StateHistory;
  /** What the flush under way has taken and not sent yet. */
  private packer: BatchPacker | undefined;
  private readonly prefix = new Uint8Array(KEY_BYTES);

  constructor(store: KeyValueStore, cache: PageCache, history: StateHistory) {
    this.store = store;
    this.cache = cache;
    this.history = history;
    cache.onChangeAwaited = (page) => this.take(page);
  }

  /**
   * Writes the latest state, that of `height`, with its root and `extraChanges` of other tables; one write at a time. Where the
   * store rejects, nothing is lost.
   */
  async write(height: number, root: Uint8Array, extraChanges: KeyValueChange[]): Promise<void> {
    const { oldest } = this.history;
    const others: KeyValueChange[] = [];
    this.history.collectFlush(others, height);
    others.push({ table: PAGES_TABLE, key: META_KEY, value: encodeMeta({ height, oldest, root }) });
    for (const change of extraChanges) {
      others.push(change);
    }
    const removed = this.removed.take();
    const packer = new BatchPacker();
    this.packer = packer;
    this.cache.nextFlush++;
    try {
      await writePieces(this.store, this.pieces(packer, this.cache.table.rowCount, removed, others));
    } catch (error) {
      this.cache.endFlush(false);
      this.putBack(removed);
      throw error;
    } finally {
      this.packer = undefined;
    }
    this.cache.endFlush(true);
    this.history.endFlush(oldest, height);
    this.cache.trim(true);
  }

  /** The batch: pages with numbers below `end`, as they were when the flush began, and everything else. */
  private async *pieces(
    packer: BatchPacker,
    end: number,
    removed: Uint8Array[],
    others: KeyValueChange[],
  ): AsyncGenerator<BatchPiece> {
    let taken = 0;
    for (let page = 0; page < end; page++) {
      if (this.cache.awaitsFlush(page)) {
        this.take(page);
        taken++;
      }
      if (taken === TAKEN_A_TURN || page % LOOKED_AT_A_TURN === LOOKED_AT_A_TURN - 1) {
        taken = 0;
        yield* packer.takeFull();
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    }
    // Everything is taken now.
    this.packer = undefined;
    for (const key of removed) {
      packer.add({ table: PAGES_TABLE, key, value: undefined });
    }
    for (const change of others) {
      packer.add(change);
    }
    yield* packer.finish();
  }

  /** Takes a page as it is now; where no flush is under way, the next one will. */
  private take(page: number): void {
    const { packer, cache } = this;
    if (packer === undefined) {
      return;
    }
    const rows = cache.table.memory.words;
    const row = page << ROW_BITS;
    const key = this.keyOf(page);
    const size = storeBytes(rows, row);
    if (size === PAGE_HEADER_BYTES) {
      // Only the root page can be empty.
      packer.add({ table: PAGES_TABLE, key, value: undefined });
    } else {
      const at = packer.begin(PAGES_TABLE, key.length, size);
      packer.bytes.set(key, at);
      encodeStored(cache, page, packer.bytes, at + key.length);
    }
    rows[row + FLAGS] |= TAKEN;
  }

  /** Key of a page in the store. */
  private keyOf(page: number): Uint8Array {
    const rows = this.cache.table.memory.words;
    const depth = rows[(page << ROW_BITS) + DEPTH];
    this.writePrefix(page);
    return pageKey(this.prefix, depth);
  }

  /** Fills `prefix` with the bits that lead to a page. */
  private writePrefix(page: number): void {
    if (page === ROOT_PAGE) {
      return;
    }
    const rows = this.cache.table.memory.words;
    const row = page << ROW_BITS;
    const parent = rows[row + PARENT];
    this.writePrefix(parent);
    writeSlot(this.prefix, rows[(parent << ROW_BITS) + DEPTH], rows[row + SLOT]);
  }

  private putBack(removed: Uint8Array[]): void {
    for (const storeKey of removed) {
      const prefix = new Uint8Array(KEY_BYTES);
      prefix.set(storeKey.subarray(1));
      if (copyAt(this.cache, prefix, storeKey[0]) === undefined) {
        this.removed.add(prefix, storeKey[0]);
      }
    }
  }
}

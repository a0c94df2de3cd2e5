// Brings committed changes to the store: all dirty pages, removals, undo records and the tree's description in one
// transaction. Commits may go on all the while: the pages are marked at once, and encoded some at a time between other
// work; a page that changes before its turn is encoded right before it does.

import { bytesKey, compareBytes } from "../../base/bytes.js";
import type { KeyValueChange, KeyValueStore } from "../../storage/keyValueStore.js";
import type { RemovedPages } from "./commitUpdate.js";
import { PAGES_TABLE } from "./loadPage.js";
import { PAGE_HEADER_BYTES } from "./page.js";
import { type PageCache, ROOT_PAGE } from "./pageCache.js";
import { copyAt } from "./pageCopy.js";
import {
  AWAITS_FLUSH,
  BLOCK,
  childrenAt,
  DIRTY,
  FLAGS,
  FLUSH,
  ITEM_COUNT,
  LEAVES_LOW,
  NO_FLUSH,
  NO_PAGE,
  OCCUPIED_LOW,
  ROW_BITS,
} from "./pageTable.js";
import { encodeStored } from "./pageTransfer.js";
import { KEY_BYTES, PAGE_BITS, PAGE_LEVELS, pageKey, writeSlot } from "./slots.js";
import type { StateHistory } from "./stateHistory.js";
import { encodeMeta, META_KEY } from "./treeMeta.js";

/** Pages encoded before other work gets its turn: about a millisecond. */
const PAGES_A_TURN = 1_024;

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

interface FlushedPage {
  page: number;
  key: Uint8Array;
}

export class TreeFlush {
  readonly removed = new RemovalList();
  private readonly store: KeyValueStore;
  private readonly cache: PageCache;
  private readonly history: StateHistory;
  private number = 0;
  /** Pages that changed before their turn, as they were when the flush began. */
  private readonly encodedEarly = new Map<number, Uint8Array>();

  constructor(store: KeyValueStore, cache: PageCache, history: StateHistory) {
    this.store = store;
    this.cache = cache;
    this.history = history;
    cache.onChangeAwaited = (page) => {
      this.encodedEarly.set(page, this.encode(page));
    };
  }

  /**
   * Writes the latest state, that of `height`, with its root and `extraChanges` of other tables; one write at a time. Where the
   * store rejects, nothing is lost.
   */
  async write(height: number, root: Uint8Array, extraChanges: KeyValueChange[]): Promise<void> {
    this.number = (this.number + 1) & 0x7fffffff;
    const { oldest } = this.history;
    const pages = this.markDirtyPages();
    const removed = this.removed.take();
    const undo: KeyValueChange[] = [];
    this.history.collectFlush(undo, height);
    const encoded = await this.encodeAll(pages);
    const changes = mergePages(pages, encoded, removed);
    changes.push({ table: PAGES_TABLE, key: META_KEY, value: encodeMeta({ height, oldest, root }) });
    for (const change of undo) {
      changes.push(change);
    }
    for (const change of extraChanges) {
      changes.push(change);
    }
    try {
      await this.store.write(changes);
    } catch (error) {
      this.putBack(pages, removed);
      throw error;
    }
    for (const { page } of pages) {
      if (this.isUnchanged(page)) {
        this.cache.markClean(page);
      }
    }
    this.history.endFlush(oldest, height);
    this.cache.trim(true);
  }

  /** Whether a page still holds what this flush took. */
  private isUnchanged(page: number): boolean {
    return this.cache.table.memory.words[(page << ROW_BITS) + FLUSH] === this.number;
  }

  /** All dirty pages, level by level from the root, each level in the order of its keys. */
  private markDirtyPages(): FlushedPage[] {
    const levels: FlushedPage[][] = Array.from({ length: PAGE_LEVELS }, () => []);
    const rows = this.cache.table.memory.words;
    const blocks = this.cache.arena.memory.words;
    const prefix = new Uint8Array(KEY_BYTES);
    const visit = (page: number, depth: number): void => {
      const row = page << ROW_BITS;
      rows[row + FLAGS] |= AWAITS_FLUSH;
      rows[row + FLUSH] = this.number;
      levels[depth / PAGE_BITS].push({ page, key: pageKey(prefix, depth) });
      let child = rows[row + BLOCK] + childrenAt(rows[row + ITEM_COUNT]);
      for (let word = 0; word < 2; word++) {
        const subtrees = rows[row + OCCUPIED_LOW + word] & ~rows[row + LEAVES_LOW + word];
        for (let rest = subtrees; rest !== 0; rest &= rest - 1, child++) {
          const below = blocks[child];
          if (below !== NO_PAGE && (rows[(below << ROW_BITS) + FLAGS] & DIRTY) !== 0) {
            writeSlot(prefix, depth, 32 * word + 31 - Math.clz32(rest & -rest));
            visit(below, depth + PAGE_BITS);
          }
        }
      }
    };
    if ((rows[(ROOT_PAGE << ROW_BITS) + FLAGS] & DIRTY) !== 0) {
      visit(ROOT_PAGE, 0);
    }
    return levels.flat();
  }

  private encode(page: number): Uint8Array {
    this.cache.table.memory.words[(page << ROW_BITS) + FLAGS] &= ~AWAITS_FLUSH;
    return encodeStored(this.cache, page);
  }

  /** The pages' bytes as of the start of this flush. */
  private async encodeAll(pages: FlushedPage[]): Promise<Uint8Array[]> {
    const encoded: Uint8Array[] = [];
    for (const { page } of pages) {
      if (encoded.length % PAGES_A_TURN === PAGES_A_TURN - 1) {
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      const early = this.encodedEarly.get(page);
      encoded.push(early ?? this.encode(page));
    }
    this.encodedEarly.clear();
    return encoded;
  }

  private putBack(pages: FlushedPage[], removed: Uint8Array[]): void {
    const rows = this.cache.table.memory.words;
    for (const { page } of pages) {
      if (this.isUnchanged(page)) {
        rows[(page << ROW_BITS) + FLUSH] = NO_FLUSH;
      }
    }
    for (const storeKey of removed) {
      const prefix = new Uint8Array(KEY_BYTES);
      prefix.set(storeKey.subarray(1));
      if (copyAt(this.cache, prefix, storeKey[0]) === undefined) {
        this.removed.add(prefix, storeKey[0]);
      }
    }
  }
}

/** The changes of table "pages" in the order of their keys. */
function mergePages(pages: FlushedPage[], encoded: Uint8Array[], removed: Uint8Array[]): KeyValueChange[] {
  const changes: KeyValueChange[] = [];
  const removals = [...removed].sort(compareBytes);
  let next = 0;
  pages.forEach(({ key }, i) => {
    while (next < removals.length && compareBytes(removals[next], key) < 0) {
      changes.push({ table: PAGES_TABLE, key: removals[next++], value: undefined });
    }
    // Only the root page can be empty.
    changes.push({ table: PAGES_TABLE, key, value: encoded[i].length > PAGE_HEADER_BYTES ? encoded[i] : undefined });
  });
  for (const key of removals.slice(next)) {
    changes.push({ table: PAGES_TABLE, key, value: undefined });
  }
  return changes;
}

// History over a key-value store. Added blocks are answered from memory until `flush` has written their rows; the store's own
// rows count only up to the checkpoint, so that a half-written flush is never seen and no entry is seen twice. Rows are
// pure functions of blocks: writing one again after a crash changes nothing.

import { setImmediate } from "node:timers/promises";
import { assert } from "../base/assert.js";
import { compareBytes, concatBytes, toHex, utf8Bytes } from "../base/bytes.js";
import { type TokenId, tokenBytes } from "../protocol/tokens.js";
import { Reader, Writer } from "../protocol/wire.js";
import type { CommittedBlock } from "../storage/committedBlock.js";
import type { KeyValueChange, KeyValueStore } from "../storage/keyValueStore.js";
import { BlockRows, TABLES } from "./blockRows.js";
import { decodeEntry, entryKey, entryPlace, formatCursor, heightOfKey, heightPlace, parseCursor } from "./entryRow.js";
import type { History, HistoryEntry, HistoryPage, TransactionPlace } from "./history.js";

const CHECKPOINT_KEY = utf8Bytes("checkpoint");
/** Rows of one write: their making takes the thread for about 10 ms, then others have their turn. */
const ROWS_PER_WRITE = 4_096;
/** Writes under way at once; the store joins what waits into one transaction of its own. */
const WRITES_MAX = 8;
const HASH_BYTES = 32;

/** A block that is not durable yet; its rows are made when somebody asks or when they are written. */
class PendingBlock {
  private made: BlockRows | undefined;

  constructor(readonly block: CommittedBlock) {}

  get rows(): BlockRows {
    this.made ??= new BlockRows(this.block);
    return this.made;
  }
}

/** The smallest key above all that begin with `prefix`; undefined where there is none. */
function prefixEnd(prefix: Uint8Array): Uint8Array | undefined {
  for (let i = prefix.length - 1; i >= 0; i--) {
    if (prefix[i] < 255) {
      const end = prefix.slice(0, i + 1);
      end[i]++;
      return end;
    }
  }
  return undefined;
}

function compareChanges(a: KeyValueChange, b: KeyValueChange): number {
  return a.table === b.table ? compareBytes(a.key, b.key) : a.table < b.table ? -1 : 1;
}

export class KeyValueHistory implements History {
  /** In ascending order, without gaps, above the checkpoint. */
  private pending: PendingBlock[] = [];
  private pendingCount = 0;
  private durableHeight: number;
  private lastFlush: Promise<void> = Promise.resolve();

  private constructor(private readonly store: KeyValueStore) {
    const checkpoint = store.get(TABLES.meta, CHECKPOINT_KEY);
    this.durableHeight = checkpoint === undefined ? 0 : new Reader(checkpoint).safe();
  }

  /** The history in `store`; whoever opens it adds the blocks above its checkpoint. */
  static open(store: KeyValueStore): KeyValueHistory {
    return new KeyValueHistory(store);
  }

  get height(): number {
    return this.pending.at(-1)?.block.height ?? this.durableHeight;
  }

  get checkpoint(): number {
    return this.durableHeight;
  }

  get pendingTransactions(): number {
    return this.pendingCount;
  }

  add(block: CommittedBlock): void {
    if (block.height <= this.height) {
      return;
    }
    assert(block.height === this.height + 1, `history expected block ${this.height + 1}, got ${block.height}`);
    this.pending.push(new PendingBlock(block));
    this.pendingCount += block.transactions.length;
  }

  transaction(id: Uint8Array): TransactionPlace | undefined {
    for (const { rows } of this.pending) {
      const index = rows.indexOf(id);
      if (index !== undefined) {
        return { height: rows.height, index };
      }
    }
    const value = this.store.get(TABLES.transactions, id);
    if (value === undefined) {
      return undefined;
    }
    const reader = new Reader(value);
    return { height: reader.safe(), index: reader.u32() };
  }

  blockHeight(hash: Uint8Array): number | undefined {
    const pending = this.pending.find(({ block }) => compareBytes(block.hash, hash) === 0);
    if (pending !== undefined) {
      return pending.block.height;
    }
    const value = this.store.get(TABLES.blocks, hash);
    return value === undefined ? undefined : new Reader(value).safe();
  }

  account(address: Uint8Array, { before, limit }: { before?: string | undefined; limit: number }): HistoryPage {
    const end = before === undefined ? undefined : parseCursor(before);
    const entries: HistoryEntry[] = [];
    // One more than asked for tells whether another page follows.
    const wanted = limit + 1;
    for (let i = this.pending.length - 1; i >= 0 && entries.length < wanted; i--) {
      for (const entry of this.pending[i].rows.entriesOf(address).toReversed()) {
        if (end === undefined || compareBytes(entryPlace(entry), end) < 0) {
          entries.push(entry);
        }
      }
    }
    if (entries.length < wanted) {
      entries.push(...this.storedEntries(address, end, wanted - entries.length));
    }
    const page = entries.slice(0, limit);
    const last = page.at(-1);
    return { entries: page, next: entries.length > limit && last ? formatCursor(entryPlace(last)) : undefined };
  }

  private storedEntries(address: Uint8Array, before: Uint8Array | undefined, limit: number): HistoryEntry[] {
    const durableEnd = heightPlace(this.durableHeight + 1);
    const end = before !== undefined && compareBytes(before, durableEnd) < 0 ? before : durableEnd;
    const range = { start: entryKey(address, heightPlace(0)), end: entryKey(address, end), limit, reverse: true };
    return [...this.store.range(TABLES.accounts, range)].map(({ key, value }) => decodeEntry(key, value));
  }

  accountHeights(address: Uint8Array, from: number, limit: number): number[] {
    const heights: number[] = [];
    const end = entryKey(address, heightPlace(this.durableHeight + 1));
    let next = from;
    while (heights.length < limit && next <= this.durableHeight) {
      // A seek for each height: one block may hold thousands of an account's entries.
      const [found] = this.store.range(TABLES.accounts, { start: entryKey(address, heightPlace(next)), end, limit: 1 });
      if (found === undefined) {
        break;
      }
      heights.push(heightOfKey(found.key));
      next = heightOfKey(found.key) + 1;
    }
    for (const { block, rows } of this.pending) {
      if (heights.length < limit && block.height >= from && rows.entriesOf(address).length > 0) {
        heights.push(block.height);
      }
    }
    return heights;
  }

  tokens({ after, limit }: { after?: TokenId | undefined; limit: number }): TokenId[] {
    const pending = this.pending.flatMap(({ rows }) => rows.createdTokens);
    return this.idPage(TABLES.tokens, new Uint8Array(0), pending, after, limit);
  }

  heldTokens(address: Uint8Array, { after, limit }: { after?: TokenId | undefined; limit: number }): TokenId[] {
    const pending = this.pending.flatMap(({ rows }) => rows.heldBy(address));
    return this.idPage(TABLES.held, address, pending, after, limit);
  }

  /** Token ids above `after` that follow `prefix` in the keys of a table or are in `pending`. */
  private idPage(
    table: string,
    prefix: Uint8Array,
    pending: Uint8Array[],
    after: TokenId | undefined,
    limit: number,
  ): TokenId[] {
    const afterId = after === undefined ? undefined : tokenBytes(after);
    const start = afterId === undefined ? prefix : concatBytes(prefix, afterId, Uint8Array.of(0));
    const end = prefixEnd(prefix);
    const range = { limit, ...(start.length > 0 ? { start } : {}), ...(end === undefined ? {} : { end }) };
    const ids = new Set<TokenId>();
    for (const { key } of this.store.range(table, range)) {
      ids.add(toHex(key.subarray(key.length - HASH_BYTES)));
    }
    for (const id of pending) {
      if (afterId === undefined || compareBytes(id, afterId) > 0) {
        ids.add(toHex(id));
      }
    }
    return [...ids].sort().slice(0, limit);
  }

  flush(): Promise<void> {
    // One after another: a flush that failed leaves its blocks pending for the next.
    const flush = this.lastFlush.then(() => this.flushPending());
    this.lastFlush = flush.catch(() => undefined);
    return flush;
  }

  private async flushPending(): Promise<void> {
    const blocks = [...this.pending];
    const last = blocks.at(-1);
    if (last === undefined) {
      return;
    }
    await this.writeRows(blocks);
    const checkpoint = new Writer(8).u64(BigInt(last.block.height)).finish();
    await this.store.write([{ table: TABLES.meta, key: CHECKPOINT_KEY, value: checkpoint }]);
    this.durableHeight = last.block.height;
    this.pending = this.pending.slice(blocks.length);
    this.pendingCount = this.pending.reduce((sum, { block }) => sum + block.transactions.length, 0);
  }

  private async writeRows(blocks: PendingBlock[]): Promise<void> {
    const writes: Promise<void>[] = [];
    let batch: KeyValueChange[] = [];
    const send = async (): Promise<void> => {
      const write = this.store.write(batch.sort(compareChanges));
      // Its failure is taken up by the wait below; until then it must not count as unhandled.
      write.catch(() => undefined);
      writes.push(write);
      batch = [];
      if (writes.length >= WRITES_MAX) {
        await writes.shift();
      }
      await setImmediate();
    };
    for (const { rows } of blocks) {
      for (const change of rows.changes()) {
        batch.push(change);
        if (batch.length >= ROWS_PER_WRITE) {
          await send();
        }
      }
    }
    if (batch.length > 0) {
      await send();
    }
    await Promise.all(writes);
  }
}

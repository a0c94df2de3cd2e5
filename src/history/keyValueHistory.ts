// History over a key-value store. Added blocks are answered from memory until `flush` has written them as a run; the store's
// runs answer for everything up to the checkpoint and the memory for everything above, so that no entry is missed or seen
// twice whatever a flush has written so far.

import { assert } from "../base/assert.js";
import { bytesKey, compareBytes, equalBytes, toHex } from "../base/bytes.js";
import { type TokenId, tokenBytes } from "../protocol/tokens.js";
import { type CommittedBlock, type RecordedBlock, recordOf } from "../storage/committedBlock.js";
import type { KeyValueStore } from "../storage/keyValueStore.js";
import { accountEntriesMost } from "./accountEntries.js";
import { summaryOf } from "./blockSummary.js";
import {
  CONTRACTS_TABLE,
  contractChanges,
  minuteOf,
  type Placed,
  REQUESTS_TABLE,
  readPlaced,
  totalsBefore,
} from "./contractRows.js";
import {
  blockChanges,
  readBlockHeight,
  readBlockSummary,
  readHeldTokens,
  readHolders,
  readTokens,
  TokenChanges,
} from "./directRows.js";
import {
  decodeEntryRow,
  entryPlace,
  formatCursor,
  heightPlace,
  parseCursor,
  placeHeight,
  rowHeight,
} from "./entryRow.js";
import type {
  BlockSummary,
  ContractsPage,
  ContractTotals,
  History,
  HistoryEntry,
  HistoryPage,
  RequestsPage,
  TransactionPlace,
} from "./history.js";
import type { PaymentView } from "./payments/runPayments.js";
import { PendingBlock } from "./pendingBlock.js";
import { findTransaction, rowsBefore, rowsFrom } from "./runs/readRuns.js";
import { RowSink } from "./runs/rowSink.js";
import { RunSet } from "./runs/runSet.js";
import { writeRun } from "./runs/writeRun.js";

/** Rows of one flush's run, about: more are written as several, so that memory stays bounded by this and one block. */
const RUN_ROWS_USUAL = 262_144;

export class KeyValueHistory implements History {
  private readonly runs: RunSet;
  /** In ascending order, without gaps; those at or below the checkpoint are only waiting to be let go. */
  private added: PendingBlock[] = [];
  private addedTransactions = 0;
  private lastWrite: Promise<void> = Promise.resolve();

  protected constructor(
    private readonly store: KeyValueStore,
    onMerged?: () => Promise<void>,
  ) {
    this.runs = new RunSet(store, onMerged);
  }

  /** The history in `store`; whoever opens it adds the blocks above its checkpoint. */
  static open(store: KeyValueStore, onMerged?: () => Promise<void>): KeyValueHistory {
    return new KeyValueHistory(store, onMerged);
  }

  /** Another thread has written to the store: what is durable now need not be held any more. */
  protected followStore(): void {
    this.store.refresh?.();
    this.runs.reload();
    this.dropDurable();
  }

  private dropDurable(): void {
    const { checkpoint } = this;
    this.added = this.added.filter(({ height }) => height > checkpoint);
    this.addedTransactions = this.added.reduce((sum, { block }) => sum + block.transactionCount, 0);
  }

  get height(): number {
    return this.added.at(-1)?.height ?? this.checkpoint;
  }

  get checkpoint(): number {
    return this.runs.checkpoint;
  }

  get pendingTransactions(): number {
    return this.addedTransactions;
  }

  private get pending(): PendingBlock[] {
    const { checkpoint } = this;
    return this.added.length > 0 && this.added[0].height <= checkpoint
      ? this.added.filter(({ height }) => height > checkpoint)
      : this.added;
  }

  /** Begins behind blocks that are not kept any more: `height` counts as added, and nothing of what is new below it can be looked up. */
  async skipTo(height: number): Promise<void> {
    assert(this.added.length === 0, "history skips blocks before it takes any");
    if (height > this.checkpoint) {
      await this.runs.append(undefined, height);
    }
  }

  add(block: CommittedBlock): void {
    if (block.height <= this.height) {
      return;
    }
    assert(block.height === this.height + 1, `history expected block ${this.height + 1}, got ${block.height}`);
    const recorded = recordOf(block);
    this.added.push(new PendingBlock(recorded));
    this.addedTransactions += recorded.transactionCount;
  }

  transaction(id: Uint8Array): TransactionPlace | undefined {
    for (const block of this.pending) {
      const index = block.indexOf(id);
      if (index !== undefined) {
        return { height: block.height, index };
      }
    }
    return findTransaction(this.store, this.runs.runs, id);
  }

  blockHeight(hash: Uint8Array): number | undefined {
    return this.pending.find(({ block }) => equalBytes(block.hash, hash))?.height ?? readBlockHeight(this.store, hash);
  }

  blockSummary(height: number): BlockSummary | undefined {
    if (height <= this.checkpoint) {
      return readBlockSummary(this.store, height);
    }
    const pending = this.added.find((block) => block.height === height);
    return pending === undefined ? undefined : summaryOf(pending.block);
  }

  account(address: Uint8Array, { before, limit }: { before?: string | undefined; limit: number }): HistoryPage {
    const end = before === undefined ? heightPlace(this.height + 1) : parseCursor(before);
    const entries: HistoryEntry[] = [];
    // One more than asked for tells whether another page follows.
    for (const entry of this.entriesBefore(address, end)) {
      entries.push(entry);
      if (entries.length > limit) {
        break;
      }
    }
    const page = entries.slice(0, limit);
    const last = page.at(-1);
    return { entries: page, next: entries.length > limit && last ? formatCursor(entryPlace(last)) : undefined };
  }

  /** The account's entries at places below `before`, newest first. */
  private *entriesBefore(address: Uint8Array, before: Uint8Array): Iterable<HistoryEntry> {
    for (const block of this.pending.toReversed()) {
      for (const entry of block.entriesOf(address).toReversed()) {
        if (compareBytes(entryPlace(entry), before) < 0) {
          yield entry;
        }
      }
    }
    const times = new Map<number, number>();
    for (const { rows, offset } of rowsBefore(this.store, this.runs.runs, address, before)) {
      const height = rowHeight(rows, offset);
      const timeMs = times.get(height) ?? readBlockSummary(this.store, height)?.timeMs;
      assert(timeMs !== undefined, `history has rows of block ${height}, but not its summary`);
      times.set(height, timeMs);
      yield decodeEntryRow(rows, offset, timeMs);
    }
  }

  accountHeights(address: Uint8Array, from: number, limit: number): number[] {
    const heights: number[] = [];
    for (const height of this.heightsFrom(address, from)) {
      if (height !== heights.at(-1)) {
        if (heights.length === limit) {
          break;
        }
        heights.push(height);
      }
    }
    return heights;
  }

  private *heightsFrom(address: Uint8Array, from: number): Iterable<number> {
    for (const { rows, offset } of rowsFrom(this.store, this.runs.runs, address, heightPlace(from))) {
      yield rowHeight(rows, offset);
    }
    for (const block of this.pending) {
      if (block.height >= from && block.entriesOf(address).length > 0) {
        yield block.height;
      }
    }
  }

  tokens({ after, limit }: { after?: TokenId | undefined; limit: number }): TokenId[] {
    const pending = this.pending.flatMap((block) => block.createdTokens());
    const above = after === undefined ? undefined : tokenBytes(after);
    return idPage(readTokens(this.store, above, limit), pending, above, limit).map(toHex);
  }

  heldTokens(address: Uint8Array, { after, limit }: { after?: TokenId | undefined; limit: number }): TokenId[] {
    const pending = this.pending.flatMap((block) => block.heldBy(address));
    const above = after === undefined ? undefined : tokenBytes(after);
    return idPage(readHeldTokens(this.store, address, above, limit), pending, above, limit).map(toHex);
  }

  holders(token: TokenId, { after, limit }: { after?: Uint8Array | undefined; limit: number }): Uint8Array[] {
    const pending = this.pending.flatMap((block) => block.holdersOf(token));
    return idPage(readHolders(this.store, token, after, limit), pending, after, limit);
  }

  contracts(options: { before?: string | undefined; limit: number }): ContractsPage {
    const { placed, next } = this.placedBefore(options, CONTRACTS_TABLE, (block) =>
      block.contracts().registered.map(({ contract, ...at }) => ({ id: contract, ...at })),
    );
    return { contracts: placed.map(({ place, id }) => ({ address: id, height: placeHeight(place) })), next };
  }

  requests(options: { before?: string | undefined; limit: number }): RequestsPage {
    const { placed, next } = this.placedBefore(options, REQUESTS_TABLE, (block) =>
      block.contracts().requests.map(({ request, ...at }) => ({ id: request, ...at })),
    );
    return { requests: placed.map(({ place, id }) => ({ key: id, height: placeHeight(place) })), next };
  }

  /** A page of what stands at places, newest first: `pendingOf` gives a pending block's, in their order; the table has the durable ones. */
  private placedBefore(
    { before, limit }: { before?: string | undefined; limit: number },
    table: string,
    pendingOf: (block: PendingBlock) => { index: number; ordinal: number; id: Uint8Array }[],
  ): { placed: Placed[]; next: string | undefined } {
    const end = before === undefined ? heightPlace(this.height + 1) : parseCursor(before);
    const found: Placed[] = [];
    for (const block of this.pending.toReversed()) {
      for (const { id, index, ordinal } of pendingOf(block).toReversed()) {
        const place = entryPlace({ height: block.height, index, operationIndex: ordinal });
        if (compareBytes(place, end) < 0) {
          found.push({ place, id });
        }
      }
    }
    const durableEnd = heightPlace(this.checkpoint + 1);
    found.push(...readPlaced(this.store, table, compareBytes(end, durableEnd) < 0 ? end : durableEnd, limit + 1));
    const placed = found.slice(0, limit);
    const last = placed.at(-1);
    return { placed, next: found.length > limit && last ? formatCursor(last.place) : undefined };
  }

  contractTotals(contract: Uint8Array, minutes: readonly number[]): ContractTotals[] {
    const key = bytesKey(contract);
    const pending = this.pending.map((block) => ({
      height: block.height,
      minute: minuteOf(block.block.block.header.timeMs),
      change: block.contracts().changes.get(key),
    }));
    return totalsBefore(this.store, pending, contract, minutes);
  }

  /** What payments are read out of; good until the caller next waits. */
  paymentView(): PaymentView {
    return { store: this.store, runs: this.runs.runs, pending: this.pending };
  }

  async flush(): Promise<void> {
    await this.write();
    await this.tidy();
  }

  /** Resolves when all that was added is durable; `tidy` may be due then, and may go on while more is written. */
  write(): Promise<void> {
    // One after another: a write that failed leaves its blocks pending for the next.
    const write = this.lastWrite.then(() => this.writePending());
    this.lastWrite = write.catch(() => undefined);
    return write;
  }

  /** Merges runs where that is due; resolves when nothing is left to do, or soon after `signal`: the next tidying begins anew. */
  tidy(signal?: AbortSignal): Promise<void> {
    return this.runs.tidy(signal);
  }

  private async writePending(): Promise<void> {
    const last = this.height;
    while (this.checkpoint < last) {
      await this.writeNextRun(last);
      this.dropDurable();
    }
  }

  /** Writes pending blocks up to `heightMost` as one run, as many as fit. */
  private async writeNextRun(heightMost: number): Promise<void> {
    const blocks: RecordedBlock[] = [];
    let rows = 0;
    for (const { block } of this.pending) {
      const more = accountEntriesMost(block);
      if (block.height > heightMost || (blocks.length > 0 && rows + more > RUN_ROWS_USUAL)) {
        break;
      }
      blocks.push(block);
      rows += more;
    }
    const sink = new RowSink(this.store);
    const tokenChanges = new TokenChanges(this.store);
    const onEntries = (entries: HistoryEntry[]): void => {
      for (const change of tokenChanges.of(entries)) {
        sink.add(change);
      }
    };
    for (const change of [...blocks.flatMap(blockChanges), ...contractChanges(this.store, blocks)]) {
      sink.add(change);
    }
    const run = rows > 0 ? await writeRun(this.store, this.runs.takeNumber(), blocks, { onEntries }) : undefined;
    await sink.finish();
    await this.runs.append(run, blocks[blocks.length - 1].height);
  }
}

/** The first `limit` of the durable ids and the pending ones above `after`, in ascending order. */
function idPage(
  durable: Uint8Array[],
  pending: Uint8Array[],
  after: Uint8Array | undefined,
  limit: number,
): Uint8Array[] {
  const added = pending.filter((id) => after === undefined || compareBytes(id, after) > 0);
  const ids = [...durable, ...added].sort(compareBytes);
  return ids.filter((id, index) => index === 0 || compareBytes(id, ids[index - 1]) !== 0).slice(0, limit);
}

// Writes the rows of some blocks as a new run.

import { setImmediate } from "node:timers/promises";
import { assert } from "../../base/assert.js";
import { equalBytes } from "../../base/bytes.js";
import type { CommittedBlock } from "../../storage/committedBlock.js";
import type { KeyValueStore } from "../../storage/keyValueStore.js";
import { addAccountEntries } from "../accountEntries.js";
import { ACCOUNT_BYTES, appendEntryRow, ROW_KEY_BYTES, rowEnd } from "../entryRow.js";
import type { HistoryEntry } from "../history.js";
import { blockPayments } from "../payments/blockPayments.js";
import { PAYMENT_PLACE_BYTES, paymentRowEnd } from "../payments/paymentRow.js";
import { PaymentRows } from "../payments/paymentRows.js";
import { ChunkWriter } from "./chunkWriter.js";
import { bucketBits, ID_ROW_BYTES, intoBuckets, writeIdRow } from "./idBuckets.js";
import { RowArena } from "./rowArena.js";
import { RowSink } from "./rowSink.js";
import { bucketKey, PART_ACCOUNTS, PART_PAYMENTS, PART_SUBJECTS, RUNS_TABLE, type Run } from "./run.js";

/** Transactions whose rows are made in one go: a few milliseconds. */
const SLICE_TRANSACTIONS = 1_000;
const ROW_BYTES_USUAL = 128;
/** Bits of a sort key that say which row it is; the 32 above them are the account's first. */
const ROW_NUMBER_BITS = 20;
/** Rows that one run may be made of. */
export const RUN_ROWS_MAX = 2 ** ROW_NUMBER_BITS;

export interface RowsTold {
  onEntries(entries: HistoryEntry[]): void;
}

/** The rows of all blocks in the order of their making, and where each begins. */
async function collectRows(blocks: CommittedBlock[], told: RowsTold): Promise<{ arena: RowArena; offsets: number[] }> {
  const transactions = blocks.reduce((sum, block) => sum + block.transactions.length, 0);
  const arena = new RowArena(Math.max(1_024, 2 * transactions * ROW_BYTES_USUAL));
  const offsets: number[] = [];
  for (const block of blocks) {
    for (let from = 0; from < block.transactions.length; from += SLICE_TRANSACTIONS) {
      const entries: HistoryEntry[] = [];
      addAccountEntries(entries, block, from, Math.min(from + SLICE_TRANSACTIONS, block.transactions.length));
      for (const entry of entries) {
        offsets.push(arena.length);
        appendEntryRow(arena, entry);
      }
      told.onEntries(entries);
      await setImmediate();
    }
  }
  return { arena, offsets };
}

function accountWord(rows: Uint8Array, offset: number): number {
  return ((rows[offset] << 24) | (rows[offset + 1] << 16) | (rows[offset + 2] << 8) | rows[offset + 3]) >>> 0;
}

/** Row numbers in the order of their accounts, and for one account in the order of their making. */
function sortByAccount(rows: Uint8Array, offsets: number[]): number[] {
  assert(offsets.length <= RUN_ROWS_MAX, `a run of at most ${RUN_ROWS_MAX} rows`);
  // 52 bits in a float sort at the engine's full speed; comparing bytes row by row takes ten times as long.
  const keys = new Float64Array(offsets.length);
  for (let i = 0; i < keys.length; i++) {
    keys[i] = accountWord(rows, offsets[i]) * RUN_ROWS_MAX + i;
  }
  keys.sort();
  const order = Array.from(keys, (key) => key % RUN_ROWS_MAX);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && Math.floor(keys[end] / RUN_ROWS_MAX) === Math.floor(keys[start] / RUN_ROWS_MAX)) {
      end++;
    }
    sortSameWord(rows, offsets, order, start, end);
    start = end;
  }
  return order;
}

/** Puts rows whose accounts begin with the same 32 bits, mostly one account's, in order. */
function sortSameWord(rows: Uint8Array, offsets: number[], order: number[], start: number, end: number): void {
  const accountOf = (row: number): Uint8Array => rows.subarray(offsets[row], offsets[row] + ACCOUNT_BYTES);
  const first = accountOf(order[start]);
  let mixed = false;
  for (let i = start + 1; i < end && !mixed; i++) {
    mixed = !equalBytes(first, accountOf(order[i]));
  }
  if (mixed) {
    const sorted = order.slice(start, end).sort((a, b) => Buffer.compare(accountOf(a), accountOf(b)) || a - b);
    for (let i = start; i < end; i++) {
      order[i] = sorted[i - start];
    }
  }
}

async function writeSorted(
  part: number,
  number: number,
  rows: Uint8Array,
  offsets: number[],
  sink: RowSink,
): Promise<void> {
  const chunks = new ChunkWriter(part, number, ROW_KEY_BYTES, sink);
  for (const row of sortByAccount(rows, offsets)) {
    if (chunks.add(rows, offsets[row], rowEnd(rows, offsets[row]))) {
      await sink.pause();
    }
  }
  chunks.close();
}

async function writePayments(blocks: CommittedBlock[], number: number, sink: RowSink): Promise<void> {
  const collected = new PaymentRows();
  for (const block of blocks) {
    for (let from = 0; from < block.transactions.length; from += SLICE_TRANSACTIONS) {
      collected.add(
        block.height,
        blockPayments(block, from, Math.min(from + SLICE_TRANSACTIONS, block.transactions.length)),
      );
      await setImmediate();
    }
    collected.endBlock(block.height);
  }
  const { subjects, subjectOffsets, payments } = collected;
  await writeSorted(PART_SUBJECTS, number, subjects.bytes, subjectOffsets, sink);
  const chunks = new ChunkWriter(PART_PAYMENTS, number, PAYMENT_PLACE_BYTES, sink);
  for (let offset = 0; offset < payments.length; ) {
    const end = paymentRowEnd(payments.bytes, offset);
    if (chunks.add(payments.bytes, offset, end)) {
      await sink.pause();
    }
    offset = end;
  }
  chunks.close();
}

async function writeIds(blocks: CommittedBlock[], run: Run, sink: RowSink): Promise<void> {
  const rows = new Uint8Array(run.idCount * ID_ROW_BYTES);
  let offset = 0;
  for (const block of blocks) {
    for (let index = 0; index < block.transactions.length; index++) {
      writeIdRow(rows, offset, block.transactions[index].id, block.height, index);
      offset += ID_ROW_BYTES;
    }
  }
  for (const [bucket, value] of intoBuckets(rows, run.idBits, 0, 2 ** run.idBits)) {
    if (sink.add({ table: RUNS_TABLE, key: bucketKey(run.number, bucket), value })) {
      await sink.pause();
    }
  }
}

/** Writes the rows of consecutive blocks, at most RUN_ROWS_MAX, under a run number that was never used. Resolves when they are durable. */
export async function writeRun(
  store: KeyValueStore,
  number: number,
  blocks: CommittedBlock[],
  told: RowsTold,
): Promise<Run> {
  const idCount = blocks.reduce((sum, block) => sum + block.transactions.length, 0);
  const run: Run = {
    number,
    level: 0,
    heightFrom: blocks[0].height,
    heightTo: blocks[blocks.length - 1].height,
    idBits: bucketBits(idCount),
    idCount,
  };
  const sink = new RowSink(store);
  const { arena, offsets } = await collectRows(blocks, told);
  await writeSorted(PART_ACCOUNTS, number, arena.bytes, offsets, sink);
  await writeIds(blocks, run, sink);
  await writePayments(blocks, number, sink);
  await sink.finish();
  return run;
}

// Writes the rows of some blocks as a new run.

import { setImmediate } from "node:timers/promises";
import type { RecordedBlock } from "../../storage/committedBlock.js";
import type { KeyValueStore } from "../../storage/keyValueStore.js";
import { ROW_KEY_BYTES, rowEnd } from "../entryRow.js";
import type { HistoryEntry } from "../history.js";
import { PAYMENT_PLACE_BYTES, paymentRowEnd } from "../payments/paymentRow.js";
import { BlockRows } from "./blockRows.js";
import { CHUNK_BYTES, ChunkWriter } from "./chunkWriter.js";
import { bucketBits, intoBuckets } from "./idBuckets.js";
import type { RowArena } from "./rowArena.js";
import type { RowOffsets } from "./rowOffsets.js";
import { RowSink } from "./rowSink.js";
import { bucketKey, PART_ACCOUNTS, PART_PAYMENTS, PART_SUBJECTS, RUNS_TABLE, type Run, runKey } from "./run.js";
import { giveRunMemory, type RunMemory, takeRunMemory } from "./runMemory.js";
import { sortByAccount } from "./sortByAccount.js";

/** Transactions whose rows are made in one go: a few milliseconds. */
const SLICE_TRANSACTIONS = 1_000;

export interface RowsTold {
  onEntries(entries: HistoryEntry[]): void;
}

async function collectRows(blocks: RecordedBlock[], memory: RunMemory, told: RowsTold): Promise<BlockRows> {
  const transactions = blocks.reduce((sum, block) => sum + block.transactionCount, 0);
  const rows = new BlockRows(transactions, (entries) => told.onEntries(entries), { memory });
  for (const block of blocks) {
    for (let next = 0; next < block.transactionCount; ) {
      next = rows.addSome(block, next, SLICE_TRANSACTIONS);
      await setImmediate();
    }
  }
  return rows;
}

async function writeSorted(
  part: number,
  number: number,
  { bytes, view }: RowArena,
  offsets: RowOffsets,
  sink: RowSink,
): Promise<void> {
  const chunks = new ChunkWriter(part, number, ROW_KEY_BYTES, sink);
  const starts = offsets.taken();
  for (const row of sortByAccount(view, starts)) {
    if (chunks.add(view, starts[row], rowEnd(bytes, starts[row]))) {
      await sink.pause();
    }
  }
  chunks.close();
}

/** Payments are in order as they are: their chunks are cut out of what was collected. */
async function writePayments({ bytes, length }: RowArena, number: number, sink: RowSink): Promise<void> {
  for (let start = 0; start < length; ) {
    let end: number;
    let next = paymentRowEnd(bytes, start);
    do {
      end = next;
      next = end < length ? paymentRowEnd(bytes, end) : Number.POSITIVE_INFINITY;
    } while (next - start <= CHUNK_BYTES);
    const key = runKey(PART_PAYMENTS, number, bytes.subarray(start, start + PAYMENT_PLACE_BYTES));
    if (sink.add({ table: RUNS_TABLE, key, value: bytes.subarray(start, end) })) {
      await sink.pause();
    }
    start = end;
  }
}

async function writeIds(ids: Uint8Array, run: Run, sink: RowSink): Promise<void> {
  for (const [bucket, value] of intoBuckets(ids, run.idBits, 0, 2 ** run.idBits)) {
    if (sink.add({ table: RUNS_TABLE, key: bucketKey(run.number, bucket), value })) {
      await sink.pause();
    }
  }
}

/** Writes the rows of consecutive blocks under a run number that was never used. Resolves when they are durable. */
export async function writeRun(
  store: KeyValueStore,
  number: number,
  blocks: RecordedBlock[],
  told: RowsTold,
): Promise<Run> {
  const idCount = blocks.reduce((sum, block) => sum + block.transactionCount, 0);
  const run: Run = {
    number,
    level: 0,
    heightFrom: blocks[0].height,
    heightTo: blocks[blocks.length - 1].height,
    idBits: bucketBits(idCount),
    idCount,
  };
  const sink = new RowSink(store);
  const memory = takeRunMemory();
  const { arena, offsets, ids, payments } = await collectRows(blocks, memory, told);
  await writeSorted(PART_ACCOUNTS, number, arena, offsets, sink);
  await writeIds(ids, run, sink);
  await writeSorted(PART_SUBJECTS, number, payments.subjects, payments.subjectOffsets, sink);
  await writePayments(payments.payments, number, sink);
  await sink.finish();
  // Only now: until the rows are durable the store reads them here.
  giveRunMemory(memory);
  return run;
}

// Writes the rows of some blocks as a new run.

import { setImmediate } from "node:timers/promises";
import type { RecordedBlock } from "../../storage/committedBlock.js";
import type { KeyValueStore } from "../../storage/keyValueStore.js";
import { ROW_KEY_BYTES, rowEnd } from "../entryRow.js";
import type { HistoryEntry } from "../history.js";
import { PAYMENT_PLACE_BYTES, paymentRowEnd } from "../payments/paymentRow.js";
import type { PaymentRows } from "../payments/paymentRows.js";
import { BlockRows } from "./blockRows.js";
import { ChunkWriter } from "./chunkWriter.js";
import { bucketBits, ID_ROW_BYTES, intoBuckets, writeIdRow } from "./idBuckets.js";
import { RowSink } from "./rowSink.js";
import { bucketKey, PART_ACCOUNTS, PART_PAYMENTS, PART_SUBJECTS, RUNS_TABLE, type Run } from "./run.js";
import { sortByAccount } from "./sortByAccount.js";

/** Transactions whose rows are made in one go: a few milliseconds. */
const SLICE_TRANSACTIONS = 1_000;
const ID_BYTES = 32;

export interface RowsTold {
  onEntries(entries: HistoryEntry[]): void;
}

async function collectRows(blocks: RecordedBlock[], told: RowsTold): Promise<BlockRows> {
  const transactions = blocks.reduce((sum, block) => sum + block.transactionCount, 0);
  const rows = new BlockRows(transactions, (entries) => told.onEntries(entries));
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

async function writePayments(collected: PaymentRows, number: number, sink: RowSink): Promise<void> {
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

async function writeIds(blocks: RecordedBlock[], ids: Uint8Array, run: Run, sink: RowSink): Promise<void> {
  const rows = new Uint8Array(run.idCount * ID_ROW_BYTES);
  let number = 0;
  for (const { height, transactionCount } of blocks) {
    for (let index = 0; index < transactionCount; index++, number++) {
      writeIdRow(rows, ID_ROW_BYTES * number, ids, ID_BYTES * number, height, index);
    }
  }
  for (const [bucket, value] of intoBuckets(rows, run.idBits, 0, 2 ** run.idBits)) {
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
  const { arena, offsets, ids, payments } = await collectRows(blocks, told);
  await writeSorted(PART_ACCOUNTS, number, arena.bytes, offsets, sink);
  await writeIds(blocks, ids, run, sink);
  await writePayments(payments, number, sink);
  await sink.finish();
  return run;
}

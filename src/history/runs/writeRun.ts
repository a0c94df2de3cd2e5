// Writes the rows of some blocks as a new run.

import { setImmediate } from "node:timers/promises";
import type { CommittedBlock } from "../../storage/committedBlock.js";
import type { KeyValueStore } from "../../storage/keyValueStore.js";
import { addAccountEntries } from "../accountEntries.js";
import { appendEntryRow, ROW_KEY_BYTES, rowEnd } from "../entryRow.js";
import type { HistoryEntry } from "../history.js";
import { blockPayments } from "../payments/blockPayments.js";
import { PAYMENT_PLACE_BYTES, paymentRowEnd } from "../payments/paymentRow.js";
import { PaymentRows } from "../payments/paymentRows.js";
import { ChunkWriter } from "./chunkWriter.js";
import { bucketBits, ID_ROW_BYTES, intoBuckets, writeIdRow } from "./idBuckets.js";
import { RowArena } from "./rowArena.js";
import { RowSink } from "./rowSink.js";
import { bucketKey, PART_ACCOUNTS, PART_PAYMENTS, PART_SUBJECTS, RUNS_TABLE, type Run } from "./run.js";
import { sortByAccount } from "./sortByAccount.js";

/** Transactions whose rows are made in one go: a few milliseconds. */
const SLICE_TRANSACTIONS = 1_000;
const ROW_BYTES_USUAL = 128;

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

/** Writes the rows of consecutive blocks under a run number that was never used. Resolves when they are durable. */
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

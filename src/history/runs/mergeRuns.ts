// Merges consecutive runs into one that holds the same rows. Both parts are read and written in order, a chunk or a group of
// buckets at a time, so that memory stays small however large the runs are.

import { concatBytes } from "../../base/bytes.js";
import type { KeyValueStore } from "../../storage/keyValueStore.js";
import { ROW_KEY_BYTES, rowEnd } from "../entryRow.js";
import { ChunkWriter } from "./chunkWriter.js";
import { bucketBits, bucketOf, ID_ROW_BYTES, intoBuckets } from "./idBuckets.js";
import { RowSink } from "./rowSink.js";
import {
  bucketKey,
  PART_ACCOUNTS,
  PART_PAYMENTS,
  PART_SUBJECTS,
  RUNS_TABLE,
  type Run,
  restOfKey,
  runKey,
  runPrefix,
} from "./run.js";

/** Groups of buckets are of about this many buckets of the largest run. */
const GROUP_BITS = 4;
/** Chunks that are taken over in one go. */
const COPIED_AT_ONCE = 64;
/** Chunks of each run that are read in one go: beginning to read costs as much as a chunk. */
const READ_AHEAD_CHUNKS = 8;
/** Bytes of a row's key that its cursor holds as a number. */
const PREFIX_BYTES = 6;

/** Walks the rows of one run's part that are ordered as those of accounts. */
class RowCursor {
  rows: Uint8Array = new Uint8Array(0);
  /** Of the same memory. */
  view = new DataView(this.rows.buffer);
  offset = 0;
  end = 0;
  /** The row's first 48 bits: most comparisons need no more. */
  prefix = 0;
  done = false;
  private nextStart: Uint8Array;
  private readonly ahead: Uint8Array[] = [];
  private readonly partEnd: Uint8Array;

  constructor(
    private readonly store: KeyValueStore,
    part: number,
    run: Run,
  ) {
    this.nextStart = runPrefix(part, run.number);
    this.partEnd = runPrefix(part, run.number + 1);
    this.next();
  }

  /** Moves to the row after this one. */
  next(): void {
    this.offset = this.end;
    if (this.offset >= this.rows.length) {
      this.nextChunk();
    }
    if (!this.done) {
      this.end = rowEnd(this.rows, this.offset);
      const { view, offset } = this;
      this.prefix = view.getUint16(offset) * 2 ** 32 + view.getUint32(offset + 2);
    }
  }

  private nextChunk(): void {
    if (this.ahead.length === 0) {
      const range = { start: this.nextStart, end: this.partEnd, limit: READ_AHEAD_CHUNKS };
      for (const { key, value } of this.store.range(RUNS_TABLE, range)) {
        this.ahead.push(value);
        this.nextStart = concatBytes(key, Uint8Array.of(0));
      }
    }
    const rows = this.ahead.shift();
    this.done = rows === undefined;
    if (rows !== undefined) {
      this.rows = rows;
      this.view = new DataView(rows.buffer, rows.byteOffset, rows.length);
    }
    this.offset = 0;
  }

  isBefore(other: RowCursor): boolean {
    if (this.prefix !== other.prefix) {
      return this.prefix < other.prefix;
    }
    for (let i = PREFIX_BYTES; i < ROW_KEY_BYTES; i++) {
      const difference = this.rows[this.offset + i] - other.rows[other.offset + i];
      if (difference !== 0) {
        return difference < 0;
      }
    }
    return false;
  }
}

async function mergeRows(
  store: KeyValueStore,
  part: number,
  runs: Run[],
  number: number,
  sink: RowSink,
): Promise<void> {
  const chunks = new ChunkWriter(part, number, ROW_KEY_BYTES, sink);
  const cursors = runs.map((run) => new RowCursor(store, part, run)).filter((cursor) => !cursor.done);
  // In the order of their rows, of which no two are equal: places are of different blocks.
  cursors.sort((a, b) => (a.isBefore(b) ? -1 : 1));
  while (cursors.length > 0) {
    const [least] = cursors;
    const second = cursors.at(1);
    // An account's rows in one run all come before those in the next: many in a row need one comparison each.
    do {
      const full = chunks.add(least.view, least.offset, least.end);
      least.next();
      if (full) {
        await sink.pause();
      }
    } while (!least.done && (second === undefined || least.isBefore(second)));
    if (least.done) {
      cursors.shift();
    } else {
      moveBack(cursors);
    }
  }
  chunks.close();
}

/** Puts the first of the cursors, which has gone on, where it belongs among the others, which are in order. */
function moveBack(cursors: RowCursor[]): void {
  const [moved] = cursors;
  let low = 1;
  for (let high = cursors.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if (cursors[middle].isBefore(moved)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  for (let i = 1; i < low; i++) {
    cursors[i - 1] = cursors[i];
  }
  cursors[low - 1] = moved;
}

/** Payments of runs that follow one another are in order already: their chunks are taken as they are. */
async function copyPayments(store: KeyValueStore, runs: Run[], number: number, sink: RowSink): Promise<void> {
  for (const run of runs) {
    const end = runPrefix(PART_PAYMENTS, run.number + 1);
    for (let start = runPrefix(PART_PAYMENTS, run.number), more = true; more; ) {
      more = false;
      for (const { key, value } of store.range(RUNS_TABLE, { start, end, limit: COPIED_AT_ONCE })) {
        more = true;
        sink.add({ table: RUNS_TABLE, key: runKey(PART_PAYMENTS, number, restOfKey(key)), value });
        start = concatBytes(key, Uint8Array.of(0));
      }
      await sink.pause();
    }
  }
}

/** Reads one run's ids group by group. */
class IdReader {
  private bucket = -1;
  private rows: Uint8Array = new Uint8Array(0);

  constructor(
    private readonly store: KeyValueStore,
    private readonly run: Run,
  ) {}

  private read(bucket: number): Uint8Array {
    if (bucket !== this.bucket) {
      this.bucket = bucket;
      this.rows = this.store.get(RUNS_TABLE, bucketKey(this.run.number, bucket)) ?? new Uint8Array(0);
    }
    return this.rows;
  }

  /** The run's rows in group `group` of 2^groupBits. */
  *group(group: number, groupBits: number): Iterable<Uint8Array> {
    const { idBits } = this.run;
    if (idBits >= groupBits) {
      const buckets = 2 ** (idBits - groupBits);
      for (let i = 0; i < buckets; i++) {
        yield this.read(group * buckets + i);
      }
      return;
    }
    // A bucket of a small run covers several groups.
    const rows = this.read(Math.floor(group / 2 ** (groupBits - idBits)));
    for (let offset = 0; offset < rows.length; offset += ID_ROW_BYTES) {
      if (bucketOf(rows, offset, groupBits) === group) {
        yield rows.subarray(offset, offset + ID_ROW_BYTES);
      }
    }
  }
}

async function mergeIds(store: KeyValueStore, runs: Run[], merged: Run, sink: RowSink): Promise<void> {
  const bitsMost = Math.max(...runs.map((run) => run.idBits));
  const groupBits = Math.max(0, Math.min(bitsMost - GROUP_BITS, merged.idBits));
  const readers = runs.filter((run) => run.idCount > 0).map((run) => new IdReader(store, run));
  const bucketsPerGroup = 2 ** (merged.idBits - groupBits);
  for (let group = 0; group < 2 ** groupBits; group++) {
    const rows = concatBytes(...readers.flatMap((reader) => [...reader.group(group, groupBits)]));
    let full = false;
    for (const [bucket, value] of intoBuckets(rows, merged.idBits, group * bucketsPerGroup, bucketsPerGroup)) {
      full = sink.add({ table: RUNS_TABLE, key: bucketKey(merged.number, bucket), value }) || full;
    }
    if (full) {
      await sink.pause();
    }
  }
}

/** Writes the merged run under a number that was never used; `runs` follow one another, oldest first. Resolves when it is durable. */
export async function mergeRuns(store: KeyValueStore, runs: Run[], number: number, signal?: AbortSignal): Promise<Run> {
  const idCount = runs.reduce((sum, run) => sum + run.idCount, 0);
  const merged: Run = {
    number,
    level: runs[0].level + 1,
    heightFrom: runs[0].heightFrom,
    heightTo: runs[runs.length - 1].heightTo,
    idBits: bucketBits(idCount),
    idCount,
  };
  const sink = new RowSink(store, signal);
  await mergeRows(store, PART_ACCOUNTS, runs, number, sink);
  await mergeIds(store, runs, merged, sink);
  await mergeRows(store, PART_SUBJECTS, runs, number, sink);
  await copyPayments(store, runs, number, sink);
  await sink.finish();
  return merged;
}

/** Removes all rows of a run that no list names any more. */
export async function removeRun(store: KeyValueStore, number: number, parts: readonly number[]): Promise<void> {
  const sink = new RowSink(store);
  for (const part of parts) {
    const end = runKey(part, number + 1, new Uint8Array(0));
    for (let start = runPrefix(part, number); ; ) {
      const keys = [...store.range(RUNS_TABLE, { start, end, limit: 256, keysOnly: true })].map((entry) => entry.key);
      for (const key of keys) {
        sink.add({ table: RUNS_TABLE, key, value: undefined });
      }
      await sink.pause();
      const last = keys.at(-1);
      if (last === undefined) {
        break;
      }
      start = concatBytes(last, Uint8Array.of(0));
    }
  }
  await sink.finish();
}

// Looks up rows in runs. Nothing here waits, so that no run can be replaced while it is read.

import { compareBytes, concatBytes, equalBytes } from "../../base/bytes.js";
import type { KeyValueEntry, KeyValueStore } from "../../storage/keyValueStore.js";
import { ACCOUNT_BYTES, heightPlace, PLACE_BYTES, ROW_KEY_BYTES, rowEnd } from "../entryRow.js";
import type { TransactionPlace } from "../history.js";
import { bucketOf, findId } from "./idBuckets.js";
import { bucketKey, PART_ACCOUNTS, PART_PAYMENTS, RUNS_TABLE, type Run, restOfKey, runKey, runPrefix } from "./run.js";

/** A row: where it begins in a chunk's bytes. */
export interface FoundRow {
  rows: Uint8Array;
  offset: number;
  run: Run;
}

/** Where the transaction is, searched in the newest run first. */
export function findTransaction(
  store: KeyValueStore,
  runs: readonly Run[],
  id: Uint8Array,
): TransactionPlace | undefined {
  for (let i = runs.length - 1; i >= 0; i--) {
    const run = runs[i];
    if (run.idCount > 0) {
      const bucket = store.get(RUNS_TABLE, bucketKey(run.number, bucketOf(id, 0, run.idBits)));
      const place = bucket === undefined ? undefined : findId(bucket, id);
      if (place !== undefined) {
        return place;
      }
    }
  }
  return undefined;
}

/** Offsets of the account's rows in a chunk, at places from `from` to below `before`. */
function rowsOf(chunk: Uint8Array, account: Uint8Array, from: Uint8Array, before: Uint8Array): number[] {
  const offsets: number[] = [];
  for (let offset = 0; offset < chunk.length; offset = rowEnd(chunk, offset)) {
    if (equalBytes(chunk.subarray(offset, offset + ACCOUNT_BYTES), account)) {
      const place = chunk.subarray(offset + ACCOUNT_BYTES, offset + ROW_KEY_BYTES);
      if (compareBytes(place, from) >= 0 && compareBytes(place, before) < 0) {
        offsets.push(offset);
      }
    }
  }
  return offsets;
}

/** The last chunk of a run that begins below `end`. */
function chunkBelow(store: KeyValueStore, part: number, run: Run, end: Uint8Array): KeyValueEntry | undefined {
  const start = runPrefix(part, run.number);
  for (const entry of store.range(RUNS_TABLE, { start, end, reverse: true, limit: 1 })) {
    return entry;
  }
  return undefined;
}

const FIRST_PLACE = heightPlace(0);
const AFTER_ALL_PLACES = new Uint8Array(PLACE_BYTES).fill(255);

/** The rows of an account, or of a subject in its part, at places below `before`, newest first. */
export function* rowsBefore(
  store: KeyValueStore,
  runs: readonly Run[],
  account: Uint8Array,
  before: Uint8Array,
  part = PART_ACCOUNTS,
): Iterable<FoundRow> {
  for (let i = runs.length - 1; i >= 0; i--) {
    const run = runs[i];
    if (compareBytes(heightPlace(run.heightFrom), before) < 0) {
      let chunk = chunkBelow(store, part, run, runKey(part, run.number, concatBytes(account, before)));
      while (chunk !== undefined) {
        const rows = chunk.value;
        for (const offset of rowsOf(rows, account, FIRST_PLACE, before).reverse()) {
          yield { rows, offset, run };
        }
        // A chunk that begins with another account holds the first rows of this one.
        const begins = restOfKey(chunk.key).subarray(0, ACCOUNT_BYTES);
        chunk = equalBytes(begins, account) ? chunkBelow(store, part, run, chunk.key) : undefined;
      }
    }
  }
}

/** The account's rows at places from `from` on, oldest first. */
export function* rowsFrom(
  store: KeyValueStore,
  runs: readonly Run[],
  account: Uint8Array,
  from: Uint8Array,
): Iterable<FoundRow> {
  for (const run of runs) {
    if (compareBytes(heightPlace(run.heightTo + 1), from) > 0) {
      const start = runKey(PART_ACCOUNTS, run.number, concatBytes(account, from));
      // The first row at or after `from` may stand in the chunk that begins below it.
      const below = chunkBelow(store, PART_ACCOUNTS, run, start);
      const end = runKey(PART_ACCOUNTS, run.number, concatBytes(account, AFTER_ALL_PLACES));
      for (const { value } of below === undefined ? [] : [below]) {
        for (const offset of rowsOf(value, account, from, AFTER_ALL_PLACES)) {
          yield { rows: value, offset, run };
        }
      }
      for (const { value } of store.range(RUNS_TABLE, { start, end })) {
        for (const offset of rowsOf(value, account, from, AFTER_ALL_PLACES)) {
          yield { rows: value, offset, run };
        }
      }
    }
  }
}

/** The chunk of a run's payments that holds the place, if any does. */
export function paymentChunk(store: KeyValueStore, run: Run, place: Uint8Array): KeyValueEntry | undefined {
  return chunkBelow(store, PART_PAYMENTS, run, runKey(PART_PAYMENTS, run.number, concatBytes(place, Uint8Array.of(0))));
}

// A run: the rows of a range of blocks, written once in order and never changed. Runs cover the chain without gap or overlap,
// so that a newer run holds nothing older. Small ones are merged into larger ones, sixteen at a time: look-ups then touch few
// runs, and a row is written a handful of times in its life instead of costing a place in a tree of millions.

import { Reader, Writer } from "../../protocol/wire.js";

/** The table of all runs' rows. */
export const RUNS_TABLE = "history.runs";

/** First byte of a key in the table. */
export const PART_ACCOUNTS = 1;
export const PART_IDS = 2;
/** Rows that name a subject's payments, ordered as those of accounts. */
export const PART_SUBJECTS = 3;
/** Payments in the order of their places. */
export const PART_PAYMENTS = 4;
export const PARTS = [PART_ACCOUNTS, PART_IDS, PART_SUBJECTS, PART_PAYMENTS];

export interface Run {
  number: number;
  /** How often its rows were merged. */
  level: number;
  heightFrom: number;
  heightTo: number;
  /** Ids are kept in 2^idBits buckets. */
  idBits: number;
  /** How many ids it holds. */
  idCount: number;
}

const PREFIX_BYTES = 5;

/** What the keys of one part of a run begin with. */
export function runPrefix(part: number, runNumber: number): Uint8Array {
  return runKey(part, runNumber, new Uint8Array(0));
}

/** Part (1), the run's number (4, big-endian), and what orders the part's keys. */
export function runKey(part: number, runNumber: number, rest: Uint8Array): Uint8Array {
  const key = new Uint8Array(PREFIX_BYTES + rest.length);
  key[0] = part;
  new DataView(key.buffer).setUint32(1, runNumber);
  key.set(rest, PREFIX_BYTES);
  return key;
}

/** The key of a bucket of ids. */
export function bucketKey(runNumber: number, bucket: number): Uint8Array {
  const rest = new Uint8Array(4);
  new DataView(rest.buffer).setUint32(0, bucket);
  return runKey(PART_IDS, runNumber, rest);
}

/** What orders a key within its part. */
export function restOfKey(key: Uint8Array): Uint8Array {
  return key.subarray(PREFIX_BYTES);
}

/** The run that a key belongs to. */
export function runOfKey(key: Uint8Array): number {
  return new DataView(key.buffer, key.byteOffset, key.byteLength).getUint32(1);
}

/** What is durable: every block up to the checkpoint, in these runs, oldest first. */
export interface RunList {
  checkpoint: number;
  runs: Run[];
}

const FORMAT = 2;

export function encodeRunList({ checkpoint, runs }: RunList): Uint8Array {
  const writer = new Writer(64 + runs.length * 32).u8(FORMAT).u64(BigInt(checkpoint)).u32(runs.length);
  for (const run of runs) {
    writer.u32(run.number).u8(run.level).u64(BigInt(run.heightFrom)).u64(BigInt(run.heightTo));
    writer.u8(run.idBits).u64(BigInt(run.idCount));
  }
  return writer.finish();
}

/** The inverse; throws for a format that this program does not know. */
export function decodeRunList(bytes: Uint8Array): RunList {
  const reader = new Reader(bytes);
  const format = reader.u8();
  if (format !== FORMAT) {
    throw new Error(
      `expected a history of format ${FORMAT}, got ${format}: remove the history's directory to rebuild it`,
    );
  }
  const list: RunList = { checkpoint: reader.safe(), runs: [] };
  for (let count = reader.u32(); count > 0; count--) {
    const [number, level] = [reader.u32(), reader.u8()];
    const [heightFrom, heightTo] = [reader.safe(), reader.safe()];
    list.runs.push({ number, level, heightFrom, heightTo, idBits: reader.u8(), idCount: reader.safe() });
  }
  reader.end();
  return list;
}

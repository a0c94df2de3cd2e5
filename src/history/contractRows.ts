// The rows about contracts. One a contract in the order of registration; and for each minute in which something happened to it, what
// everything until that minute's end came to, so that the sum of any span is the difference of two rows. A row names the last
// block in it: blocks that are added again after a crash are not counted twice.

import { concatBytes } from "../base/bytes.js";
import { NATIVE_TOKENS } from "../protocol/tokens.js";
import { Reader, Writer } from "../protocol/wire.js";
import type { CommittedBlock } from "../storage/committedBlock.js";
import type { KeyValueChange, KeyValueStore } from "../storage/keyValueStore.js";
import { addTotals, contractActivity, noTotals } from "./contractActivity.js";
import { entryPlace } from "./entryRow.js";
import type { ContractTotals } from "./history.js";

/** Height, transaction, and which of the contracts that it made; then the contract's address. */
export const CONTRACTS_TABLE = "history.contracts";
/** Height, transaction, and which of its requests for outside data; then the request's key. */
export const REQUESTS_TABLE = "history.requests";
/** Address and minute (u32, big-endian), then the totals. */
export const CONTRACT_TOTALS_TABLE = "history.contractTotals";

const MINUTE_MS = 60_000;
const ADDRESS_BYTES = 32;
const MINUTE_MAX = 2 ** 32 - 1;
const ROW_BYTES = 32 + 2 * NATIVE_TOKENS.length * 16;
const HALF_BITS = 64n;

export interface TotalsRow {
  /** Of the epoch. */
  minute: number;
  /** The last block that is counted. */
  heightLast: number;
  totals: ContractTotals;
}

/** The minute in which a block of this time is. */
export function minuteOf(timeMs: number): number {
  return Math.floor(timeMs / MINUTE_MS);
}

function totalsKey(contract: Uint8Array, minute: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, minute);
  return concatBytes(contract, bytes);
}

function encodeRow({ heightLast, totals }: TotalsRow): Uint8Array {
  const writer = new Writer(ROW_BYTES).u64(BigInt(heightLast));
  writer.u64(BigInt(totals.calls)).u64(BigInt(totals.failures)).u64(BigInt(totals.gasUsed));
  for (const units of [...totals.valueIn, ...totals.valueOut]) {
    writer.u64(units & 0xffffffffffffffffn).u64(units >> HALF_BITS);
  }
  return writer.finish();
}

function decodeRow(key: Uint8Array, value: Uint8Array): TotalsRow {
  const reader = new Reader(value);
  const heightLast = reader.safe();
  const [calls, failures, gasUsed] = [reader.safe(), reader.safe(), reader.safe()];
  const units = () => NATIVE_TOKENS.map(() => reader.u64() | (reader.u64() << HALF_BITS));
  const totals = { calls, failures, gasUsed, valueIn: units(), valueOut: units() };
  return { minute: new DataView(key.buffer, key.byteOffset).getUint32(ADDRESS_BYTES), heightLast, totals };
}

/** The contract's last row, or its last one before a minute. */
function lastTotalsRow(store: KeyValueStore, contract: Uint8Array, beforeMinute = MINUTE_MAX): TotalsRow | undefined {
  const end = totalsKey(contract, Math.min(beforeMinute, MINUTE_MAX));
  const [entry] = store.range(CONTRACT_TOTALS_TABLE, { start: contract, end, limit: 1, reverse: true });
  return entry === undefined ? undefined : decodeRow(entry.key, entry.value);
}

/** The rows of consecutive blocks; of one contract in the order of time. */
export function contractChanges(store: KeyValueStore, blocks: readonly CommittedBlock[]): KeyValueChange[] {
  const changes: KeyValueChange[] = [];
  const rows = new Map<string, { row: TotalsRow; contract: Uint8Array }>();
  const put = (contract: Uint8Array, row: TotalsRow) =>
    changes.push({ table: CONTRACT_TOTALS_TABLE, key: totalsKey(contract, row.minute), value: encodeRow(row) });
  for (const block of blocks) {
    const { height } = block;
    const minute = minuteOf(block.block.header.timeMs);
    const activity = contractActivity(block);
    for (const { index, ordinal, contract } of activity.registered) {
      const key = entryPlace({ height, index, operationIndex: ordinal });
      changes.push({ table: CONTRACTS_TABLE, key, value: contract });
    }
    for (const { index, ordinal, request } of activity.requests) {
      const key = entryPlace({ height, index, operationIndex: ordinal });
      changes.push({ table: REQUESTS_TABLE, key, value: request });
    }
    for (const [key, change] of activity.changes) {
      const { contract } = change;
      const before = rows.get(key);
      const row = before?.row ?? lastTotalsRow(store, contract);
      if (row === undefined ? !change.isContract : height <= row.heightLast) {
        continue;
      }
      if (before !== undefined && before.row.minute !== minute) {
        put(contract, before.row);
      }
      const totals = addTotals(row?.totals ?? noTotals(), change);
      rows.set(key, { row: { minute, heightLast: height, totals }, contract });
    }
  }
  for (const { row, contract } of rows.values()) {
    put(contract, row);
  }
  return changes;
}

/** What a contract came to in everything before each of these minutes: durable rows and the pending blocks above them. */
export function totalsBefore(
  store: KeyValueStore,
  pending: readonly {
    height: number;
    minute: number;
    change: (ContractTotals & { isContract: boolean }) | undefined;
  }[],
  contract: Uint8Array,
  minutes: readonly number[],
): ContractTotals[] {
  const last = lastTotalsRow(store, contract);
  return minutes.map((before) => {
    let totals = (last === undefined || last.minute < before ? last : lastTotalsRow(store, contract, before))?.totals;
    for (const { height, minute, change } of pending) {
      const counts = change !== undefined && (totals !== undefined || change.isContract);
      if (counts && minute < before && height > (last?.heightLast ?? 0)) {
        totals = addTotals(totals ?? noTotals(), change);
      }
    }
    return totals ?? noTotals();
  });
}

/** What stands at a place among the blocks' transactions: a contract, or a request. */
export interface Placed {
  place: Uint8Array;
  id: Uint8Array;
}

/** A table's rows before a place, newest first. */
export function readPlaced(store: KeyValueStore, table: string, before: Uint8Array, limit: number): Placed[] {
  const entries = store.range(table, { end: before, limit, reverse: true });
  return [...entries].map(({ key, value }) => ({ place: key, id: value }));
}

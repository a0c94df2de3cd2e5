// The rows that are few enough to stand in the store one by one: blocks by hash, their summaries by height, created tokens, and
// who was ever credited with which of them.

import { bytesKey, concatBytes } from "../base/bytes.js";
import { type TokenId, tokenBytes } from "../protocol/tokens.js";
import { Reader, Writer } from "../protocol/wire.js";
import type { RecordedBlock } from "../storage/committedBlock.js";
import type { KeyValueChange, KeyValueStore } from "../storage/keyValueStore.js";
import { creditsCreatedToken } from "./accountEntries.js";
import { summaryOf } from "./blockSummary.js";
import { heightPlace } from "./entryRow.js";
import type { BlockSummary, HistoryEntry } from "./history.js";
import { createdTokens } from "./pendingBlock.js";

export const BLOCKS_TABLE = "history.blocks";
export const SUMMARIES_TABLE = "history.summaries";
export const TOKENS_TABLE = "history.tokens";
/** Account, then token; and the other way round. */
export const HELD_TABLE = "history.held";
export const HOLDERS_TABLE = "history.holders";

const ID_BYTES = 32;
const PRESENT = Uint8Array.of(1);

/** A block's own two rows. */
export function blockChanges(block: RecordedBlock): KeyValueChange[] {
  const { height, hash, timeMs, proposer, transactionCount, stateRoot } = summaryOf(block);
  const summary = new Writer(128).raw(hash).u64(BigInt(timeMs)).raw(proposer).u32(transactionCount).raw(stateRoot);
  return [
    { table: BLOCKS_TABLE, key: hash, value: new Writer(8).u64(BigInt(height)).finish() },
    { table: SUMMARIES_TABLE, key: heightPlace(height), value: summary.finish() },
  ];
}

/** Collects the rows about created tokens, each once, and only those that the store lacks. */
export class TokenChanges {
  private readonly seen = new Set<string>();

  constructor(private readonly store: KeyValueStore) {}

  of(entries: readonly HistoryEntry[]): KeyValueChange[] {
    const changes: KeyValueChange[] = createdTokens(entries).map((key) => ({
      table: TOKENS_TABLE,
      key,
      value: PRESENT,
    }));
    for (const entry of entries) {
      if (creditsCreatedToken(entry)) {
        const token = tokenBytes(entry.token);
        const key = concatBytes(entry.account, token);
        const name = bytesKey(key);
        if (!this.seen.has(name)) {
          this.seen.add(name);
          if (this.store.get(HELD_TABLE, key) === undefined) {
            changes.push({ table: HELD_TABLE, key, value: PRESENT });
            changes.push({ table: HOLDERS_TABLE, key: concatBytes(token, entry.account), value: PRESENT });
          }
        }
      }
    }
    return changes;
  }
}

export function readBlockHeight(store: KeyValueStore, hash: Uint8Array): number | undefined {
  const value = store.get(BLOCKS_TABLE, hash);
  return value === undefined ? undefined : new Reader(value).safe();
}

export function readBlockSummary(store: KeyValueStore, height: number): BlockSummary | undefined {
  const value = store.get(SUMMARIES_TABLE, heightPlace(height));
  if (value === undefined) {
    return undefined;
  }
  const reader = new Reader(value);
  return {
    height,
    hash: reader.raw(ID_BYTES),
    timeMs: reader.safe(),
    proposer: reader.raw(ID_BYTES),
    transactionCount: reader.u32(),
    stateRoot: reader.raw(ID_BYTES),
  };
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

/** Ids above `after` in ascending order: those that follow `prefix` in a table's keys. */
function idsOf(
  store: KeyValueStore,
  table: string,
  prefix: Uint8Array,
  after: Uint8Array | undefined,
  limit: number,
): Uint8Array[] {
  const start = after === undefined ? prefix : concatBytes(prefix, after, Uint8Array.of(0));
  const end = prefixEnd(prefix);
  const range = { limit, ...(start.length > 0 ? { start } : {}), ...(end === undefined ? {} : { end }) };
  return [...store.range(table, range)].map(({ key }) => key.slice(key.length - ID_BYTES));
}

/** Created tokens in the order of their ids. */
export function readTokens(store: KeyValueStore, after: Uint8Array | undefined, limit: number): Uint8Array[] {
  return idsOf(store, TOKENS_TABLE, new Uint8Array(0), after, limit);
}

/** Created tokens that the account was ever credited with, in the order of their ids. */
export function readHeldTokens(
  store: KeyValueStore,
  account: Uint8Array,
  after: Uint8Array | undefined,
  limit: number,
): Uint8Array[] {
  return idsOf(store, HELD_TABLE, account, after, limit);
}

/** Accounts that were ever credited with the created token, in the order of their addresses. */
export function readHolders(
  store: KeyValueStore,
  token: TokenId,
  after: Uint8Array | undefined,
  limit: number,
): Uint8Array[] {
  return idsOf(store, HOLDERS_TABLE, tokenBytes(token), after, limit);
}

// Everything that one block adds to the history, computed once: for look-ups while the block's rows are on their way to the
// disk, and for writing them.

import { bytesKey, concatBytes } from "../base/bytes.js";
import { tokenBytes } from "../protocol/tokens.js";
import { Writer } from "../protocol/wire.js";
import type { CommittedBlock } from "../storage/committedBlock.js";
import type { KeyValueChange } from "../storage/keyValueStore.js";
import { type AccountEntry, accountEntries, creditsCreatedToken } from "./accountEntries.js";
import { encodeEntry, entryKey, entryPlace } from "./entryRow.js";
import type { HistoryEntry } from "./history.js";

export const TABLES = {
  transactions: "history.transactions",
  blocks: "history.blocks",
  accounts: "history.accounts",
  tokens: "history.tokens",
  held: "history.held",
  meta: "history.meta",
} as const;

const PRESENT = Uint8Array.of(1);

export class BlockRows {
  readonly height: number;
  readonly entries: AccountEntry[];
  private placesById: Map<string, number> | undefined;
  private entriesByAddress: Map<string, HistoryEntry[]> | undefined;

  constructor(readonly block: CommittedBlock) {
    this.height = block.height;
    this.entries = accountEntries(block);
  }

  /** The place of the transaction in the block. */
  indexOf(id: Uint8Array): number | undefined {
    this.placesById ??= new Map(this.block.transactions.map((transaction, index) => [bytesKey(transaction.id), index]));
    return this.placesById.get(bytesKey(id));
  }

  /** The account's entries, in ascending order of their places. */
  entriesOf(address: Uint8Array): HistoryEntry[] {
    if (this.entriesByAddress === undefined) {
      this.entriesByAddress = new Map();
      for (const { address: owner, entry } of this.entries) {
        const key = bytesKey(owner);
        const known = this.entriesByAddress.get(key);
        if (known === undefined) {
          this.entriesByAddress.set(key, [entry]);
        } else {
          known.push(entry);
        }
      }
    }
    return this.entriesByAddress.get(bytesKey(address)) ?? [];
  }

  /** Ids of the tokens that the block created. */
  get createdTokens(): Uint8Array[] {
    return this.entries
      .filter(({ entry }) => entry.kind === "createToken" && entry.code === 0 && entry.token !== undefined)
      .map(({ entry }) => tokenBytes(entry.token as string));
  }

  /** The created tokens that the block credited the account with. */
  heldBy(address: Uint8Array): Uint8Array[] {
    return this.entriesOf(address)
      .filter(creditsCreatedToken)
      .map((entry) => tokenBytes(entry.token));
  }

  /** The block's rows, in no particular order. */
  *changes(): Iterable<KeyValueChange> {
    const height = new Writer(8).u64(BigInt(this.height)).finish();
    yield { table: TABLES.blocks, key: this.block.hash, value: height };
    for (const [index, transaction] of this.block.transactions.entries()) {
      const place = new Writer(12).u64(BigInt(this.height)).u32(index).finish();
      yield { table: TABLES.transactions, key: transaction.id, value: place };
    }
    for (const { address, entry } of this.entries) {
      yield { table: TABLES.accounts, key: entryKey(address, entryPlace(entry)), value: encodeEntry(entry) };
      if (creditsCreatedToken(entry)) {
        yield { table: TABLES.held, key: concatBytes(address, tokenBytes(entry.token)), value: PRESENT };
      }
    }
    for (const token of this.createdTokens) {
      yield { table: TABLES.tokens, key: token, value: height };
    }
  }
}

// A block whose rows are not durable yet, as look-ups see it. What it holds of whom is worked out when somebody first asks.

import { bytesKey } from "../base/bytes.js";
import { type TokenId, tokenBytes } from "../protocol/tokens.js";
import type { RecordedBlock } from "../storage/committedBlock.js";
import { accountEntries, creditsCreatedToken } from "./accountEntries.js";
import { type ContractActivity, contractActivity } from "./contractActivity.js";
import type { HistoryEntry } from "./history.js";
import { IdTable } from "./idTable.js";
import { blockPayments } from "./payments/blockPayments.js";
import type { Payment } from "./payments/payment.js";

export class PendingBlock {
  readonly height: number;
  private indexes: IdTable | undefined;
  private entries: HistoryEntry[] | undefined;
  private paid: Payment[] | undefined;
  private byAccount: Map<string, HistoryEntry[]> | undefined;
  private contractActivity: ContractActivity | undefined;

  constructor(readonly block: RecordedBlock) {
    this.height = block.height;
  }

  /** The place of a transaction in the block. */
  indexOf(id: Uint8Array): number | undefined {
    this.indexes ??= new IdTable(this.block.ids);
    return this.indexes.find(id);
  }

  private allEntries(): HistoryEntry[] {
    this.entries ??= accountEntries(this.block);
    return this.entries;
  }

  /** The account's entries, oldest first. */
  entriesOf(account: Uint8Array): readonly HistoryEntry[] {
    if (this.byAccount === undefined) {
      this.byAccount = new Map();
      for (const entry of this.allEntries()) {
        const key = bytesKey(entry.account);
        const known = this.byAccount.get(key);
        if (known === undefined) {
          this.byAccount.set(key, [entry]);
        } else {
          known.push(entry);
        }
      }
    }
    return this.byAccount.get(bytesKey(account)) ?? [];
  }

  /** What the block did with contracts. */
  contracts(): ContractActivity {
    this.contractActivity ??= contractActivity(this.block);
    return this.contractActivity;
  }

  /** The block's payments, oldest first. */
  payments(): readonly Payment[] {
    this.paid ??= blockPayments(this.block);
    return this.paid;
  }

  /** Ids of the tokens that the block created. */
  createdTokens(): Uint8Array[] {
    return createdTokens(this.allEntries());
  }

  /** Ids of the created tokens that the block credited the account with. */
  heldBy(account: Uint8Array): Uint8Array[] {
    return this.entriesOf(account)
      .filter(creditsCreatedToken)
      .map((entry) => tokenBytes(entry.token));
  }

  /** Accounts that the block credited with the created token. */
  holdersOf(token: TokenId): Uint8Array[] {
    return this.allEntries()
      .filter((entry) => creditsCreatedToken(entry) && entry.token === token)
      .map((entry) => entry.account);
  }
}

/** Ids of the tokens whose creation is among the entries. */
export function createdTokens(entries: readonly HistoryEntry[]): Uint8Array[] {
  return entries.flatMap(({ kind, code, token }) =>
    kind === "createToken" && code === 0 && token !== undefined ? [tokenBytes(token)] : [],
  );
}

// What an operation sees of its transaction and block.

import type { ChainParameters } from "../../protocol/parameters.js";
import type { ReceiptEvent } from "../../protocol/receipt.js";
import type { Transaction } from "../../protocol/transaction.js";
import type { ContractUsage } from "../contracts/contractUsage.js";
import type { AccountEntry, WorkingState } from "../workingState.js";

export interface LedgerContext {
  readonly state: WorkingState;
  readonly parameters: ChainParameters;
  readonly height: number;
  /** The block's time. */
  readonly timeMs: number;
  readonly genesisHash: Uint8Array;
  readonly transaction: Transaction;
  /** The accounts that sign, in their order. */
  readonly signers: AccountEntry[];
  /** The signer who pays fee and deposits. */
  readonly feePayer: AccountEntry;
  /** Grows as leaves come and go; thrown away where the transaction fails. */
  readonly events: ReceiptEvent[];
  /** What operations on contracts use; undefined in a transaction without any. */
  readonly contracts: ContractUsage | undefined;
}

// What can be looked up later: where a transaction or block is, and what happened to an account. Everything here is a pure
// function of committed blocks, so that it can be rebuilt from the block log at any time; nothing of it enters the state.

import type { HistoryKind } from "../protocol/apiTypes.js";
import type { TokenId } from "../protocol/tokens.js";
import type { CommittedBlock } from "../storage/committedBlock.js";

/** What one operation, or the fee alone, did to one account. */
export interface HistoryEntry {
  /** Whose entry it is: an address of 32 bytes. */
  account: Uint8Array;
  height: number;
  /** Place of the transaction among its block's. */
  index: number;
  /** Place of the operation in its transaction; 255 for kinds "fee" and "signature". */
  operationIndex: number;
  id: Uint8Array;
  timeMs: number;
  /** A receipt's code: 0 is success. */
  code: number;
  /** What it did to the account's balance, or would have done where `code` is not 0. */
  direction: "in" | "out" | "self";
  kind: HistoryKind;
  counterparty: Uint8Array | undefined;
  token: TokenId | undefined;
  amount: bigint | undefined;
  reference: Uint8Array | undefined;
  frozen: boolean | undefined;
  /** On the fee payer's first entry of a transaction. */
  fee: bigint | undefined;
  feeToken: TokenId | undefined;
  /** On each account's first entry of a transaction. */
  memo: Uint8Array | undefined;
}

/** What lists of blocks show. */
export interface BlockSummary {
  height: number;
  hash: Uint8Array;
  timeMs: number;
  /** The proposing delegate's public key. */
  proposer: Uint8Array;
  transactionCount: number;
  stateRoot: Uint8Array;
}

export interface TransactionPlace {
  height: number;
  index: number;
}

export interface HistoryPage {
  entries: HistoryEntry[];
  /** Where the next page begins; undefined at the end. */
  next: string | undefined;
}

/** What the calls of a contract came to. */
export interface ContractTotals {
  calls: number;
  /** Those of them that failed. */
  failures: number;
  gasUsed: number;
  /** Units of each of the chain's own tokens, in the order of NATIVE_TOKENS: payments of calls, and what contracts pay. */
  valueIn: bigint[];
  valueOut: bigint[];
}

export interface ContractsPage {
  /** With the height of their registration, newest first. */
  contracts: { address: Uint8Array; height: number }[];
  /** Where the next page begins; undefined at the end. */
  next: string | undefined;
}

export interface RequestsPage {
  /** Keys of requests for outside data, with the height of the asking, newest first; open or over. */
  requests: { key: Uint8Array; height: number }[];
  /** Where the next page begins; undefined at the end. */
  next: string | undefined;
}

export interface History {
  /** The latest block added; 0 for none. */
  readonly height: number;
  /** The latest block whose rows are all durable: a start replays the blocks above it. */
  readonly checkpoint: number;
  /** Transactions added and not yet durable. */
  readonly pendingTransactions: number;
  /** Takes the next block, which can be looked up at once. A block at or below `height` is ignored. */
  add(block: CommittedBlock): void;
  /** Where the transaction is. Durable ones are told by the first 16 bytes of their ids: compare the id that stands there. */
  transaction(id: Uint8Array): TransactionPlace | undefined;
  /** The height of the block with this hash. */
  blockHeight(hash: Uint8Array): number | undefined;
  /** The summary of a block that was added; reading the block itself takes far longer. */
  blockSummary(height: number): BlockSummary | undefined;
  /** Newest first, from below the cursor `before`. Throws BAD_REQUEST for a cursor that isn't one. */
  account(address: Uint8Array, options: { before?: string | undefined; limit: number }): HistoryPage;
  /** The heights from `from` on that hold an entry of the account, ascending, each once. */
  accountHeights(address: Uint8Array, from: number, limit: number): number[];
  /** Ids of created tokens above `after`, ascending. */
  tokens(options: { after?: TokenId | undefined; limit: number }): TokenId[];
  /** Ids of created tokens that the account was ever credited with, above `after`, ascending. */
  heldTokens(address: Uint8Array, options: { after?: TokenId | undefined; limit: number }): TokenId[];
  /** Accounts that were ever credited with the created token, above `after`, ascending by address. */
  holders(token: TokenId, options: { after?: Uint8Array | undefined; limit: number }): Uint8Array[];
  /** Registered contracts, newest first, from below the cursor `before`. Throws BAD_REQUEST for a cursor that isn't one. */
  contracts(options: { before?: string | undefined; limit: number }): ContractsPage;
  /** Contracts' requests for outside data, likewise. */
  requests(options: { before?: string | undefined; limit: number }): RequestsPage;
  /** What the contract came to in all blocks whose time is before each of these minutes (of the epoch). */
  contractTotals(contract: Uint8Array, minutes: readonly number[]): ContractTotals[];
  /** Resolves when everything added before is durable. */
  flush(): Promise<void>;
}

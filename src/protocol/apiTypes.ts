// The JSON of the node's API (docs/api.md), shared by node and clients. Amounts are decimal strings in a token's smallest unit,
// bytes are lower-case hex, addresses are ttc1… texts, heights and times are numbers.

import type { AddressText, AmountText, Hex } from "./apiTexts.js";
import type { DelegateTally } from "./block.js";
import type { DelegateOperationJson } from "./delegateApiTypes.js";
import type { ErrorCode } from "./errors.js";
import type { GenesisParameters } from "./genesis.js";
import type { LvmJson } from "./lvmJson.js";
import type { NameOperationJson } from "./nameApiTypes.js";
import type { UpgradePolicy } from "./operations/operation.js";
import type { OracleOperationJson } from "./oracleTypes.js";
import type { NativeToken, TokenId } from "./tokens.js";

export type { AddressText, AmountText, Hex };
/** "OK" or the name of an error code. */
export type CodeText = ErrorCode | "OK";

export interface ErrorJson {
  code: ErrorCode;
  message: string;
  details: Record<string, string | number>;
}

export interface ErrorAnswer {
  error: ErrorJson;
}

export interface StatusJson {
  chain: { name: string; genesisHash: Hex; development: boolean };
  height: number;
  /** The genesis hash before the first block. */
  blockHash: Hex;
  stateRoot: Hex;
  timeMs: number;
  /** How many delegates agree on the next block. */
  delegates: number;
  mempool: { count: number; bytes: number };
  /** Up to which height look-ups by account and transaction reach. */
  historyHeight: number;
  version: string;
}

export type ParametersJson = GenesisParameters;

export interface DelegateSetJson {
  delegateSetHash: Hex;
  delegates: { index: number; publicKey: Hex; power: number }[];
}

export interface DelegatesJson extends DelegateSetJson {
  /** Index of the delegate whose turn the next height is. */
  next: number;
}

export interface BlockSummaryJson {
  height: number;
  hash: Hex;
  timeMs: number;
  /** The proposing delegate's public key. */
  proposer: Hex;
  transactionCount: number;
  stateRoot: Hex;
}

export interface BlocksJson {
  blocks: BlockSummaryJson[];
}

export interface CertificateJson {
  kind: number;
  signatures: { delegate: number; signature: Hex }[];
}

export interface BlockJson {
  height: number;
  hash: Hex;
  header: { height: number; timeMs: number; proposer: Hex; parentHash: Hex; transactionsRoot: Hex };
  result: {
    height: number;
    parentHash: Hex;
    payloadRoot: Hex;
    stateRoot: Hex;
    receiptsRoot: Hex;
    writeSetHash: Hex;
    delegateSetHash: Hex;
    tally: DelegateTally[];
    seedProof: Hex;
    proposer: Hex;
    signature: Hex;
  };
  certificate: CertificateJson;
  transactions: { id: Hex; code: CodeText; fee: AmountText; feeToken: TokenId }[];
}

export type ReceiptEventJson =
  | { kind: "depositTaken" | "depositReturned"; address: AddressText; amount: AmountText }
  | { kind: "tokenCreated"; token: TokenId }
  | { kind: "contractRegistered"; contract: AddressText; codeHash: Hex }
  | { kind: "contractResult"; operationIndex: number; gasUsed: number; value: LvmJson }
  | { kind: "contractEvent"; contract: AddressText; name: string; args: LvmJson[] }
  | { kind: "contractTransfer"; from: AddressText; to: AddressText; token: TokenId; amount: AmountText }
  | { kind: "storageDeposit"; taken: AmountText; returned: AmountText }
  | { kind: "oracleRequest"; request: Hex; contract: AddressText; feed: string; callbackGas: number }
  | { kind: "contractFailure"; operationIndex: number; gasUsed: number; line?: number; message: string }
  | { kind: "contractTest"; name: string; passed: boolean; gasUsed: number; message: string }
  | { kind: "unknown"; number: number; data: Hex };

export interface ReceiptJson {
  code: CodeText;
  /** 0 for OK. */
  number: number;
  /** The operation that failed; absent where none did or the fault lies with the whole transaction. */
  operationIndex?: number;
  fee: AmountText;
  feeToken: TokenId;
  events: ReceiptEventJson[];
}

/** `account` is the address whose account the operation acts for. */
export type OperationJson =
  | {
      kind: "transfer";
      account: AddressText;
      to: AddressText;
      token: TokenId;
      amount: AmountText;
      reference?: Hex;
    }
  | {
      kind: "createToken";
      account: AddressText;
      symbol: string;
      name: string;
      decimals: number;
      supply: AmountText;
      mintable: boolean;
      burnable: boolean;
      freezable: boolean;
    }
  | { kind: "mint"; account: AddressText; token: TokenId; to: AddressText; amount: AmountText }
  | { kind: "burn"; account: AddressText; token: TokenId; amount: AmountText }
  | { kind: "replaceKey"; account: AddressText; publicKey: Hex }
  | { kind: "setFrozen"; account: AddressText; token: TokenId; target: AddressText; frozen: boolean }
  | { kind: "closeAccount"; account: AddressText; beneficiary: AddressText }
  | ({
      kind: "registerContract";
      /** Where the contract is, if it was registered. */
      contract: AddressText;
      codeHash: Hex;
      upgradePolicy: UpgradePolicy;
      upgradeDelayHeights: number;
    } & ContractRunJson)
  | ({
      kind: "callContract";
      contract: AddressText;
      function: string;
      payment?: { token: TokenId; amount: AmountText };
    } & ContractRunJson)
  | ({ kind: "upgradeContract"; contract: AddressText; codeHash: Hex } & ContractRunJson)
  | { kind: "publishContract"; account: AddressText; contract: AddressText }
  | { kind: "destroyContract"; account: AddressText; contract: AddressText; tokens: TokenId[] }
  | { kind: "setContractPaused"; account: AddressText; contract: AddressText; paused: boolean }
  | OracleOperationJson
  | NameOperationJson
  | DelegateOperationJson;

interface ContractRunJson {
  account: AddressText;
  /** The encoded arguments. */
  args: Hex;
  gasLimit: number;
  depositLimit: AmountText;
}

export interface TransactionJson {
  id: Hex;
  /** The first signer. */
  sender: AddressText;
  signers: { address: AddressText; publicKey: Hex }[];
  feePayer: AddressText;
  lane: number;
  sequence: number;
  validUntil: number;
  feeToken: TokenId;
  feeLimit: AmountText;
  partner?: AddressText;
  memo?: Hex;
  operations: OperationJson[];
  /** The whole transaction as it was sent, signatures included. */
  bytes: Hex;
}

export type TransactionStateJson =
  | { id: Hex; state: "unknown" }
  | { id: Hex; state: "expired"; validUntil?: number }
  | { id: Hex; state: "pending"; transaction: TransactionJson }
  | {
      id: Hex;
      state: "committed" | "failed";
      height: number;
      index: number;
      timeMs: number;
      receipt: ReceiptJson;
      transaction: TransactionJson;
    };

/** Proves the state root after a height to whoever knows the delegates. */
export interface ResultProofJson {
  header: Hex;
  certificate: Hex;
  result: Hex;
  /** Entries of the block's transactions root: its transactions and the result record, which is entry 0. */
  entryCount: number;
  path: Hex[];
}

export interface TransactionProofJson {
  height: number;
  /** Place among the block's transactions: leaf `index` of the receipts root and entry `index` + 1 of the transactions root. */
  index: number;
  bytes: Hex;
  path: Hex[];
  receipt: Hex;
  receiptPath: Hex[];
  resultProof: ResultProofJson;
}

export interface StateProofJson {
  height: number;
  key: Hex;
  /** null where the state has no such leaf, which the proof then proves. */
  value: Hex | null;
  /** An ICS-23 CommitmentProof. */
  proof: Hex;
  resultProof: ResultProofJson;
}

export interface AccountJson {
  address: AddressText;
  exists: boolean;
  balances: Record<NativeToken, AmountText>;
  /** Created tokens that the account holds; at most 256, `tokenCount` says how many there are. */
  tokens: { token: TokenId; amount: AmountText; frozen: boolean }[];
  tokenCount: number;
  deposit: AmountText;
  /** Only where the account's key was replaced. */
  publicKey?: Hex;
  height: number;
}

export interface LaneJson {
  lane: number;
  /** The next sequence in the state. */
  sequenceNext: number;
  /** The next sequence after what waits in the mempool. */
  sequencePending: number;
}

/** The operations ("delegation" for those of candidates and voters, "name" for those on names), and "fee" and "signature" for one who only paid or only signed. */
export type HistoryKind =
  | Exclude<OperationJson["kind"], (DelegateOperationJson | NameOperationJson | OracleOperationJson)["kind"]>
  | ("delegation" | "name" | "fee" | "signature" | "contractTransfer");

export interface HistoryEntryJson {
  height: number;
  index: number;
  id: Hex;
  timeMs: number;
  code: CodeText;
  /** What it did to the account's balance: more, less, or neither. */
  direction: "in" | "out" | "self";
  kind: HistoryKind;
  counterparty?: AddressText;
  token?: TokenId;
  amount?: AmountText;
  fee?: AmountText;
  feeToken?: TokenId;
  reference?: Hex;
  memo?: Hex;
  /** Of setFrozen. */
  frozen?: boolean;
}

export interface HistoryJson {
  entries: HistoryEntryJson[];
  /** Give it as `before` for the entries that follow; absent at the end. */
  next?: string;
}

export interface TokenJson {
  token: TokenId;
  symbol: string;
  name: string;
  decimals: number;
  supply: AmountText;
  mintable: boolean;
  burnable: boolean;
  freezable: boolean;
  heightCreated: number;
  issuersNeeded: number;
  issuers: AddressText[];
}

/** Who holds a created token, in the order of addresses' bytes. */
export interface TokenHoldersJson {
  holders: { address: AddressText; amount: AmountText; frozen: boolean }[];
  /** The address to ask for what follows; absent at the end. */
  next?: AddressText;
}

export interface TokensJson {
  tokens: TokenJson[];
  /** Give it as `after` for the tokens that follow; absent at the end. */
  next?: TokenId;
}

export interface ReferenceJson {
  state: "paid" | "open" | "expired";
  heightPaid?: number;
  transactionId?: Hex;
  /** The last height at which it can be paid. */
  heightExpiry: number;
}

export interface SubmissionJson {
  /** Absent where the bytes are no transaction. */
  id?: Hex;
  /** What became of this submission. */
  code: CodeText;
  message?: string;
  details?: Record<string, string | number>;
  /** What is known of the transaction, whoever sent it first. */
  state: "pending" | "committed" | "failed" | "expired" | "refused";
  height?: number;
  index?: number;
  receipt?: ReceiptJson;
}

export interface SubmissionsJson {
  results: SubmissionJson[];
}

export interface FaucetRequestJson {
  address: AddressText;
  token: TokenId;
  amount?: AmountText;
}

export interface FaucetJson {
  id: Hex;
}

export type SubscriptionTopic = "blocks" | "transactions" | "account" | "payments" | "contract";

/** A text frame to the node. */
export type ClientMessage =
  | { type: "submit"; request: number; transactions: Hex[]; final?: boolean }
  | { type: "subscribe"; request: number; topic: SubscriptionTopic; address?: AddressText; from?: number }
  | { type: "unsubscribe"; request: number; subscription: number }
  | { type: "ping"; request: number };

/** A refused transaction of a batch: index, code, message and, where a retry makes sense, when. */
export type RefusedItem = [index: number, code: ErrorCode, message: string, retryAfterMs?: number];

/** `number` is 0 for committed, a 3xx for failed in the block, 202 for expired. */
export type FinalItem = [request: number, index: number, number: number];

export interface TransactionSummaryJson {
  id: Hex;
  code: CodeText;
  sender: AddressText;
  fee: AmountText;
  feeToken: TokenId;
  operations: OperationJson[];
}

/** What a contract told in a transaction. */
export interface ContractEventJson {
  /** The transaction. */
  id: Hex;
  name: string;
  args: LvmJson[];
}

/** A text frame from the node. */
export type NodeMessage =
  | { type: "results"; request: number; accepted: number; refused: RefusedItem[]; height: number }
  | { type: "final"; height: number; timeMs: number; items: FinalItem[] }
  | { type: "subscribed"; request: number; subscription: number; from: number }
  | { type: "unsubscribed"; request: number; subscription: number }
  | { type: "pong"; request: number }
  | { type: "block"; subscription: number; block: BlockSummaryJson }
  | {
      type: "transactions";
      subscription: number;
      height: number;
      timeMs: number;
      transactions: TransactionSummaryJson[];
    }
  | { type: "contractEvents"; subscription: number; height: number; timeMs: number; events: ContractEventJson[] }
  | { type: "dropped"; subscription: number; reason: "slow" | "pruned"; height: number }
  | { type: "error"; request?: number; error: ErrorJson };

/** Close codes of the WebSocket beyond the standard's own. */
export const CLOSE_CODES = {
  /** The node stops. */
  goingAway: 1001,
  /** Too many frames that are none, or too many transactions that no key signed. */
  wasteful: 1008,
  /** The subscriber reads too slowly; it may come back and resume. */
  slow: 4008,
} as const;

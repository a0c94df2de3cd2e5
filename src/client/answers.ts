// A node's answers as the SDK gives them: the JSON of the API with amounts as bigint. A node is not trusted to be well-behaved:
// a field of another kind is an INTERNAL error that names it, never an undefined that wanders on.

import { fromHex } from "../base/bytes.js";
import type {
  AccountJson,
  BlockJson,
  BlockSummaryJson,
  HistoryEntryJson,
  LaneJson,
  ReceiptJson,
  ReferenceJson,
  StatusJson,
  SubmissionJson,
  TokenJson,
  TransactionJson,
  TransactionSummaryJson,
} from "../protocol/apiTypes.js";
import type { Delegate } from "../protocol/delegates.js";
import { CodedError } from "../protocol/errors.js";
import { parseGasSchedule } from "../protocol/gasSchedule.js";
import type { GenesisParameters } from "../protocol/genesis.js";
import { parseNameParameters } from "../protocol/nameParameters.js";
import type { ChainParameters } from "../protocol/parameters.js";
import { parseRdposParameters } from "../protocol/rdposParameters.js";
import { NATIVE_TOKENS, type NativeToken } from "../protocol/tokens.js";

/** Any JSON object. */
export type JsonObject = Record<string, unknown>;

export type Status = StatusJson;
export type BlockSummary = BlockSummaryJson;
export type LaneAnswer = LaneJson;
export type ReferenceState = ReferenceJson;
export type TransactionSummary = TransactionSummaryJson;

export type BlockDetails = Omit<BlockJson, "transactions"> & {
  transactions: (Omit<BlockJson["transactions"][number], "fee"> & { fee: bigint })[];
};

export type ReceiptAnswer = Omit<ReceiptJson, "fee"> & { fee: bigint };

export interface TransactionState {
  id: string;
  state: "unknown" | "pending" | "committed" | "failed" | "expired";
  /** The next four: of a committed or failed one. */
  height?: number;
  index?: number;
  timeMs?: number;
  receipt?: ReceiptAnswer;
  /** Not of an unknown or expired one. */
  transaction?: TransactionJson;
}

export type AccountState = Omit<AccountJson, "balances" | "tokens" | "deposit"> & {
  balances: Record<NativeToken, bigint>;
  tokens: (Omit<AccountJson["tokens"][number], "amount"> & { amount: bigint })[];
  /** TTC units held for the account's leaves. */
  deposit: bigint;
};

export type HistoryEntry = Omit<HistoryEntryJson, "amount" | "fee"> & { amount?: bigint; fee?: bigint };

export interface HistoryPage {
  entries: HistoryEntry[];
  /** Cursor of the next, older page. */
  next?: string;
}

export type TokenState = Omit<TokenJson, "supply"> & { supply: bigint };

export interface TokenHolders {
  /** In the order of addresses. */
  holders: { address: string; amount: bigint; frozen: boolean }[];
  /** The address to ask for what follows. */
  next?: string;
}

export interface TokenPage {
  tokens: TokenState[];
  next?: string;
}

export type SubmitResult = Omit<SubmissionJson, "receipt" | "details"> & {
  receipt?: ReceiptAnswer;
  /** Where the same bytes may be taken later. */
  retryAfterMs?: number;
};

function bad(field: string, expected: string, value: unknown): CodedError {
  return new CodedError(
    "INTERNAL",
    `expected ${expected} as ${field} of the node's answer, got ${JSON.stringify(value)?.slice(0, 80)}`,
  );
}

export function asObject(value: unknown, field = "body"): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw bad(field, "an object", value);
  }
  return value as JsonObject;
}

export function asArray(value: unknown, field: string): unknown[] {
  if (!Array.isArray(value)) {
    throw bad(field, "a list", value);
  }
  return value;
}

/** A height, time or count. */
export function asNumber(value: unknown, field: string): number {
  if (!Number.isSafeInteger(value)) {
    throw bad(field, "a whole number", value);
  }
  return value as number;
}

export function asText(value: unknown, field: string): string {
  if (typeof value !== "string") {
    throw bad(field, "a text", value);
  }
  return value;
}

/** An amount's decimal string as units. */
export function asAmount(value: unknown, field: string): bigint {
  if (typeof value !== "string" || !/^\d{1,20}$/.test(value)) {
    throw bad(field, "a decimal string", value);
  }
  return BigInt(value);
}

/** Copies `fields` that are present, each made by `convert`. */
function optional<T>(source: JsonObject, fields: string[], convert: (value: unknown, field: string) => T): JsonObject {
  const found: JsonObject = {};
  for (const field of fields) {
    if (source[field] !== undefined && source[field] !== null) {
      found[field] = convert(source[field], field);
    }
  }
  return found;
}

export function receiptAnswer(value: unknown): ReceiptAnswer {
  const source = asObject(value, "receipt");
  asText(source.code, "receipt.code");
  return { ...(source as unknown as ReceiptJson), fee: asAmount(source.fee, "receipt.fee") };
}

export function statusAnswer(value: unknown): Status {
  const source = asObject(value);
  const chain = asObject(source.chain, "chain");
  asText(chain.name, "chain.name");
  asText(chain.genesisHash, "chain.genesisHash");
  asNumber(source.height, "height");
  asNumber(source.timeMs, "timeMs");
  asObject(source.mempool, "mempool");
  return source as unknown as Status;
}

export function blockAnswer(value: unknown): BlockDetails {
  const source = asObject(value);
  const transactions = asArray(source.transactions, "transactions").map((entry) => {
    const item = asObject(entry, "transactions[]");
    return { ...item, fee: asAmount(item.fee, "fee") };
  });
  return { ...source, transactions } as unknown as BlockDetails;
}

export function transactionStateAnswer(value: unknown): TransactionState {
  const source = asObject(value);
  asText(source.id, "id");
  asText(source.state, "state");
  const receipt = source.receipt === undefined ? {} : { receipt: receiptAnswer(source.receipt) };
  return { ...source, ...receipt } as unknown as TransactionState;
}

export function accountAnswer(value: unknown): AccountState {
  const source = asObject(value);
  const held = asObject(source.balances, "balances");
  const balances = Object.fromEntries(
    NATIVE_TOKENS.map((token) => [token, asAmount(held[token], `balances.${token}`)]),
  );
  const tokens = asArray(source.tokens, "tokens").map((entry) => {
    const item = asObject(entry, "tokens[]");
    return { ...item, amount: asAmount(item.amount, "amount") };
  });
  asNumber(source.height, "height");
  return { ...source, balances, tokens, deposit: asAmount(source.deposit, "deposit") } as unknown as AccountState;
}

export function laneAnswer(value: unknown): LaneAnswer {
  const source = asObject(value);
  return {
    lane: asNumber(source.lane, "lane"),
    sequenceNext: asNumber(source.sequenceNext, "sequenceNext"),
    sequencePending: asNumber(source.sequencePending, "sequencePending"),
  };
}

export function historyAnswer(value: unknown): HistoryPage {
  const source = asObject(value);
  const entries = asArray(source.entries, "entries").map((entry) => {
    const item = asObject(entry, "entries[]");
    return { ...item, ...optional(item, ["amount", "fee"], asAmount) } as unknown as HistoryEntry;
  });
  return { entries, ...optional(source, ["next"], asText) };
}

export function tokenAnswer(value: unknown): TokenState {
  const source = asObject(value);
  asText(source.token, "token");
  asNumber(source.decimals, "decimals");
  return { ...source, supply: asAmount(source.supply, "supply") } as unknown as TokenState;
}

export function tokenPageAnswer(value: unknown): TokenPage {
  const source = asObject(value);
  return { tokens: asArray(source.tokens, "tokens").map(tokenAnswer), ...optional(source, ["next"], asText) };
}

export function tokenHoldersAnswer(value: unknown): TokenHolders {
  const source = asObject(value);
  const holders = asArray(source.holders, "holders").map((entry) => {
    const item = asObject(entry, "holders[]");
    return {
      address: asText(item.address, "address"),
      amount: asAmount(item.amount, "amount"),
      frozen: item.frozen === true,
    };
  });
  return { holders, ...optional(source, ["next"], asText) };
}

export function submitAnswer(value: unknown): SubmitResult[] {
  return asArray(asObject(value).results, "results").map((entry) => {
    const item = asObject(entry, "results[]");
    const retryAfterMs = (item.details as JsonObject | undefined)?.retryAfterMs;
    return {
      ...item,
      ...(typeof retryAfterMs === "number" ? { retryAfterMs } : {}),
      ...(item.receipt === undefined ? {} : { receipt: receiptAnswer(item.receipt) }),
    } as unknown as SubmitResult;
  });
}

/** A chain's parameters from the JSON of `/v1/parameters` or a genesis file. */
export function parametersAnswer(value: unknown): ChainParameters {
  const source = asObject(value) as unknown as GenesisParameters;
  const number = (field: keyof GenesisParameters) => asNumber(source[field], field);
  const amount = (field: keyof GenesisParameters) => asAmount(source[field], field);
  return {
    validUntilHeightsMax: number("validUntilHeightsMax"),
    referenceHeightsMax: number("referenceHeightsMax"),
    referenceKeepHeights: number("referenceKeepHeights"),
    feeRateBasisPoints: number("feeRateBasisPoints"),
    feeMinTtcUnits: amount("feeMinTtcUnits"),
    feeCreateTokenTtcUnits: amount("feeCreateTokenTtcUnits"),
    feeMintTtcUnits: amount("feeMintTtcUnits"),
    feeBurnTtcUnits: amount("feeBurnTtcUnits"),
    depositAccountTtcUnits: amount("depositAccountTtcUnits"),
    depositBalanceTtcUnits: amount("depositBalanceTtcUnits"),
    blockBytesMax: number("blockBytesMax"),
    blockTransactionsMax: number("blockTransactionsMax"),
    blockIntervalMs: number("blockIntervalMs"),
    heartbeatIntervalMs: number("heartbeatIntervalMs"),
    roundBlocks: number("roundBlocks"),
    rdpos: parseRdposParameters(source.rdpos, (text) => asAmount(text, "rdpos")),
    names: parseNameParameters(source.names, (text) => asAmount(text, "names")),
    gas: parseGasSchedule(source.gas),
    quotes: asArray(source.quotes, "quotes").map((entry) => {
      const quote = asObject(entry, "quotes[]");
      const units = asAmount(quote.units, "units");
      return { token: asText(quote.token, "token"), units, ttcUnits: asAmount(quote.ttcUnits, "ttcUnits") };
    }),
    blockGasMax: number("blockGasMax"),
    blockPackageGasMax: number("blockPackageGasMax"),
    gasPriceTtcUnits: amount("gasPriceTtcUnits"),
    depositByteTtcUnits: amount("depositByteTtcUnits"),
  };
}

/** The delegates of an answer that lists them. */
export function delegatesIn(source: Record<string, unknown>): Delegate[] {
  return asArray(source.delegates, "delegates").map((entry) => {
    const item = asObject(entry, "delegates[]");
    const publicKey = fromHex(asText(item.publicKey, "publicKey"));
    if (publicKey?.length !== 32) {
      throw new CodedError("INTERNAL", "expected 32 bytes of hex as publicKey of a delegate");
    }
    return { publicKey, power: asNumber(item.power, "power") };
  });
}

// The JSON of contracts, beside apiTypes.ts.

import type { AddressText, AmountText, Hex } from "./apiTexts.js";
import type { LvmJson } from "./lvmJson.js";
import type { UpgradePolicy } from "./operations/operation.js";
import type { NativeToken } from "./tokens.js";

/** A contract as the state has it. */
export interface ContractJson {
  address: AddressText;
  owner: AddressText;
  codeHash: Hex;
  status: "temporary" | "permanent" | "destroyed";
  paused: boolean;
  upgradePolicy: UpgradePolicy;
  upgradeDelayHeights: number;
  upgradeCount: number;
  announced?: { codeHash: Hex; heightFrom: number };
  heightRegistered: number;
  deposit: AmountText;
  entryCount: number;
  entryDeposits: AmountText;
  source: string;
  abi: ContractAbiJson;
}

export interface ContractAbiJson {
  name: string;
  version: string;
  functions: readonly {
    name: string;
    kind: "constructor" | "call" | "payable" | "view";
    parameters: readonly { name: string; type: string; isOptional: boolean }[];
    returns?: string | undefined;
  }[];
  state: readonly { name: string; kind: "value" | "map" | "array" }[];
}

/** What a view function gave. */
export interface ContractViewJson {
  height: number;
  value: LvmJson;
  /** The value's canonical encoding. */
  bytes: Hex;
  gasUsed: number;
}

/** What calls of a contract came to. */
export interface ContractCountsJson {
  calls: number;
  failures: number;
  gasUsed: number;
  valueIn: Record<NativeToken, AmountText>;
  valueOut: Record<NativeToken, AmountText>;
}

/** What happened to a contract, in all and over time. */
export interface ContractActivityJson {
  address: AddressText;
  /** The block up to which it is counted, and that block's time. */
  height: number;
  timeMs: number;
  total: ContractCountsJson;
  stepMs: number;
  /** Spans of `stepMs`, oldest first, each beginning at a multiple of it. */
  series: ({ fromMs: number } & ContractCountsJson)[];
}

export interface ContractSummaryJson {
  address: AddressText;
  heightRegistered: number;
  status: "temporary" | "permanent" | "destroyed";
  /** What the contract calls itself, its owner: not of one that was destroyed. */
  name?: string;
  version?: string;
  owner?: AddressText;
  paused: boolean;
  calls: number;
  failures: number;
  gasUsed: number;
}

export interface ContractsJson {
  /** Newest first. */
  contracts: ContractSummaryJson[];
  next?: string;
}

/** A contract's request for outside data that is open. */
export interface OracleRequestJson {
  /** The key of its leaf, which answers and deliveries name. */
  request: Hex;
  contract: AddressText;
  /** The contract's own name for it. */
  key: string;
  feed: string;
  callback: string;
  callbackGas: number;
  height: number;
  /** By the first 16 bytes of the delegates' keys; signed integers in decimal. */
  answers: { delegate: Hex; value: string }[];
}

export interface OracleRequestsJson {
  height: number;
  requests: OracleRequestJson[];
  next?: string;
  /** Requests of the next pages are of this height at the most. */
  nextHeight?: number;
}

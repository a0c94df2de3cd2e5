// Genesis: the file that a chain begins from. Its hash names the chain in every signed message.

import { utf8Bytes } from "../base/bytes.js";
import { CodedError } from "./errors.js";
import type { GasSchedule } from "./gasSchedule.js";
import { TAGS, taggedHash } from "./hashing.js";
import { SIGNERS_MAX, TOKEN_ISSUERS_MAX } from "./limits.js";
import type { GenesisNameParameters } from "./nameParameters.js";
import type { GenesisRdposParameters } from "./rdposParameters.js";
import { type NativeToken, TTC_UNIT } from "./tokens.js";

/** 10,000,000,000 TTC. */
export const TTC_SUPPLY_UNITS = 10_000_000_000n * TTC_UNIT;

/** JSON, with amounts as decimal strings, addresses as text and keys as hex. */
export interface Genesis {
  /** Shown to people; part of the hash. */
  name: string;
  timeMs: number;
  /** Whether the node may run a faucet: a chain whose coins are worth nothing. */
  development: boolean;
  parameters: GenesisParameters;
  /** Who mints TTM and TTMI. */
  issuers: { TTM: GenesisIssuers; TTMI: GenesisIssuers };
  /** TTC to begin with; the sum is the whole supply. */
  allocations: { address: string; amount: string }[];
  delegates: { publicKey: string; power: number }[];
}

export interface GenesisIssuers {
  needed: number;
  addresses: string[];
}

export interface GenesisParameters {
  validUntilHeightsMax: number;
  referenceHeightsMax: number;
  referenceKeepHeights: number;
  feeRateBasisPoints: number;
  feeMinTtcUnits: string;
  feeCreateTokenTtcUnits: string;
  feeMintTtcUnits: string;
  feeBurnTtcUnits: string;
  depositAccountTtcUnits: string;
  depositBalanceTtcUnits: string;
  blockBytesMax: number;
  blockTransactionsMax: number;
  blockIntervalMs: number;
  heartbeatIntervalMs: number;
  roundBlocks: number;
  quotes: { token: string; units: string; ttcUnits: string }[];
  blockGasMax: number;
  blockPackageGasMax: number;
  gasPriceTtcUnits: string;
  depositByteTtcUnits: string;
  /** Those that differ from the usual. */
  rdpos?: Partial<GenesisRdposParameters>;
  names?: Partial<GenesisNameParameters>;
  /** Prices of contracts' work that are not as usual. */
  gas?: Partial<GasSchedule>;
}

/** Face of the chain's own tokens. */
export const NATIVE_FACES: Record<NativeToken, { name: string; decimals: number }> = {
  TTC: { name: "TTCoin", decimals: 8 },
  TTM: { name: "TTMoney, pegged to the won", decimals: 0 },
  TTMI: { name: "TTMileage", decimals: 0 },
};

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(canonicalJson).join(",")}]`;
  }
  if (value !== null && typeof value === "object") {
    const record = value as Record<string, unknown>;
    const fields = Object.keys(record).sort();
    return `{${fields.map((field) => `${JSON.stringify(field)}:${canonicalJson(record[field])}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new CodedError("MALFORMED", `expected whole numbers in a genesis file, got ${value}`);
  }
  if (value === null || value === undefined) {
    throw new CodedError("MALFORMED", "expected a value in every field of a genesis file, got none");
  }
  return JSON.stringify(value);
}

/** SHA-256 of the tag and the file's JSON with sorted fields and no spaces (RFC 8785 for this subset: no fractions, no nulls). */
export function genesisHash(genesis: Genesis): Uint8Array {
  return taggedHash(TAGS.genesis, utf8Bytes(canonicalJson(genesis)));
}

/** An amount of units as a genesis file writes it: decimal digits without sign or leading zero. Throws MALFORMED. */
export function parseGenesisAmount(text: string): bigint {
  if (typeof text !== "string" || !/^(0|[1-9][0-9]{0,18})$/.test(text)) {
    throw new CodedError("MALFORMED", `expected an amount as decimal digits, got ${JSON.stringify(text)}`);
  }
  return BigInt(text);
}

// An address may be written in upper case too.
function distinctTexts(texts: string[]): number {
  return new Set(texts.map((text) => text.toLowerCase())).size;
}

function verifyIssuers(token: string, issuers: GenesisIssuers): void {
  const count = issuers.addresses.length;
  if (count < 1 || count > TOKEN_ISSUERS_MAX || distinctTexts(issuers.addresses) !== count) {
    throw new CodedError("MALFORMED", `expected 1 to ${TOKEN_ISSUERS_MAX} different issuers of ${token}, got ${count}`);
  }
  const neededMax = Math.min(count, SIGNERS_MAX);
  if (!Number.isInteger(issuers.needed) || issuers.needed < 1 || issuers.needed > neededMax) {
    throw new CodedError("MALFORMED", `expected 1 to ${neededMax} issuers of ${token} needed, got ${issuers.needed}`);
  }
}

/** Throws MALFORMED for a genesis that no chain can begin from. */
export function verifyGenesis(genesis: Genesis): void {
  const total = genesis.allocations.reduce((sum, allocation) => sum + parseGenesisAmount(allocation.amount), 0n);
  if (total !== TTC_SUPPLY_UNITS) {
    throw new CodedError("MALFORMED", `expected allocations of ${TTC_SUPPLY_UNITS} TTC units in all, got ${total}`);
  }
  if (distinctTexts(genesis.allocations.map((allocation) => allocation.address)) !== genesis.allocations.length) {
    throw new CodedError("MALFORMED", "expected each address once among the allocations");
  }
  if (genesis.delegates.length < 1) {
    throw new CodedError("MALFORMED", "expected at least one delegate, got none");
  }
  verifyIssuers("TTM", genesis.issuers.TTM);
  verifyIssuers("TTMI", genesis.issuers.TTMI);
}

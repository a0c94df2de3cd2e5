// What a chain sets for itself: fees, deposits, quotes, windows and sizes. Genesis gives the first values; they live in the
// state, so that a light client can prove them and a vote can change them.

import { CodedError } from "./errors.js";
import { type GasSchedule, readGasSchedule, verifyGasSchedule, writeGasSchedule } from "./gasSchedule.js";
import { AMOUNT_MAX } from "./limits.js";
import {
  type NameParameters,
  readNameParameters,
  verifyNameParameters,
  writeNameParameters,
} from "./nameParameters.js";
import {
  type RdposParameters,
  readRdposParameters,
  verifyRdposParameters,
  writeRdposParameters,
} from "./rdposParameters.js";
import { decodeToken, encodeToken, type TokenId } from "./tokens.js";
import { Reader, Writer } from "./wire.js";

/** A round elects the next delegates a block before its last; what it counts of them are numbers of 16 bits. */
const ROUND_BLOCKS_MIN = 3;
const ROUND_BLOCKS_MAX = 0xffff;

/** So that the largest block, with its receipts and what it writes, still fits into one record of a node's log (256 MiB). */
const CEILINGS = {
  blockBytesMax: 33_554_432,
  blockTransactionsMax: 200_000,
  blockGasMax: 200_000_000,
  blockPackageGasMax: 200_000_000,
} as const;

/** `units` of the token are worth `ttcUnits` of TTC's smallest units. */
export interface Quote {
  token: TokenId;
  units: bigint;
  ttcUnits: bigint;
}

export interface ChainParameters {
  /** Largest distance of valid-until from the height of inclusion; also how long an idle lane is kept. */
  validUntilHeightsMax: number;
  /** Largest distance of a reference's expiry height from the height of payment. */
  referenceHeightsMax: number;
  /** How many heights after its expiry a paid reference stays in the state. */
  referenceKeepHeights: number;
  /** Hundredths of a percent: 50 is 0.5 %. */
  feeRateBasisPoints: number;
  /** The smallest fee, in TTC units; other tokens pay its worth. */
  feeMinTtcUnits: bigint;
  feeCreateTokenTtcUnits: bigint;
  feeMintTtcUnits: bigint;
  feeBurnTtcUnits: bigint;
  /** TTC units held while an account or a token balance has a leaf. */
  depositAccountTtcUnits: bigint;
  depositBalanceTtcUnits: bigint;
  blockBytesMax: number;
  blockTransactionsMax: number;
  /** Target between blocks while there is work, and between heartbeats while there is none. */
  blockIntervalMs: number;
  heartbeatIntervalMs: number;
  /** Blocks of a round, after which delegates may change. */
  roundBlocks: number;
  /** Tokens that have a price, TTC excepted, ordered by token. */
  quotes: Quote[];
  /** Gas of contract calls in one block, and of registrations and upgrades with their tests. */
  blockGasMax: number;
  blockPackageGasMax: number;
  /** TTC units for 1,000 gas. */
  gasPriceTtcUnits: bigint;
  /** TTC units held for each byte that a contract keeps in the state. */
  depositByteTtcUnits: bigint;
  /** Delegates, votes and what hangs on them. */
  rdpos: RdposParameters;
  /** Names of accounts and contracts. */
  names: NameParameters;
  /** What contracts' work costs in gas. */
  gas: GasSchedule;
}

const U32_FIELDS = [
  "validUntilHeightsMax",
  "referenceHeightsMax",
  "referenceKeepHeights",
  "feeRateBasisPoints",
  "blockBytesMax",
  "blockTransactionsMax",
  "blockIntervalMs",
  "heartbeatIntervalMs",
  "roundBlocks",
] as const;

const U64_FIELDS = [
  "feeMinTtcUnits",
  "feeCreateTokenTtcUnits",
  "feeMintTtcUnits",
  "feeBurnTtcUnits",
  "depositAccountTtcUnits",
  "depositBalanceTtcUnits",
] as const;

const CONTRACT_U32_FIELDS = ["blockGasMax", "blockPackageGasMax"] as const;
const CONTRACT_U64_FIELDS = ["gasPriceTtcUnits", "depositByteTtcUnits"] as const;

/** Names of the numbers and amounts, for votes on one of them. */
export const PARAMETER_FIELDS: { numbers: readonly string[]; amounts: readonly string[] } = {
  numbers: [...U32_FIELDS, ...CONTRACT_U32_FIELDS],
  amounts: [...U64_FIELDS, ...CONTRACT_U64_FIELDS],
};

/** The value of the state's "parameters" leaf. */
export function encodeParameters(parameters: ChainParameters): Uint8Array {
  verifyParameters(parameters);
  const writer = new Writer();
  for (const field of U32_FIELDS) {
    writer.u32(parameters[field]);
  }
  for (const field of U64_FIELDS) {
    writer.u64(parameters[field]);
  }
  writer.u8(parameters.quotes.length);
  for (const quote of parameters.quotes) {
    encodeToken(writer, quote.token);
    writer.u64(quote.units).u64(quote.ttcUnits);
  }
  for (const field of CONTRACT_U32_FIELDS) {
    writer.u32(parameters[field]);
  }
  for (const field of CONTRACT_U64_FIELDS) {
    writer.u64(parameters[field]);
  }
  writeRdposParameters(writer, parameters.rdpos);
  writeNameParameters(writer, parameters.names);
  writeGasSchedule(writer, parameters.gas);
  return writer.finish();
}

/** The inverse of `encodeParameters`; throws a coded error for other bytes. */
export function decodeParameters(bytes: Uint8Array): ChainParameters {
  const reader = new Reader(bytes);
  const parameters: Record<string, unknown> = {};
  for (const field of U32_FIELDS) {
    parameters[field] = reader.u32();
  }
  for (const field of U64_FIELDS) {
    parameters[field] = reader.amountOrZero();
  }
  const quotes: Quote[] = [];
  for (let count = reader.u8(); count > 0; count--) {
    quotes.push({ token: decodeToken(reader), units: reader.amount(), ttcUnits: reader.amount() });
  }
  parameters.quotes = quotes;
  for (const field of CONTRACT_U32_FIELDS) {
    parameters[field] = reader.u32();
  }
  for (const field of CONTRACT_U64_FIELDS) {
    parameters[field] = reader.amountOrZero();
  }
  parameters.rdpos = readRdposParameters(reader);
  parameters.names = readNameParameters(reader);
  parameters.gas = readGasSchedule(reader);
  reader.end();
  const result = parameters as unknown as ChainParameters;
  verifyParameters(result);
  return result;
}

/** Throws MALFORMED for values that no chain can run with. */
export function verifyParameters(parameters: ChainParameters): void {
  for (const field of [...U32_FIELDS, ...CONTRACT_U32_FIELDS]) {
    const value = parameters[field];
    if (!Number.isInteger(value) || value < 1 || value > 0xffffffff) {
      throw new CodedError("MALFORMED", `expected ${field} from 1 to 2^32 - 1, got ${value}`);
    }
  }
  for (const field of [...U64_FIELDS, ...CONTRACT_U64_FIELDS]) {
    if (parameters[field] < 0n || parameters[field] > AMOUNT_MAX) {
      throw new CodedError("MALFORMED", `expected ${field} from 0 to 2^63 - 1, got ${parameters[field]}`);
    }
  }
  for (const field of Object.keys(CEILINGS) as (keyof typeof CEILINGS)[]) {
    if (parameters[field] > CEILINGS[field]) {
      throw new CodedError("MALFORMED", `expected a ${field} of at most ${CEILINGS[field]}, got ${parameters[field]}`);
    }
  }
  const { roundBlocks } = parameters;
  if (roundBlocks < ROUND_BLOCKS_MIN || roundBlocks > ROUND_BLOCKS_MAX) {
    const range = `${ROUND_BLOCKS_MIN} to ${ROUND_BLOCKS_MAX}`;
    throw new CodedError("MALFORMED", `expected roundBlocks from ${range}, got ${roundBlocks}`);
  }
  verifyRdposParameters(parameters.rdpos);
  verifyNameParameters(parameters.names);
  verifyGasSchedule(parameters.gas);
  if (parameters.feeRateBasisPoints > 10_000) {
    throw new CodedError(
      "MALFORMED",
      `expected a fee rate of at most 10000 basis points, got ${parameters.feeRateBasisPoints}`,
    );
  }
  const tokens = parameters.quotes.map((quote) => quote.token);
  if (tokens.includes("TTC") || new Set(tokens).size !== tokens.length || tokens.length > 255) {
    throw new CodedError("MALFORMED", "expected at most one quote a token, and none for TTC");
  }
}

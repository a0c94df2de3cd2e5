// What contracts' work costs. One gas is what one instruction of Lua's virtual machine costs, or one pass through any loop inside
// Lua's C code (parser, matcher, sort, memory comparison), or 32 bytes copied by it; those are counted by the machine itself and have no
// price here. The prices are parameters of the chain, so that delegates can vote on them; docs/lvm.md says what each is for.

import { CodedError } from "./errors.js";
import type { Reader, Writer } from "./wire.js";

/** In gas, in the order of their bytes. */
export const defaultGasSchedule = {
  /** A transaction's call, before anything runs. */
  callBase: 500,
  /** One contract calling another. */
  nestedCallBase: 1_000,
  /** One contract making another, besides its source's bytes at the price of storage. */
  deploy: 5_000,
  /** Every call pays what loading its contract used, divided by this, whether or not it was loaded already. */
  loadDivisor: 4,
  /** One block of memory, and its bytes. */
  allocation: 1,
  allocationBytesPerGas: 16,
  /** Crossing from Lua to the host, for every function of the API that the host implements. */
  hostCall: 4,
  /** pcall, xpcall and whatever else has to catch errors; and an error on its way to one of them, by C levels open. */
  protectedCall: 20,
  thrownError: 250,
  thrownErrorLevel: 75,
  /** An error of a host function, besides. */
  hostError: 1_500,
  /** Encoding or decoding a value. */
  valueBytesPerGas: 8,
  storageRead: 200,
  storageReadBytesPerGas: 2,
  storageWrite: 1_000,
  storageWriteByte: 4,
  storageDelete: 500,
  /** Asking for a seed of the chain: a leaf that stays, and proofs of the proposers to come. */
  seedAsk: 20_000,
  transfer: 1_000,
  balanceRead: 200,
  event: 200,
  eventByte: 4,
  sha256: 30,
  sha256BytesPerGas: 2,
  ed25519Verify: 10_000,
  /** A ring signature, and each key of its ring (about 1.5 ms each): the largest ring still fits a block's gas. */
  ringVerify: 220_000,
  ringVerifyKey: 210_000,
  /** A proof of randomness (about 1.7 ms). */
  vrfVerify: 240_000,
  bignumOperation: 100,
  /** Reading or writing JSON, and each byte of its text. */
  json: 500,
  jsonByte: 28,
};

export type GasSchedule = Readonly<Record<keyof typeof defaultGasSchedule, number>>;

export const GAS_PRICES = Object.keys(defaultGasSchedule) as (keyof GasSchedule)[];

/** What a chain may set: machines bear no more than so many times the work for the gas, and no price shuts everybody out. */
const CHEAPER_MAX = 4;
const DEARER_MAX = 100;

/** The least and the most that a price may be. Of a divisor more is cheaper. */
export function gasPriceBounds(field: keyof GasSchedule): { least: number; most: number } {
  const usual = defaultGasSchedule[field];
  const isDivisor = field.endsWith("PerGas") || field === "loadDivisor";
  return isDivisor
    ? { least: 1, most: usual * CHEAPER_MAX }
    : { least: Math.ceil(usual / CHEAPER_MAX), most: usual * DEARER_MAX };
}

/** Throws MALFORMED for a price outside its bounds. */
export function verifyGasSchedule(prices: GasSchedule): void {
  for (const field of GAS_PRICES) {
    const { least, most } = gasPriceBounds(field);
    const price = prices[field];
    if (!Number.isInteger(price) || price < least || price > most) {
      throw new CodedError("MALFORMED", `expected gas.${field} from ${least} to ${most}, got ${price}`);
    }
  }
}

export function writeGasSchedule(writer: Writer, prices: GasSchedule): void {
  for (const field of GAS_PRICES) {
    writer.u32(prices[field]);
  }
}

export function readGasSchedule(reader: Reader): GasSchedule {
  return Object.fromEntries(GAS_PRICES.map((field) => [field, reader.u32()])) as GasSchedule;
}

/** From a genesis file or an answer of the API: what is left out is as usual. */
export function parseGasSchedule(json: Partial<GasSchedule> = {}): GasSchedule {
  const unknown = Object.keys(json).find((field) => !(field in defaultGasSchedule));
  if (unknown !== undefined) {
    throw new CodedError("MALFORMED", `expected a price of gas, got "${unknown}"`);
  }
  return { ...defaultGasSchedule, ...json };
}

export function isSameSchedule(a: GasSchedule, b: GasSchedule): boolean {
  return a === b || GAS_PRICES.every((field) => a[field] === b[field]);
}

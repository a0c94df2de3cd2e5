// The chain's parameters of names. A group of their own behind the others; a genesis file may leave out those that it has no wish for.

import { CodedError } from "./errors.js";
import { AMOUNT_MAX } from "./limits.js";
import type { Reader, Writer } from "./wire.js";

/** Numbers of 32 bits, in the order of their bytes, with the values that a genesis file needn't name. */
const NUMBERS = {
  /** Heights from a commitment until the name may be revealed: longer than a proposer could hold a revelation back to be first. */
  nameCommitHeightsMin: 10,
  /** Heights for which a commitment counts. */
  nameCommitHeightsMax: 10_000,
  /** Block time for which a name is held, and paid for anew. */
  nameLeaseSeconds: 31_536_000,
  /** Block time after that in which nobody else can have it. */
  nameGraceSeconds: 2_592_000,
};

/** Amounts of TTC units, likewise. */
const AMOUNTS = {
  depositNameTtcUnits: 10_00000000n,
  /** For revealing and for renewing. */
  feeNameTtcUnits: 1_00000000n,
};

type NumberField = keyof typeof NUMBERS;
type AmountField = keyof typeof AMOUNTS;

export type NameParameters = Record<NumberField, number> & Record<AmountField, bigint>;
/** As a genesis file has them: amounts as decimal texts. */
export type GenesisNameParameters = Record<NumberField, number> & Record<AmountField, string>;

export const NAME_NUMBERS = Object.keys(NUMBERS) as NumberField[];
export const NAME_AMOUNTS = Object.keys(AMOUNTS) as AmountField[];

/** What holds where a genesis file says nothing. */
export const NAME_DEFAULTS: NameParameters = { ...NUMBERS, ...AMOUNTS };

export function writeNameParameters(writer: Writer, parameters: NameParameters): void {
  for (const field of NAME_NUMBERS) {
    writer.u32(parameters[field]);
  }
  for (const field of NAME_AMOUNTS) {
    writer.u64(parameters[field]);
  }
}

export function readNameParameters(reader: Reader): NameParameters {
  const parameters: Record<string, unknown> = {};
  for (const field of NAME_NUMBERS) {
    parameters[field] = reader.u32();
  }
  for (const field of NAME_AMOUNTS) {
    parameters[field] = reader.amountOrZero();
  }
  return parameters as NameParameters;
}

export function nameParametersJson(parameters: NameParameters): GenesisNameParameters {
  const json: Record<string, unknown> = { ...parameters };
  for (const field of NAME_AMOUNTS) {
    json[field] = parameters[field].toString();
  }
  return json as GenesisNameParameters;
}

/** `amountOf` reads an amount's text. */
export function parseNameParameters(
  json: Partial<GenesisNameParameters> = {},
  amountOf: (text: string) => bigint = BigInt,
): NameParameters {
  const unknown = Object.keys(json).find((field) => !(field in NAME_DEFAULTS));
  if (unknown !== undefined) {
    throw new CodedError("MALFORMED", `expected a parameter of names, got "${unknown}"`);
  }
  const parameters: Record<string, unknown> = { ...NAME_DEFAULTS, ...json };
  for (const field of NAME_AMOUNTS) {
    parameters[field] = json[field] === undefined ? NAME_DEFAULTS[field] : amountOf(json[field]);
  }
  return parameters as NameParameters;
}

/** Throws MALFORMED for values that no chain can run with. */
export function verifyNameParameters(parameters: NameParameters): void {
  for (const field of NAME_NUMBERS) {
    const value = parameters[field];
    if (!Number.isInteger(value) || value < 1 || value > 0xffffffff) {
      throw new CodedError("MALFORMED", `expected ${field} from 1 to 2^32 - 1, got ${value}`);
    }
  }
  for (const field of NAME_AMOUNTS) {
    if (parameters[field] < 0n || parameters[field] > AMOUNT_MAX) {
      throw new CodedError("MALFORMED", `expected ${field} from 0 to 2^63 - 1, got ${parameters[field]}`);
    }
  }
  const { nameCommitHeightsMin, nameCommitHeightsMax } = parameters;
  if (nameCommitHeightsMin > nameCommitHeightsMax) {
    const found = `got ${nameCommitHeightsMin} of ${nameCommitHeightsMax}`;
    throw new CodedError("MALFORMED", `expected names to be revealed while their commitments count, ${found}`);
  }
}

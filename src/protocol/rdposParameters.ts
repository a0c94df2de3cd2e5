// The chain's parameters of delegates, votes and what hangs on them. A group of their own behind the others; a genesis file may leave
// out those that it has no wish for.

import { CodedError } from "./errors.js";
import { AMOUNT_MAX } from "./limits.js";
import type { Reader, Writer } from "./wire.js";

const BASIS_POINTS_MAX = 10_000;
/** What one leaf of the state holds of a set. */
export const ROUND_DELEGATES_MAX = 113;
export const CANDIDATES_MAX = 10_000;
/** Added to a round's number, which has 32 bits. */
const SUSPENSION_ROUNDS_MAX = 1_000_000;

/** Numbers of 32 bits, in the order of their bytes, with the values that a genesis file needn't name. */
const NUMBERS = {
  /** Seats of a round. */
  delegatesMax: 99,
  /** With fewer candidates that can be elected, the present delegates go on. */
  delegatesMin: 4,
  candidatesMax: 1_000,
  /** From unlocking or resigning until the coins can be withdrawn. */
  unbondingSeconds: 1_814_400,
  /** How old a double signature may be to be punished. */
  evidenceSeconds: 1_209_600,
  /** How long a light client may rely on a set of delegates that it once knew. */
  trustingSeconds: 604_800,
  /** A delegate that misses more than this percentage of its turns, or of the round's signatures, is suspended. */
  missedPercentMax: 50,
  /** Rounds until a suspended delegate may come back. */
  suspensionRounds: 10,
  /** Share of the deposit that a double signature burns. */
  slashBasisPoints: 5_000,
  /** Share of the fees of payments that name an admitted partner. */
  partnerShareBasisPoints: 5_000,
  /** Heights for which a partner gets its share: three years of heartbeats. */
  partnerBlocks: 47_304_000,
  /** Heights of a month, and for how many of them a partner gets the grant. */
  grantBlocks: 1_314_000,
  grantMonths: 12,
  /** Heights between two challenges of the master nodes, and those for an answer. */
  challengeBlocks: 43_200,
  answerBlocks: 1_800,
  /** Heights for which a proposal can be voted on, and those from its passing to its activation at the least. */
  proposalBlocks: 302_400,
  activationBlocks: 43_200,
  /** Share of all locked votes (or of the delegates) that must say yes. */
  proposalQuorumBasisPoints: 3_334,
};

/** Amounts of TTC units, likewise. */
const AMOUNTS = {
  depositCandidateTtcUnits: 100_000_00000000n,
  depositMasterTtcUnits: 1_000_00000000n,
  /** The least that an account locks to vote. */
  voteMinTtcUnits: 1_00000000n,
  /** The most that one partner gets of fees, for each token in units of TTC's worth. */
  partnerFeesMaxTtcUnits: 1_000_000_00000000n,
  grantTtcUnits: 10_000_00000000n,
};

type NumberField = keyof typeof NUMBERS;
type AmountField = keyof typeof AMOUNTS;

export type RdposParameters = Record<NumberField, number> & Record<AmountField, bigint>;
/** As a genesis file has them: amounts as decimal texts. */
export type GenesisRdposParameters = Record<NumberField, number> & Record<AmountField, string>;

export const RDPOS_NUMBERS = Object.keys(NUMBERS) as NumberField[];
export const RDPOS_AMOUNTS = Object.keys(AMOUNTS) as AmountField[];

/** What holds where a genesis file says nothing. */
export const RDPOS_DEFAULTS: RdposParameters = { ...NUMBERS, ...AMOUNTS };

export function writeRdposParameters(writer: Writer, parameters: RdposParameters): void {
  for (const field of RDPOS_NUMBERS) {
    writer.u32(parameters[field]);
  }
  for (const field of RDPOS_AMOUNTS) {
    writer.u64(parameters[field]);
  }
}

export function readRdposParameters(reader: Reader): RdposParameters {
  const parameters: Record<string, unknown> = {};
  for (const field of RDPOS_NUMBERS) {
    parameters[field] = reader.u32();
  }
  for (const field of RDPOS_AMOUNTS) {
    parameters[field] = reader.amountOrZero();
  }
  return parameters as RdposParameters;
}

export function rdposParametersJson(parameters: RdposParameters): GenesisRdposParameters {
  const json: Record<string, unknown> = { ...parameters };
  for (const field of RDPOS_AMOUNTS) {
    json[field] = parameters[field].toString();
  }
  return json as GenesisRdposParameters;
}

/** `amountOf` reads an amount's text. */
export function parseRdposParameters(
  json: Partial<GenesisRdposParameters> = {},
  amountOf: (text: string) => bigint = BigInt,
): RdposParameters {
  const unknown = Object.keys(json).find((field) => !(field in RDPOS_DEFAULTS));
  if (unknown !== undefined) {
    throw new CodedError("MALFORMED", `expected a parameter of delegates, got "${unknown}"`);
  }
  const parameters: Record<string, unknown> = { ...RDPOS_DEFAULTS };
  for (const field of RDPOS_NUMBERS) {
    parameters[field] = json[field] ?? RDPOS_DEFAULTS[field];
  }
  for (const field of RDPOS_AMOUNTS) {
    parameters[field] = json[field] === undefined ? RDPOS_DEFAULTS[field] : amountOf(json[field]);
  }
  return parameters as RdposParameters;
}

function expectMost(parameters: RdposParameters, field: NumberField, most: number): void {
  if (parameters[field] > most) {
    throw new CodedError("MALFORMED", `expected ${field} of at most ${most}, got ${parameters[field]}`);
  }
}

/** Throws MALFORMED for values that no chain can run with. */
export function verifyRdposParameters(parameters: RdposParameters): void {
  for (const field of RDPOS_NUMBERS) {
    const value = parameters[field];
    if (!Number.isInteger(value) || value < 1 || value > 0xffffffff) {
      throw new CodedError("MALFORMED", `expected ${field} from 1 to 2^32 - 1, got ${value}`);
    }
  }
  for (const field of RDPOS_AMOUNTS) {
    if (parameters[field] < 0n || parameters[field] > AMOUNT_MAX) {
      throw new CodedError("MALFORMED", `expected ${field} from 0 to 2^63 - 1, got ${parameters[field]}`);
    }
  }
  expectMost(parameters, "delegatesMax", ROUND_DELEGATES_MAX);
  expectMost(parameters, "delegatesMin", parameters.delegatesMax);
  expectMost(parameters, "candidatesMax", CANDIDATES_MAX);
  expectMost(parameters, "missedPercentMax", 100);
  expectMost(parameters, "slashBasisPoints", BASIS_POINTS_MAX);
  expectMost(parameters, "partnerShareBasisPoints", BASIS_POINTS_MAX);
  expectMost(parameters, "proposalQuorumBasisPoints", BASIS_POINTS_MAX);
  expectMost(parameters, "suspensionRounds", SUSPENSION_ROUNDS_MAX);
  expectMost(parameters, "grantMonths", 1_200);
  expectMost(parameters, "answerBlocks", parameters.challengeBlocks);
  // Who double-signed, or lied to a light client that still trusts, must not have taken the coins away by then.
  expectMost(parameters, "evidenceSeconds", parameters.unbondingSeconds - 1);
  expectMost(parameters, "trustingSeconds", parameters.evidenceSeconds);
}

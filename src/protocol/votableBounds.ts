// Between what a vote may set each parameter: values with which the chain goes on, makes blocks that machines bear, and can vote
// otherwise later. Genesis may begin outside of them.

import { CodedError } from "./errors.js";
import { GAS_PRICES, gasPriceBounds } from "./gasSchedule.js";
import { AMOUNT_MAX, TRANSACTION_BYTES_MAX } from "./limits.js";
import { CANDIDATES_MAX, ROUND_DELEGATES_MAX } from "./rdposParameters.js";
import { TTC_UNIT } from "./tokens.js";

/** Engines of several machines wait for a proposer at least as long, so that no voted interval makes turns pass. */
export const INTERVAL_BY_VOTE_MOST_MS = 2_000;
const DAY_SECONDS = 86_400;
/** Heights of about two months of heartbeats. */
const MONTHS_BLOCKS = 2_592_000;

const BASIS_POINTS = 10_000;

/** Before the names of what contracts' work costs in gas, on which delegates decide; their bounds are every chain's. */
export const GAS_PREFIX = "gas.";

type Bounds = readonly [least: number | bigint, most: number | bigint];

const GAS_BOUNDS = Object.fromEntries(
  GAS_PRICES.map((field): [string, Bounds] => {
    const { least, most } = gasPriceBounds(field);
    return [GAS_PREFIX + field, [least, most]];
  }),
);

/** Least and most of each parameter that a vote can set. */
export const BOUNDS_BY_VOTE: Readonly<Record<string, Bounds>> = {
  ...GAS_BOUNDS,
  // A transaction must have time to reach a block; what is remembered must stay bounded.
  validUntilHeightsMax: [600, 1_000_000],
  referenceHeightsMax: [600, 0xffffffff],
  referenceKeepHeights: [600, 100_000_000],
  feeRateBasisPoints: [1, BASIS_POINTS],
  blockBytesMax: [16 * TRANSACTION_BYTES_MAX, 32 * 1024 * 1024],
  blockTransactionsMax: [100, 200_000],
  blockIntervalMs: [10, INTERVAL_BY_VOTE_MOST_MS],
  heartbeatIntervalMs: [100, INTERVAL_BY_VOTE_MOST_MS],
  roundBlocks: [10, 0xffff],
  blockGasMax: [1_000_000, 200_000_000],
  blockPackageGasMax: [1_000_000, 200_000_000],
  // The fee of a vote is the least one.
  feeMinTtcUnits: [0, 1_000n * TTC_UNIT],
  feeCreateTokenTtcUnits: [0, 1_000_000n * TTC_UNIT],
  feeMintTtcUnits: [0, 1_000_000n * TTC_UNIT],
  feeBurnTtcUnits: [0, 1_000_000n * TTC_UNIT],
  depositAccountTtcUnits: [0, 1_000n * TTC_UNIT],
  depositBalanceTtcUnits: [0, 1_000n * TTC_UNIT],
  gasPriceTtcUnits: [0, 100n * TTC_UNIT],
  depositByteTtcUnits: [0, TTC_UNIT],
  // Fewer than four delegates stop when one of them does.
  delegatesMax: [4, ROUND_DELEGATES_MAX],
  delegatesMin: [4, ROUND_DELEGATES_MAX],
  candidatesMax: [ROUND_DELEGATES_MAX, CANDIDATES_MAX],
  unbondingSeconds: [2 * DAY_SECONDS, 365 * DAY_SECONDS],
  evidenceSeconds: [DAY_SECONDS, 364 * DAY_SECONDS],
  trustingSeconds: [3_600, 364 * DAY_SECONDS],
  missedPercentMax: [10, 100],
  suspensionRounds: [1, 10_000],
  slashBasisPoints: [1, BASIS_POINTS],
  partnerShareBasisPoints: [1, BASIS_POINTS],
  partnerBlocks: [1, 0xffffffff],
  grantBlocks: [1_000, 0xffffffff],
  grantMonths: [1, 1_200],
  challengeBlocks: [100, MONTHS_BLOCKS],
  answerBlocks: [10, MONTHS_BLOCKS],
  // Votes that end, and a quorum that can be had: else nothing could be taken back.
  proposalBlocks: [100, MONTHS_BLOCKS],
  activationBlocks: [100, MONTHS_BLOCKS],
  proposalQuorumBasisPoints: [500, 6_667],
  // A list that costs nothing would be filled by anybody for good.
  depositCandidateTtcUnits: [100n * TTC_UNIT, 10_000_000n * TTC_UNIT],
  depositMasterTtcUnits: [TTC_UNIT, 10_000_000n * TTC_UNIT],
  voteMinTtcUnits: [1, 1_000_000n * TTC_UNIT],
  partnerFeesMaxTtcUnits: [0, AMOUNT_MAX],
  grantTtcUnits: [0, 1_000_000n * TTC_UNIT],
  nameCommitHeightsMin: [2, 1_000],
  nameCommitHeightsMax: [1_000, 1_000_000],
  nameLeaseSeconds: [30 * DAY_SECONDS, 3_650 * DAY_SECONDS],
  nameGraceSeconds: [DAY_SECONDS, 365 * DAY_SECONDS],
  depositNameTtcUnits: [0, 1_000_000n * TTC_UNIT],
  feeNameTtcUnits: [0, 1_000_000n * TTC_UNIT],
};

/** Least and most of either amount of a quote. */
export const QUOTE_BY_VOTE: readonly [bigint, bigint] = [1n, 1_000_000n * TTC_UNIT];

/** Throws MALFORMED for a value that no vote may set. */
export function expectVotable(name: string, value: bigint): void {
  const bounds = Object.hasOwn(BOUNDS_BY_VOTE, name) ? BOUNDS_BY_VOTE[name] : undefined;
  if (bounds === undefined) {
    throw new CodedError("MALFORMED", `expected a parameter's name, got "${name}"`);
  }
  if (value < bounds[0] || value > bounds[1]) {
    throw new CodedError("MALFORMED", `expected a vote on ${name} from ${bounds[0]} to ${bounds[1]}, got ${value}`);
  }
}

/** Throws MALFORMED for a quote that no vote may set. */
export function expectVotableQuote({ units, ttcUnits }: { units: bigint; ttcUnits: bigint }): void {
  const [least, most] = QUOTE_BY_VOTE;
  if ([units, ttcUnits].some((amount) => amount < least || amount > most)) {
    throw new CodedError("MALFORMED", `expected a quote's amounts from ${least} to ${most}, got ${units}, ${ttcUnits}`);
  }
}

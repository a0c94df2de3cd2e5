// A round's end, in two blocks. The last but one counts: fees are shared by blocks signed, delegates that missed too much are suspended,
// and the next delegates are elected, a block before they take over because an engine must know them by then. The last block hands over.

import { assert } from "../../base/assert.js";
import type { DelegateTally } from "../../protocol/block.js";
import { CANDIDATE_STATES, type CandidateLeaf, type NativeUnits } from "../../protocol/delegateLeaves.js";
import type { Delegate } from "../../protocol/delegates.js";
import { accumulate, addNative, basisPointsOf, shareOf } from "../../protocol/rewards.js";
import { nextPriorities } from "../../protocol/rotation.js";
import { type Round, rotationAt, roundHeightElection, roundHeightLast } from "../../protocol/round.js";
import type { BlockScope } from "../blockScope.js";
import { FEE_POOL_ADDRESS } from "../feePool.js";
import type { LeafEntry, WorkingState } from "../workingState.js";
import { listedCandidates } from "./candidateList.js";
import { candidateEntry, delegateKeyEntry, delegatesEntry, nextDelegatesEntry, roundEntry } from "./delegateEntries.js";
import { elect } from "./election.js";
import { addToSystem, REWARDS_ADDRESS, takeFromSystem } from "./systemFunds.js";

const PERCENT = 100;

/** The candidate behind a delegate's key; undefined for delegates of genesis that never stood. */
function candidateOf(state: WorkingState, { publicKey }: Delegate): LeafEntry<CandidateLeaf> | undefined {
  const owner = delegateKeyEntry(state, publicKey).leaf;
  const entry = owner === undefined ? undefined : candidateEntry(state, owner);
  return entry?.leaf === undefined ? undefined : entry;
}

/** `leaf` with its share of the fees: what it passes on reaches its voters, the rest is its own. */
function rewarded(leaf: CandidateLeaf, shares: NativeUnits): CandidateLeaf {
  const accumulators = [...leaf.accumulators] as NativeUnits;
  const own = [...shares] as NativeUnits;
  for (let index = 0; index < shares.length; index++) {
    const passed = leaf.votes === 0n ? 0n : basisPointsOf(shares[index], leaf.payBasisPoints);
    if (passed > 0n) {
      accumulators[index] = accumulate(accumulators[index], passed, leaf.votes);
      own[index] -= passed;
    }
  }
  return { ...leaf, accumulators, earned: addNative(leaf.earned, own) };
}

/** Whether the round's work was too little to go on without a pause. */
function missedTooMuch(tally: DelegateTally, counted: number, percentMax: number): boolean {
  const turns = tally.proposed + tally.missed;
  const unsigned = counted - tally.signed;
  return tally.missed * PERCENT > turns * percentMax || unsigned * PERCENT > counted * percentMax;
}

/** Shares the fee pool's coins among the delegates by blocks signed, and takes note of their work. */
function settle(scope: BlockScope, round: Round, delegates: Delegate[], tally: readonly DelegateTally[]): void {
  const { state } = scope;
  const { missedPercentMax, suspensionRounds } = scope.parameters.rdpos;
  const signedByAll = tally.reduce((sum, { signed }) => sum + BigInt(signed), 0n);
  const pool = state.account(FEE_POOL_ADDRESS).leaf?.balances ?? [0n, 0n, 0n];
  // Blocks that the tally of this block speaks of.
  const counted = scope.height - round.heightFirst;
  delegates.forEach((delegate, index) => {
    const entry = candidateOf(state, delegate);
    if (entry?.leaf === undefined || entry.leaf.state === CANDIDATE_STATES.barred) {
      return;
    }
    const work = tally[index];
    const shares = pool.map((units) => shareOf(units, BigInt(work.signed), signedByAll)) as NativeUnits;
    shares.forEach((units, token) => {
      takeFromSystem(state, FEE_POOL_ADDRESS, token, units);
      addToSystem(state, REWARDS_ADDRESS, token, units);
    });
    const { leaf } = entry;
    const isSuspended = missedTooMuch(work, counted, missedPercentMax);
    state.set(entry, {
      ...rewarded(leaf, shares),
      rounds: leaf.rounds + 1,
      signed: leaf.signed + work.signed,
      proposed: leaf.proposed + work.proposed,
      missed: leaf.missed + work.missed,
      suspendedUntil: isSuspended ? round.number + 1 + suspensionRounds : leaf.suspendedUntil,
    });
  });
}

function handOver(scope: BlockScope, entry: LeafEntry<Round>, round: Round): void {
  const { state } = scope;
  const present = delegatesEntry(state);
  const elected = nextDelegatesEntry(state);
  const before = present.leaf;
  assert(before !== undefined, "every state has delegates");
  const delegates = elected.leaf?.delegates ?? before;
  const { priorities } = rotationAt(round, before, scope.height);
  if (elected.leaf !== undefined) {
    state.set(present, delegates);
    state.set(elected, undefined);
  }
  state.set(entry, {
    number: round.number + 1,
    heightFirst: scope.height + 1,
    blocks: scope.parameters.roundBlocks,
    priorities: nextPriorities(before, priorities, delegates),
  });
}

/** The step of every block: it does something at the two last heights of a round alone. */
export function endRound(scope: BlockScope, tally: readonly DelegateTally[]): void {
  const { state, height } = scope;
  const entry = roundEntry(state);
  const round = entry.leaf;
  if (round === undefined) {
    return;
  }
  if (height === roundHeightElection(round)) {
    const { leaf: delegates } = delegatesEntry(state);
    assert(delegates !== undefined, "every state has delegates");
    if (tally.length === delegates.length) {
      settle(scope, round, delegates, tally);
    }
    const elected = elect(listedCandidates(state), scope.parameters.rdpos);
    if (elected !== undefined) {
      state.set(nextDelegatesEntry(state), { heightFirst: roundHeightLast(round) + 1, delegates: elected });
    }
  } else if (height === roundHeightLast(round)) {
    handOver(scope, entry, round);
  }
}

// What voters do: lock coins and divide them among candidates, take them back, withdraw, claim rewards. Nothing here walks over more
// than the candidates of one account.

import {
  CANDIDATE_STATES,
  type CandidateLeaf,
  type NativeUnits,
  type VoteLeaf,
  type VoteShare,
} from "../../protocol/delegateLeaves.js";
import type { ClaimRewards, Unlock, Vote, Withdraw } from "../../protocol/operations/delegateOperations.js";
import { addNative, divide, earnedBetween } from "../../protocol/rewards.js";
import { NATIVE_TOKENS } from "../../protocol/tokens.js";
import { addUnits, credit } from "../ledger/balances.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { fail } from "../ledger/ledgerFailure.js";
import type { LeafEntry, WorkingState } from "../workingState.js";
import { forgetCandidate } from "./candidates.js";
import { candidateEntry, electionTotals, setElectionTotals, unbondingEntry, voteEntry } from "./delegateEntries.js";
import { DEPOSITS_ADDRESS, payIn, payOut, REWARDS_ADDRESS, takeFromSystem, VOTES_ADDRESS } from "./systemFunds.js";
import { startUnbonding } from "./unbonding.js";

const NOTHING: NativeUnits = [0n, 0n, 0n];

function expectCandidate(entry: LeafEntry<CandidateLeaf>): CandidateLeaf {
  return entry.leaf ?? fail("UNKNOWN_CANDIDATE");
}

/** Everything that the account's votes have earned up to now. */
function earnedSoFar(state: WorkingState, leaf: VoteLeaf): NativeUnits {
  let { earned } = leaf;
  for (const { candidate, weight, accumulators } of leaf.shares) {
    const now = candidateEntry(state, candidate).leaf?.accumulators ?? accumulators;
    const since = now.map((value, index) => earnedBetween(weight, accumulators[index], value)) as NativeUnits;
    earned = addNative(earned, since);
  }
  return earned;
}

/** Takes the shares off their candidates. */
function withdrawShares(state: WorkingState, shares: readonly VoteShare[]): void {
  for (const { candidate, weight } of shares) {
    const entry = candidateEntry(state, candidate);
    const leaf = expectCandidate(entry);
    state.set(entry, { ...leaf, votes: leaf.votes - weight });
    forgetCandidate(state, entry);
  }
}

/** Gives `locked` to the candidates, in equal parts, and tells the shares. `isAllowed` says whom one may vote for. */
function giveShares(
  state: WorkingState,
  locked: bigint,
  candidates: readonly Uint8Array[],
  isAllowed: (leaf: CandidateLeaf) => boolean,
): VoteShare[] {
  const weights = divide(locked, candidates.length);
  return candidates.map((candidate, index) => {
    const entry = candidateEntry(state, candidate);
    const leaf = expectCandidate(entry);
    if (!isAllowed(leaf)) {
      fail("UNKNOWN_CANDIDATE");
    }
    state.set(entry, { ...leaf, votes: addUnits(leaf.votes, weights[index]) });
    return { candidate, weight: weights[index], accumulators: leaf.accumulators };
  });
}

function addLocked(state: WorkingState, units: bigint): void {
  const totals = electionTotals(state);
  setElectionTotals(state, { ...totals, locked: totals.locked + units });
}

export function executeVote(context: LedgerContext, operation: Vote): void {
  const { state, parameters } = context;
  const voter = context.signers[operation.account];
  const entry = voteEntry(state, voter.address);
  const before: VoteLeaf = entry.leaf ?? { locked: 0n, earned: NOTHING, shares: [] };
  const locked = addUnits(before.locked, operation.amount);
  // Less than one unit for each would be no vote for the last.
  if (locked < parameters.rdpos.voteMinTtcUnits || locked < BigInt(operation.candidates.length)) {
    fail("VOTE_TOO_SMALL");
  }
  payIn(context, voter, VOTES_ADDRESS, operation.amount);
  const earned = earnedSoFar(state, before);
  const isAllowed = (leaf: CandidateLeaf): boolean => leaf.state === CANDIDATE_STATES.listed;
  // New shares first: a candidate that has resigned keeps its leaf while votes hang on it.
  const shares = giveShares(state, locked, operation.candidates, isAllowed);
  withdrawShares(state, before.shares);
  addLocked(state, operation.amount);
  state.set(entry, { locked, earned, shares });
}

export function executeUnlock(context: LedgerContext, operation: Unlock): void {
  const { state, parameters } = context;
  const { address } = context.signers[operation.account];
  const entry = voteEntry(state, address);
  const before = entry.leaf;
  if (before === undefined || before.locked < operation.amount) {
    fail("INSUFFICIENT_VOTES");
  }
  const locked = before.locked - operation.amount;
  if (locked > 0n && (locked < parameters.rdpos.voteMinTtcUnits || locked < BigInt(before.shares.length))) {
    fail("VOTE_TOO_SMALL");
  }
  startUnbonding(context, address, operation.amount);
  addLocked(state, -operation.amount);
  const earned = earnedSoFar(state, before);
  const candidates = locked === 0n ? [] : before.shares.map(({ candidate }) => candidate);
  const shares = candidates.length === 0 ? [] : giveShares(state, locked, candidates, () => true);
  withdrawShares(state, before.shares);
  const isGone = locked === 0n && earned.every((units) => units === 0n);
  state.set(entry, isGone ? undefined : { locked, earned, shares });
}

/** The candidate's deposit, if its time has come. */
function takeDueDeposit(context: LedgerContext, owner: Uint8Array): bigint {
  const entry = candidateEntry(context.state, owner);
  const { leaf } = entry;
  if (leaf === undefined || leaf.state === CANDIDATE_STATES.listed || leaf.withdrawableMs > context.timeMs) {
    return 0n;
  }
  context.state.set(entry, { ...leaf, deposit: 0n });
  forgetCandidate(context.state, entry);
  return leaf.deposit;
}

export function executeWithdraw(context: LedgerContext, operation: Withdraw): void {
  const { state, timeMs } = context;
  const account = context.signers[operation.account];
  const entry = unbondingEntry(state, account.address);
  const parts = entry.leaf?.parts ?? [];
  const waiting = parts.filter(({ withdrawableMs }) => withdrawableMs > timeMs);
  const due = parts.reduce((sum, { withdrawableMs, amount }) => (withdrawableMs > timeMs ? sum : sum + amount), 0n);
  const deposit = takeDueDeposit(context, account.address);
  if (due === 0n && deposit === 0n) {
    fail("NOTHING_DUE");
  }
  if (due > 0n) {
    state.set(entry, waiting.length === 0 ? undefined : { parts: waiting });
  }
  payOut(context, VOTES_ADDRESS, account, due);
  payOut(context, DEPOSITS_ADDRESS, account, deposit);
}

/** Takes what the account earned as a candidate. */
function takeCandidatesRewards(state: WorkingState, owner: Uint8Array): NativeUnits {
  const entry = candidateEntry(state, owner);
  const { leaf } = entry;
  if (leaf === undefined || leaf.earned.every((units) => units === 0n)) {
    return NOTHING;
  }
  state.set(entry, { ...leaf, earned: NOTHING });
  forgetCandidate(state, entry);
  return leaf.earned;
}

/** Takes what the account's votes earned. */
function takeVotersRewards(state: WorkingState, voter: Uint8Array): NativeUnits {
  const entry = voteEntry(state, voter);
  const { leaf } = entry;
  if (leaf === undefined) {
    return NOTHING;
  }
  const earned = earnedSoFar(state, leaf);
  if (earned.every((units) => units === 0n)) {
    return NOTHING;
  }
  const shares = leaf.shares.map((share) => ({
    ...share,
    accumulators: candidateEntry(state, share.candidate).leaf?.accumulators ?? share.accumulators,
  }));
  state.set(entry, leaf.locked === 0n ? undefined : { ...leaf, earned: NOTHING, shares });
  return earned;
}

export function executeClaimRewards(context: LedgerContext, operation: ClaimRewards): void {
  const { state } = context;
  const account = context.signers[operation.account];
  const asVoter = takeVotersRewards(state, account.address);
  const due = addNative(asVoter, takeCandidatesRewards(state, account.address));
  if (due.every((units) => units === 0n)) {
    fail("NOTHING_DUE");
  }
  due.forEach((units, index) => {
    if (units > 0n) {
      takeFromSystem(state, REWARDS_ADDRESS, index, units);
      credit(context, account, NATIVE_TOKENS[index], units);
    }
  });
}

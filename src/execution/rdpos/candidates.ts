// What candidates do: stand, change what they say of themselves, resign, come back.

import { equalBytes } from "../../base/bytes.js";
import { CANDIDATE_STATES, type CandidateLeaf, newCandidate } from "../../protocol/delegateLeaves.js";
import type {
  CandidateFace,
  RegisterCandidate,
  ResignCandidate,
  ResumeCandidate,
  UpdateCandidate,
} from "../../protocol/operations/delegateOperations.js";
import { signsByKey } from "../../protocol/transaction.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { fail } from "../ledger/ledgerFailure.js";
import type { LeafEntry, WorkingState } from "../workingState.js";
import { addToList, removeFromList } from "./candidateList.js";
import { candidateEntry, delegateKeyEntry, roundEntry } from "./delegateEntries.js";
import { DEPOSITS_ADDRESS, payIn } from "./systemFunds.js";

const MS_PER_SECOND = 1_000;

/** Takes the key for this candidate. Throws KEY_NOT_SIGNING or DELEGATE_KEY_TAKEN. */
function takeKey(context: LedgerContext, owner: Uint8Array, { delegateKey }: CandidateFace): void {
  const { transaction, state } = context;
  const signs = transaction.signers.some(
    ({ publicKey }, index) => signsByKey(transaction, index) && equalBytes(publicKey, delegateKey),
  );
  if (!signs) {
    fail("KEY_NOT_SIGNING");
  }
  const entry = delegateKeyEntry(state, delegateKey);
  if (entry.leaf === undefined) {
    state.set(entry, owner);
  } else if (!equalBytes(entry.leaf, owner)) {
    fail("DELEGATE_KEY_TAKEN");
  }
}

export function executeRegisterCandidate(context: LedgerContext, operation: RegisterCandidate): void {
  const { state, height, parameters } = context;
  const account = context.signers[operation.account];
  const entry = candidateEntry(state, account.address);
  const before = entry.leaf;
  if (before?.state === CANDIDATE_STATES.listed) {
    fail("CANDIDATE_EXISTS");
  }
  if (before?.state === CANDIDATE_STATES.barred) {
    fail("CANDIDATE_BARRED");
  }
  takeKey(context, account.address, operation);
  const deposit = parameters.rdpos.depositCandidateTtcUnits;
  // A deposit that still waits to be withdrawn counts towards the new one.
  const held = before?.deposit ?? 0n;
  if (deposit > held) {
    payIn(context, account, DEPOSITS_ADDRESS, deposit - held);
  }
  const place = addToList(state, account.address, parameters.rdpos.candidatesMax);
  const { delegateKey, payBasisPoints, name, site } = operation;
  state.set(entry, {
    ...(before ?? newCandidate(operation, height)),
    ...{ delegateKey, payBasisPoints, name, site, place },
    state: CANDIDATE_STATES.listed,
    deposit: deposit > held ? deposit : held,
    withdrawableMs: 0,
  });
}

/** The leaf of who stands. Throws UNKNOWN_CANDIDATE. */
function expectListed(
  state: WorkingState,
  owner: Uint8Array,
): { entry: LeafEntry<CandidateLeaf>; leaf: CandidateLeaf } {
  const entry = candidateEntry(state, owner);
  const { leaf } = entry;
  return leaf?.state === CANDIDATE_STATES.listed ? { entry, leaf } : fail("UNKNOWN_CANDIDATE");
}

export function executeUpdateCandidate(context: LedgerContext, operation: UpdateCandidate): void {
  const { address } = context.signers[operation.account];
  const { entry, leaf } = expectListed(context.state, address);
  takeKey(context, address, operation);
  const { delegateKey, payBasisPoints, name, site } = operation;
  context.state.set(entry, { ...leaf, delegateKey, payBasisPoints, name, site });
}

export function executeResignCandidate(context: LedgerContext, operation: ResignCandidate): void {
  const { entry, leaf } = expectListed(context.state, context.signers[operation.account].address);
  removeFromList(context.state, leaf);
  context.state.set(entry, {
    ...leaf,
    place: 0,
    state: CANDIDATE_STATES.resigned,
    withdrawableMs: context.timeMs + context.parameters.rdpos.unbondingSeconds * MS_PER_SECOND,
  });
}

export function executeResumeCandidate(context: LedgerContext, operation: ResumeCandidate): void {
  const { entry, leaf } = expectListed(context.state, context.signers[operation.account].address);
  if (leaf.suspendedUntil === 0) {
    fail("NOT_SUSPENDED");
  }
  if ((roundEntry(context.state).leaf?.number ?? 0) < leaf.suspendedUntil) {
    fail("STILL_SUSPENDED");
  }
  context.state.set(entry, { ...leaf, suspendedUntil: 0 });
}

/** Removes the leaf of a candidate that has resigned, once nothing hangs on it. */
export function forgetCandidate(state: WorkingState, entry: LeafEntry<CandidateLeaf>): void {
  const { leaf } = entry;
  const isIdle = leaf?.state === CANDIDATE_STATES.resigned && leaf.deposit === 0n && leaf.votes === 0n;
  if (isIdle && leaf.earned.every((units) => units === 0n)) {
    state.set(entry, undefined);
  }
}

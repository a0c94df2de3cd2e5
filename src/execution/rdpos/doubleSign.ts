// Who signed two blocks of one height: part of the deposit is burnt, and the candidate never stands again.

import { CANDIDATE_STATES } from "../../protocol/delegateLeaves.js";
import { CodedError } from "../../protocol/errors.js";
import { decodeEvidence, type ProvenDoubleSignature, verifyEvidence } from "../../protocol/evidence.js";
import type { ReportDoubleSign } from "../../protocol/operations/delegateOperations.js";
import { basisPointsOf } from "../../protocol/rewards.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { fail } from "../ledger/ledgerFailure.js";
import { removeFromList } from "./candidateList.js";
import { candidateEntry, delegateKeyEntry } from "./delegateEntries.js";
import { DEPOSITS_ADDRESS, takeFromSystem } from "./systemFunds.js";

const MS_PER_SECOND = 1_000;
const TTC_INDEX = 0;

function prove(context: LedgerContext, bytes: Uint8Array): ProvenDoubleSignature {
  try {
    return verifyEvidence(decodeEvidence(bytes), context.genesisHash);
  } catch (error) {
    if (error instanceof CodedError) {
      fail("BAD_EVIDENCE");
    }
    throw error;
  }
}

/** Takes units out of the supply for good. */
function burn(context: LedgerContext, units: bigint): void {
  const { state } = context;
  takeFromSystem(state, DEPOSITS_ADDRESS, TTC_INDEX, units);
  const token = state.token("TTC");
  if (token.leaf !== undefined) {
    state.set(token, { ...token.leaf, supply: token.leaf.supply - units });
  }
}

export function executeReportDoubleSign(context: LedgerContext, operation: ReportDoubleSign): void {
  const { state, timeMs, parameters } = context;
  const { evidenceSeconds, slashBasisPoints, unbondingSeconds } = parameters.rdpos;
  const proven = prove(context, operation.evidence);
  if (proven.timeMs + evidenceSeconds * MS_PER_SECOND < timeMs) {
    fail("EVIDENCE_TOO_OLD");
  }
  const owner = delegateKeyEntry(state, proven.publicKey).leaf ?? fail("UNKNOWN_CANDIDATE");
  const entry = candidateEntry(state, owner);
  const leaf = entry.leaf ?? fail("UNKNOWN_CANDIDATE");
  if (leaf.state === CANDIDATE_STATES.barred) {
    fail("CANDIDATE_BARRED");
  }
  if (leaf.state === CANDIDATE_STATES.listed) {
    removeFromList(state, leaf);
  }
  const burnt = basisPointsOf(leaf.deposit, slashBasisPoints);
  burn(context, burnt);
  const withdrawableMs = leaf.withdrawableMs || timeMs + unbondingSeconds * MS_PER_SECOND;
  const present = entry.leaf ?? leaf;
  state.set(entry, {
    ...present,
    place: 0,
    state: CANDIDATE_STATES.barred,
    deposit: leaf.deposit - burnt,
    withdrawableMs,
  });
}

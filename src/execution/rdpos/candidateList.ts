// The list of candidates, which an election walks over.

import { assert } from "../../base/assert.js";
import { CANDIDATE_STATES, type CandidateLeaf } from "../../protocol/delegateLeaves.js";
import { fail } from "../ledger/ledgerFailure.js";
import type { LeafEntry, WorkingState } from "../workingState.js";
import { type AddressPages, appendAddress, listedAddresses, removeAddress } from "./addressPages.js";
import { candidateEntry, candidatePageEntry, electionTotals, setElectionTotals } from "./delegateEntries.js";

export interface ListedCandidate {
  owner: Uint8Array;
  entry: LeafEntry<CandidateLeaf>;
  leaf: CandidateLeaf;
}

const CANDIDATE_PAGES: AddressPages = {
  page: candidatePageEntry,
  count: (state) => electionTotals(state).candidates,
  setCount: (state, candidates) => setElectionTotals(state, { ...electionTotals(state), candidates }),
};

/** All candidates on the list, in its order. */
export function listedCandidates(state: WorkingState): ListedCandidate[] {
  return listedAddresses(CANDIDATE_PAGES, state).map((owner) => {
    const entry = candidateEntry(state, owner);
    assert(entry.leaf !== undefined, "every address of the list is a candidate's");
    return { owner, entry, leaf: entry.leaf };
  });
}

/** Puts a candidate on the list; gives its place. Throws CANDIDATES_FULL. */
export function addToList(state: WorkingState, owner: Uint8Array, candidatesMax: number): number {
  if (electionTotals(state).candidates >= candidatesMax) {
    fail("CANDIDATES_FULL");
  }
  return appendAddress(CANDIDATE_PAGES, state, owner);
}

/** Takes a listed candidate off the list; its own leaf is the caller's to change afterwards. */
export function removeFromList(state: WorkingState, leaf: CandidateLeaf): void {
  assert(leaf.state === CANDIDATE_STATES.listed, "only who is on the list can leave it");
  const moved = removeAddress(CANDIDATE_PAGES, state, leaf.place);
  if (moved !== undefined) {
    const other = candidateEntry(state, moved);
    assert(other.leaf !== undefined, "every address of the list is a candidate's");
    state.set(other, { ...other.leaf, place: leaf.place });
  }
}

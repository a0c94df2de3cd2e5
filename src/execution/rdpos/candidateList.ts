// The list of candidates: pages of addresses without holes. Whoever leaves is replaced by the last, so that joining and leaving touch
// two pages at the most, and an election reads each candidate once.

import { assert } from "../../base/assert.js";
import { CANDIDATE_STATES, type CandidateLeaf, PAGE_ADDRESSES } from "../../protocol/delegateLeaves.js";
import { fail } from "../ledger/ledgerFailure.js";
import type { LeafEntry, WorkingState } from "../workingState.js";
import { candidateEntry, candidatePageEntry, electionTotals, setElectionTotals } from "./delegateEntries.js";

export interface ListedCandidate {
  owner: Uint8Array;
  entry: LeafEntry<CandidateLeaf>;
  leaf: CandidateLeaf;
}

/** All candidates on the list, in its order. */
export function listedCandidates(state: WorkingState): ListedCandidate[] {
  const { candidates } = electionTotals(state);
  const listed: ListedCandidate[] = [];
  for (let page = 0; page * PAGE_ADDRESSES < candidates; page++) {
    for (const owner of candidatePageEntry(state, page).leaf ?? []) {
      const entry = candidateEntry(state, owner);
      assert(entry.leaf !== undefined, "every address of the list is a candidate's");
      listed.push({ owner, entry, leaf: entry.leaf });
    }
  }
  assert(listed.length === candidates, `the list names ${listed.length} candidates of ${candidates}`);
  return listed;
}

/** Puts a candidate on the list; gives its place. Throws CANDIDATES_FULL. */
export function addToList(state: WorkingState, owner: Uint8Array, candidatesMax: number): number {
  const totals = electionTotals(state);
  const place = totals.candidates;
  if (place >= candidatesMax) {
    fail("CANDIDATES_FULL");
  }
  const page = candidatePageEntry(state, Math.floor(place / PAGE_ADDRESSES));
  state.set(page, [...(page.leaf ?? []), owner]);
  setElectionTotals(state, { ...totals, candidates: place + 1 });
  return place;
}

/** Takes a listed candidate off the list; its own leaf is the caller's to change afterwards. */
export function removeFromList(state: WorkingState, leaf: CandidateLeaf): void {
  assert(leaf.state === CANDIDATE_STATES.listed, "only who is on the list can leave it");
  const totals = electionTotals(state);
  const lastPlace = totals.candidates - 1;
  const lastPage = candidatePageEntry(state, Math.floor(lastPlace / PAGE_ADDRESSES));
  const addresses = lastPage.leaf ?? [];
  const moved = addresses[lastPlace % PAGE_ADDRESSES];
  const rest = addresses.slice(0, -1);
  state.set(lastPage, rest.length === 0 ? undefined : rest);
  if (leaf.place !== lastPlace) {
    const page = candidatePageEntry(state, Math.floor(leaf.place / PAGE_ADDRESSES));
    const changed = [...(page.leaf ?? [])];
    changed[leaf.place % PAGE_ADDRESSES] = moved;
    state.set(page, changed);
    const other = candidateEntry(state, moved);
    assert(other.leaf !== undefined, "every address of the list is a candidate's");
    state.set(other, { ...other.leaf, place: leaf.place });
  }
  setElectionTotals(state, { ...totals, candidates: lastPlace });
}

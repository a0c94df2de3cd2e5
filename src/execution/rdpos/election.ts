// Who the next round's delegates are: the candidates with most votes, equal in power. Pure.

import { compareBytes } from "../../base/bytes.js";
import type { CandidateLeaf } from "../../protocol/delegateLeaves.js";
import type { Delegate } from "../../protocol/delegates.js";
import type { RdposParameters } from "../../protocol/rdposParameters.js";
import { compareTurns } from "../../protocol/rotation.js";

/** The power that each elected delegate has. */
export const DELEGATE_POWER = 1;

export interface Standing {
  owner: Uint8Array;
  leaf: Pick<CandidateLeaf, "delegateKey" | "suspendedUntil" | "votes">;
}

/** Most votes first; the lower address where votes are equal. */
export function compareStanding(a: Standing, b: Standing): number {
  if (a.leaf.votes !== b.leaf.votes) {
    return a.leaf.votes > b.leaf.votes ? -1 : 1;
  }
  return compareBytes(a.owner, b.owner);
}

/** The delegates that win, in the order of the engine; undefined where too few can be elected. */
export function elect(
  candidates: readonly Standing[],
  parameters: Pick<RdposParameters, "delegatesMax" | "delegatesMin">,
): Delegate[] | undefined {
  const standing = candidates.filter(({ leaf }) => leaf.votes > 0n && leaf.suspendedUntil === 0);
  if (standing.length < parameters.delegatesMin) {
    return undefined;
  }
  const winners = standing.sort(compareStanding).slice(0, parameters.delegatesMax);
  return winners
    .map(({ leaf }) => ({ publicKey: leaf.delegateKey, power: DELEGATE_POWER }))
    .sort((a, b) => compareTurns(a.publicKey, b.publicKey));
}

// Tells the engine of elections. A set that is elected at height H, a block before its round ends, takes over at H + 2: that is from
// when the engine lets validators hold that it is told of at H. So both engines have the same set at every height.

import { assert } from "../../base/assert.js";
import { bytesKey, equalBytes } from "../../base/bytes.js";
import type { Delegate } from "../../protocol/delegates.js";
import { decodeNextDelegates, type Round, roundHeightElection } from "../../protocol/round.js";
import { decodeSystemLeaf, systemKey } from "../../protocol/stateLeaves.js";
import { decodeWriteSet } from "../../protocol/writeSet.js";
import { DELEGATES_NEXT_LEAF } from "../../state/views.js";
import type { ValidatorUpdate } from "./abciMessages.js";

/** Heights between an election and the first block of those elected. */
const HEIGHTS_AHEAD = 2;
const nextKey = systemKey(DELEGATES_NEXT_LEAF);

/** What turns one set into the other: new powers, and power 0 for those that leave. */
function difference(present: readonly Delegate[], next: readonly Delegate[]): ValidatorUpdate[] {
  const before = new Map(present.map(({ publicKey, power }) => [bytesKey(publicKey), power]));
  const staying = new Set(next.map(({ publicKey }) => bytesKey(publicKey)));
  const left = present.filter(({ publicKey }) => !staying.has(bytesKey(publicKey)));
  const changed = next.filter(({ publicKey, power }) => before.get(bytesKey(publicKey)) !== power);
  return [...changed, ...left.map(({ publicKey }) => ({ publicKey, power: 0 }))];
}

/** The updates of the block at `height`, whose changes `writeSet` has; `round` and `present` are those that it was made in. */
export function validatorUpdates(
  round: Round,
  present: readonly Delegate[],
  height: number,
  writeSet: Uint8Array,
): ValidatorUpdate[] {
  if (height !== roundHeightElection(round)) {
    return [];
  }
  const elected = decodeWriteSet(writeSet).find(({ key }) => equalBytes(key, nextKey))?.value;
  if (elected === undefined) {
    return [];
  }
  const next = decodeNextDelegates(decodeSystemLeaf(elected));
  assert(next.heightFirst === height + HEIGHTS_AHEAD, "those elected take over when the engine lets them");
  return difference(present, next.delegates);
}

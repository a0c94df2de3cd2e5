// Who agreed on an earlier block. The write set of the last block before a set's first names it, so it is known as far back as blocks are
// kept: besides the present set and that of genesis, which are known always.

import { equalBytes } from "../base/bytes.js";
import { decodeResult } from "../protocol/block.js";
import { type Delegate, decodeDelegates, delegateSetHash } from "../protocol/delegates.js";
import { CodedError } from "../protocol/errors.js";
import { genesisDelegates } from "../protocol/genesisDelegates.js";
import { decodeSystemLeaf, systemKey } from "../protocol/stateLeaves.js";
import { decodeWriteSet } from "../protocol/writeSet.js";
import { DELEGATES_LEAF, readDelegates } from "../state/views.js";
import type { CommittedBlock } from "../storage/committedBlock.js";
import type { ChainView } from "./chainView.js";
import type { ApiServices } from "./services.js";

const delegatesKey = systemKey(DELEGATES_LEAF);

/** The hash of the set that agrees on the block. */
export function setHashOf(block: CommittedBlock): Uint8Array {
  return decodeResult(block.block.result).delegateSetHash;
}

/** The latest block below `height` that another set agreed on than on that one; undefined where all that are kept are of the same set. */
async function lastOfOtherSet(chain: ChainView, first: number, height: number, hash: Uint8Array) {
  let other = await chain.block(first);
  if (equalBytes(setHashOf(other), hash)) {
    return undefined;
  }
  // Below is always a block of another set, above always one of this set.
  for (let low = first, high = height; high - low > 1; ) {
    const middle = await chain.block(Math.floor((low + high) / 2));
    if (equalBytes(setHashOf(middle), hash)) {
      high = middle.height;
    } else {
      other = middle;
      low = middle.height;
    }
  }
  return other;
}

/** The delegates that agreed on the block of `height`. Throws NOT_FOUND, or HEIGHT_NOT_KEPT where nothing that is kept names them. */
export async function delegatesOfHeight(
  chain: ChainView,
  { blocks, genesis, state }: ApiServices,
  height: number,
): Promise<Delegate[]> {
  const hash = setHashOf(await chain.block(height));
  const known = [readDelegates(state), genesisDelegates(genesis)].find((set) => equalBytes(delegateSetHash(set), hash));
  if (known !== undefined) {
    return known;
  }
  const oldest = blocks.firstHeight ?? height;
  const before = await lastOfOtherSet(chain, oldest, height, hash);
  const changes = before === undefined ? [] : decodeWriteSet(before.writeSet);
  const leaf = changes.find(({ key }) => equalBytes(key, delegatesKey))?.value;
  const set = leaf === undefined ? undefined : decodeDelegates(decodeSystemLeaf(leaf));
  if (set === undefined || !equalBytes(delegateSetHash(set), hash)) {
    throw new CodedError("HEIGHT_NOT_KEPT", "the block that named these delegates is kept no more", { oldest });
  }
  return set;
}

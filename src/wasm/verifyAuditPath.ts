// Checks an RFC 6962 audit path from the leaf upwards, by the procedure of RFC 9162, section 2.1.3.2. Path length and order
// follow from index and count alone, so no other path can pass.

import { equalBytes } from "../base/bytes.js";
import type { Sha256Functions } from "./sha256Functions.js";

const HASH_SIZE = 32;

/** See `verifyMerkleProof` in Sha256Functions. */
export function verifyAuditPath(
  functions: Pick<Sha256Functions, "hashLeaf" | "hashInner">,
  leaf: Uint8Array,
  index: number,
  count: number,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(count) || index < 0 || index >= count) {
    return false;
  }
  if (root.length !== HASH_SIZE) {
    return false;
  }
  // Division instead of shifts: counts may exceed 32 bits.
  let at = index;
  let last = count - 1;
  let hash = functions.hashLeaf(leaf);
  for (const sibling of path) {
    if (last === 0 || sibling.length !== HASH_SIZE) {
      return false;
    }
    if (at % 2 === 1) {
      hash = functions.hashInner(sibling, hash);
    } else if (at < last) {
      hash = functions.hashInner(hash, sibling);
    } else {
      // The last node without a neighbour moves up unchanged until it is a right child.
      do {
        at /= 2;
        last = Math.floor(last / 2);
      } while (at % 2 === 0);
      hash = functions.hashInner(sibling, hash);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equalBytes(hash, root);
}

// Who agreed on the latest block. Its last step may have put the next round's delegates into the state already: then they stand in the
// state of the height before, as far back as that is kept.

import { equalBytes } from "./base/bytes.js";
import { type Delegate, delegateSetHash } from "./protocol/delegates.js";
import type { State } from "./state/state.js";
import { readDelegates } from "./state/views.js";

/** The delegates of the block of `height`, the state's own, whose set has this hash. Throws where they are kept no more. */
export function delegatesOfBlock(state: State, height: number, setHash: Uint8Array): Delegate[] {
  const present = readDelegates(state);
  if (equalBytes(delegateSetHash(present), setHash)) {
    return present;
  }
  if (height - 1 >= state.oldestHeight) {
    const before = readDelegates({ get: (key) => state.getAt(height - 1, key) });
    if (equalBytes(delegateSetHash(before), setHash)) {
      return before;
    }
  }
  throw new Error(
    `block ${height} ends a round, and the delegates that agreed on it are kept no more, as right after a restore: copy the snapshot ` +
      "that this chain was restored from, or let the node make one more block",
  );
}

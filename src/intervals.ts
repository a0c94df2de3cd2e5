// The chain's intervals as of the latest block: a vote may change them, and the engines follow at once.

import type { Intervals } from "./consensus/consensusEngine.js";
import type { State } from "./state/state.js";
import { readParameters } from "./state/views.js";

/** A function that gives them, and reads the parameters once a height. */
export function intervalsOf(state: State): () => Intervals {
  let height = -1;
  let intervals: Intervals = { blockIntervalMs: 0, heartbeatIntervalMs: 0 };
  return () => {
    if (height !== state.height) {
      height = state.height;
      intervals = readParameters(state);
    }
    return intervals;
  };
}

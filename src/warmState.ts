// Reads the state's pages into memory after a start, a few at a time between other work, so that the first payments to a million accounts do
// not each wait for pages of their own. Stops when the memory for pages is nearly full.

import type { Clock, Timer } from "./base/clock.js";
import type { State } from "./state/state.js";

/** About two milliseconds of reading, and as long for others. */
const PAGES_A_TURN = 128;
const PAUSE_MS = 2;

/** Begins; the function that it returns ends it. `onFailure` hears of a page that can't be read. */
export function warmState(state: State, clock: Clock, onFailure: (error: unknown) => void): () => void {
  const pages = state.warmUp();
  let timer: Timer | undefined;
  const turn = (): void => {
    timer = undefined;
    try {
      for (let i = 0; i < PAGES_A_TURN; i++) {
        if (pages.next().done) {
          return;
        }
      }
    } catch (error) {
      onFailure(error);
      return;
    }
    timer = clock.setTimer(PAUSE_MS, turn);
  };
  timer = clock.setTimer(PAUSE_MS, turn);
  return () => timer?.cancel();
}

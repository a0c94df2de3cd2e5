// Time as the node sees it. It enters through node.ts as a `Clock`, so that a simulator can put its own in; nothing at or
// below src/execution may ask for it, for a block's effects depend on its own timestamp only.

/** A timer that has been set; `cancel` is harmless once it has fired. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since 1970, UTC. It may jump when the operator or NTP sets the machine's clock. */
  nowMs(): number;
  /** Milliseconds since some fixed moment, with a fraction; it never goes back. For durations and deadlines. */
  monotonicMs(): number;
  /** Calls `callback` once, `delayMs` from now at the earliest. */
  setTimer(delayMs: number, callback: () => void): Timer;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(delayMs, callback) {
    const handle = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

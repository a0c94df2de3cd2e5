// The simulated machine's clock: it stands still until the simulation moves it, and its wall time may jump. Timers belong to
// the process that set them and die with it.

import type { Clock, Timer } from "../../src/base/clock.js";

interface PendingTimer {
  dueMs: number;
  order: number;
  owner: object;
  callback: () => void;
}

/** Turns of the event loop after which nothing that needs no timer is still under way. */
const SETTLE_TURNS = 24;

/** Lets everything that needs no timer finish. */
export async function settle(turns = SETTLE_TURNS): Promise<void> {
  for (let i = 0; i < turns; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export class SimulatedClock {
  /** Milliseconds since the simulation began. */
  nowMs = 0;
  /** What the wall clock shows beyond that. */
  wallOffsetMs = 1_800_000_000_000;
  private timers: PendingTimer[] = [];
  private orderNext = 0;

  /** The clock as one process sees it. */
  viewOf(owner: object): Clock {
    return {
      nowMs: () => this.nowMs + this.wallOffsetMs,
      monotonicMs: () => this.nowMs,
      setTimer: (delayMs, callback) => this.setTimer(owner, delayMs, callback),
    };
  }

  setTimer(owner: object, delayMs: number, callback: () => void): Timer {
    const timer = { dueMs: this.nowMs + Math.max(0, delayMs), order: this.orderNext++, owner, callback };
    this.timers.push(timer);
    return {
      cancel: () => {
        this.timers = this.timers.filter((other) => other !== timer);
      },
    };
  }

  /** The process is gone. */
  forget(owner: object): void {
    this.timers = this.timers.filter((timer) => timer.owner !== owner);
  }

  private nextTimer(): PendingTimer | undefined {
    let next: PendingTimer | undefined;
    for (const timer of this.timers) {
      if (next === undefined || timer.dueMs < next.dueMs || (timer.dueMs === next.dueMs && timer.order < next.order)) {
        next = timer;
      }
    }
    return next;
  }

  /** Fires the next timer, if it is due by `endMs`; false where there is none. */
  async fireNext(endMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    const next = this.nextTimer();
    if (next === undefined || next.dueMs > endMs) {
      return false;
    }
    this.timers = this.timers.filter((timer) => timer !== next);
    this.nowMs = Math.max(this.nowMs, next.dueMs);
    next.callback();
    await settle();
    return true;
  }

  /** Moves on, firing each timer at its time. */
  async advance(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    while (await this.fireNext(endMs)) {
      // Each may set others.
    }
    this.nowMs = endMs;
    await settle();
  }
}

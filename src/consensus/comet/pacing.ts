// When the next block is due: an interval after the one before while there is work, else a heartbeat after it. The engine asks
// for a proposal as soon as a block is decided; the answer waits until then, or until a transaction comes.

import type { Clock, Timer } from "../../base/clock.js";

export interface PacingOptions {
  blockIntervalMs: number;
  heartbeatIntervalMs: number;
  hasWork: () => boolean;
}

export class Pacing {
  private lastMs = Number.NEGATIVE_INFINITY;
  private waiting: { timer: Timer; wake: () => void } | undefined;
  private released = false;

  constructor(
    private readonly clock: Clock,
    private readonly options: PacingOptions,
  ) {}

  /** A block was proposed, here or elsewhere. */
  onProposal(): void {
    this.lastMs = this.clock.monotonicMs();
  }

  /** Resolves when the next block is due. */
  async untilDue(): Promise<void> {
    const { blockIntervalMs, heartbeatIntervalMs, hasWork } = this.options;
    while (!this.released) {
      const interval = hasWork() ? blockIntervalMs : heartbeatIntervalMs;
      const delayMs = this.lastMs + interval - this.clock.monotonicMs();
      if (!(delayMs > 0)) {
        return;
      }
      await new Promise<void>((resolve) => {
        this.waiting = { timer: this.clock.setTimer(Math.ceil(delayMs), resolve), wake: resolve };
      });
      this.waiting?.timer.cancel();
      this.waiting = undefined;
    }
  }

  /** A transaction is ready: what waits looks again. */
  notifyReady(): void {
    this.waiting?.wake();
  }

  /** The node stops: nothing waits any more. */
  release(): void {
    this.released = true;
    this.waiting?.wake();
  }
}

// When the next block is due: an interval after the one before while there is work, else a heartbeat after it. The engine asks
// for a proposal as soon as a block is decided; the answer waits until then, or until a transaction comes.

import type { Clock, Timer } from "../../base/clock.js";
import type { Intervals } from "../consensusEngine.js";

export interface PacingOptions {
  /** As of now: a vote may change them. */
  intervals: () => Intervals;
  hasWork: () => boolean;
}

export class Pacing {
  private lastMs = Number.NEGATIVE_INFINITY;
  /** What wakes those that wait: more than one after the engine was killed and asked again. */
  private readonly waiting = new Set<() => void>();
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
    const { intervals, hasWork } = this.options;
    while (!this.released) {
      const { blockIntervalMs, heartbeatIntervalMs } = intervals();
      const interval = hasWork() ? blockIntervalMs : heartbeatIntervalMs;
      const delayMs = this.lastMs + interval - this.clock.monotonicMs();
      if (!(delayMs > 0)) {
        return;
      }
      await this.wait(Math.ceil(delayMs));
    }
  }

  private async wait(delayMs: number): Promise<void> {
    let timer: Timer | undefined;
    let wake: (() => void) | undefined;
    await new Promise<void>((resolve) => {
      wake = resolve;
      this.waiting.add(resolve);
      timer = this.clock.setTimer(delayMs, resolve);
    });
    timer?.cancel();
    this.waiting.delete(wake!);
  }

  /** A transaction is ready: what waits looks again. */
  notifyReady(): void {
    for (const wake of this.waiting) {
      wake();
    }
  }

  /** The node stops: nothing waits any more. */
  release(): void {
    this.released = true;
    this.notifyReady();
  }
}

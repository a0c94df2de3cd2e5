// The arrivals of an open loop: when each item is due is fixed before the first, and nothing that the node answers or fails to
// answer moves it. A tick that comes late hands out everything that is overdue, with the times at which it was due.

import type { Clock, Timer } from "../../base/clock.js";

/** Ticks come no closer than this; what is due in between goes out together. */
const TICK_MS = 10;

export interface OpenLoopOptions {
  /** Arrivals a second. */
  rate: number;
  count: number;
  /** Items `first` to `end` - 1 are due now. It must not wait. */
  onDue(first: number, end: number): void;
}

export class OpenLoop {
  readonly #clock: Clock;
  readonly #options: OpenLoopOptions;
  readonly #startMs: number;
  #next = 0;
  #timer: Timer | undefined;
  #finished: () => void = () => {};
  /** Resolves when the last item was handed out. */
  readonly finished: Promise<void>;

  /** Begins at once: item 0 is due now. */
  constructor(clock: Clock, options: OpenLoopOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#startMs = clock.monotonicMs();
    this.finished = new Promise((resolve) => {
      this.#finished = resolve;
    });
    this.#timer = clock.setTimer(0, () => this.#tick());
  }

  /** When item `index` is due, on the clock's monotonic scale. */
  dueMs(index: number): number {
    return this.#startMs + (index * 1_000) / this.#options.rate;
  }

  /** How many have been handed out. */
  get offered(): number {
    return this.#next;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#finished();
  }

  #tick(): void {
    const { count, rate, onDue } = this.#options;
    const passedMs = this.#clock.monotonicMs() - this.#startMs;
    const end = Math.min(count, Math.floor((passedMs * rate) / 1_000) + 1);
    if (end > this.#next) {
      const first = this.#next;
      this.#next = end;
      onDue(first, end);
    }
    if (this.#next === count) {
      this.#finished();
      return;
    }
    const waitMs = this.dueMs(this.#next) - this.#clock.monotonicMs();
    this.#timer = this.#clock.setTimer(Math.max(TICK_MS, waitMs), () => this.#tick());
  }
}

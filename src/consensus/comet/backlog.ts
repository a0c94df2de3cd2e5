// How long what waits in the pool will wait, by the pace at which blocks take it. Beyond a bound this node's own clients are told to come
// again: they can go elsewhere or later, while what peers hand on was admitted already.

/** What may always wait: a pace that was measured in quiet times says nothing of a sudden crowd. */
const WAITING_FREE = 4_000;
/** How long what is admitted shall wait for a block at most. */
const WAIT_MS_MAX = 1_500;
/** The part of a slower pace that is believed at once; a faster one is believed whole. */
const SLOWER_PART = 0.5;

export class Backlog {
  private lastMs: number | undefined;
  /** Transactions a millisecond while more wait than blocks take. */
  private pace = Number.POSITIVE_INFINITY;

  /** A block of `count` transactions was committed and left `waiting` ready ones behind. */
  onCommitted(count: number, waiting: number, nowMs: number): void {
    const { lastMs } = this;
    this.lastMs = nowMs;
    if (waiting === 0) {
      this.pace = Number.POSITIVE_INFINITY;
    } else if (count > 0 && lastMs !== undefined) {
      const measured = count / Math.max(1, nowMs - lastMs);
      const isSlower = Number.isFinite(this.pace) && measured < this.pace;
      this.pace = isSlower ? this.pace + (measured - this.pace) * SLOWER_PART : measured;
    }
  }

  /** Whether one more would wait too long behind those that wait. */
  isFull(waiting: number): boolean {
    return waiting > WAITING_FREE && waiting > this.pace * WAIT_MS_MAX;
  }
}

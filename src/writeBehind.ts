// State and history are written behind the block log now and then, never on the way of a block: the log alone is what was
// promised, and both are rebuilt from it.

import type { Clock } from "./base/clock.js";
import type { History } from "./history/history.js";
import type { State } from "./state/state.js";

/** Dirty state is written when it is this large, or this old: a page that many payments change in between is written once. */
export const FLUSH_DIRTY_BYTES = 96 * 1024 * 1024;
const FLUSH_INTERVAL_MS = 15_000;
/** Where this much state, or this much history, waits for a slow disk, blocks wait too: memory must not grow with its slowness. */
const WAITING_BYTES_MAX = 256 * 1024 * 1024;
const WAITING_TRANSACTIONS_MAX = 200_000;
/** History alone is written when it is this many transactions: their blocks' records stay in memory until then. */
const FLUSH_TRANSACTIONS = 50_000;

export class WriteBehind {
  private running: Promise<void> | undefined;
  private runningHistory: Promise<void> | undefined;
  private lastMs: number;
  private failed = false;

  constructor(
    private readonly state: State,
    private readonly history: History,
    private readonly clock: Clock,
    private readonly onFailure: (error: unknown) => void,
    /** Called with the height up to which both are durable. */
    private readonly onWritten: (height: number) => Promise<void> = () => Promise.resolve(),
  ) {
    this.lastMs = clock.monotonicMs();
  }

  /** Begins to write where it is time; resolves when the next block may be made. */
  async afterBlock(): Promise<void> {
    const { dirtyBytes } = this.state;
    const { pendingTransactions } = this.history;
    const due = this.clock.monotonicMs() - this.lastMs >= FLUSH_INTERVAL_MS;
    if (!this.failed && this.running === undefined && (due || dirtyBytes >= FLUSH_DIRTY_BYTES)) {
      this.running = this.watch(this.flush()).finally(() => {
        this.running = undefined;
        this.lastMs = this.clock.monotonicMs();
      });
    }
    if (!this.failed && this.runningHistory === undefined && pendingTransactions >= FLUSH_TRANSACTIONS) {
      this.runningHistory = this.watch(this.history.flush()).finally(() => {
        this.runningHistory = undefined;
      });
    }
    if (dirtyBytes >= WAITING_BYTES_MAX || pendingTransactions >= WAITING_TRANSACTIONS_MAX) {
      await Promise.all([this.running, this.runningHistory]);
    }
  }

  /** Resolves in any case; the first failure is told. */
  private async watch(writing: Promise<void>): Promise<void> {
    try {
      await writing;
    } catch (error) {
      if (!this.failed) {
        this.failed = true;
        this.onFailure(error);
      }
    }
  }

  private async flush(): Promise<void> {
    await this.state.flush();
    await this.history.flush();
    await this.onWritten(Math.min(this.state.flushedHeight, this.history.checkpoint));
  }

  /** Writes what is left. A store that failed was told of and is not tried again: the log holds everything, and makes it again. */
  async settle(): Promise<void> {
    await Promise.all([this.running, this.runningHistory]);
    if (!this.failed) {
      await this.flush();
    }
  }
}

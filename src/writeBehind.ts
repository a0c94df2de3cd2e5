// State and history are written behind the block log now and then, never on the way of a block: the log alone is what was
// promised, and both are rebuilt from it.

import type { Clock } from "./base/clock.js";
import type { History } from "./history/history.js";
import type { State } from "./state/state.js";

/** Dirty state is written when it is this large, or this old. */
export const FLUSH_DIRTY_BYTES = 64 * 1024 * 1024;
const FLUSH_INTERVAL_MS = 5_000;

export class WriteBehind {
  private running: Promise<void> | undefined;
  private lastMs: number;
  private failed = false;

  constructor(
    private readonly state: State,
    private readonly history: History,
    private readonly clock: Clock,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.lastMs = clock.monotonicMs();
  }

  afterBlock(): void {
    const due = this.clock.monotonicMs() - this.lastMs >= FLUSH_INTERVAL_MS;
    if (!this.failed && this.running === undefined && (due || this.state.dirtyBytes >= FLUSH_DIRTY_BYTES)) {
      this.running = this.flush()
        .catch((error: unknown) => {
          this.failed = true;
          this.onFailure(error);
        })
        .finally(() => {
          this.running = undefined;
          this.lastMs = this.clock.monotonicMs();
        });
    }
  }

  private async flush(): Promise<void> {
    await this.state.flush();
    await this.history.flush();
  }

  /** Writes what is left. A store that failed was told of and is not tried again: the log holds everything, and makes it again. */
  async settle(): Promise<void> {
    await this.running;
    if (!this.failed) {
      await this.flush();
    }
  }
}

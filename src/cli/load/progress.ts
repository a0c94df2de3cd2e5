// A line each second on standard error while the load runs; rewritten in place at a terminal.

import type { OpenLoop } from "./openLoop.js";
import type { Tracker } from "./tracker.js";

const INTERVAL_MS = 1_000;

function milliseconds(us: number): string {
  return us >= 10_000_000 ? `${(us / 1_000_000).toFixed(1)} s` : `${(us / 1_000).toFixed(us < 10_000 ? 1 : 0)} ms`;
}

export class Progress {
  readonly #startMs = performance.now();
  readonly #timer: ReturnType<typeof setInterval>;
  #committedBefore = 0;

  constructor(
    private readonly loop: OpenLoop,
    private readonly tracker: Tracker,
    private readonly waiting: () => number,
  ) {
    this.#timer = setInterval(() => this.#show(), INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    if (process.stderr.isTTY) {
      process.stderr.write("\n");
    }
  }

  #show(): void {
    const { counts, commit, sentOnce, acceptedOnce } = this.tracker;
    const perSecond = counts.committed - this.#committedBefore;
    this.#committedBefore = counts.committed;
    const parts = [
      `${Math.round((performance.now() - this.#startMs) / 1_000)} s`,
      `offered ${this.loop.offered}`,
      `sent ${sentOnce}`,
      `accepted ${acceptedOnce}`,
      `committed ${counts.committed} (${perSecond}/s)`,
      `failed ${counts.failed}`,
      `to send ${this.waiting()}`,
    ];
    if (commit.totalCount > 0) {
      const [p50, p99] = [commit.getValueAtPercentile(50), commit.getValueAtPercentile(99)];
      parts.push(`commit p50 ${milliseconds(p50)}, p99 ${milliseconds(p99)}`);
    }
    const line = parts.join("  ");
    process.stderr.write(
      process.stderr.isTTY ? `\r\u001b[2K${line.slice(0, (process.stderr.columns ?? 200) - 1)}` : `${line}\n`,
    );
  }
}

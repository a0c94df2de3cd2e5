// Reads feeds for the service: each at most once in a while whoever asks, with what failed told in log and metrics.

import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logging.js";
import type { FeedConfig } from "./feedConfig.js";
import type { FeedMetrics } from "./feedMetrics.js";
import { readFeed } from "./readFeed.js";

/** Requests of one poll share a reading. */
const REUSE_MS = 1_000;

export class FeedReader {
  private readonly readings = new Map<string, { startedMs: number; value: Promise<bigint | undefined> }>();

  constructor(
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly metrics: FeedMetrics,
  ) {}

  /** undefined where too few sources agree. */
  value(name: string, feed: FeedConfig): Promise<bigint | undefined> {
    const nowMs = this.clock.monotonicMs();
    const known = this.readings.get(name);
    if (known !== undefined && nowMs - known.startedMs < REUSE_MS) {
      return known.value;
    }
    const value = this.read(name, feed);
    this.readings.set(name, { startedMs: nowMs, value });
    return value;
  }

  private async read(name: string, feed: FeedConfig): Promise<bigint | undefined> {
    const { value, sources } = await readFeed(feed, this.clock);
    for (const { url, error } of sources) {
      this.metrics.sources.inc({ feed: name, outcome: error?.problem ?? "read" });
      if (error !== undefined) {
        this.logger.warn({ feed: name, url, problem: error.problem }, error.message);
      }
    }
    if (value === undefined) {
      this.metrics.sources.inc({ feed: name, outcome: "disagreeing" });
      const values = sources.map((source) => source.value?.toString() ?? source.error?.problem);
      this.logger.warn({ feed: name, values }, "no value: too few sources agree");
    }
    return value;
  }
}

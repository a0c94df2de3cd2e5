// The latest agreed value of each feed, read again and again in the background, for those who must answer at once. A value that is too
// old is none: nothing is guessed.

import type { Clock, Timer } from "../base/clock.js";
import type { Logger } from "../base/logging.js";
import type { FeedConfig } from "./feedConfig.js";
import { type FeedReading, readFeed } from "./readFeed.js";

const REFRESH_MS = 10_000;
const BASIS_POINTS = 10_000n;
const MS_PER_SECOND = 1_000;

export interface FeedValue {
  /** Times ten to the power of `decimals`. */
  value: bigint;
  decimals: number;
  /** When it was read. */
  atMs: number;
  /** How far the sources lay apart, in parts of the value. */
  spreadBasisPoints: number;
  sources: number;
}

function spreadOf({ value, sources }: FeedReading): number {
  const values = sources.flatMap((source) => (source.value === undefined ? [] : [source.value]));
  const [low, high] = [values.reduce((a, b) => (a < b ? a : b)), values.reduce((a, b) => (a > b ? a : b))];
  return value === undefined || value === 0n ? 0 : Number(((high - low) * BASIS_POINTS) / value);
}

export class FeedValues {
  private readonly known = new Map<string, FeedValue>();
  private timer: Timer | undefined;
  private reading: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly feeds: ReadonlyMap<string, FeedConfig>,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  has(name: string): boolean {
    return this.feeds.has(name);
  }

  /** Reads every feed once, then again every ten seconds; resolves after the first time. */
  async start(): Promise<void> {
    this.reading = this.refresh();
    await this.reading;
    this.readLater();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.timer?.cancel();
    await this.reading;
  }

  /** Undefined where the feed has no value that is young enough. */
  get(name: string): FeedValue | undefined {
    const feed = this.feeds.get(name);
    const value = this.known.get(name);
    const isFresh =
      feed !== undefined &&
      value !== undefined &&
      this.clock.nowMs() - value.atMs <= feed.maxAgeSeconds * MS_PER_SECOND;
    return isFresh ? value : undefined;
  }

  private readLater(): void {
    if (this.stopped) {
      return;
    }
    this.timer = this.clock.setTimer(REFRESH_MS, () => {
      this.reading = this.refresh()
        .catch((error: unknown) => this.logger.error({ err: error }, "feeds can't be read; tried again"))
        .finally(() => this.readLater());
    });
  }

  private async refresh(): Promise<void> {
    const names = [...this.feeds];
    await Promise.all(
      names.map(async ([name, feed]) => {
        const atMs = this.clock.nowMs();
        const reading = await readFeed(feed, this.clock);
        const { value } = reading;
        if (value === undefined || value <= 0n) {
          this.logger.warn({ feed: name }, "no value: too few sources agree");
          return;
        }
        const sources = reading.sources.filter((source) => source.value !== undefined).length;
        this.known.set(name, { value, decimals: feed.decimals, atMs, spreadBasisPoints: spreadOf(reading), sources });
      }),
    );
  }
}

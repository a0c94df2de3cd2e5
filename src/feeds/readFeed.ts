// One value from several sources: asked at once, each with a time-out and an age that it may have; those close to the median count, and
// where too few do there is no value. Nothing is ever guessed, and no value of before is given again.

import type { Clock } from "../base/clock.js";
import { scaledValue } from "./decimalValue.js";
import type { FeedConfig, FeedSource } from "./feedConfig.js";
import { type PathStep, valueAt } from "./jsonPath.js";

const BODY_BYTES_MAX = 1_048_576;
const BASIS_POINTS = 10_000n;
const MS_PER_SECOND = 1_000;
/** Times below this are seconds since 1970, others milliseconds. */
const SECONDS_BELOW = 100_000_000_000;

/** Why there is no value: a source, or all of them together. */
export type FeedProblem = "unreachable" | "malformed" | "stale" | "disagreeing";

export class FeedError extends Error {
  override name = "FeedError";

  constructor(
    readonly problem: FeedProblem,
    message: string,
  ) {
    super(message);
  }
}

export interface SourceOutcome {
  url: string;
  value?: bigint;
  error?: FeedError;
}

export interface FeedReading {
  /** undefined where too few sources agree. */
  value: bigint | undefined;
  sources: SourceOutcome[];
}

async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) {
      throw new FeedError("malformed", `expected at most ${BODY_BYTES_MAX} bytes, got more`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function fetchJson(source: FeedSource, timeoutMs: number): Promise<unknown> {
  let text: string;
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(source.url, { headers: source.headers, redirect: "error", signal });
    if (!response.ok) {
      throw new FeedError("unreachable", `expected status 200, got ${response.status}`);
    }
    text = await readBody(response);
  } catch (error) {
    throw error instanceof FeedError ? error : new FeedError("unreachable", (error as Error).message);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new FeedError("malformed", `expected JSON, got "${text.slice(0, 40)}"`);
  }
}

/** A number of JSON that means exactly its digits, or a text, as decimal text. */
function numberText(value: unknown): string | undefined {
  if (typeof value === "string") {
    return value;
  }
  const isExact = typeof value === "number" && Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  return isExact ? String(value) : undefined;
}

function timeMsOf(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof number === "number") {
    return number < SECONDS_BELOW ? number * MS_PER_SECOND : number;
  }
  const timeMs = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

function expectFresh(json: unknown, timePath: readonly PathStep[], maxAgeSeconds: number, nowMs: number): void {
  const timeMs = timeMsOf(valueAt(json, timePath));
  if (timeMs === undefined) {
    throw new FeedError("malformed", "expected the value's time, got none");
  }
  const ageSeconds = (nowMs - timeMs) / MS_PER_SECOND;
  if (Math.abs(ageSeconds) > maxAgeSeconds) {
    throw new FeedError("stale", `expected a value of the last ${maxAgeSeconds} s, got one of ${ageSeconds} s ago`);
  }
}

async function readSource(source: FeedSource, feed: FeedConfig, clock: Clock): Promise<bigint> {
  const json = await fetchJson(source, feed.timeoutMs);
  if (source.timePath !== undefined) {
    expectFresh(json, source.timePath, feed.maxAgeSeconds, clock.nowMs());
  }
  const found = valueAt(json, source.path);
  const text = numberText(found);
  const value = text === undefined ? undefined : scaledValue(text, feed.decimals);
  if (value === undefined || BigInt.asIntN(64, value) !== value) {
    throw new FeedError("malformed", `expected a number, got ${JSON.stringify(found)?.slice(0, 40)}`);
  }
  return value;
}

/** The lower middle one. */
function medianOf(values: readonly bigint[]): bigint {
  return values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))[(values.length - 1) >> 1];
}

function distance(a: bigint, b: bigint): bigint {
  return a > b ? a - b : b - a;
}

/** The median of the values that lie close to the median of all; undefined where fewer than `sourcesMin` do. */
export function agreedValue(values: readonly bigint[], feed: FeedConfig): bigint | undefined {
  if (values.length < feed.sourcesMin) {
    return undefined;
  }
  const middle = medianOf(values);
  const most = distance(middle, 0n) * BigInt(feed.spreadBasisPoints);
  const close = values.filter((value) => distance(value, middle) * BASIS_POINTS <= most);
  return close.length < feed.sourcesMin ? undefined : medianOf(close);
}

export async function readFeed(feed: FeedConfig, clock: Clock): Promise<FeedReading> {
  const sources = await Promise.all(
    feed.sources.map(async (source): Promise<SourceOutcome> => {
      try {
        return { url: source.url, value: await readSource(source, feed, clock) };
      } catch (error) {
        if (error instanceof FeedError) {
          return { url: source.url, error };
        }
        throw error;
      }
    }),
  );
  const values = sources.flatMap(({ value }) => (value === undefined ? [] : [value]));
  return { value: agreedValue(values, feed), sources };
}

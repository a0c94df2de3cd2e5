// The file that says where a delegate's answers come from. Everything in it is checked when it is read, so that a slip shows at the
// start and not in an answer.

import { CodedError } from "../protocol/errors.js";
import { nativeIndex, type TokenId } from "../protocol/tokens.js";
import { type PathStep, parsePath } from "./jsonPath.js";

/** Where one value is read. */
export interface FeedSource {
  url: string;
  /** To the value in the JSON that the URL gives, and to the time of that value. */
  path: readonly PathStep[];
  timePath: readonly PathStep[] | undefined;
  headers: Readonly<Record<string, string>>;
}

export interface FeedConfig {
  sources: readonly FeedSource[];
  /** How many sources must agree. */
  sourcesMin: number;
  /** The value is given times ten to the power of this. */
  decimals: number;
  timeoutMs: number;
  /** How old a value may be, where its source says. */
  maxAgeSeconds: number;
  /** How far a value may lie from the median to count. */
  spreadBasisPoints: number;
}

/** A token whose price is told. */
export interface PriceConfig {
  feed: FeedConfig;
  /** What the sources say: how many tokens a TTC is worth, or how many TTC a token. */
  meaning: "tokensPerTtc" | "ttcPerToken";
  /** The chain's quote may be so far off before a price is told. */
  changeBasisPoints: number;
}

export interface FeedsConfig {
  feeds: ReadonlyMap<string, FeedConfig>;
  prices: ReadonlyMap<TokenId, PriceConfig>;
}

const TIMEOUT_MS = 5_000;
const MAX_AGE_SECONDS = 120;
const SPREAD_BASIS_POINTS = 100;
const CHANGE_BASIS_POINTS = 50;
const SOURCES_MAX = 16;
const FEED_NAME_BYTES_MAX = 64;
/** Digits behind the point that prices are told with. */
export const PRICE_DECIMALS = 6;

type Json = Record<string, unknown>;

function bad(where: string, expected: string, value: unknown): CodedError {
  const got = JSON.stringify(value)?.slice(0, 80) ?? "nothing";
  return new CodedError("BAD_REQUEST", `feeds file: expected ${where} to be ${expected}, got ${got}`);
}

function asObject(value: unknown, where: string, fields: readonly string[]): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw bad(where, "an object", value);
  }
  const unknown = Object.keys(value).find((field) => !fields.includes(field));
  if (unknown !== undefined) {
    throw bad(where, `an object with fields of ${fields.join(", ")}`, unknown);
  }
  return value as Json;
}

function asCount(value: unknown, where: string, least: number, most: number, usual: number): number {
  const count = value ?? usual;
  if (!Number.isInteger(count) || (count as number) < least || (count as number) > most) {
    throw bad(where, `a whole number from ${least} to ${most}`, value);
  }
  return count as number;
}

/** Only the machine itself is asked without TLS. */
function expectUrl(value: unknown, where: string): string {
  const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
  const isLocal = url?.hostname === "127.0.0.1" || url?.hostname === "[::1]" || url?.hostname === "localhost";
  if (url?.protocol !== "https:" && !(url?.protocol === "http:" && isLocal)) {
    throw bad(where, "a URL of https", value);
  }
  return url.href;
}

function asPath(value: unknown, where: string): PathStep[] {
  const path = typeof value === "string" ? parsePath(value) : undefined;
  if (path === undefined) {
    throw bad(where, "a path such as data.items[0].price", value);
  }
  return path;
}

function parseSource(value: unknown, where: string): FeedSource {
  const source = asObject(value, where, ["url", "path", "timePath", "headers"]);
  const headers = asObject(source.headers ?? {}, `${where}.headers`, Object.keys(source.headers ?? {}));
  for (const [name, text] of Object.entries(headers)) {
    if (typeof text !== "string") {
      throw bad(`${where}.headers.${name}`, "a text", text);
    }
  }
  return {
    url: expectUrl(source.url, `${where}.url`),
    path: asPath(source.path, `${where}.path`),
    timePath: source.timePath === undefined ? undefined : asPath(source.timePath, `${where}.timePath`),
    headers: headers as Record<string, string>,
  };
}

const FEED_FIELDS = ["sources", "sourcesMin", "decimals", "timeoutMs", "maxAgeSeconds", "spreadBasisPoints"];

function parseFeed(feed: Json, where: string, decimals?: number): FeedConfig {
  if (!Array.isArray(feed.sources) || feed.sources.length < 1 || feed.sources.length > SOURCES_MAX) {
    throw bad(`${where}.sources`, `a list of 1 to ${SOURCES_MAX}`, feed.sources);
  }
  const sources = feed.sources.map((source, i) => parseSource(source, `${where}.sources[${i}]`));
  const majority = Math.floor(sources.length / 2) + 1;
  return {
    sources,
    sourcesMin: asCount(feed.sourcesMin, `${where}.sourcesMin`, majority, sources.length, majority),
    decimals: decimals ?? asCount(feed.decimals, `${where}.decimals`, 0, 18, 0),
    timeoutMs: asCount(feed.timeoutMs, `${where}.timeoutMs`, 1, 60_000, TIMEOUT_MS),
    maxAgeSeconds: asCount(feed.maxAgeSeconds, `${where}.maxAgeSeconds`, 1, 86_400, MAX_AGE_SECONDS),
    spreadBasisPoints: asCount(feed.spreadBasisPoints, `${where}.spreadBasisPoints`, 0, 10_000, SPREAD_BASIS_POINTS),
  };
}

function parsePrice(value: unknown, token: string): PriceConfig {
  const where = `prices.${token}`;
  if (token === "TTC" || (nativeIndex(token) < 0 && !/^[0-9a-f]{64}$/.test(token))) {
    throw bad("prices", "of TTM, TTMI or tokens' ids of 64 hex digits", token);
  }
  const price = asObject(value, where, [...FEED_FIELDS, "meaning", "changeBasisPoints"]);
  if (price.meaning !== "tokensPerTtc" && price.meaning !== "ttcPerToken") {
    throw bad(`${where}.meaning`, '"tokensPerTtc" or "ttcPerToken"', price.meaning);
  }
  const { changeBasisPoints } = price;
  return {
    feed: parseFeed(price, where, PRICE_DECIMALS),
    meaning: price.meaning,
    changeBasisPoints: asCount(changeBasisPoints, `${where}.changeBasisPoints`, 1, 10_000, CHANGE_BASIS_POINTS),
  };
}

/** Throws BAD_REQUEST that names what is wrong. */
export function parseFeedsConfig(json: unknown): FeedsConfig {
  const file = asObject(json, "it", ["feeds", "prices"]);
  const listed = (value: unknown, where: string) => {
    const names = typeof value === "object" && value !== null ? Object.keys(value) : [];
    return Object.entries(asObject(value ?? {}, where, names));
  };
  const feeds = listed(file.feeds, "feeds").map(([name, feed]): [string, FeedConfig] => {
    if (new TextEncoder().encode(name).length > FEED_NAME_BYTES_MAX) {
      throw bad("feeds", `names of at most ${FEED_NAME_BYTES_MAX} bytes`, name);
    }
    return [name, parseFeed(asObject(feed, `feeds.${name}`, FEED_FIELDS), `feeds.${name}`)];
  });
  const prices = listed(file.prices, "prices").map(([token, price]): [TokenId, PriceConfig] => [
    token,
    parsePrice(price, token),
  ]);
  if (feeds.length + prices.length === 0) {
    throw bad("it", "a list of feeds or prices", json);
  }
  return { feeds: new Map(feeds), prices: new Map(prices) };
}

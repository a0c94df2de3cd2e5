// What a feed makes of its sources: exact numbers, agreement, age, and nothing where there is doubt.

import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.js";
import { scaledValue } from "../../src/feeds/decimalValue.js";
import { parseFeedsConfig } from "../../src/feeds/feedConfig.js";
import { parsePath, valueAt } from "../../src/feeds/jsonPath.js";
import { agreedValue, readFeed } from "../../src/feeds/readFeed.js";
import { differs, quoteOfValue } from "../../src/feeds/tellPrices.js";
import type { CodedError } from "../../src/protocol/errors.js";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A source on this machine. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const json =
  (value: unknown): RequestListener =>
  (_, response) =>
    response.end(JSON.stringify(value));

function feedOf(urls: string[], more: object = {}) {
  const sources = urls.map((url) => ({ url, path: "data.value", timePath: "data.at" }));
  const config = parseFeedsConfig({ feeds: { weather: { sources, timeoutMs: 300, decimals: 1, ...more } } });
  return config.feeds.get("weather")!;
}

const now = () => Date.now();

describe("a feed", () => {
  test("is the median of the sources that answer in time, freshly and close to one another", async () => {
    const urls = await Promise.all([21.5, "21.6", 21.4].map((value) => serve(json({ data: { value, at: now() } }))));
    const { value, sources } = await readFeed(feedOf(urls), systemClock);
    expect(value).toBe(215n);
    expect(sources.map((source) => source.value)).toEqual([215n, 216n, 214n]);
  });

  test("has a problem for each source that is away, slow, wrong or old, and no value when too few are left", async () => {
    const urls = [
      await serve(json({ data: { value: 21.5, at: now() } })),
      await serve((_, response) => response.writeHead(503).end()),
      await serve(() => undefined),
      await serve((_, response) => response.end("<html>")),
      await serve(json({ data: { value: "much", at: now() } })),
      await serve(json({ data: { value: 21.5, at: new Date(now() - 3_600_000).toISOString() } })),
      await serve(json({ data: { value: 21.5 } })),
      await serve((_, response) => response.writeHead(302, { location: urls[0] }).end()),
      await serve((_, response) => response.end(`"${"x".repeat(1_100_000)}"`)),
      "http://127.0.0.1:1/",
    ];
    const { value, sources } = await readFeed(feedOf(urls), systemClock);
    expect(value).toBeUndefined();
    expect(sources.map(({ error }) => error?.problem ?? "read")).toEqual([
      "read",
      "unreachable",
      "unreachable",
      "malformed",
      "malformed",
      "stale",
      "malformed",
      "unreachable",
      "malformed",
      "unreachable",
    ]);
  });
});

describe("agreement", () => {
  const feed = { ...feedOf(["https://a.example", "https://b.example", "https://c.example"]), spreadBasisPoints: 100 };

  test.each<[bigint[], bigint | undefined]>([
    [[100n, 100n, 5_000n], 100n],
    [[-7n, 100n, 101n], 100n],
    [[100n, 300n, 500n], undefined],
    [[100n, 101n], 100n],
    [[100n, 102n], undefined],
    [[100n], undefined],
    [[0n, 0n, 9n], 0n],
    [[-1_000n, -1_005n, -995n], -1_000n],
  ])("of %s is %s", (values, expected) => expect(agreedValue(values, feed)).toBe(expected));

  test("is never moved by a minority beyond what the others say", () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt(990n, 1_010n), { minLength: 3, maxLength: 3 }),
        fc.array(fc.bigInt(), { maxLength: 2 }),
        (honest, liars) => {
          const sourcesMin = 3;
          const value = agreedValue([...honest, ...liars], { ...feed, sourcesMin, spreadBasisPoints: 300 });
          expect(value === undefined || (value >= 960n && value <= 1_040n)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

test("numbers are shifted and rounded exactly", () => {
  const cases: [string, number, bigint | undefined][] = [
    ["21.55", 1, 216n],
    ["-21.55", 1, -216n],
    ["21.54", 1, 215n],
    ["1e3", 0, 1_000n],
    ["1.5E-3", 4, 15n],
    ["0.1", 18, 100_000_000_000_000_000n],
    ["9007199254740993", 0, 9_007_199_254_740_993n],
    ["+7", 2, 700n],
    ["", 0, undefined],
    ["1,5", 0, undefined],
    ["NaN", 0, undefined],
    ["1e999", 0, undefined],
  ];
  for (const [text, decimals, expected] of cases) {
    expect(scaledValue(text, decimals), text).toBe(expected);
  }
});

test("paths lead to own fields and places of lists alone", () => {
  const value = { data: { items: [{ price: 3 }], "a-b": 4 } };
  const at = (text: string) => valueAt(value, parsePath(text)!);
  expect(at("data.items[0].price")).toBe(3);
  expect(at("data.a-b")).toBe(4);
  expect(at("data.items[1].price")).toBeUndefined();
  expect(at("data.constructor")).toBeUndefined();
  expect(at("data.items.length")).toBeUndefined();
  expect(["", ".a", "a..b", "a[b]", "a[0]b", "$.a", "a "].map(parsePath)).toEqual(Array(7).fill(undefined));
});

test("a price is a quote in the token's and TTC's smallest units", () => {
  const perTtc = quoteOfValue("TTM", 250_500_000n, "tokensPerTtc", 0)!;
  expect(perTtc).toEqual({ token: "TTM", units: 250_500_000n, ttcUnits: 100_000_000_000_000n });
  const inTtc = quoteOfValue("TTM", 4_000n, "ttcPerToken", 2)!;
  expect(inTtc).toEqual({ token: "TTM", units: 100_000_000n, ttcUnits: 400_000_000_000n });
  expect(quoteOfValue("TTM", 0n, "ttcPerToken", 0)).toBeUndefined();
  expect(quoteOfValue("TTM", 1n << 62n, "ttcPerToken", 0)).toBeUndefined();
  const dearer = { ...perTtc, units: 249_000_000n };
  expect(differs(perTtc, dearer, 50)).toBe(true);
  expect(differs(perTtc, dearer, 100)).toBe(false);
});

describe("the feeds file", () => {
  const source = { url: "https://api.example/v1", path: "value" };
  const messageOf = (file: unknown): string => {
    try {
      parseFeedsConfig(file);
      return "";
    } catch (error) {
      expect((error as CodedError).code).toBe("BAD_REQUEST");
      return (error as Error).message;
    }
  };

  test("has usual values for what it leaves out, with a majority of the sources", () => {
    const { feeds } = parseFeedsConfig({ feeds: { a: { sources: [source, source, source] } } });
    expect(feeds.get("a")).toMatchObject({ sourcesMin: 2, decimals: 0, timeoutMs: 5_000, maxAgeSeconds: 120 });
  });

  test.each<[unknown, string]>([
    [{}, "a list of feeds or prices"],
    [[], "an object"],
    [{ feed: {} }, "fields of feeds, prices"],
    [{ feeds: { a: { sources: [] } } }, "feeds.a.sources"],
    [{ feeds: { a: { sources: [{ ...source, url: "http://api.example" }] } } }, "a URL of https"],
    [{ feeds: { a: { sources: [{ ...source, url: "file:///etc/passwd" }] } } }, "a URL of https"],
    [{ feeds: { a: { sources: [{ ...source, path: "a..b" }] } } }, "feeds.a.sources[0].path"],
    [{ feeds: { a: { sources: [source, source, source], sourcesMin: 1 } } }, "from 2 to 3"],
    [{ feeds: { a: { sources: [source], decimals: 99 } } }, "feeds.a.decimals"],
    [{ prices: { TTC: { sources: [source], meaning: "ttcPerToken" } } }, "of TTM, TTMI or"],
    [{ prices: { TTM: { sources: [source], meaning: "won" } } }, "prices.TTM.meaning"],
  ])("refuses %j", (file, words) => expect(messageOf(file)).toContain(words));
});

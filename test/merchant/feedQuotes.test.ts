// Prices from feeds: the median of the sources, its spread and age; a stale or doubtful price is refused, never guessed.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Clock } from "../../src/base/clock.js";
import { parseFeedsConfig } from "../../src/feeds/feedConfig.js";
import { FeedValues } from "../../src/feeds/feedValues.js";
import { FeedQuotes } from "../../src/merchant/quotes/feedQuotes.js";
import type { QuoteSource } from "../../src/merchant/quotes/quoteSource.js";
import { CodedError } from "../../src/protocol/errors.js";

const TOKEN = "ab".repeat(32);
const logger = pino({ level: "silent" });

describe("quotes from feeds", () => {
  const prices = ["1300.5", "1301.5", "1302.5"];
  const servers: Server[] = [];
  let urls: string[];
  let nowMs = 1_000_000;
  const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => 0, setTimer: () => ({ cancel: () => undefined }) };
  const chain: QuoteSource = {
    wonQuote(token) {
      if (token !== "TTM") {
        throw new CodedError("QUOTE_UNAVAILABLE");
      }
      return { source: "definition", units: 1n, won: 1n, atMs: nowMs };
    },
  };

  beforeAll(async () => {
    urls = await Promise.all(
      prices.map(async (_, index) => {
        const server = createServer((_request, response) => response.end(JSON.stringify({ price: prices[index] })));
        servers.push(server);
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
        return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      }),
    );
  });

  afterAll(() => {
    for (const server of servers) {
      server.close();
    }
  });

  async function open(): Promise<FeedQuotes> {
    const feed = {
      sources: urls.map((url) => ({ url, path: "price" })),
      decimals: 1,
      maxAgeSeconds: 60,
      spreadBasisPoints: 100,
    };
    const config = parseFeedsConfig({ feeds: { "won/TTC": feed, [`won/${TOKEN.slice(0, 32)}/3`]: feed } });
    const values = new FeedValues(config.feeds, clock, logger);
    await values.start();
    return new FeedQuotes(values, chain);
  }

  test("are the median, with its sources, spread and age, for a whole token's units", async () => {
    const quotes = await open();
    expect(quotes.wonQuote("TTC")).toEqual({
      source: "won/TTC, 3 sources",
      units: 10n ** 9n,
      won: 13_015n,
      atMs: nowMs,
      spreadBasisPoints: 15,
    });
    expect(quotes.wonQuote(TOKEN)).toMatchObject({ units: 10n ** 4n, won: 13_015n });
    expect(quotes.wonQuote("TTM")).toMatchObject({ source: "definition" });
  });

  test("are refused when they are too old", async () => {
    const quotes = await open();
    nowMs += 60_000;
    expect(quotes.wonQuote("TTC").won).toBe(13_015n);
    nowMs += 1;
    expect(() => quotes.wonQuote("TTC")).toThrow(expect.objectContaining({ code: "QUOTE_UNAVAILABLE" }));
  });

  test("are refused where too few sources agree", async () => {
    prices.splice(0, 3, "1300", "1400", "1500");
    const quotes = await open();
    expect(() => quotes.wonQuote("TTC")).toThrow(expect.objectContaining({ code: "QUOTE_UNAVAILABLE" }));
  });
});

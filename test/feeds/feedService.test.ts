// Delegates' services against a chain and sources of this machine: contracts get the median although one delegate lies, nothing where
// sources fail, and quotes follow the market.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { toHex, utf8Bytes } from "../../src/base/bytes.js";
import { systemClock } from "../../src/base/clock.js";
import { makeLogger } from "../../src/base/logging.js";
import { callContract, registerContract, transfer } from "../../src/client/actions.js";
import { TTChainClient } from "../../src/client/client.js";
import { parseFeedsConfig } from "../../src/feeds/feedConfig.js";
import { FeedService } from "../../src/feeds/feedService.js";
import { contractAddress } from "../../src/protocol/address.js";
import { TTC_UNIT } from "../../src/protocol/tokens.js";
import { readParameters } from "../../src/state/views.js";
import { ApiChain } from "../api/apiChain.js";

const BETS = `
abi.contract("Bets", "1.0.0")
local results = state.map("results")
abi.payable("fund", function() end)
abi.call("ask", function(key) oracle.request("weather", key, "settle", 50000) end, "key: string")
abi.call("settle", function(key, value)
  if chain.sender() ~= oracle.address() then error("only the oracle") end
  results[key] = value
end, "key: string, value: integer?")
abi.view("result", function(key) return results[key] end, "key: string")
`;
const TESTS = `test.case("registers", function() test.deploy() end)`;
const DELEGATES = 4;

let chain: ApiChain;
let client: TTChainClient;
let bets: Uint8Array;
let producing: ReturnType<typeof setInterval>;
/** What each delegate's source says; undefined: it is down. */
let says: (number | undefined)[];
let sources: Server;
let services: FeedService[];

beforeEach(async () => {
  chain = await ApiChain.start({ delegates: DELEGATES });
  client = new TTChainClient({ url: chain.url });
  says = Array(DELEGATES).fill(21.5);
  sources = createServer((request, response) => {
    const value = says[Number(request.url?.slice(1))];
    response.writeHead(value === undefined ? 503 : 200).end(JSON.stringify({ value }));
  });
  sources.listen(0, "127.0.0.1");
  await once(sources, "listening");
  await chain.commit(
    chain.delegates.map(({ address }) => transfer(chain.accounts[0], { to: address, amount: 100n * TTC_UNIT })),
  );
  const contract = { source: utf8Bytes(BETS), tests: utf8Bytes(TESTS), depositLimit: 1_000n * TTC_UNIT };
  const { id } = await chain.commit([registerContract(chain.accounts[0], contract)]);
  bets = contractAddress(id, 0);
  await call("fund", [], { payment: { token: "TTC", amount: 5n * TTC_UNIT } });
  services = [];
  producing = setInterval(() => {
    if (chain.mempool.readyCount > 0) {
      chain.produce().catch(() => {});
    }
  }, 20);
});

afterEach(async () => {
  await Promise.all(services.map((service) => service.stop()));
  clearInterval(producing);
  sources.closeAllConnections();
  sources.close();
  await chain.stop();
});

async function call(functionName: string, args: string[], more: object = {}): Promise<void> {
  const action = callContract(chain.accounts[1], {
    contract: bets,
    functionName,
    args,
    depositLimit: TTC_UNIT,
    ...more,
  });
  await chain.commit([action]);
}

/** The service of one delegate, with a source of its own for everything. */
function serviceOf(delegate: number, file: (url: string) => unknown): FeedService {
  const url = `http://127.0.0.1:${(sources.address() as AddressInfo).port}/${delegate}`;
  const service = new FeedService({
    client,
    account: chain.delegates[delegate],
    config: parseFeedsConfig(file(url)),
    clock: systemClock,
    logger: makeLogger({ level: "silent" }),
    pollMs: 30,
  });
  services.push(service);
  return service;
}

const weather = (url: string) => ({ feeds: { weather: { sources: [{ url, path: "value" }], decimals: 1 } } });

async function startAll(): Promise<void> {
  for (let i = 0; i < DELEGATES; i++) {
    serviceOf(i, weather).start();
  }
}

const result = (key: string) => client.viewContract(bets, "result", [key]);
const countOf = async (service: FeedService, kind: string, outcome: string): Promise<number> => {
  const { values } = await service.metrics.transactions.get();
  return values.find(({ labels }) => labels.kind === kind && labels.outcome === outcome)?.value ?? 0;
};

describe("requests", () => {
  test("of contracts get the median of the delegates' answers, although one of them lies", async () => {
    says[2] = -400;
    await call("ask", ["before"]);
    await startAll();
    await vi.waitFor(async () => expect(await result("before")).toBe(215n), { timeout: 15_000, interval: 50 });
    await call("ask", ["one"]);
    await call("ask", ["two"]);
    await vi.waitFor(async () => expect([await result("one"), await result("two")]).toEqual([215n, 215n]), {
      timeout: 15_000,
      interval: 50,
    });
    expect((await client.oracleRequests()).requests).toEqual([]);
    for (const service of services) {
      expect(await countOf(service, "answer", "committed")).toBeLessThanOrEqual(3);
    }
  });

  test("wait where too few sources answer, and nothing is told that nobody read", async () => {
    says[0] = undefined;
    says[1] = undefined;
    await startAll();
    await call("ask", ["rain"]);
    await vi.waitFor(async () => expect((await client.oracleRequests()).requests[0].answers).toHaveLength(2), {
      timeout: 15_000,
      interval: 50,
    });
    const { requests } = await client.oracleRequests();
    expect(requests[0]).toMatchObject({ feed: "weather", key: "rain", callback: "settle", callbackGas: 50_000 });
    const names = requests[0].answers.map(({ delegate }) => delegate).sort();
    const expected = [2, 3].map((i) => toHex(chain.delegates[i].publicKey.slice(0, 16))).sort();
    expect(names).toEqual(expected);
    expect(await result("rain")).toBeNull();
    says[1] = 21.7;
    await vi.waitFor(async () => expect(await result("rain")).toBe(215n), { timeout: 15_000, interval: 50 });
  });

  test("are left alone by an account that is no delegate, and by feeds that it has not", async () => {
    const service = serviceOf(0, (url) => ({ feeds: { snow: weather(url).feeds.weather } }));
    const stranger = new FeedService({
      client,
      account: chain.accounts[2],
      config: parseFeedsConfig(weather("http://127.0.0.1:1/")),
      clock: systemClock,
      logger: makeLogger({ level: "silent" }),
      pollMs: 30,
    });
    await call("ask", ["x"]);
    await service.poll();
    await stranger.poll();
    expect((await client.oracleRequests()).requests[0].answers).toEqual([]);
    expect((await service.metrics.isDelegate.get()).values[0].value).toBe(1);
    expect((await stranger.metrics.isDelegate.get()).values[0].value).toBe(0);
  });
});

describe("prices", () => {
  const price = (url: string) => ({
    prices: { TTM: { sources: [{ url, path: "value" }], meaning: "tokensPerTtc", changeBasisPoints: 100 } },
  });

  test("become the chain's quote once most delegates tell them, and are told once", async () => {
    const before = readParameters(chain.state).quotes.find(({ token }) => token === "TTM")!;
    const perTtc = (Number(before.units) * 1e8) / Number(before.ttcUnits);
    says = [perTtc * 1.1, perTtc * 1.1, perTtc * 1.1, perTtc * 5];
    const all = [0, 1, 2, 3].map((i) => serviceOf(i, price));
    for (const service of all) {
      await service.poll();
    }
    await chain.produce();
    const now = readParameters(chain.state).quotes.find(({ token }) => token === "TTM")!;
    expect((Number(now.units) * 1e8) / Number(now.ttcUnits)).toBeCloseTo(perTtc * 1.1, 3);
    for (const service of all.slice(0, 3)) {
      await service.poll();
      expect(await countOf(service, "price", "committed")).toBe(1);
    }
  });

  test("are not told where the quote is close", async () => {
    const quote = readParameters(chain.state).quotes.find(({ token }) => token === "TTM")!;
    says = Array(DELEGATES).fill(((Number(quote.units) * 1e8) / Number(quote.ttcUnits)) * 1.005);
    const service = serviceOf(0, price);
    await service.poll();
    expect(await countOf(service, "price", "committed")).toBe(0);
  });
});

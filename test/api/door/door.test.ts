// What one address may ask, and what happens to those that ask more or waste the node's work. Addresses other than the machine's
// own come in through a proxy that the server trusts.

import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { API_LIMITS, type ApiLimits, type ApiOptions } from "../../../src/api/options.js";
import { systemRandom } from "../../../src/base/random.js";
import { transfer } from "../../../src/client/actions.js";
import { encodeBatchFrame } from "../../../src/client/batchFrame.js";
import { addressGroup } from "../../../src/http/door/addressGroup.js";
import { Door, type Visitor } from "../../../src/http/door/door.js";
import type { ErrorAnswer, SubmissionsJson } from "../../../src/protocol/apiTypes.js";
import { ApiKeys, makeApiKey, saveApiKeys } from "../../../src/storage/apiKeyFile.js";
import { FakeClock } from "../../support/fakeClock.js";
import { ApiChain } from "../apiChain.js";
import { SocketClient } from "../socketClient.js";

let chain: ApiChain;

afterEach(() => chain?.stop());

async function serve(limits: Partial<ApiLimits> = {}, server: Partial<ApiOptions> = {}): Promise<void> {
  chain = await ApiChain.start({ limits, server: { trustedProxies: ["127.0.0.1"], ...server } });
}

const from = (address: string): Record<string, string> => ({ "x-forwarded-for": address });

async function get(path: string, headers: Record<string, string> = {}): Promise<[number, string | undefined]> {
  const response = await fetch(chain.url + path, { headers });
  const text = await response.text();
  return [response.status, text.startsWith('{"error"') ? (JSON.parse(text) as ErrorAnswer).error.code : undefined];
}

function payments(count: number, lane: number, isGood = true): Uint8Array[] {
  return Array.from({ length: count }, (_, n) => {
    const [payer, payee] = chain.accounts;
    const { bytes } = chain.sign([transfer(payer, { to: payee.address, amount: 1_000n })], { lane: lane + n });
    if (!isGood) {
      bytes[bytes.length - 40] ^= 1;
    }
    return bytes;
  });
}

async function submit(transactions: Uint8Array[], address: string): Promise<string[]> {
  const { status, body } = await chain.post(
    "/v1/transactions",
    encodeBatchFrame(1, transactions, false),
    from(address),
  );
  return status === 200
    ? (body as SubmissionsJson).results.map(({ code }) => code)
    : [(body as ErrorAnswer).error.code];
}

describe("requests of one address", () => {
  test("are refused beyond its share with a time to retry, and those of others are not", async () => {
    await serve({ addressRequestsPerSecond: 1, addressRequestsBurst: 5 });
    const codes: (string | undefined)[] = [];
    for (let i = 0; i < 7; i++) {
      codes.push((await get(i % 2 === 0 ? "/v1/status" : "/v1/nothing", from("192.0.2.1")))[1]);
    }
    expect(codes.filter((code) => code === "RATE_LIMITED").length).toBeGreaterThanOrEqual(1);
    const refused = await fetch(`${chain.url}/v1/status`, { headers: from("192.0.2.1") });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(refused.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await get("/v1/status", from("192.0.2.2"))).toEqual([200, undefined]);
    // The whole /64 is one address.
    for (let i = 0; i < 6; i++) {
      await get("/v1/status", from(`2001:db8::${i}`));
    }
    expect((await get("/v1/status", from("2001:db8::99")))[1]).toBe("RATE_LIMITED");
    expect((await get("/v1/status", from("2001:db8:0:1::99")))[1]).toBeUndefined();
  });

  test("count by bytes too, and on the WebSocket by frames", async () => {
    await serve({
      addressBytesPerSecond: 1_000,
      addressBytesBurst: 20_000,
      addressRequestsPerSecond: 1,
      addressRequestsBurst: 20,
    });
    const big = encodeBatchFrame(1, [new Uint8Array(15_000)], false);
    expect((await chain.post("/v1/transactions", big, from("192.0.2.3"))).status).toBe(200);
    expect((await chain.post("/v1/transactions", big, from("192.0.2.3"))).status).toBe(429);
    const client = await SocketClient.open(chain.socketUrl, from("192.0.2.4"));
    for (let request = 0; request < 40; request++) {
      client.send({ type: "ping", request });
    }
    const error = await client.next("error");
    expect(error.error).toMatchObject({ code: "RATE_LIMITED" });
    expect(client.all("pong").length).toBeLessThan(25);
    client.socket.terminate();
  });

  test("a header that a stranger writes makes nobody another address", async () => {
    await serve({ addressWastedMax: 30 }, { trustedProxies: [] });
    expect(await submit(payments(3, 0, false), "192.0.2.1")).toEqual([
      "BAD_SIGNATURE",
      "BAD_SIGNATURE",
      "BAD_SIGNATURE",
    ]);
    // The connection's own address was cut off, whatever the header says.
    await expect(get("/v1/status", from("192.0.2.99"))).rejects.toThrow();
  });
});

describe("connections of one address", () => {
  test("WebSockets are bounded", async () => {
    await serve({ addressConnectionsMax: 3 });
    const clients = [];
    for (let i = 0; i < 3; i++) {
      clients.push(await SocketClient.open(chain.socketUrl, from("192.0.2.5")));
    }
    await expect(SocketClient.open(chain.socketUrl, from("192.0.2.5"))).rejects.toThrow("429");
    clients.push(await SocketClient.open(chain.socketUrl, from("192.0.2.6")));
    await clients[0].close();
    clients.push(await SocketClient.open(chain.socketUrl, from("192.0.2.5")));
    for (const client of clients) {
      client.socket.terminate();
    }
  });

  test("those that say nothing, or say it drop by drop, are closed; huge headers are refused", async () => {
    await serve();
    const talk = (first: string, drop?: string): Promise<{ text: string; ms: number }> =>
      new Promise((resolve) => {
        const begun = performance.now();
        const socket = connect(chain.server.port, "127.0.0.1");
        let text = "";
        let timer: NodeJS.Timeout | undefined;
        socket.on("data", (data) => {
          text += data.toString();
        });
        socket.on("error", () => undefined);
        socket.on("close", () => {
          clearInterval(timer);
          resolve({ text, ms: performance.now() - begun });
        });
        socket.write(first);
        timer = drop === undefined ? undefined : setInterval(() => socket.write(drop), 500);
      });
    const post =
      "POST /v1/transactions HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: 1000000\r\n\r\n";
    const slow = await Promise.all([talk(""), talk("GET /v1/status HTTP/1.1\r\n", "X-A: b\r\n"), talk(post, "x")]);
    for (const { ms } of slow) {
      expect(ms).toBeLessThan(40_000);
    }
    const huge = await talk(`GET /v1/status HTTP/1.1\r\nHost: x\r\nX-A: ${"a".repeat(100_000)}\r\n\r\n`);
    expect(huge.text).toContain("431");
    expect((await get("/v1/status"))[0]).toBe(200);
  });

  test("nothing compressed is taken, and nothing is compressed on the WebSocket", async () => {
    await serve();
    const answer = await chain.post("/v1/transactions", new Uint8Array(10), { "content-encoding": "gzip" });
    expect(answer.status).toBe(415);
    const client = await SocketClient.open(chain.socketUrl);
    expect(client.socket.extensions).toBe("");
    await client.close();
  });
});

describe("signatures that no key made", () => {
  test("cut their address off, over HTTP and WebSocket, while others go on", async () => {
    await serve({ addressWastedMax: 160, addressWastedPerSecond: 1 });
    const victim = await SocketClient.open(chain.socketUrl, from("192.0.2.10"));
    const other = await SocketClient.open(chain.socketUrl, from("192.0.2.11"));
    expect(await submit(payments(11, 100, false), "192.0.2.10")).toEqual(new Array(11).fill("BAD_SIGNATURE"));
    expect(await victim.closed).toBe(1008);
    expect(await submit(payments(1, 200), "192.0.2.10")).toEqual(["RATE_LIMITED"]);
    await expect(SocketClient.open(chain.socketUrl, from("192.0.2.10"))).rejects.toThrow("429");
    expect(await submit(payments(1, 200), "192.0.2.11")).toEqual(["OK"]);
    await other.settled();
    await other.close();
    const metrics = await (await fetch(`${chain.url}/metrics`)).text();
    expect(metrics).toContain("ttchain_addresses_cut_off_total 1");
  });

  test("on one connection end it, long before its address is cut off", async () => {
    await serve({ connectionWastedMax: 64 });
    const client = await SocketClient.open(chain.socketUrl, from("192.0.2.12"));
    client.sendBytes(encodeBatchFrame(1, payments(5, 300, false), false));
    expect(await client.closed).toBe(1008);
    expect(await submit(payments(1, 400), "192.0.2.12")).toEqual(["OK"]);
  });

  test("newcomers have fair shares, and leave what is beyond them for later", async () => {
    await serve({ newcomersUnderWayMax: 8 });
    const [first, second] = await Promise.all([
      submit(payments(20, 500), "192.0.2.20"),
      submit(payments(2, 600), "192.0.2.21"),
    ]);
    expect(first.filter((code) => code === "OK").length).toBeLessThanOrEqual(8);
    expect(first).toContain("BUSY");
    expect(second).toEqual(["OK", "OK"]);
    // Whoever had enough accepted is none any more.
    for (let i = 0; i < 3; i++) {
      await submit(payments(8, 700 + 10 * i), "192.0.2.20");
    }
    expect(await submit(payments(20, 800), "192.0.2.20")).toEqual(new Array(20).fill("OK"));
  });
});

describe("the door's memory", () => {
  test("is bounded, keeps those cut off, and forgets the idle first", () => {
    const clock = new FakeClock();
    const cutOff: Visitor[] = [];
    const limits = { ...API_LIMITS, addressesMax: 100, addressWastedMax: 10 };
    const door = new Door({ limits, clock, isProxy: () => false, onCutOff: (visitor) => cutOff.push(visitor) });
    door.visitor("198.51.100.1").waste(11);
    expect(cutOff.map(({ group }) => group)).toEqual([addressGroup("198.51.100.1")]);
    for (let i = 0; i < 10_000; i++) {
      door.visitor(`10.0.${i >> 8}.${i & 255}`).request(1);
      expect(door.size).toBeLessThanOrEqual(101);
    }
    expect(door.visitor("198.51.100.1").isCutOff).toBe(true);
  });

  test("is bounded behind many that stay connected", () => {
    const limits = { ...API_LIMITS, addressesMax: 1_000 };
    const door = new Door({ limits, clock: new FakeClock(), isProxy: () => false, onCutOff: () => undefined });
    for (let i = 0; i < 600; i++) {
      door.visitor(`10.1.${i >> 8}.${i & 255}`).connections = 1;
    }
    for (let i = 0; i < 5_000; i++) {
      door.visitor(`10.2.${i >> 8}.${i & 255}`).request(1);
    }
    expect(door.size).toBeLessThanOrEqual(1_700);
    expect(door.visitor("10.1.0.7").connections).toBe(1);
  });

  test("cut off ends with its time", async () => {
    const clock = new FakeClock();
    const limits = { ...API_LIMITS, addressWastedMax: 10, addressCutOffMs: 1_000 };
    const door = new Door({ limits, clock, isProxy: () => false, onCutOff: () => undefined });
    const visitor = door.visitor("198.51.100.2");
    visitor.waste(11);
    expect(() => visitor.request(1)).toThrow(/for nothing/);
    await clock.advance(1_001);
    visitor.request(1);
  });
});

describe("operators' routes", () => {
  test("take a key with their scope, and a revoked one no more", async () => {
    const directory = await mkdtemp(join(tmpdir(), "ttchain-apikeys-"));
    try {
      const fail = (error: unknown): void => {
        throw error;
      };
      await serve({}, { apiKeys: new ApiKeys(directory, fail) });
      // Without any key: from this machine only.
      expect(await get("/metrics")).toEqual([200, undefined]);
      expect(await get("/metrics", from("192.0.2.30"))).toEqual([401, "UNAUTHORIZED"]);
      const reader = makeApiKey("prometheus", ["metrics"], 1, systemRandom);
      const fleet = makeApiKey("fleet", ["unlimited"], 1, systemRandom);
      await saveApiKeys(directory, [reader.record, fleet.record]);
      const bearer = (key: string): Record<string, string> => ({
        authorization: `Bearer ${key}`,
        ...from("192.0.2.30"),
      });
      expect(await get("/metrics")).toEqual([401, "UNAUTHORIZED"]);
      expect(await get("/metrics", bearer(reader.key))).toEqual([200, undefined]);
      expect(await get("/metrics", bearer(fleet.key))).toEqual([401, "UNAUTHORIZED"]);
      expect(await get("/metrics", bearer(`${reader.key.slice(0, -1)}x`))).toEqual([401, "UNAUTHORIZED"]);
      expect(await get("/v1/status", bearer("nonsense"))).toEqual([401, "UNAUTHORIZED"]);
      expect(await get("/v1/status", { authorization: "Basic dTpw" })).toEqual([200, undefined]);
      await saveApiKeys(directory, [fleet.record]);
      expect(await get("/metrics", bearer(reader.key))).toEqual([401, "UNAUTHORIZED"]);
      const foreign = await fetch(`${chain.url}/metrics`, { headers: { origin: "https://stranger.example" } });
      expect(foreign.headers.get("access-control-allow-origin")).toBeNull();
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  test("a key of scope unlimited lifts the limits of its address", async () => {
    const { key, record } = makeApiKey("fleet", ["unlimited"], 1, systemRandom);
    const apiKeys = { isEmpty: false, find: (text: string) => (text === key ? record : undefined) };
    await serve({ addressRequestsPerSecond: 1, addressRequestsBurst: 2 }, { apiKeys });
    for (let i = 0; i < 6; i++) {
      expect(await get("/v1/status", { ...from("192.0.2.40"), authorization: `Bearer ${key}` })).toEqual([
        200,
        undefined,
      ]);
    }
  });
});

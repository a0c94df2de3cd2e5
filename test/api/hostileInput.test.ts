// What is no proper request gets the documented code, and the server goes on serving.

import { createConnection } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toHex } from "../../src/base/bytes.js";
import { transfer } from "../../src/client/actions.js";
import { encodeBatchFrame } from "../../src/client/batchFrame.js";
import type { ErrorAnswer } from "../../src/protocol/apiTypes.js";
import { ApiChain } from "./apiChain.js";
import { SocketClient } from "./socketClient.js";

const SOLANA_ADDRESS = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU";

let chain: ApiChain;

beforeAll(async () => {
  chain = await ApiChain.start({ originsAllowed: ["https://wallet.example"] });
  await chain.produceTo(2);
});

afterAll(() => chain.stop());

async function refusal(path: string): Promise<[number, string]> {
  const { status, body } = await chain.get(path);
  return [status, (body as ErrorAnswer).error.code];
}

async function postRefusal(
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<[number, string]> {
  const answer = await chain.post(path, body, headers);
  return [answer.status, (answer.body as ErrorAnswer).error?.code];
}

describe("reading", () => {
  const hash = "ab".repeat(32);
  const address = "ttc1txu33d7kv7qd0zhcx2pj07l0j80nx6a2cghr26w7dkvgd9fd3mlqazzrf9";
  const cases: [string, number, string][] = [
    ["/v1/nothing", 404, "NOT_FOUND"],
    ["/", 404, "NOT_FOUND"],
    ["/v1/blocks/3", 404, "NOT_FOUND"],
    ["/v1/blocks/0", 404, "NOT_FOUND"],
    [`/v1/blocks/${hash}`, 404, "NOT_FOUND"],
    [`/v1/blocks/${"zz".repeat(32)}`, 400, "BAD_REQUEST"],
    ["/v1/blocks/-1", 400, "BAD_REQUEST"],
    ["/v1/blocks/1e3", 400, "BAD_REQUEST"],
    ["/v1/blocks/99999999999999999999", 400, "BAD_REQUEST"],
    ["/v1/blocks/%E0%A4%A", 400, "BAD_REQUEST"],
    ["/v1/blocks/01/raw", 400, "BAD_REQUEST"],
    ["/v1/blocks?limit=0", 400, "BAD_REQUEST"],
    ["/v1/blocks?limit=101", 400, "BAD_REQUEST"],
    ["/v1/blocks?before=x", 400, "BAD_REQUEST"],
    ["/v1/transactions/ab", 400, "BAD_REQUEST"],
    [`/v1/transactions/${hash}?validUntil=-1`, 400, "BAD_REQUEST"],
    [`/v1/transactions/${hash}/proof`, 404, "NOT_FOUND"],
    ["/v1/accounts/nobody", 400, "BAD_ADDRESS"],
    [`/v1/accounts/${SOLANA_ADDRESS}`, 400, "FOREIGN_ADDRESS"],
    [`/v1/accounts/${address.replace("u", "p")}`, 400, "BAD_ADDRESS"],
    [`/v1/accounts/${address}/lanes/4294967296`, 400, "BAD_REQUEST"],
    [`/v1/accounts/${address}/history?before=00`, 400, "BAD_REQUEST"],
    ["/v1/tokens/DOGE", 400, "BAD_REQUEST"],
    [`/v1/tokens/${hash}`, 404, "NOT_FOUND"],
    ["/v1/references?token=TTC&amount=1", 400, "BAD_REQUEST"],
    [`/v1/references?payee=${address}&token=TTC&amount=0&reference=${hash}`, 400, "AMOUNT_OUT_OF_RANGE"],
    [
      `/v1/references?payee=${address}&token=TTC&amount=9223372036854775808&reference=${hash}`,
      400,
      "AMOUNT_OUT_OF_RANGE",
    ],
    [`/v1/references?payee=${address}&token=TTC&amount=1&reference=${"ff".repeat(32)}`, 400, "BAD_REQUEST"],
    ["/v1/proofs/ab", 400, "BAD_REQUEST"],
    [`/v1/proofs/${hash}?height=3`, 404, "NOT_FOUND"],
  ];
  test.each(cases)("%s is refused with %i %s", async (path, status, code) => {
    expect(await refusal(path)).toEqual([status, code]);
  });

  test("a mistyped address is told with the place", async () => {
    const { body } = await chain.get(`/v1/accounts/${address.replace("u33", "p33")}`);
    expect((body as ErrorAnswer).error.details).toEqual({ positions: "7" });
  });
});

describe("submitting", () => {
  const path = "/v1/transactions";

  test("with another content type, method or wait is refused", async () => {
    expect(await postRefusal(path, "{}", { "content-type": "text/plain" })).toEqual([415, "BAD_REQUEST"]);
    expect(await refusal(path)).toEqual([405, "BAD_REQUEST"]);
    expect(await postRefusal(`${path}?wait=forever`, { transactions: ["00"] })).toEqual([400, "BAD_REQUEST"]);
  });

  test("JSON of another form is refused", async () => {
    for (const body of ["", "{", "[]", "null", "7", "{}", '{"transactions":"00"}', '{"transactions":[1]}']) {
      expect(await postRefusal(path, body), body).toEqual([400, "BAD_REQUEST"]);
    }
    expect(await postRefusal(path, { transactions: ["0g"] })).toEqual([400, "MALFORMED"]);
    expect(await postRefusal(path, { transactions: ["0"] })).toEqual([400, "MALFORMED"]);
    expect(await postRefusal(path, { transactions: [] })).toEqual([413, "TOO_LARGE"]);
    expect(await postRefusal(path, { transactions: Array(1_025).fill("00") })).toEqual([413, "TOO_LARGE"]);
    expect(await postRefusal(path, { transactions: ["00".repeat(540_673)] })).toEqual([413, "TOO_LARGE"]);
  });

  test("a frame of another form is refused", async () => {
    const frame = encodeBatchFrame(1, [new Uint8Array(10)], false);
    const changed = (offset: number, value: number): Uint8Array => {
      const copy = frame.slice();
      copy[offset] = value;
      return copy;
    };
    expect(await postRefusal(path, new Uint8Array(0))).toEqual([400, "MALFORMED"]);
    expect(await postRefusal(path, frame.slice(0, -1))).toEqual([400, "MALFORMED"]);
    expect(await postRefusal(path, new Uint8Array([...frame, 0]))).toEqual([400, "MALFORMED"]);
    expect(await postRefusal(path, changed(0, 2))).toEqual([400, "UNKNOWN_VERSION"]);
    expect(await postRefusal(path, changed(1, 2))).toEqual([400, "NON_CANONICAL"]);
    expect(await postRefusal(path, changed(6, 0))).toEqual([413, "TOO_LARGE"]);
    expect(await postRefusal(path, changed(9, 255))).toEqual([400, "MALFORMED"]);
  });

  test("a body that is too large is refused with 413, whether or not its length is told", async () => {
    expect(await postRefusal(path, new Uint8Array(1_048_577))).toEqual([413, "TOO_LARGE"]);
    expect(await postRefusal(path, `"${"0".repeat(3_000_000)}"`)).toEqual([413, "TOO_LARGE"]);
    const chunked = await fetch(chain.url + path, {
      method: "POST",
      headers: { "content-type": "application/octet-stream" },
      body: new ReadableStream({
        start(controller) {
          for (let i = 0; i < 20; i++) {
            controller.enqueue(new Uint8Array(100_000));
          }
          controller.close();
        },
      }),
      duplex: "half",
    } as RequestInit);
    expect(chunked.status).toBe(413);
  });

  test("clients that go away in the middle of a body or of a wait do no harm", async () => {
    for (let i = 0; i < 20; i++) {
      const socket = createConnection(chain.server.port, "127.0.0.1");
      await new Promise((resolve) => socket.once("connect", resolve));
      const head = `POST ${path}?wait=committed HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n`;
      const [alice, bob] = chain.accounts;
      const payment = chain.sign([transfer(alice, { to: bob.address, amount: 1_000n })], { lane: i });
      const frame = encodeBatchFrame(1, [payment.bytes], false);
      socket.write(`${head}Content-Length: ${frame.length}\r\n\r\n`);
      socket.write(i % 2 === 0 ? frame.subarray(0, 20) : frame);
      await new Promise((resolve) => setTimeout(resolve, 5));
      socket.destroy();
    }
    await chain.produce();
    expect((await chain.get("/healthz")).status).toBe(200);
  });

  test("the faucet is not there on a chain without one", async () => {
    expect(await postRefusal("/v1/faucet", { address: "ttc1", token: "TTC" })).toEqual([501, "UNAVAILABLE"]);
  });
});

describe("origins", () => {
  const path = "/v1/transactions";

  test("every page may read", async () => {
    const response = await fetch(`${chain.url}/v1/status`, { headers: { origin: "https://stranger.example" } });
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  test("only the node's own pages and allowed ones may submit", async () => {
    const body = { transactions: ["00"] };
    expect((await chain.post(path, body, { origin: "https://stranger.example" })).status).toBe(403);
    expect((await chain.post(path, body, { origin: "null" })).status).toBe(403);
    expect((await chain.post(path, body, { origin: "https://wallet.example" })).status).toBe(200);
    expect((await chain.post(path, body, { origin: chain.url })).status).toBe(200);
    expect((await chain.post(path, body)).status).toBe(200);
  });

  test("preflights tell the same", async () => {
    const preflight = async (origin: string) =>
      (await fetch(chain.url + path, { method: "OPTIONS", headers: { origin } })).headers.get(
        "access-control-allow-origin",
      );
    expect(await preflight("https://wallet.example")).toBe("https://wallet.example");
    expect(await preflight("https://stranger.example")).toBeNull();
  });

  test("a stranger's page may subscribe, not submit", async () => {
    const client = await SocketClient.open(chain.socketUrl, { origin: "https://stranger.example" });
    client.send({ type: "subscribe", request: 1, topic: "blocks" });
    await client.next("subscribed");
    client.send({ type: "submit", request: 2, transactions: ["00"] });
    expect(await client.next("error")).toMatchObject({ request: 2, error: { code: "BAD_REQUEST" } });
    await client.close();
  });
});

describe("the WebSocket", () => {
  async function answers(...frames: (string | Uint8Array)[]): Promise<[number | undefined, string][]> {
    const client = await SocketClient.open(chain.socketUrl);
    for (const frame of frames) {
      client.socket.send(frame);
    }
    await client.settled();
    await client.close();
    return client.all("error").map(({ request, error }) => [request, error.code]);
  }

  test("answers text frames of another form with an error that names the request", async () => {
    const address = chain.accounts[0].addressText;
    const cases: [string, number | undefined, string][] = [
      ["", undefined, "BAD_REQUEST"],
      ["{", undefined, "BAD_REQUEST"],
      ["[]", undefined, "BAD_REQUEST"],
      ["null", undefined, "BAD_REQUEST"],
      ['{"type":"ping"}', undefined, "BAD_REQUEST"],
      ['{"type":"ping","request":-1}', undefined, "BAD_REQUEST"],
      ['{"type":"ping","request":4294967296}', undefined, "BAD_REQUEST"],
      ['{"type":"shout","request":1}', 1, "BAD_REQUEST"],
      ['{"type":"__proto__","request":1}', 1, "BAD_REQUEST"],
      ['{"type":"submit","request":2}', 2, "BAD_REQUEST"],
      ['{"type":"submit","request":2,"transactions":["zz"]}', 2, "MALFORMED"],
      ['{"type":"submit","request":2,"transactions":["00"],"final":1}', 2, "BAD_REQUEST"],
      ['{"type":"subscribe","request":3}', 3, "BAD_REQUEST"],
      ['{"type":"subscribe","request":3,"topic":"gossip"}', 3, "BAD_REQUEST"],
      ['{"type":"subscribe","request":3,"topic":"account"}', 3, "BAD_REQUEST"],
      [`{"type":"subscribe","request":3,"topic":"account","address":"${SOLANA_ADDRESS}"}`, 3, "FOREIGN_ADDRESS"],
      [`{"type":"subscribe","request":3,"topic":"blocks","address":"${address}"}`, 3, "BAD_REQUEST"],
      ['{"type":"subscribe","request":3,"topic":"blocks","from":0}', 3, "BAD_REQUEST"],
      ['{"type":"subscribe","request":3,"topic":"blocks","from":1.5}', 3, "BAD_REQUEST"],
      ['{"type":"subscribe","request":3,"topic":"blocks","from":"1"}', 3, "BAD_REQUEST"],
      ['{"type":"unsubscribe","request":4}', 4, "BAD_REQUEST"],
      ['{"type":"unsubscribe","request":4,"subscription":77}', 4, "NOT_FOUND"],
    ];
    expect(await answers(...cases.map(([frame]) => frame))).toEqual(cases.map(([, request, code]) => [request, code]));
  });

  test("answers binary frames of another form with an error that names the request", async () => {
    const frame = encodeBatchFrame(77, [new Uint8Array(10)], true);
    const wrongVersion = frame.slice();
    wrongVersion[0] = 9;
    expect(await answers(Uint8Array.of(1, 0, 0), frame.slice(0, -1), wrongVersion)).toEqual([
      [undefined, "MALFORMED"],
      [77, "MALFORMED"],
      [77, "UNKNOWN_VERSION"],
    ]);
  });

  test("cuts off a connection that sends nothing but bad frames", async () => {
    const client = await SocketClient.open(chain.socketUrl);
    for (let i = 0; i < 40; i++) {
      client.socket.send("{");
    }
    expect(await client.closed).toBe(1008);
  });

  test("passes over connections that are cut off while submissions are under way", async () => {
    for (let i = 0; i < 10; i++) {
      const client = await SocketClient.open(chain.socketUrl);
      const [, , carol, dora] = chain.accounts;
      const payments = Array.from({ length: 20 }, (_, n) =>
        chain.sign([transfer(carol, { to: dora.address, amount: 1_000n })], { lane: 100 + 20 * i + n }),
      );
      client.sendBytes(
        encodeBatchFrame(
          1,
          payments.map((payment) => payment.bytes),
          true,
        ),
      );
      client.socket.terminate();
      await client.closed;
    }
    await chain.produce();
    expect((await chain.get("/v1/status")).status).toBe(200);
    const metrics = await (await fetch(`${chain.url}/metrics`)).text();
    expect(metrics).toContain("ttchain_websocket_connections 0");
  });
});

test("a second server on the same port is refused", async () => {
  const other = await ApiChain.start();
  await expect(other.serve(chain.server.port)).rejects.toThrow(/in use/);
  await other.stop();
});

test("hex in upper case and a token in lower case are told apart", async () => {
  const [id] = [toHex(new Uint8Array(32).fill(0xab))];
  expect((await chain.get(`/v1/transactions/${id.toUpperCase()}`)).body).toEqual({ id, state: "unknown" });
  expect(await refusal("/v1/tokens/ttc")).toEqual([400, "BAD_REQUEST"]);
});

// The HTTP client against fixed answers: what it asks for, and what it makes of good, bad and missing answers.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decodeBatchFrame } from "../../src/api/batchFrame.js";
import { TTChainClient } from "../../src/client/client.js";
import { waitForCommit } from "../../src/client/waitForCommit.js";
import { formatAddress } from "../../src/protocol/address.js";
import { StandInNode } from "./standInNode.js";

const address = formatAddress(new Uint8Array(32).fill(3));
const genesisHash = "0a".repeat(32);
const id = "5f".repeat(32);

const status = {
  chain: { name: "test", genesisHash, development: true },
  height: 12,
  blockHash: "01".repeat(32),
  stateRoot: "02".repeat(32),
  timeMs: 1_700_000_000_000,
  delegates: 4,
  mempool: { count: 0, bytes: 0 },
  historyHeight: 12,
  version: "0.1.0",
};

let node: StandInNode;
let client: TTChainClient;

beforeEach(async () => {
  node = await StandInNode.start();
  client = new TTChainClient({ url: `${node.url}/` });
});

afterEach(() => node.stop());

describe("the client", () => {
  test("reads amounts as bigint", async () => {
    node.answers.set(`/v1/accounts/${address}`, {
      json: {
        address,
        exists: true,
        balances: { TTC: "9223372036854775807", TTM: "5", TTMI: "0" },
        tokens: [{ token: "ab".repeat(32), amount: "7", frozen: false }],
        deposit: "1000000",
        height: 12,
      },
    });
    const account = await client.account(new Uint8Array(32).fill(3));
    expect(account.balances).toEqual({ TTC: 9_223_372_036_854_775_807n, TTM: 5n, TTMI: 0n });
    expect(account.tokens[0].amount).toBe(7n);
    expect(account.deposit).toBe(1_000_000n);
  });

  test("throws the node's code, message and details", async () => {
    const details = { retryAfterMs: 250 };
    node.answers.set("/v1/status", { status: 429, json: { error: { code: "BUSY", message: "full", details } } });
    await expect(client.status()).rejects.toMatchObject({ name: "CodedError", code: "BUSY", message: "full", details });
  });

  test("makes INTERNAL of codes and answers that it does not know", async () => {
    node.answers.set("/v1/status", { status: 400, json: { error: { code: "NEWER_CODE", message: "m" } } });
    await expect(client.status()).rejects.toMatchObject({ code: "INTERNAL", message: "NEWER_CODE: m" });
    node.answers.set("/v1/status", { status: 502, text: "<html>bad gateway</html>" });
    await expect(client.status()).rejects.toMatchObject({ code: "INTERNAL", message: expect.stringContaining("502") });
    node.answers.set("/v1/status", { text: "hello" });
    await expect(client.status()).rejects.toMatchObject({ code: "INTERNAL", message: expect.stringContaining("JSON") });
    node.answers.set("/v1/status", { json: { ...status, height: "12" } });
    await expect(client.status()).rejects.toMatchObject({
      code: "INTERNAL",
      message: expect.stringContaining("height"),
    });
  });

  test("tells a node that does not answer from one that refuses", async () => {
    const { url } = node;
    await node.stop();
    await expect(new TTChainClient({ url }).status()).rejects.toMatchObject({ name: "NodeUnreachableError", url });
    node = await StandInNode.start();
  });

  test("refuses a node of another chain where one was named", async () => {
    node.answers.set("/v1/status", { json: status });
    const pinned = new TTChainClient({ url: node.url, genesisHash: new Uint8Array(32).fill(0x0a) });
    expect((await pinned.status()).height).toBe(12);
    const other = new TTChainClient({ url: node.url, genesisHash: new Uint8Array(32) });
    await expect(other.chain()).rejects.toMatchObject({ code: "WRONG_CHAIN" });
  });

  test("refuses a text that is no URL of a node", () => {
    expect(() => new TTChainClient({ url: "localhost:7070" })).toThrow("expected a URL such as http://127.0.0.1:7070");
  });

  test("submits a batch frame and reads each result", async () => {
    node.answers.set("/v1/transactions", (request) => {
      const { transactions } = decodeBatchFrame(new Uint8Array(request.body));
      return {
        json: {
          results: transactions.map((bytes) =>
            bytes[0] === 1
              ? { id, code: "OK", state: "pending" }
              : { code: "BUSY", message: "full", details: { retryAfterMs: 30 }, state: "refused" },
          ),
        },
      };
    });
    const results = await client.submit([Uint8Array.of(1, 2), Uint8Array.of(9)], { waitMs: 50 });
    expect(node.requests[0]).toMatchObject({ method: "POST", path: "/v1/transactions?wait=committed&timeoutMs=50" });
    expect(results).toMatchObject([
      { id, code: "OK", state: "pending" },
      { code: "BUSY", retryAfterMs: 30, state: "refused" },
    ]);
  });

  test("refuses a batch that no frame can hold before sending it", async () => {
    await expect(client.submit([])).rejects.toMatchObject({ code: "TOO_LARGE" });
    await expect(client.submit([new Uint8Array(600_000)])).rejects.toMatchObject({ code: "TOO_LARGE" });
    expect(node.requests).toHaveLength(0);
  });

  test("reads a history page by page, and no page more than is read", async () => {
    const entry = (height: number) => ({
      height,
      index: 0,
      id,
      timeMs: 1,
      code: "OK",
      direction: "in",
      kind: "transfer",
      amount: "5",
    });
    const path = `/v1/accounts/${address}/history`;
    node.answers.set(path, { json: { entries: [entry(9), entry(8)], next: "a b" } });
    node.answers.set(`${path}?before=a%20b`, { json: { entries: [entry(7)] } });
    const heights: number[] = [];
    for await (const { height, amount } of client.history(address)) {
      heights.push(height);
      expect(amount).toBe(5n);
    }
    expect(heights).toEqual([9, 8, 7]);
    expect(node.requests).toHaveLength(2);
    for await (const _ of client.history(address)) {
      break;
    }
    expect(node.requests).toHaveLength(3);
  });

  test("asks for the latest block by the status's height", async () => {
    node.answers.set("/v1/status", { json: status });
    const block = {
      height: 12,
      hash: id,
      header: {},
      result: {},
      certificate: {},
      transactions: [{ id, code: "OK", fee: "3", feeToken: "TTC" }],
    };
    node.answers.set("/v1/blocks/12", { json: block });
    expect((await client.block("latest")).transactions[0].fee).toBe(3n);
  });
});

describe("waiting for a commit", () => {
  test("asks until the state is final", async () => {
    const states = ["unknown", "pending", "committed"];
    node.answers.set(`/v1/transactions/${id}`, () => ({ json: { id, state: states.shift() } }));
    expect(await waitForCommit(client, id, { validUntil: 40 })).toMatchObject({ state: "committed" });
    expect(node.requests.map(({ path }) => path)).toEqual(Array(3).fill(`/v1/transactions/${id}?validUntil=40`));
  });

  test("gives the last state when the time is up", async () => {
    node.answers.set(`/v1/transactions/${id}`, { json: { id, state: "pending" } });
    expect(await waitForCommit(client, id, { timeoutMs: 120 })).toMatchObject({ state: "pending" });
  });

  test("outlasts a node that is away for a while", async () => {
    const { port } = node;
    await node.stop();
    const waiting = waitForCommit(client, id, { timeoutMs: 20_000 });
    node = await StandInNode.start(port);
    node.answers.set(`/v1/transactions/${id}`, {
      json: { id, state: "failed", receipt: { code: "REFERENCE_PAID", fee: "1", events: [] } },
    });
    expect(await waiting).toMatchObject({ state: "failed", receipt: { code: "REFERENCE_PAID", fee: 1n } });
  });
});

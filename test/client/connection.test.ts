// The connection against a scripted node: answers find their batch, a break is told and mended, and a subscriber sees every
// height once whatever happens to the socket.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Connection } from "../../src/client/connection.js";
import type { SubscriptionMessage } from "../../src/client/subscription.js";
import { type Message, StandInNode } from "./standInNode.js";

let node: StandInNode;
const open: Connection[] = [];

async function connect(onStateChange?: (state: "open" | "lost") => void): Promise<Connection> {
  const connection = await Connection.open({ url: node.url, ...(onStateChange ? { onStateChange } : {}) });
  open.push(connection);
  return connection;
}

function send(socket: { send(text: string): void }, message: unknown): void {
  socket.send(JSON.stringify(message));
}

function blockMessage(subscription: number, height: number): unknown {
  return {
    type: "block",
    subscription,
    block: { height, hash: "", timeMs: 1, proposer: "", transactionCount: 0, stateRoot: "" },
  };
}

beforeEach(async () => {
  node = await StandInNode.start();
});

afterEach(async () => {
  for (const connection of open.splice(0)) {
    connection.close();
  }
  await node.stop();
});

describe("submitting", () => {
  test("tells results and finals to the transactions they belong to", async () => {
    node.onMessage = (message, socket) => {
      const { request } = message;
      // The first transaction's end comes before the results, as it may when a block is quick.
      send(socket, { type: "final", height: 5, timeMs: 50, items: [[request, 0, 0]] });
      send(socket, { type: "results", request, accepted: 3, refused: [[2, "BUSY", "full", 70]], height: 4 });
      send(socket, {
        type: "final",
        height: 6,
        timeMs: 60,
        items: [
          [request, 1, 302],
          [request, 3, 202],
        ],
      });
    };
    const connection = await connect();
    const { results, finals } = connection.submit([1, 2, 3, 4].map((n) => Uint8Array.of(n)));
    expect(await results).toEqual([
      undefined,
      undefined,
      { index: 2, code: "BUSY", message: "full", retryAfterMs: 70 },
      undefined,
    ]);
    expect(await Promise.all(finals)).toMatchObject([
      { state: "committed", code: "OK", height: 5, timeMs: 50 },
      { state: "failed", code: "REFERENCE_PAID", height: 6 },
      { state: "refused", code: "BUSY" },
      { state: "expired", code: "EXPIRED" },
    ]);
  });

  test("waits for the end of a duplicate, which is told too", async () => {
    node.onMessage = ({ request }, socket) => {
      send(socket, { type: "results", request, accepted: 0, refused: [[0, "DUPLICATE", "waiting"]], height: 4 });
      send(socket, { type: "final", height: 5, timeMs: 50, items: [[request, 0, 0]] });
    };
    const { results, finals } = (await connect()).submit([Uint8Array.of(1)]);
    expect(await results).toMatchObject([{ code: "DUPLICATE" }]);
    expect(await finals[0]).toMatchObject({ state: "committed", height: 5 });
  });

  test("keeps batches that are under way at once apart", async () => {
    const requests: { request: number; count: number }[] = [];
    node.onMessage = (message, socket) => {
      requests.push({ request: message.request, count: (message.transactions as unknown[]).length });
      if (requests.length === 2) {
        for (const { request, count } of requests.reverse()) {
          send(socket, { type: "results", request, accepted: count, refused: [], height: count });
        }
        send(socket, {
          type: "final",
          height: 9,
          timeMs: 1,
          items: [
            [requests[1].request, 0, 0],
            [requests[0].request, 1, 300],
          ],
        });
        send(socket, { type: "final", height: 10, timeMs: 1, items: [[requests[0].request, 0, 0]] });
      }
    };
    const connection = await connect();
    const one = connection.submit([Uint8Array.of(1)]);
    const two = connection.submit([Uint8Array.of(2), Uint8Array.of(3)]);
    expect(await one.finals[0]).toMatchObject({ state: "committed", height: 9 });
    expect(await Promise.all(two.finals)).toMatchObject([
      { state: "committed", height: 10 },
      { code: "INSUFFICIENT_BALANCE" },
    ]);
  });

  test("tells what was under way as unknown when the connection breaks, and never sends it again", async () => {
    const seen: Message[] = [];
    node.onMessage = (message) => {
      seen.push(message);
      node.breakConnections();
    };
    const states: string[] = [];
    const connection = await connect((state) => states.push(state));
    const { results, finals } = connection.submit([Uint8Array.of(1)]);
    await expect(results).rejects.toMatchObject({ name: "NodeUnreachableError" });
    expect(await finals[0]).toMatchObject({ state: "unknown" });
    expect(() => connection.submit([Uint8Array.of(2)]).results.catch(() => {})).not.toThrow();
    await expect.poll(() => connection.isOpen).toBe(true);
    node.onMessage = (message) => seen.push(message);
    connection.submit([Uint8Array.of(3)]).results.catch(() => {});
    await expect.poll(() => seen.length).toBe(2);
    expect(states).toEqual(["open", "lost", "open"]);
  });

  test("tells a batch that the node refused as a whole", async () => {
    node.onMessage = ({ request }, socket) =>
      send(socket, { type: "error", request, error: { code: "TOO_LARGE", message: "too much", details: {} } });
    const { results, finals } = (await connect()).submit([Uint8Array.of(1)]);
    await expect(results).rejects.toMatchObject({ code: "TOO_LARGE" });
    expect(await finals[0]).toMatchObject({ state: "unknown" });
  });
});

describe("a subscription", () => {
  /** Serves heights up to `latest()` from the wanted one on, as the node does. */
  function serveBlocks(latest: () => number): Message[] {
    const subscribes: Message[] = [];
    node.onMessage = (message, socket) => {
      if (message.type !== "subscribe") {
        return;
      }
      subscribes.push(message);
      const number = 100 + subscribes.length;
      const from = (message.from as number | undefined) ?? latest() + 1;
      send(socket, { type: "subscribed", request: message.request, subscription: number, from });
      for (let height = from; height <= latest(); height++) {
        send(socket, blockMessage(number, height));
      }
    };
    return subscribes;
  }

  test("gives every height once across breaks", async () => {
    let latest = 3;
    const subscribes = serveBlocks(() => latest);
    const connection = await connect();
    const heights: number[] = [];
    for await (const message of connection.subscribe({ topic: "blocks", from: 1 })) {
      heights.push(message.height);
      if (message.height === 3 || message.height === 5) {
        latest += 2;
        node.breakConnections();
      }
      if (message.height === 7) {
        break;
      }
    }
    expect(heights).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(subscribes.map(({ from }) => from)).toEqual([1, 4, 6]);
  });

  test("drops what the node sends twice", async () => {
    node.onMessage = ({ type, request }, socket) => {
      if (type === "subscribe") {
        send(socket, { type: "subscribed", request, subscription: 1, from: 5 });
        for (const height of [5, 6, 6, 5, 7]) {
          send(socket, blockMessage(1, height));
        }
      }
    };
    const heights: number[] = [];
    (await connect()).subscribe({ topic: "blocks" }, ({ height }) => heights.push(height));
    await expect.poll(() => heights).toEqual([5, 6, 7]);
  });

  test("begins with the next block where no height is named, and resumes there even before the first came", async () => {
    const subscribes = serveBlocks(() => 8);
    const connection = await connect();
    const subscription = connection.subscribe({ topic: "blocks" });
    await expect.poll(() => subscription.heightNext).toBe(9);
    node.breakConnections();
    await expect.poll(() => subscribes.length).toBe(2);
    expect(subscribes.map(({ from }) => from)).toEqual([undefined, 9]);
    subscription.unsubscribe();
    expect(await subscription.next()).toEqual({ done: true, value: undefined });
  });

  test("pauses a reader who falls behind and loses nothing", async () => {
    const unsubscribed: number[] = [];
    const subscribes = serveBlocks(() => 2_500);
    const serve = node.onMessage;
    node.onMessage = (message, socket) => {
      if (message.type === "unsubscribe") {
        unsubscribed.push(message.subscription as number);
      }
      serve(message, socket);
    };
    const connection = await connect();
    const subscription = connection.subscribe({ topic: "blocks", from: 1 });
    await expect.poll(() => unsubscribed.length).toBe(1);
    const heights: number[] = [];
    for await (const { height } of subscription) {
      heights.push(height);
      if (height === 2_500) {
        break;
      }
    }
    expect(heights).toEqual(Array.from({ length: 2_500 }, (_, i) => i + 1));
    expect(subscribes.length).toBeGreaterThan(1);
  });

  test("ends with the node's error where it is refused", async () => {
    node.onMessage = ({ request }, socket) =>
      send(socket, { type: "error", request, error: { code: "HEIGHT_NOT_KEPT", message: "too old", details: {} } });
    const subscription = (await connect()).subscribe({ topic: "payments", address: "ttc1x", from: 1 });
    await expect(subscription.next()).rejects.toMatchObject({ code: "HEIGHT_NOT_KEPT" });
  });

  test("carries the transactions of a block", async () => {
    node.onMessage = ({ type, request }, socket) => {
      if (type === "subscribe") {
        send(socket, { type: "subscribed", request, subscription: 4, from: 5 });
        send(socket, { type: "transactions", subscription: 4, height: 6, timeMs: 66, transactions: [{ id: "aa" }] });
      }
    };
    const messages: SubscriptionMessage[] = [];
    (await connect()).subscribe({ topic: "account", address: "ttc1x" }, (message) => messages.push(message));
    await expect
      .poll(() => messages)
      .toEqual([{ type: "transactions", height: 6, timeMs: 66, transactions: [{ id: "aa" }] }]);
  });
});

describe("the connection", () => {
  test("answers a ping with the time it took", async () => {
    node.onMessage = ({ request }, socket) => send(socket, { type: "pong", request });
    expect(await (await connect()).ping()).toBeGreaterThanOrEqual(0);
  });

  test("fails to open where no node listens", async () => {
    const { url } = node;
    await node.stop();
    await expect(Connection.open({ url })).rejects.toMatchObject({ name: "NodeUnreachableError" });
    node = await StandInNode.start();
  });

  test("does not come back once closed", async () => {
    const connection = await connect();
    connection.close();
    await expect(connection.ping()).rejects.toMatchObject({ name: "NodeUnreachableError" });
    expect(node.connections).toBe(1);
  });
});

// Subscriptions: what each topic tells, resuming without gap or repetition, and slow readers.

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toHex } from "../../src/base/bytes.js";
import { mint, transfer } from "../../src/client/actions.js";
import type { SubscriptionTopic } from "../../src/protocol/apiTypes.js";
import { ApiChain, type ApiChainOptions } from "./apiChain.js";
import { SocketClient } from "./socketClient.js";

let chain: ApiChain;
let clients: SocketClient[];

async function begin(options: ApiChainOptions = {}): Promise<void> {
  chain = await ApiChain.start(options);
}

async function connect(): Promise<SocketClient> {
  const client = await SocketClient.open(chain.socketUrl);
  clients.push(client);
  return client;
}

beforeEach(() => {
  clients = [];
});

afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await chain.stop();
});

/** The heights that a client was told, in the order in which they came. */
function heightsOf(client: SocketClient): number[] {
  return client.messages.flatMap((message) => {
    if (message.type === "block") {
      return [message.block.height];
    }
    return message.type === "transactions" ? [message.height] : [];
  });
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

describe("topics", () => {
  test("blocks tells every block from the next one on", async () => {
    await begin();
    await chain.produceTo(3);
    const client = await connect();
    client.send({ type: "subscribe", request: 1, topic: "blocks" });
    expect(await client.next("subscribed")).toMatchObject({ request: 1, from: 4 });
    await chain.produceTo(6);
    await client.settled();
    expect(heightsOf(client)).toEqual([4, 5, 6]);
    const summary = (await chain.get("/v1/blocks?limit=1")).body as { blocks: unknown[] };
    expect(client.all("block").at(-1)?.block).toEqual(summary.blocks[0]);
  });

  test("transactions tells the blocks that hold any, in their order", async () => {
    await begin();
    const [alice, bob, carol] = chain.accounts;
    const client = await connect();
    client.send({ type: "subscribe", request: 1, topic: "transactions" });
    await client.next("subscribed");
    const first = chain.sign([transfer(alice, { to: bob.address, amount: 1_000n })]);
    const second = chain.sign([transfer(carol, { to: bob.address, amount: 2_000n })]);
    await chain.mempool.submit([first.bytes, second.bytes]);
    await chain.produceTo(3);
    await client.settled();
    const [message, ...others] = client.all("transactions");
    expect(others).toEqual([]);
    expect(message.height).toBe(1);
    expect(message.transactions.map(({ id, code, sender }) => [id, code, sender])).toEqual([
      [toHex(first.id), "OK", alice.addressText],
      [toHex(second.id), "OK", carol.addressText],
    ]);
    expect(message.transactions[0].operations).toEqual([
      { kind: "transfer", account: alice.addressText, to: bob.addressText, token: "TTC", amount: "1000" },
    ]);
  });

  test("account tells what concerns the account, payments only what it receives", async () => {
    await begin();
    const [alice, bob, carol] = chain.accounts;
    const client = await connect();
    client.send({ type: "subscribe", request: 1, topic: "account", address: bob.addressText });
    client.send({ type: "subscribe", request: 2, topic: "payments", address: bob.addressText });
    const account = (await client.next("subscribed", ({ request }) => request === 1)).subscription;
    const payments = (await client.next("subscribed", ({ request }) => request === 2)).subscription;
    const received = await chain.commit([transfer(alice, { to: bob.address, amount: 1_000n })]);
    const sent = await chain.commit([transfer(bob, { to: carol.address, amount: 1_000n })]);
    await chain.commit([transfer(alice, { to: carol.address, amount: 1_000n })]);
    const minted = await chain.commit([mint(chain.issuer, { token: "TTM", to: bob.address, amount: 5n })]);
    await client.settled();
    const told = (subscription: number): string[] =>
      client
        .all("transactions")
        .filter((message) => message.subscription === subscription)
        .flatMap((message) => message.transactions.map(({ id }) => id));
    expect(told(account)).toEqual([received, sent, minted].map(({ id }) => toHex(id)));
    expect(told(payments)).toEqual([toHex(received.id)]);
  });

  test("a failed payment is told to its sender alone", async () => {
    await begin();
    const [alice, bob] = chain.accounts;
    await chain.commit([mint(chain.issuer, { token: "TTM", to: alice.address, amount: 10_000n })]);
    const [mine, theirs] = [await connect(), await connect()];
    mine.send({ type: "subscribe", request: 1, topic: "account", address: alice.addressText });
    theirs.send({ type: "subscribe", request: 1, topic: "payments", address: bob.addressText });
    await mine.next("subscribed");
    await theirs.next("subscribed");
    // The first payment in the block takes what the second needs; both were admissible when they were sent.
    const reference = new Uint8Array(32).fill(1);
    reference.set([200, 0, 0, 0, 0, 0, 0, 0]);
    const pay = (lane: number) =>
      chain.sign([transfer(alice, { to: bob.address, amount: 1_000n, reference })], { lane });
    await chain.mempool.submit([pay(1).bytes, pay(2).bytes]);
    await chain.produce();
    await mine.settled();
    await theirs.settled();
    expect(mine.all("transactions")[0].transactions.map(({ code }) => code)).toEqual(["OK", "REFERENCE_PAID"]);
    expect(theirs.all("transactions")[0].transactions.map(({ code }) => code)).toEqual(["OK"]);
  });

  test("unsubscribing ends the messages, and its number is unknown from then on", async () => {
    await begin();
    const client = await connect();
    client.send({ type: "subscribe", request: 1, topic: "blocks" });
    const { subscription } = await client.next("subscribed");
    await chain.produce();
    client.send({ type: "unsubscribe", request: 2, subscription });
    await client.next("unsubscribed");
    await chain.produce();
    client.send({ type: "unsubscribe", request: 3, subscription });
    const { error, request } = await client.next("error");
    expect([error.code, request]).toEqual(["NOT_FOUND", 3]);
    expect(heightsOf(client)).toEqual([1]);
  });

  test("two subscriptions of one connection to the same topic have numbers of their own", async () => {
    await begin();
    await chain.produceTo(2);
    const client = await connect();
    client.send({ type: "subscribe", request: 1, topic: "blocks" });
    client.send({ type: "subscribe", request: 2, topic: "blocks", from: 1 });
    const first = await client.next("subscribed", ({ request }) => request === 1);
    const second = await client.next("subscribed", ({ request }) => request === 2);
    expect(first.subscription).not.toBe(second.subscription);
    await client.until(() => (client.all("block").length === 2 ? true : undefined), "two old blocks");
    await chain.produce();
    await client.settled();
    const told = (subscription: number): number[] =>
      client
        .all("block")
        .filter((message) => message.subscription === subscription)
        .map((message) => message.block.height);
    expect(told(first.subscription)).toEqual([3]);
    expect(told(second.subscription)).toEqual([1, 2, 3]);
  });

  test("subscriptions of a connection are limited", async () => {
    await begin({ limits: { connectionSubscriptionsMax: 1 } });
    const client = await connect();
    client.send({ type: "subscribe", request: 1, topic: "blocks" });
    client.send({ type: "subscribe", request: 2, topic: "transactions" });
    expect(await client.next("error")).toMatchObject({ request: 2, error: { code: "BUSY" } });
  });
});

describe("resuming", () => {
  test("from a height that is not reached yet begins exactly there", async () => {
    await begin();
    const client = await connect();
    client.send({ type: "subscribe", request: 1, topic: "blocks", from: 4 });
    expect(await client.next("subscribed")).toMatchObject({ from: 4 });
    await chain.produceTo(6);
    await client.settled();
    expect(heightsOf(client)).toEqual([4, 5, 6]);
  });

  test("from a height that was removed is refused, and says which is the oldest", async () => {
    await begin();
    await chain.produceTo(6);
    chain.blocks.prune(4);
    const client = await connect();
    client.send({ type: "subscribe", request: 1, topic: "blocks", from: 3 });
    expect((await client.next("error")).error).toMatchObject({ code: "HEIGHT_NOT_KEPT", details: { oldest: 4 } });
  });

  test("an account reads only the blocks that concern it", async () => {
    await begin();
    const [alice, bob, carol] = chain.accounts;
    await chain.commit([transfer(alice, { to: bob.address, amount: 1_000n })]);
    await chain.produceTo(40);
    await chain.commit([transfer(bob, { to: carol.address, amount: 1_000n })]);
    await chain.history.flush();
    await chain.produceTo(60);
    const client = await connect();
    chain.blocks.reads = 0;
    client.send({ type: "subscribe", request: 1, topic: "account", address: bob.addressText, from: 1 });
    await client.until(() => (client.all("transactions").length === 2 ? true : undefined), "two blocks");
    expect(heightsOf(client)).toEqual([1, 41]);
    expect(chain.blocks.reads).toBe(2);
  });

  test("old blocks' summaries and a list of blocks are told without reading the blocks", async () => {
    await begin();
    await chain.produceTo(30);
    const client = await connect();
    chain.blocks.reads = 0;
    client.send({ type: "subscribe", request: 1, topic: "blocks", from: 1 });
    await client.until(() => heightsOf(client).length === 30 || undefined, "thirty blocks");
    const { body } = await chain.get("/v1/blocks?limit=30");
    expect(chain.blocks.reads).toBe(0);
    const listed = (body as { blocks: unknown[] }).blocks.toReversed();
    expect(client.all("block").map(({ block }) => block)).toEqual(listed);
  });

  // Blocks keep coming while the client loses its connection at random and resumes after the last height that it saw.
  test("at random, while blocks keep coming, tells every block once and in order", async () => {
    await begin();
    const [alice, bob] = chain.accounts;
    const topics: { topic: SubscriptionTopic; address?: string }[] = [
      { topic: "blocks" },
      { topic: "transactions" },
      { topic: "account", address: bob.addressText },
      { topic: "payments", address: bob.addressText },
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...topics),
        fc.array(fc.record({ blocks: fc.nat(4), wait: fc.boolean(), cut: fc.boolean() }), {
          minLength: 5,
          maxLength: 25,
        }),
        async (topic, steps) => {
          const first = chain.height + 1;
          const seen: number[] = [];
          let next = first;
          let client = await connect();
          const subscribe = (): void => client.send({ type: "subscribe", request: 1, from: next, ...topic });
          const harvest = (): void => {
            seen.push(...heightsOf(client));
            next = (seen.at(-1) ?? first - 1) + 1;
          };
          subscribe();
          for (const { blocks, wait, cut } of steps) {
            for (let i = 0; i < blocks; i++) {
              await chain.commit([transfer(alice, { to: bob.address, amount: 1_000n })]);
            }
            if (wait) {
              await client.settled();
            }
            if (cut) {
              client.socket.terminate();
              await client.closed;
              harvest();
              client = await connect();
              subscribe();
            }
          }
          const last = chain.height;
          await client.until(
            () => (last < next || heightsOf(client).at(-1) === last ? true : undefined),
            `block ${last}`,
          );
          await client.settled();
          harvest();
          expect(seen).toEqual(range(first, last));
          client.socket.terminate();
        },
      ),
      { numRuns: 30 },
    );
  });

  test("a cut between replay and live loses nothing when many clients resume at once", async () => {
    await begin({ limits: { replaysMax: 2 } });
    await chain.produceTo(20);
    const readers = await Promise.all(range(1, 20).map(() => connect()));
    for (const [i, reader] of readers.entries()) {
      reader.send({ type: "subscribe", request: 1, topic: "blocks", from: i + 1 });
    }
    await chain.produceTo(40);
    await Promise.all(
      readers.map((reader) => reader.until(() => heightsOf(reader).at(-1) === 40 || undefined, "block 40")),
    );
    for (const [i, reader] of readers.entries()) {
      expect(heightsOf(reader)).toEqual(range(i + 1, 40));
    }
  });
});

describe("a subscriber that reads too slowly", () => {
  test("is cut off with 4008, others are not, and it resumes where it was", async () => {
    await begin({ limits: { subscriberBytesMax: 65_536 } });
    const [alice] = chain.accounts;
    const [slow, quick] = [await connect(), await connect()];
    for (const client of [slow, quick]) {
      client.send({ type: "subscribe", request: 1, topic: "transactions", from: 1 });
      await client.next("subscribed");
    }
    slow.pause();
    // What the kernel's buffers of both ends take in has to be filled first.
    const payees = chain.accounts.slice(1).flatMap((account) => Array.from({ length: 20 }, () => account.address));
    let blocks = 0;
    while (slow.closeCode === undefined && blocks < 400 && (await droppedCount()) === 0) {
      for (let lane = 0; lane < 40; lane++) {
        const actions = payees.map((to) => transfer(alice, { to, amount: 1_000n }));
        await chain.mempool.submit([chain.sign(actions, { lane }).bytes]);
      }
      await chain.produce();
      await quick.settled();
      blocks++;
    }
    expect(await droppedCount()).toBe(1);
    slow.resume();
    expect(await slow.closed).toBe(4008);
    const dropped = slow.all("dropped");
    expect(dropped).toHaveLength(1);
    expect(dropped[0].reason).toBe("slow");
    expect(quick.closeCode).toBeUndefined();
    const last = heightsOf(slow).at(-1) ?? 0;
    expect(last).toBeLessThan(chain.height);
    const back = await connect();
    back.send({ type: "subscribe", request: 1, topic: "transactions", from: last + 1 });
    await back.until(() => heightsOf(back).at(-1) === chain.height || undefined, "the latest block");
    expect([...heightsOf(slow), ...heightsOf(back)]).toEqual(range(1, chain.height));
    expect(heightsOf(quick)).toEqual(range(1, chain.height));
  });

  async function droppedCount(): Promise<number> {
    const text = await (await fetch(`${chain.url}/metrics`)).text();
    return Number(/ttchain_websocket_subscribers_dropped_total (\d+)/.exec(text)?.[1] ?? 0);
  }
});

describe("a server that closes", () => {
  test("says 1001 to its connections and answers requests under way", async () => {
    await begin();
    const client = await connect();
    client.send({ type: "subscribe", request: 1, topic: "blocks" });
    await client.next("subscribed");
    const waiting = chain.sign([transfer(chain.accounts[0], { to: chain.accounts[1].address, amount: 1_000n })]);
    const answer = chain.post("/v1/transactions?wait=committed", { transactions: [toHex(waiting.bytes)] });
    while (chain.mempool.count === 0) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await chain.server.close();
    expect(await client.closed).toBe(1001);
    expect((await answer).body).toMatchObject({ results: [{ code: "OK", state: "pending" }] });
    await expect(fetch(`${chain.url}/healthz`)).rejects.toThrow();
  });
});

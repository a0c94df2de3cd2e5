// Submitting over the WebSocket: results, final messages, and what is refused.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toHex } from "../../src/base/bytes.js";
import type { Account } from "../../src/client/account.js";
import { transfer } from "../../src/client/actions.js";
import { encodeBatchFrame } from "../../src/client/batchFrame.js";
import type { SignedTransaction } from "../../src/client/buildTransaction.js";
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

/** Payments of one account, each in a lane of its own. */
function payments(from: Account, count: number, firstLane = 0): SignedTransaction[] {
  const to = chain.accounts[1].address;
  return Array.from({ length: count }, (_, i) =>
    chain.sign([transfer(from, { to, amount: 1_000n })], { lane: firstLane + i }),
  );
}

describe("a binary batch", () => {
  test("is answered once, then told final once for all transactions of a block", async () => {
    await begin();
    const client = await connect();
    const batch = payments(chain.accounts[0], 20);
    client.sendBytes(
      encodeBatchFrame(
        7,
        batch.map((item) => item.bytes),
        true,
      ),
    );
    expect(await client.next("results")).toEqual({ type: "results", request: 7, accepted: 20, refused: [], height: 0 });
    const block = await chain.produce();
    const final = await client.next("final");
    expect(final).toMatchObject({ height: 1, timeMs: block.block.header.timeMs });
    expect(final.items.toSorted((a, b) => a[1] - b[1])).toEqual(batch.map((_, index) => [7, index, 0]));
    await chain.produce();
    await client.settled();
    expect(client.all("final")).toHaveLength(1);
  });

  test("names the refused transactions with index, code and message", async () => {
    await begin();
    const client = await connect();
    const [good] = payments(chain.accounts[0], 1);
    const badSignature = payments(chain.accounts[2], 1)[0].bytes.slice();
    badSignature[badSignature.length - 1] ^= 1;
    const poor = chain.sign([transfer(chain.accounts[3], { to: chain.accounts[1].address, amount: 1n << 62n })]);
    client.sendBytes(encodeBatchFrame(1, [good.bytes, badSignature, new Uint8Array(5), poor.bytes], true));
    const results = await client.next("results");
    expect(results.accepted).toBe(1);
    expect(results.refused.map(([index, code]) => [index, code])).toEqual([
      [1, "BAD_SIGNATURE"],
      [2, "UNKNOWN_VERSION"],
      [3, "INSUFFICIENT_BALANCE"],
    ]);
    expect(results.refused[0][2]).not.toBe("");
  });

  test("is told nothing more where it did not ask", async () => {
    await begin();
    const client = await connect();
    client.sendBytes(encodeBatchFrame(1, [payments(chain.accounts[0], 1)[0].bytes], false));
    await client.next("results");
    await chain.produce();
    await client.settled();
    expect(client.all("final")).toEqual([]);
  });
});

describe("final messages", () => {
  test("tell a failure in the block by its number, and an expiry as 202", async () => {
    await begin({ parameters: { validUntilHeightsMax: 3 } });
    const client = await connect();
    const [alice, bob] = chain.accounts;
    const failing = chain.sign([transfer(alice, { to: bob.address, amount: 1_000n, token: "TTM" })], {
      feeToken: "TTM",
    });
    const waiting = chain.sign([transfer(bob, { to: alice.address, amount: 1_000n })], { sequence: 1, validUntil: 2 });
    client.send({
      type: "submit",
      request: 3,
      transactions: [toHex(waiting.bytes), toHex(failing.bytes)],
      final: true,
    });
    const results = await client.next("results");
    expect(results.refused.map(([index]) => index)).toEqual([1]);
    await chain.produceTo(2);
    const final = await client.next("final");
    const { timeMs } = chain.blocks.latest!.block.header;
    expect(final).toEqual({ type: "final", height: 2, timeMs, items: [[3, 0, 202]] });
  });

  test("reach a second connection that submitted the same transaction", async () => {
    await begin();
    const [first, second] = [await connect(), await connect()];
    const [payment] = payments(chain.accounts[0], 1);
    first.sendBytes(encodeBatchFrame(1, [payment.bytes], true));
    await first.next("results");
    second.sendBytes(encodeBatchFrame(9, [payment.bytes], true));
    expect((await second.next("results")).refused[0][1]).toBe("DUPLICATE");
    await chain.produce();
    expect((await first.next("final")).items).toEqual([[1, 0, 0]]);
    expect((await second.next("final")).items).toEqual([[9, 0, 0]]);
  });

  test("come for each request of one connection that names the same transaction", async () => {
    await begin();
    const client = await connect();
    const [payment] = payments(chain.accounts[0], 1);
    client.sendBytes(encodeBatchFrame(1, [payment.bytes], true));
    client.sendBytes(encodeBatchFrame(2, [payment.bytes], true));
    await client.until(() => (client.all("results").length === 2 ? true : undefined), "two results");
    await chain.produce();
    const { items } = await client.next("final");
    expect(items.toSorted()).toEqual([
      [1, 0, 0],
      [2, 0, 0],
    ]);
  });

  test("are not missed when the block comes while the submission is under way", async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await begin();
    await chain.server.close();
    const { mempool } = chain;
    chain.options.services = {
      mempool: {
        submit: async (transactions) => {
          const results = await mempool.submit(transactions);
          await held;
          return results;
        },
        pending: (id) => mempool.pending(id),
        holds: (idKey) => mempool.holds(idKey),
        pendingSequence: (address, lane) => mempool.pendingSequence(address, lane),
        count: 0,
        bytes: 0,
      },
    };
    await chain.serve(0);
    const client = await connect();
    client.sendBytes(encodeBatchFrame(5, [payments(chain.accounts[0], 1)[0].bytes], true));
    while (mempool.count === 0) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await chain.produce();
    release();
    expect((await client.next("final")).items).toEqual([[5, 0, 0]]);
    expect(client.messages.map(({ type }) => type)).toEqual(["results", "final"]);
  });

  test("say 202 for a transaction that the mempool dropped, once nothing can commit it any more", async () => {
    await begin({ parameters: { validUntilHeightsMax: 3 } });
    const client = await connect();
    const [payment] = payments(chain.accounts[0], 1);
    client.sendBytes(encodeBatchFrame(1, [payment.bytes], true));
    await client.next("results");
    chain.tellsExpiries = false;
    chain.mempool.drop(payment.id);
    await chain.produceTo(3);
    await client.settled();
    expect(client.all("final")).toEqual([]);
    await chain.produceTo(4);
    expect(await client.next("final")).toMatchObject({ height: 4, items: [[1, 0, 202]] });
  });
});

describe("limits of a connection", () => {
  test("submissions beyond the unanswered ones are refused as BUSY with a time", async () => {
    await begin({ limits: { connectionUnansweredMax: 4 } });
    const client = await connect();
    client.sendBytes(
      encodeBatchFrame(
        1,
        payments(chain.accounts[0], 5).map((item) => item.bytes),
        false,
      ),
    );
    const { refused } = await client.next("results");
    expect(refused).toHaveLength(5);
    expect(refused[0][1]).toBe("BUSY");
    expect(refused[0][3]).toBeGreaterThan(0);
  });

  test("a connection that sends nothing but bad signatures is cut off with 1008", async () => {
    await begin({ limits: { connectionWastedMax: 10 } });
    const client = await connect();
    const bad = payments(chain.accounts[0], 11).map(({ bytes }) => {
      const copy = bytes.slice();
      copy[copy.length - 1] ^= 1;
      return copy;
    });
    client.sendBytes(encodeBatchFrame(1, bad, false));
    expect(await client.closed).toBe(1008);
  });

  test("good transactions make up for bad ones", async () => {
    await begin({ limits: { connectionWastedMax: 3 } });
    const client = await connect();
    for (let round = 0; round < 6; round++) {
      const good = payments(chain.accounts[0], 2, 2 * round).map((item) => item.bytes);
      client.sendBytes(encodeBatchFrame(round, [...good, new Uint8Array(3), new Uint8Array(3)], false));
    }
    await client.next("results", (message) => message.request === 5);
    expect(client.closeCode).toBeUndefined();
  });

  test("frames of more than a mebibyte end the connection", async () => {
    await begin();
    const client = await connect();
    client.sendBytes(new Uint8Array(1_048_577));
    expect([1006, 1009]).toContain(await client.closed);
  });
});

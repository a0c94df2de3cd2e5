// The mempool as a joined node's own clients reach it.

import { describe, expect, test } from "vitest";
import { Backlog } from "../../../src/consensus/comet/backlog.js";
import { Outbox } from "../../../src/consensus/comet/outbox.js";
import { SpreadingMempool } from "../../../src/consensus/comet/spread.js";
import { Mempool } from "../../../src/mempool/mempool.js";
import { person, TestChain } from "../../support/testChain.js";
import { verifyBatchHere } from "../../support/verifyBatchHere.js";

test("signatures of newcomers are verified in batches of their own, and what is admitted goes to the peers", async () => {
  const chain = await TestChain.start();
  const batches: number[] = [];
  const mempool = new Mempool({
    state: chain.state,
    genesisHash: chain.genesisHash,
    verifyBatch: (transactions, prefix) => {
      batches.push(transactions.length);
      return verifyBatchHere(transactions, prefix);
    },
  });
  const outbox = new Outbox();
  const spreading = new SpreadingMempool(mempool, outbox, new Backlog());
  const pay = (sequence: number): Uint8Array => chain.payment(person("bob").address, 100_000_000n, sequence);
  const results = await Promise.all([spreading.submit([pay(0)]), spreading.submit([pay(1)], true)]);
  expect(results.flat().map(({ error }) => error)).toEqual([undefined, undefined]);
  expect(batches).toEqual([1, 1]);
  expect(outbox.take(1e6)).toHaveLength(1);
});

describe("a backlog", () => {
  test("is full when what waits would wait too long at the pace of the blocks, and not once they took it all", () => {
    const backlog = new Backlog();
    expect(backlog.isFull(1_000_000)).toBe(false);
    backlog.onCommitted(1_000, 9_000, 0);
    backlog.onCommitted(2_000, 9_000, 500);
    expect([backlog.isFull(6_000), backlog.isFull(6_001)]).toEqual([false, true]);
    // A slower pace is believed by half, a faster one at once.
    backlog.onCommitted(1_000, 9_000, 1_000);
    expect([backlog.isFull(4_500), backlog.isFull(4_501)]).toEqual([false, true]);
    backlog.onCommitted(10_000, 9_000, 2_000);
    expect(backlog.isFull(15_000)).toBe(false);
    backlog.onCommitted(10_000, 0, 3_000);
    expect(backlog.isFull(1_000_000)).toBe(false);
  });

  test("of quiet times turns no crowd away", () => {
    const backlog = new Backlog();
    backlog.onCommitted(1, 1, 0);
    backlog.onCommitted(1, 1, 2_000);
    expect(backlog.isFull(4_000)).toBe(false);
  });

  test("does not count what waits behind a gap in its lane, so that what fills the gap comes in", async () => {
    const chain = await TestChain.start();
    const seen: number[] = [];
    const watching = Object.assign(new Backlog(), {
      isFull: (waiting: number) => {
        seen.push(waiting);
        return false;
      },
    });
    const spreading = new SpreadingMempool(chain.mempool, new Outbox(), watching);
    const pay = (sequence: number): Uint8Array => chain.payment(person("bob").address, 100_000_000n, sequence);
    await spreading.submit([pay(1), pay(2), pay(3)]);
    await spreading.submit([pay(0)]);
    await spreading.submit([pay(4)]);
    expect(seen).toEqual([0, 0, 4]);
  });

  test("that is full turns away this node's clients, with the code BUSY and when to come again", async () => {
    const chain = await TestChain.start();
    const { mempool } = chain;
    const full = Object.assign(new Backlog(), { isFull: () => true });
    const outbox = new Outbox();
    const spreading = new SpreadingMempool(mempool, outbox, full);
    const [{ id, error }] = await spreading.submit([chain.payment(person("bob").address, 100_000_000n, 0)]);
    expect([id, error?.code, error?.details.retryAfterMs]).toEqual([undefined, "BUSY", 500]);
    expect([mempool.count, outbox.take(1e6)]).toEqual([0, []]);
  });
});

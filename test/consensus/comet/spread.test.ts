// The mempool as a joined node's own clients reach it.

import { expect, test } from "vitest";
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
  const spreading = new SpreadingMempool(mempool, outbox);
  const pay = (sequence: number): Uint8Array => chain.payment(person("bob").address, 100_000_000n, sequence);
  const results = await Promise.all([spreading.submit([pay(0)]), spreading.submit([pay(1)], true)]);
  expect(results.flat().map(({ error }) => error)).toEqual([undefined, undefined]);
  expect(batches).toEqual([1, 1]);
  expect(outbox.take(1e6)).toHaveLength(1);
});

// Random submissions, blocks and drops, with lanes that expire all the time: blocks are always executable, and what leaves the pool
// leaves nothing behind.

import { expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.js";
import { decodeReceipt } from "../../src/protocol/receipt.js";
import { person, TestChain } from "../support/testChain.js";

const TTC = 100_000_000n;
const WINDOW = 5;
const STEPS = 400;
const KEY = { publicKey: person("proposer").publicKey, sign: () => new Uint8Array(64) };

async function commitBlock(chain: TestChain): Promise<number> {
  const { application, mempool } = chain;
  const ready = mempool.readyCount;
  const executed = application.propose(KEY, application.timeMsMin);
  for (const receipt of executed.receipts) {
    expect(decodeReceipt(receipt).code).toBe(0);
  }
  if (ready > 0 && executed.transactions.length === 0) {
    // Only lanes that expired under what was ready can empty a block; it is not tried again.
    expect(mempool.readyCount).toBeLessThan(ready);
  }
  await application.commit(executed, { kind: 1, signatures: [] });
  return executed.transactions.length;
}

test.each([1, 2, 3, 4])("blocks stay executable and the books balance (seed %i)", async (seed) => {
  const random = new SeededRandom(seed);
  const pick = (below: number): number => random.bytes(1)[0] % below;
  const chain = await TestChain.start({ parameters: { validUntilHeightsMax: WINDOW, blockTransactionsMax: 3 } });
  const payees = ["ann", "ben", "cid"].map((name) => person(name).address);
  const admitted: Uint8Array[] = [];
  let committed = 0;
  for (let step = 0; step < STEPS; step++) {
    const kind = pick(10);
    if (kind < 7) {
      const lane = pick(3);
      const next = chain.mempool.pendingSequence(chain.faucet.address, lane) ?? pick(3);
      const sequence = Math.max(0, next + pick(5) - 2);
      const validUntil = chain.state.height + 1 + pick(WINDOW + 1);
      const payment = chain.payment(payees[pick(3)], TTC + BigInt(step), sequence, { lane, validUntil });
      const [result] = await chain.submit(payment);
      if (result.error === undefined) {
        admitted.push(result.id!);
      } else {
        expect(["SEQUENCE_USED", "SEQUENCE_GAP"]).toContain(result.error.code);
      }
    } else if (kind < 9) {
      committed += await commitBlock(chain);
    } else if (admitted.length > 0) {
      chain.mempool.drop(admitted[pick(admitted.length)]);
    }
    expect(chain.mempool.readyCount).toBeLessThanOrEqual(chain.mempool.count);
  }
  for (let height = 0; height <= WINDOW + 1; height++) {
    committed += await commitBlock(chain);
  }
  expect(committed).toBeGreaterThan(STEPS / 10);
  expect([chain.mempool.count, chain.mempool.bytes, chain.mempool.readyCount]).toEqual([0, 0, 0]);
  // Nothing is reserved and no lane is taken any more: a payment of nearly everything passes.
  const everything = 9_000_000_000n * TTC;
  expect(
    await chain.codes(chain.payment(payees[0], everything, 0, { lane: 9, validUntil: chain.state.height + 1 })),
  ).toEqual(["OK"]);
});

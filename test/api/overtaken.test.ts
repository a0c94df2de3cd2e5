// Whoever waits for a transaction whose sequence another one takes in a block, as one that another node proposed, is told so with that block.

import { afterEach, beforeEach, expect, test } from "vitest";
import { transfer } from "../../src/client/actions.js";
import { encodeBatchFrame } from "../../src/client/batchFrame.js";
import type { SignedTransaction } from "../../src/client/buildTransaction.js";
import { errorNumber } from "../../src/protocol/errors.js";
import { decodeTransaction } from "../../src/protocol/transaction.js";
import { ApiChain } from "./apiChain.js";
import { SocketClient } from "./socketClient.js";

let chain: ApiChain;

beforeEach(async () => {
  chain = await ApiChain.start();
});

afterEach(() => chain.stop());

function payment(amount: bigint): SignedTransaction {
  const [from, to] = chain.accounts;
  return chain.sign([transfer(from, { to: to.address, amount })]);
}

/** A block that holds `rival`, which never waited here. */
async function produceForeign(rival: SignedTransaction): Promise<void> {
  const { mempool } = chain;
  const take = mempool.take;
  mempool.take = () => [decodeTransaction(rival.bytes)];
  await chain.produce();
  mempool.take = take;
}

test("on the WebSocket, with the code and the block's height", async () => {
  const [own, rival] = [payment(1_000n), payment(2_000n)];
  const client = await SocketClient.open(chain.socketUrl);
  client.sendBytes(encodeBatchFrame(7, [own.bytes], true));
  await client.next("results");
  await produceForeign(rival);
  const final = await client.next("final");
  expect(final).toMatchObject({ height: 1, items: [[7, 0, errorNumber("SEQUENCE_USED")]] });
  expect(chain.mempool.count).toBe(0);
  await client.close();
});

test("over HTTP as a refusal", async () => {
  const [own, rival] = [payment(1_000n), payment(2_000n)];
  const answer = fetch(`${chain.url}/v1/transactions?wait=committed`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: encodeBatchFrame(0, [own.bytes], false) as BodyInit,
  });
  while (chain.mempool.count === 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  await produceForeign(rival);
  const { results } = (await (await answer).json()) as { results: unknown[] };
  expect(results).toMatchObject([{ code: "SEQUENCE_USED", state: "refused" }]);
});

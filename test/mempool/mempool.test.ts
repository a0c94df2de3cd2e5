// Admission: what is refused and why, what is held for whom, and in which order blocks get it.

import { beforeEach, describe, expect, test } from "vitest";
import { toHex } from "../../src/base/bytes.js";
import { person, TestChain } from "../support/testChain.js";

const TTC = 100_000_000n;
const alice = person("alice");
const bob = person("bob");
let chain: TestChain;

beforeEach(async () => {
  chain = await TestChain.start({
    limits: { transactionsMax: 50, senderTransactionsMax: 20, senderLanesMax: 4, sequenceAheadMax: 5 },
  });
});

/** Makes a block of everything that is ready and commits it. */
async function commitBlock(): Promise<void> {
  const { application } = chain;
  const key = { publicKey: chain.faucet.publicKey, sign: () => new Uint8Array(64) };
  const executed = application.propose(key, application.timeMsMin);
  await application.commit(executed, { kind: 1, signatures: [] });
}

async function fund(who: { address: Uint8Array }, amount: bigint, sequence: number): Promise<void> {
  expect(await chain.codes(chain.payment(who.address, amount, sequence))).toEqual(["OK"]);
  await commitBlock();
}

function payBob(amount: bigint, sequence: number, fields = {}): Uint8Array {
  return chain.transaction([alice], [{ kind: "transfer", account: 0, to: bob.address, token: "TTC", amount }], {
    sequence,
    ...fields,
  });
}

describe("the mempool refuses", () => {
  test.each([
    ["bytes that are no transaction", (): Uint8Array => new Uint8Array(10), "UNKNOWN_VERSION"],
    ["a transaction cut short", (): Uint8Array => chain.payment(bob.address, TTC, 0).subarray(0, 100), "MALFORMED"],
    [
      "another chain's",
      (): Uint8Array => chain.payment(bob.address, TTC, 0, { chainTag: new Uint8Array(4) }),
      "WRONG_CHAIN",
    ],
    ["an expired one", (): Uint8Array => chain.payment(bob.address, TTC, 0, { validUntil: 0 }), "EXPIRED"],
    [
      "one valid for too long",
      (): Uint8Array => chain.payment(bob.address, TTC, 0, { validUntil: 1_000_000 }),
      "VALID_UNTIL_TOO_FAR",
    ],
    [
      "a fee limit below the minimum",
      (): Uint8Array => chain.payment(bob.address, TTC, 0, { feeLimit: 1n }),
      "FEE_LIMIT_TOO_LOW",
    ],
    ["a sequence far ahead", (): Uint8Array => chain.payment(bob.address, TTC, 9), "SEQUENCE_GAP"],
    ["a sender without coins", (): Uint8Array => payBob(TTC, 0), "FEE_UNPAYABLE"],
  ])("%s", async (_, make, code) => {
    expect(await chain.codes(make())).toEqual([code]);
    expect(chain.mempool.count).toBe(0);
  });

  test("a signature with any bit changed, and one of another key", async () => {
    const good = chain.payment(bob.address, TTC, 0);
    for (const place of [good.length - 64, good.length - 33, good.length - 1, 70, 100]) {
      const bad = good.slice();
      bad[place] ^= 1;
      const [code] = await chain.codes(bad);
      expect(["BAD_SIGNATURE", "FEE_UNPAYABLE", "MALFORMED", "INSUFFICIENT_BALANCE", "UNKNOWN_TOKEN"]).toContain(code);
    }
    const [code] = await chain.codes(Uint8Array.from([...good.subarray(0, -64), ...payBob(TTC, 0).subarray(-64)]));
    expect(code).toBe("BAD_SIGNATURE");
  });

  test("the same transaction twice, also while its signature is being verified", async () => {
    const payment = chain.payment(bob.address, TTC, 0);
    expect(await chain.codes(payment, payment.slice())).toEqual(["OK", "DUPLICATE"]);
    expect(await chain.codes(payment.slice())).toEqual(["DUPLICATE"]);
  });

  test("a replay of a committed one", async () => {
    const payment = chain.payment(bob.address, TTC, 0);
    await chain.submit(payment);
    await commitBlock();
    expect(await chain.codes(payment.slice())).toEqual(["SEQUENCE_USED"]);
  });

  test("a second transaction with the sequence of a waiting one", async () => {
    expect(await chain.codes(chain.payment(bob.address, TTC, 0), chain.payment(bob.address, 2n * TTC, 0))).toEqual([
      "OK",
      "SEQUENCE_USED",
    ]);
  });

  test("what a sender's waiting transactions leave no balance for, over all lanes", async () => {
    await fund(alice, 10n * TTC, 0);
    const codes = await chain.codes(
      payBob(6n * TTC, 0),
      payBob(6n * TTC, 0, { lane: 1 }),
      payBob(3n * TTC, 0, { lane: 2 }),
      payBob(11n * TTC, 1),
    );
    expect(codes).toEqual(["OK", "BALANCE_RESERVED", "OK", "INSUFFICIENT_BALANCE"]);
  });

  test("more lanes and more transactions of one sender than its share", async () => {
    const lanes = [0, 1, 2, 3, 4].map((lane) => chain.payment(bob.address, TTC, 0, { lane }));
    expect(await chain.codes(...lanes)).toEqual(["OK", "OK", "OK", "OK", "SENDER_LIMIT"]);
    const codes: string[] = [];
    for (let sequence = 1; sequence < 20; sequence++) {
      codes.push(...(await chain.codes(chain.payment(bob.address, TTC, sequence))));
    }
    expect(codes.filter((code) => code === "OK")).toHaveLength(16);
    expect(codes.at(-1)).toBe("SENDER_LIMIT");
  });

  test("everything once it is full, with a time to retry", async () => {
    const full = await TestChain.start({ limits: { transactionsMax: 2, retryAfterMs: 123 } });
    const results = await full.submit(full.payment(bob.address, TTC, 0));
    await full.submit(full.payment(bob.address, TTC, 1));
    const [refused] = await full.submit(full.payment(bob.address, TTC, 2));
    expect(results[0].error).toBeUndefined();
    expect(refused.error?.code).toBe("BUSY");
    expect(refused.error?.details.retryAfterMs).toBe(123);
  });
});

describe("the order of a block", () => {
  test("within a lane is that of the sequences, however they came in", async () => {
    const payments = [0, 1, 2, 3].map((sequence) => chain.payment(bob.address, TTC, sequence));
    expect(await chain.codes(payments[2], payments[3])).toEqual(["OK", "OK"]);
    expect(chain.mempool.take(10, 1e6)).toEqual([]);
    expect(await chain.codes(payments[0])).toEqual(["OK"]);
    expect(chain.mempool.take(10, 1e6).map((transaction) => transaction.sequence)).toEqual([0]);
    expect(await chain.codes(payments[1])).toEqual(["OK"]);
    expect(chain.mempool.take(10, 1e6).map((transaction) => transaction.sequence)).toEqual([0, 1, 2, 3]);
    expect(chain.mempool.pendingSequence(chain.faucet.address, 0)).toBe(4);
  });

  test("keeps to the block's limits by count and bytes", async () => {
    await chain.submit(...[0, 1, 2].map((sequence) => chain.payment(bob.address, TTC, sequence)));
    expect(chain.mempool.take(2, 1e6)).toHaveLength(2);
    expect(chain.mempool.take(9, 175 * 2)).toHaveLength(2);
    expect(chain.mempool.take(9, 175 * 2 - 1)).toHaveLength(1);
  });

  test("after a dropped one its lane waits, and goes on when the gap is filled", async () => {
    const payments = [0, 1].map((sequence) => chain.payment(bob.address, TTC, sequence));
    const [first] = await chain.submit(...payments);
    chain.mempool.drop(first.id!);
    expect(chain.mempool.take(9, 1e6)).toEqual([]);
    expect(await chain.codes(chain.payment(bob.address, 3n * TTC, 0))).toEqual(["OK"]);
    expect(chain.mempool.take(9, 1e6)).toHaveLength(2);
  });
});

describe("after a block", () => {
  test("committed ones are gone, reservations are free, waiting ones stay", async () => {
    await fund(alice, 10n * TTC, 0);
    await chain.submit(payBob(6n * TTC, 0));
    await commitBlock();
    expect(chain.mempool.count).toBe(0);
    expect(chain.mempool.bytes).toBe(0);
    expect(await chain.codes(payBob(3n * TTC, 1))).toEqual(["OK"]);
  });

  test("expired ones are dropped and told", async () => {
    const [{ id }] = await chain.submit(chain.payment(bob.address, TTC, 1, { validUntil: 1 }));
    expect(chain.mempool.count).toBe(1);
    await commitBlock();
    expect(chain.mempool.count).toBe(0);
    expect(chain.expired.map(toHex)).toEqual([toHex(id!)]);
  });

  test("one whose payer was emptied by somebody else's block is dropped, not proposed for ever", async () => {
    await fund(alice, 2n * TTC, 0);
    const [drain] = await chain.submit(payBob(TTC + (8n * TTC) / 10n, 0, { lane: 2 }));
    const key = { publicKey: chain.faucet.publicKey, sign: () => new Uint8Array(64) };
    const foreign = chain.application.propose(key, chain.application.timeMsMin);
    chain.mempool.drop(drain.id!);
    expect(await chain.codes(payBob(TTC / 2n, 0, { lane: 1 }))).toEqual(["OK"]);
    await chain.application.commit(foreign, { kind: 1, signatures: [] });
    expect(chain.mempool.count).toBe(1);
    expect(chain.application.propose(key, chain.application.timeMsMin).transactions).toEqual([]);
    expect(chain.mempool.count).toBe(0);
  });
});

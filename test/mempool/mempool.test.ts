// Admission: what is refused and why, what is held for whom, and in which order blocks get it.

import { beforeEach, describe, expect, test } from "vitest";
import { toHex } from "../../src/base/bytes.js";
import { decodeReceipt } from "../../src/protocol/receipt.js";
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
  const key = {
    publicKey: chain.faucet.publicKey,
    sign: () => new Uint8Array(64),
    proveRandom: () => new Uint8Array(80),
  };
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
    [
      "a fee limit below the fee",
      (): Uint8Array => chain.payment(bob.address, 100n * TTC, 0, { feeLimit: 20_000_000n }),
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

  test("nothing for a copy of it with a bad signature that came before", async () => {
    const payment = chain.payment(bob.address, TTC, 0);
    const forged = payment.slice();
    forged[forged.length - 1] ^= 1;
    expect(await chain.codes(forged, payment)).toEqual(["BAD_SIGNATURE", "OK"]);
    expect(chain.mempool.count).toBe(1);
  });

  test("the same bytes for the same reason while the first are being verified", async () => {
    const forged = chain.payment(bob.address, TTC, 0);
    forged[forged.length - 1] ^= 1;
    expect(await chain.codes(forged, forged.slice())).toEqual(["BAD_SIGNATURE", "BAD_SIGNATURE"]);
  });

  test("more bytes under verification than it could hold", async () => {
    const small = await TestChain.start({ limits: { bytesMax: 400 } });
    const payments = [0, 1, 2].map((sequence) => small.payment(bob.address, TTC, sequence));
    const codes = small.codes(...payments);
    expect(small.mempool.verifying).toBe(2);
    expect(await codes).toEqual(["OK", "OK", "BUSY"]);
  });

  test("those that wait for a gap to close once they fill their part of the pool, and only those", async () => {
    const full = await TestChain.start({ limits: { earlyTransactionsMax: 2 } });
    const [zero, one, two, three, four] = [0, 1, 2, 3, 4].map((sequence) => full.payment(bob.address, TTC, sequence));
    expect(await full.codes(two, three, four)).toEqual(["OK", "OK", "BUSY"]);
    expect(await full.codes(zero, one, four)).toEqual(["OK", "OK", "OK"]);
    expect(full.mempool.take(9, 1e6)).toHaveLength(5);
    const bytes = await TestChain.start({ limits: { earlyBytesMax: 200 } });
    expect(await bytes.codes(bytes.payment(bob.address, TTC, 1), bytes.payment(bob.address, TTC, 2))).toEqual([
      "OK",
      "BUSY",
    ]);
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

  test("nothing that is paid for within the transaction, in the order of its operations", async () => {
    await fund(alice, 10n * TTC, 0);
    const carol = person("carol");
    const to = (account: number, payee: { address: Uint8Array }, amount: bigint) =>
      ({ kind: "transfer", account, to: payee.address, token: "TTC", amount }) as const;
    const passOn = [to(0, bob, 5n * TTC), to(1, carol, 4n * TTC)];
    const early = [to(1, carol, 4n * TTC), to(0, bob, 5n * TTC)];
    expect(await chain.codes(chain.transaction([alice, bob], early))).toEqual(["INSUFFICIENT_BALANCE"]);
    expect(await chain.codes(chain.transaction([alice, bob], passOn))).toEqual(["OK"]);
    await commitBlock();
    expect(decodeReceipt(chain.blocks.latest!.receipts[0]).code).toBe(0);
    // One deposit for two payments to one new payee: fees 0.2, deposit 0.01.
    const dave = person("dave");
    const twice = [to(0, dave, TTC), to(0, dave, TTC)];
    await commitBlock();
    await fund(person("erin"), 2n * TTC + (21n * TTC) / 100n, 1);
    expect(await chain.codes(chain.transaction([person("erin")], twice))).toEqual(["OK"]);
    await commitBlock();
    expect(decodeReceipt(chain.blocks.latest!.receipts[0]).code).toBe(0);
  });

  test("what leaves no deposit for a payee that has no account yet", async () => {
    await fund(alice, 2n * TTC, 0);
    const all = 2n * TTC - TTC / 10n;
    // The fee is 0.1, a deposit 0.01: before and after a block has opened the account.
    expect(await chain.codes(payBob(all, 0))).toEqual(["INSUFFICIENT_BALANCE"]);
    expect(await chain.codes(payBob(all - TTC / 100n, 0))).toEqual(["OK"]);
    await commitBlock();
    expect(decodeReceipt(chain.blocks.latest!.receipts[0]).code).toBe(0);
    await fund(alice, all, 1);
    await chain.submit(payBob(TTC, 1));
    const left = all - TTC - (2n * TTC) / 10n;
    expect(await chain.codes(payBob(left + 1n, 2))).toEqual(["BALANCE_RESERVED"]);
    expect(await chain.codes(payBob(left, 2))).toEqual(["OK"]);
    await commitBlock();
    const codes = chain.blocks.latest!.receipts.map((receipt) => decodeReceipt(receipt).code);
    expect(codes).toEqual([0, 0]);
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

test("a node behind with signatures refuses more without looking at them, and takes them again when it has caught up", async () => {
  const busy = await TestChain.start({ limits: { verifyingMax: 2, retryAfterMs: 77 } });
  const payments = [0, 1, 2].map((sequence) => busy.payment(bob.address, TTC, sequence));
  const results = await busy.submit(...payments);
  expect(results.map((result) => result.error?.code ?? "OK")).toEqual(["OK", "OK", "BUSY"]);
  expect(results[2].error?.details.retryAfterMs).toBe(77);
  expect(await busy.codes(payments[2])).toEqual(["OK"]);
});

describe("while many signatures wait", () => {
  /** Payments of the faucet, the last byte of whose signature is wrong where they are forged. */
  function faucetPayments(chain: TestChain, count: number, forged: boolean): Uint8Array[] {
    return Array.from({ length: count }, (_, sequence) => {
      const payment = chain.payment(bob.address, forged ? 2n * TTC : TTC, sequence);
      payment[payment.length - 1] ^= forged ? 1 : 0;
      return payment;
    });
  }

  test("one sender has no more of them than its share", async () => {
    const busy = await TestChain.start({ limits: { verifyingMax: 8 } });
    expect(await busy.codes(...faucetPayments(busy, 7, false))).toEqual([
      ...new Array(5).fill("OK"),
      ...new Array(2).fill("BUSY"),
    ]);
  });

  test("strangers who name a sender don't use up that sender's share", async () => {
    const busy = await TestChain.start({ limits: { verifyingMax: 8 } });
    const forgeries = busy.mempool.submit(faucetPayments(busy, 7, true), true);
    expect(busy.mempool.verifying).toBe(5);
    expect(await busy.codes(...faucetPayments(busy, 3, false))).toEqual(["OK", "OK", "OK"]);
    const verdicts = (await forgeries).map(({ error }) => error?.code);
    expect(verdicts).toEqual([...new Array(5).fill("BAD_SIGNATURE"), "BUSY", "BUSY"]);
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

  test("those behind one that no block can hold wait for another in its place", async () => {
    await fund(alice, 4n * TTC, 0);
    const sponsor = person("sponsor");
    await fund(sponsor, TTC, 1);
    const operations = [{ kind: "transfer", account: 0, to: bob.address, token: "TTC", amount: TTC }] as const;
    const sponsored = chain.transaction([alice, sponsor], [...operations], { feePayer: 1 });
    expect(await chain.codes(sponsored, payBob(TTC, 1))).toEqual(["OK", "OK"]);
    // The sponsor leaves: its account goes, in a block that this node didn't make.
    const close = [{ kind: "closeAccount", account: 0, beneficiary: bob.address }] as const;
    const [closing] = await chain.submit(chain.transaction([sponsor], [...close]));
    const key = {
      publicKey: chain.faucet.publicKey,
      sign: () => new Uint8Array(64),
      proveRandom: () => new Uint8Array(80),
    };
    const { mempool } = chain;
    const only = mempool.take(9, 1e6).filter(({ id }) => toHex(id) === toHex(closing.id!));
    expect(only).toHaveLength(1);
    const take = mempool.take;
    mempool.take = () => only;
    await commitBlock();
    mempool.take = take;
    const passed = chain.application.propose(key, chain.application.timeMsMin);
    expect(passed.transactions).toEqual([]);
    await chain.application.commit(passed, { kind: 1, signatures: [] });
    expect(mempool.count).toBe(1);
    expect(mempool.pendingSequence(alice.address, 0)).toBe(0);
    expect(await chain.codes(payBob(TTC, 0))).toEqual(["OK"]);
    expect(chain.application.propose(key, chain.application.timeMsMin).transactions).toHaveLength(2);
  });

  test("a lane that expired while one waited in it begins again at 0", async () => {
    chain = await TestChain.start({ parameters: { validUntilHeightsMax: 4 } });
    const payment = (sequence: number) =>
      chain.payment(bob.address, TTC, sequence, { validUntil: chain.state.height + 1 + 4 });
    expect(await chain.codes(payment(0))).toEqual(["OK"]);
    await commitBlock();
    for (let height = 2; height <= 4; height++) {
      await commitBlock();
    }
    // The lane expires after height 5; what waits for sequence 1 is valid for longer.
    expect(await chain.codes(payment(2))).toEqual(["OK"]);
    await commitBlock();
    expect(chain.mempool.pendingSequence(chain.faucet.address, 0)).toBe(0);
    expect(await chain.codes(payment(0))).toEqual(["OK"]);
    expect(chain.mempool.take(9, 1e6)).toHaveLength(1);
    await commitBlock();
    expect(chain.blocks.latest!.transactions).toHaveLength(1);
    expect(await chain.codes(payment(1))).toEqual(["OK"]);
    await commitBlock();
    expect(chain.blocks.latest!.transactions).toHaveLength(2);
    expect(chain.mempool.count).toBe(0);
  });

  test("one whose payer was emptied by somebody else's block is dropped, not proposed for ever", async () => {
    await fund(alice, 2n * TTC, 0);
    const [drain] = await chain.submit(payBob(TTC + (8n * TTC) / 10n, 0, { lane: 2 }));
    const key = {
      publicKey: chain.faucet.publicKey,
      sign: () => new Uint8Array(64),
      proveRandom: () => new Uint8Array(80),
    };
    const foreign = chain.application.propose(key, chain.application.timeMsMin);
    chain.mempool.drop(drain.id!);
    expect(await chain.codes(payBob(TTC / 2n, 0, { lane: 1 }))).toEqual(["OK"]);
    await chain.application.commit(foreign, { kind: 1, signatures: [] });
    expect(chain.mempool.count).toBe(1);
    const passed = chain.application.propose(key, chain.application.timeMsMin);
    expect(passed.transactions).toEqual([]);
    await chain.application.commit(passed, { kind: 1, signatures: [] });
    expect(chain.mempool.count).toBe(0);
  });
});

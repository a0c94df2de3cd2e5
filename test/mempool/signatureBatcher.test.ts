// How signatures are gathered into batches: few under way at once, each as large as what has come meanwhile, up to its limit.

import { describe, expect, test } from "vitest";
import { TransactionVerifier, type VerifyBatch } from "../../src/mempool/signatureBatcher.js";
import { decodeTransaction, type Transaction } from "../../src/protocol/transaction.js";
import { settle } from "../support/fakeClock.js";
import { person, TestChain } from "../support/testChain.js";

interface Handed {
  count: number;
  answer: (valid: boolean) => void;
  fail: (error: Error) => void;
}

class OneBatcher {
  readonly handed: Handed[] = [];
  private readonly verifier: TransactionVerifier;

  constructor(
    batchesAtOnce: number,
    genesisHash: Uint8Array,
    private readonly transaction: Transaction,
  ) {
    const verifyBatch: VerifyBatch = ({ length }) =>
      new Promise((resolve, reject) => {
        const answer = (valid: boolean): void => resolve(new Uint8Array(length).fill(valid ? 1 : 0));
        this.handed.push({ count: length, answer, fail: reject });
      });
    this.verifier = new TransactionVerifier(verifyBatch, genesisHash, batchesAtOnce);
  }

  get verifying(): number {
    return this.verifier.verifying;
  }

  verify(isNewcomer = false): Promise<boolean> {
    return this.verifier.verify(this.transaction, isNewcomer);
  }
}

async function makeBatcher(batchesAtOnce: number): Promise<{ batcher: OneBatcher; handed: Handed[] }> {
  const chain = await TestChain.start();
  const one = decodeTransaction(chain.payment(person("bob").address, 1n, 0));
  const batcher = new OneBatcher(batchesAtOnce, chain.genesisHash, one);
  return { batcher, handed: batcher.handed };
}

describe("signatures", () => {
  test("go at once where no batch is under way, together with what came in the same turn", async () => {
    const { batcher, handed } = await makeBatcher(2);
    const verdicts = [batcher.verify(), batcher.verify()];
    await settle();
    expect(handed.map(({ count }) => count)).toEqual([2]);
    handed[0].answer(true);
    expect(await Promise.all(verdicts)).toEqual([true, true]);
    expect(batcher.verifying).toBe(0);
  });

  test("gather into one batch while as many as allowed are under way", async () => {
    const { batcher, handed } = await makeBatcher(1);
    const first = batcher.verify();
    await settle();
    const later = Array.from({ length: 100 }, () => batcher.verify());
    await settle();
    expect(handed.map(({ count }) => count)).toEqual([1]);
    handed[0].answer(false);
    expect(await first).toBe(false);
    await settle();
    expect(handed.map(({ count }) => count)).toEqual([1, 100]);
    handed[1].answer(true);
    expect(await Promise.all(later)).toEqual(later.map(() => true));
  });

  test("never exceed a batch's limit, and all are answered", async () => {
    const { batcher, handed } = await makeBatcher(2);
    const verdicts = Array.from({ length: 700 }, () => batcher.verify());
    for (let answered = 0; answered < 3; answered++) {
      await settle();
      handed[answered].answer(true);
    }
    expect((await Promise.all(verdicts)).every((valid) => valid)).toBe(true);
    expect(handed.map(({ count }) => count)).toEqual([256, 256, 188]);
  });

  test("of newcomers are never in a batch with others, and few such batches are under way", async () => {
    const { batcher, handed } = await makeBatcher(8);
    const strange = Array.from({ length: 600 }, () => batcher.verify(true));
    await settle();
    expect(handed.map(({ count }) => count)).toEqual([256]);
    const known = Array.from({ length: 300 }, () => batcher.verify());
    await settle();
    expect(handed.map(({ count }) => count)).toEqual([256, 256, 44]);
    handed[1].answer(true);
    handed[2].answer(true);
    expect((await Promise.all(known)).every((valid) => valid)).toBe(true);
    for (const at of [0, 3, 4]) {
      handed[at].answer(false);
      await settle();
    }
    expect((await Promise.all(strange)).some((valid) => valid)).toBe(false);
    expect(batcher.verifying).toBe(0);
  });

  test("of a batch that could not be judged are rejected, and the next goes on", async () => {
    const { batcher, handed } = await makeBatcher(1);
    const failed = batcher.verify();
    await settle();
    const next = batcher.verify();
    handed[0].fail(new Error("a worker ended"));
    await expect(failed).rejects.toThrow("a worker ended");
    await settle();
    handed[1].answer(true);
    expect(await next).toBe(true);
    expect(batcher.verifying).toBe(0);
  });
});

// Random submissions, blocks and drops, with lanes that expire all the time: blocks are always executable, and what leaves the pool
// leaves nothing behind.

import { expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.js";
import { twinLedger } from "../../src/execution/kernel/kernelLedger.js";
import { decodeReceipt } from "../../src/protocol/receipt.js";
import { type Person, person, TestChain } from "../support/testChain.js";

const TTC = 100_000_000n;
const WINDOW = 5;
const STEPS = 400;
const KEY = {
  publicKey: person("proposer").publicKey,
  sign: () => new Uint8Array(64),
  proveRandom: () => new Uint8Array(80),
};

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

/** Bytes of random payments, good and bad in every way that the pool looks at, some damaged. */
function randomArrivals(
  chain: TestChain,
  random: SeededRandom,
  people: Person[],
  payees: readonly Uint8Array[],
): Uint8Array[] {
  const pick = (below: number): number => random.below(below);
  return Array.from({ length: 60 }, () => {
    const signers = [people[pick(people.length)]];
    if (pick(6) === 0) {
      const sponsor = people[pick(people.length)];
      if (sponsor !== signers[0]) {
        signers.push(sponsor);
      }
    }
    const to = pick(2) === 0 ? people[pick(people.length)].address : payees[pick(payees.length)];
    const token = (["TTC", "TTC", "TTM"] as const)[pick(3)];
    const amount = pick(8) === 0 ? 10n ** 17n : BigInt(1 + pick(1e9));
    const operations = [{ kind: "transfer", account: pick(signers.length), to, token, amount } as const];
    const made = chain.transaction(signers, pick(9) === 0 ? [...operations, ...operations] : operations, {
      feeToken: pick(12) === 0 ? "TTMI" : token === "TTM" ? "TTM" : "TTC",
      feeLimit: pick(8) === 0 ? 1n : 10n ** 16n,
      feePayer: pick(signers.length),
      lane: pick(2),
      sequence: pick(6),
      validUntil: chain.state.height + pick(14),
      ...(pick(15) === 0 ? { chainTag: new Uint8Array(4) } : {}),
    });
    if (pick(8) === 0) {
      made[pick(made.length)] ^= 1 << pick(8);
    }
    return made;
  });
}

test.each([1, 2, 3])(
  "payments get the same answers from the kernels as from decoding and the state (seed %i)",
  async (seed) => {
    const options = {
      parameters: { validUntilHeightsMax: 9 },
      limits: { senderTransactionsMax: 7, sequenceAheadMax: 3 },
    };
    const [read, decoded] = await Promise.all([
      TestChain.start(options),
      TestChain.start({ ...options, intake: false, ledger: twinLedger }),
    ]);
    const people = ["ann", "ben", "cid", "dan"].map(person);
    people.push(read.faucet);
    // They never send, so that the pool has to ask for them.
    const payees = Array.from({ length: 40 }, (_, index) => person(`payee ${index}`).address);
    const random = new SeededRandom(seed);
    const codes = new Set<string>();
    for (let round = 0; round < 12; round++) {
      const arrivals = randomArrivals(read, random, people, payees);
      const [answers, others] = await Promise.all([read.submit(...arrivals), decoded.submit(...arrivals)]);
      const shown = answers.map(({ id, error }) => [id, error?.code, error?.message, error?.details]);
      expect(shown).toEqual(others.map(({ id, error }) => [id, error?.code, error?.message, error?.details]));
      for (const { error } of answers) {
        codes.add(error?.code ?? "OK");
      }
      const taken = [read, decoded].map(({ mempool }) => mempool.take(30, 1e6).map(({ bytes }) => bytes));
      expect(taken[0]).toEqual(taken[1]);
      expect([read.mempool.count, read.mempool.bytes]).toEqual([decoded.mempool.count, decoded.mempool.bytes]);
      await Promise.all([read, decoded].map(commitAny));
      expect(read.state.root).toEqual(decoded.state.root);
    }
    for (const code of ["OK", "BAD_SIGNATURE", "WRONG_CHAIN", "FEE_LIMIT_TOO_LOW", "SEQUENCE_USED", "FEE_UNPAYABLE"]) {
      expect(codes).toContain(code);
    }
  },
);

async function commitAny({ application }: TestChain): Promise<void> {
  await application.commit(application.propose(KEY, application.timeMsMin), { kind: 1, signatures: [] });
}

// What a payment history must answer, whichever store keeps it: the same questions about the same random blocks, compared with a model
// that looks at nothing but the blocks.

import fc from "fast-check";
import { expect, test } from "vitest";
import { concatBytes, toHex, utf8Bytes } from "../../src/base/bytes.js";
import { blockPayments } from "../../src/history/payments/blockPayments.js";
import type {
  DayTotal,
  Payment,
  PaymentHistory,
  PaymentQuery,
  PaymentSubject,
} from "../../src/history/payments/payment.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { EVENT_KINDS } from "../../src/protocol/receipt.js";
import { encodeSaleFace } from "../../src/protocol/saleReference.js";
import { tokenBytes } from "../../src/protocol/tokens.js";
import type { CommittedBlock } from "../../src/storage/committedBlock.js";
import { type MadeTransaction, makeBlock, named } from "./madeBlock.js";

/** A history that takes blocks, as a test drives it. */
export interface WritableHistory {
  history: PaymentHistory;
  /** Takes further blocks; resolves when they can be looked up. */
  add(blocks: CommittedBlock[]): Promise<void>;
}

export const people = ["shop", "alice", "bob"].map(named);
const tokens = ["TTC", "TTM", toHex(named("gold"))];
const memos = ["coffee", "tea"].map(utf8Bytes);
const tills = [0, 1, 2, 70_000];

function referenceOf(till: number, number: number): Uint8Array {
  return concatBytes(
    new Uint8Array(8).fill(3),
    encodeSaleFace({ till, staff: 1, purpose: "sale" }),
    named(`sale ${number}`).subarray(15),
  );
}

const person = fc.constantFrom(...people);
const reference = fc
  .record({ till: fc.constantFrom(...tills), number: fc.nat(3) })
  .map(({ till, number }) => referenceOf(till, number));
const amount = fc.bigInt(1n, 1_000n);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      {
        kind: fc.constant("transfer" as const),
        account: fc.constant(0),
        to: person,
        token: fc.constantFrom(...tokens),
        amount,
        reference,
      },
      { requiredKeys: ["kind", "account", "to", "token", "amount"] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("mint" as const),
      account: fc.constant(0),
      to: person,
      token: fc.constant(tokens[2]),
      amount,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("burn" as const),
      account: fc.constant(0),
      token: fc.constant(tokens[2]),
      amount,
    }),
  },
  { weight: 1, arbitrary: fc.constant<Operation>({ kind: "replaceKey", account: 0, publicKey: named("key") }) },
);

const contractTransfer = fc
  .record({ from: person, to: person, token: fc.constantFrom(...tokens) })
  .map(({ from, to, token }) => ({
    kind: EVENT_KINDS.contractTransfer,
    data: concatBytes(from, to, tokenBytes(token), Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0)),
  }));

const transaction: fc.Arbitrary<MadeTransaction> = fc
  .record({
    signers: fc.uniqueArray(person, { minLength: 1, maxLength: 2 }),
    operations: fc.array(operation, { minLength: 1, maxLength: 3 }),
    code: fc.constantFrom(0, 0, 0, 300),
    events: fc.array(contractTransfer, { maxLength: 3 }),
    memo: fc.option(fc.constantFrom(...memos), { nil: undefined }),
    lane: fc.constantFrom(...tills),
    payer: fc.nat(1),
  })
  .map(({ signers, code, events, memo, payer, ...rest }) => ({
    ...rest,
    signers,
    code,
    feePayer: payer % signers.length,
    events: code === 0 ? events : [],
    ...(memo === undefined ? {} : { memo }),
  }));

/** Blocks some hours apart, so that they lie in several partitions and days. */
export const chains: fc.Arbitrary<CommittedBlock[]> = fc
  .array(
    fc.record({
      made: fc.array(transaction, { maxLength: 5 }),
      gapMs: fc.constantFrom(1, 9_000, 3_000_000, 40_000_000),
    }),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((blocks) => {
    let timeMs = Date.UTC(2026, 10, 24, 14, 0);
    return blocks.map(({ made, gapMs }, i) => {
      timeMs += gapMs;
      return makeBlock(i + 1, made, timeMs);
    });
  });

const same = (a: Uint8Array | undefined, b: Uint8Array): boolean => a !== undefined && toHex(a) === toHex(b);

/** Whether the question is about the payment: written from what the documents say, not from the code that answers. */
function isMeant(payment: Payment, { of, state, direction, fromMs, toMs }: PaymentQuery): boolean {
  const took = payment.code === 0;
  if ((state === "committed" && !took) || (state === "failed" && took)) {
    return false;
  }
  if ((fromMs !== undefined && payment.timeMs < fromMs) || (toMs !== undefined && payment.timeMs >= toMs)) {
    return false;
  }
  const { from, to, reference, lane } = payment;
  switch (of.kind) {
    case "account": {
      const paid = took && same(to, of.account);
      const gave = same(from, of.account);
      return direction === "in"
        ? paid || (same(to, of.account) && gave)
        : direction === "out"
          ? gave && payment.kind !== "mint"
          : paid || gave;
    }
    case "till": {
      const till =
        reference === undefined ? 0 : new DataView(reference.buffer, reference.byteOffset).getUint32(8, true);
      return (lane === of.till && same(from, of.account)) || (took && till === of.till && same(to, of.account));
    }
    case "token":
      return payment.token === of.token;
    case "reference":
      return same(reference, of.reference);
    case "memo":
      return same(payment.memo, of.memo);
  }
}

const subject: fc.Arbitrary<PaymentSubject> = fc.oneof(
  person.map((account): PaymentSubject => ({ kind: "account", account })),
  fc.record({ kind: fc.constant("till" as const), account: person, till: fc.constantFrom(1, 2, 70_000) }),
  fc.constantFrom(...tokens).map((token): PaymentSubject => ({ kind: "token", token })),
  reference.map((bytes): PaymentSubject => ({ kind: "reference", reference: bytes })),
  fc.constantFrom(...memos).map((memo): PaymentSubject => ({ kind: "memo", memo })),
);

export const questions = fc.array(
  fc
    .record(
      {
        of: subject,
        state: fc.constantFrom("committed" as const, "failed" as const),
        direction: fc.constantFrom("in" as const, "out" as const),
        fromMs: fc.integer({ min: 0, max: 100_000_000 }).map((ms) => Date.UTC(2026, 10, 24, 14) + ms),
        toMs: fc.integer({ min: 0, max: 200_000_000 }).map((ms) => Date.UTC(2026, 10, 24, 14) + ms),
        limit: fc.constantFrom(1, 3, 50),
      },
      { requiredKeys: ["of", "limit"] },
    )
    .map((query) => {
      // Directions are asked of accounts alone.
      const { direction, ...rest } = query;
      return (query.of.kind === "account" && direction !== undefined ? query : rest) as PaymentQuery;
    }),
  { minLength: 5, maxLength: 12 },
);

/** All pages of a question, one after another. */
export async function allPages(history: PaymentHistory, query: PaymentQuery): Promise<Payment[]> {
  const payments: Payment[] = [];
  let before: string | undefined;
  do {
    const page = await history.payments({ ...query, before });
    expect(page.payments.length).toBeLessThanOrEqual(query.limit);
    payments.push(...page.payments);
    before = page.next;
  } while (before !== undefined);
  return payments;
}

export async function expectPayments(
  history: PaymentHistory,
  blocks: CommittedBlock[],
  asked: PaymentQuery[],
): Promise<void> {
  const all = blocks.flatMap((block) => blockPayments(block)).reverse();
  expect(await history.height()).toBe(blocks.length);
  for (const query of asked) {
    expect(await allPages(history, query)).toEqual(all.filter((payment) => isMeant(payment, query)));
  }
}

/** Totals of days of Seoul, which is nine hours ahead all year. */
function expectedTotals(blocks: CommittedBlock[], account: Uint8Array): DayTotal[] {
  const totals = new Map<string, DayTotal>();
  for (const payment of blocks.flatMap((block) => blockPayments(block))) {
    if (payment.code === 0 && (same(payment.to, account) || same(payment.from, account))) {
      const day = new Date(payment.timeMs + 9 * 3_600_000).toISOString().slice(0, 10);
      const { token } = payment;
      const total = totals.get(`${day} ${token}`) ?? {
        day,
        token,
        inCount: 0,
        inAmount: 0n,
        outCount: 0,
        outAmount: 0n,
      };
      totals.set(`${day} ${token}`, total);
      if (same(payment.to, account)) {
        total.inCount++;
        total.inAmount += payment.amount;
      }
      if (same(payment.from, account) && payment.kind !== "mint") {
        total.outCount++;
        total.outAmount += payment.amount;
      }
    }
  }
  return [...totals.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, total]) => total);
}

/** Tests of one store; `open` gives an empty history. */
export function testPayments(open: () => Promise<WritableHistory>, runs: number): void {
  test("pages of every subject, state, direction and time are what the blocks say", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(chains, questions, fc.nat(12), async (blocks, asked, cut) => {
        const { history, add } = await open();
        await add(blocks.slice(0, cut));
        await add(blocks.slice(cut));
        await expectPayments(history, blocks, asked);
      }),
      { numRuns: runs },
    );
  });

  test("totals of days are sums of the payments of the zone's days", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(chains, async (blocks) => {
        const { history, add } = await open();
        await add(blocks);
        for (const account of people) {
          const of = { kind: "account" as const, account };
          const query = { of, fromDay: "2026-11-20", toDay: "2026-12-10", timeZone: "Asia/Seoul" };
          expect(await history.dayTotals(query)).toEqual(expectedTotals(blocks, account));
        }
      }),
      { numRuns: Math.ceil(runs / 2) },
    );
  });

  test("a block of thousands of payments is paged through whole", { timeout: 60_000 }, async () => {
    const { history, add } = await open();
    const made = Array.from(
      { length: 3_000 },
      (_, i): MadeTransaction => ({
        signers: [people[1]],
        operations: [{ kind: "transfer", account: 0, to: people[0], token: "TTC", amount: BigInt(i + 1) }],
      }),
    );
    const blocks = [makeBlock(1, made), makeBlock(2, made.slice(0, 10))];
    await add(blocks);
    for (const of of [
      { kind: "token", token: "TTC" },
      { kind: "account", account: people[0] },
    ] satisfies PaymentSubject[]) {
      const paid = await allPages(history, { of, limit: 1_000 });
      expect(paid).toHaveLength(3_010);
      expect(new Set(paid.map(({ height, index }) => `${height} ${index}`)).size).toBe(3_010);
    }
  });

  test("questions of no form are refused", async () => {
    const { history, add } = await open();
    await add([makeBlock(1, [])]);
    const of: PaymentSubject = { kind: "account", account: people[0] };
    const wrong: (() => Promise<unknown>)[] = [
      () => history.payments({ of, limit: 0 }),
      () => history.payments({ of, limit: 1_001 }),
      () => history.payments({ of, limit: 1, before: "00" }),
      () => history.payments({ of, limit: 1, before: "f".repeat(44) }),
      () => history.payments({ of: { kind: "till", account: people[0], till: 0 }, limit: 1 }),
      () => history.dayTotals({ of, fromDay: "2026-02-30", toDay: "2026-03-01", timeZone: "UTC" }),
      () => history.dayTotals({ of, fromDay: "2026-03-02", toDay: "2026-03-01", timeZone: "UTC" }),
      () => history.dayTotals({ of, fromDay: "2026-03-01", toDay: "2026-03-01", timeZone: "Seoul/Asia" }),
    ];
    for (const answer of wrong) {
      await expect(answer()).rejects.toMatchObject({ code: "BAD_REQUEST" });
    }
    expect(await history.payments({ of, limit: 1 })).toEqual({ payments: [], next: undefined, height: 1 });
  });
}

// Transfers against a model so plain that it can't be wrong in the same way: a Map of numbers and the fee rule written out.

import fc from "fast-check";
import { expect, test } from "vitest";
import { FEE_POOL_ADDRESS } from "../../src/execution/feePool.js";
import { errorName } from "../../src/protocol/errors.js";
import type { Transaction } from "../../src/protocol/transaction.js";
import { alice, bob, carol, LedgerChain, mint, type Person, transfer } from "./ledgerChain.js";

const PEOPLE = [alice, bob, carol, mint];
const FEE_MIN = 10_000_000n;
const DEPOSIT = 50_000_000n;

class Model {
  readonly held = new Map<string, bigint>([["alice", 100_000_000_000_000n]]);
  pool = 0n;

  /** The outcome's name: OK, an error of the ledger, or what keeps it out of the block. */
  pay(from: string, to: string, amount: bigint): string {
    const balance = this.held.get(from) ?? 0n;
    const share = amount / 200n + (amount % 200n > 0n ? 1n : 0n);
    const fee = share > FEE_MIN ? share : FEE_MIN;
    if (balance < FEE_MIN) {
      return "FEE_UNPAYABLE";
    }
    const deposit = this.held.has(to) ? 0n : DEPOSIT;
    const outcome =
      balance < fee + amount ? "INSUFFICIENT_BALANCE" : balance < fee + amount + deposit ? "DEPOSIT_UNPAID" : "OK";
    const charged = outcome === "OK" ? fee : FEE_MIN;
    this.pool += charged;
    this.held.set(from, balance - charged);
    if (outcome === "OK") {
      this.held.set(from, balance - charged - amount - deposit);
      this.held.set(to, (this.held.get(to) ?? 0n) + amount);
    }
    return outcome;
  }
}

const payment = fc.record({
  from: fc.nat({ max: 3 }),
  to: fc.nat({ max: 3 }),
  lane: fc.nat({ max: 1 }),
  amount: fc.oneof(
    fc.bigInt(1n, 1_000n),
    fc.bigInt(1n, 100_000_000_000_000n),
    fc.bigInt(1_000_000_000n, 5_000_000_000n),
  ),
});

test("transfers of TTC come to what a plain model says, in blocks of any size", () => {
  fc.assert(
    fc.property(fc.array(fc.array(payment, { maxLength: 8 }), { maxLength: 8 }), (blocks) => {
      const chain = new LedgerChain();
      const model = new Model();
      const limits = { feeLimit: 1n << 60n };
      for (const payments of blocks) {
        const expected: string[] = [];
        const transactions: Transaction[] = [];
        const used = new Map<string, number>();
        for (const { from, to, lane, amount } of payments) {
          const payer: Person = PEOPLE[from];
          const slot = `${payer.name} ${lane}`;
          const ahead = used.get(slot) ?? 0;
          const outcome = model.pay(payer.name, PEOPLE[to].name, amount);
          used.set(slot, ahead + (outcome === "FEE_UNPAYABLE" ? 0 : 1));
          expected.push(outcome);
          const operations = [transfer(PEOPLE[to], amount)];
          transactions.push(chain.ask({ ...limits, signers: [payer], lane, operations }, ahead));
        }
        const receipts = chain.block(transactions, "drop");
        expect(chain.result.dropped.map(({ error }) => error.code)).toEqual(
          expected.filter((name) => name === "FEE_UNPAYABLE"),
        );
        expect(receipts.map(({ code }) => errorName(code))).toEqual(
          expected.filter((name) => name !== "FEE_UNPAYABLE"),
        );
        for (const one of PEOPLE) {
          expect(chain.balance(one)).toBe(model.held.get(one.name) ?? 0n);
        }
        expect(chain.balance(FEE_POOL_ADDRESS)).toBe(model.pool);
      }
    }),
    { numRuns: 150 },
  );
});

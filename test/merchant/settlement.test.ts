// Settlement out of random and out of planned chains: no unit is made or lost, every line has its purpose, and a statement made again
// is the same to the byte.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, toHex } from "../../src/base/bytes.js";
import type { Posting } from "../../src/merchant/settlement/posting.js";
import { parseShopSales, reconcile, reconciliationCsv } from "../../src/merchant/settlement/reconcile.js";
import { parseSettledStore } from "../../src/merchant/settlement/settledStore.js";
import { statementCsv } from "../../src/merchant/settlement/statementCsv.js";
import { statementPage } from "../../src/merchant/settlement/statementPage.js";
import { taxReport, taxReportCsv, vatOf } from "../../src/merchant/settlement/taxReport.js";
import { formatAddress } from "../../src/protocol/address.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { decodeReceipt } from "../../src/protocol/receipt.js";
import { encodeSaleFace, refundReferenceOf, type SaleFace } from "../../src/protocol/saleReference.js";
import { type TokenId, TTC_UNIT } from "../../src/protocol/tokens.js";
import { Writer } from "../../src/protocol/wire.js";
import type { CommittedBlock } from "../../src/storage/committedBlock.js";
import { alice, bank, bob, carol, LedgerChain, mint, transfer } from "../execution/ledgerChain.js";
import { History, intentions, PEOPLE } from "../execution/randomHistory.js";
import { named } from "../history/madeBlock.js";
import { committedBlock, hexOf, journalOf, statementOf, storeOf, sums } from "./settledChain.js";

const DAY = "2023-11-15";
/** The chain's genesis is at 2023-11-15 07:13:20 in Seoul. */
const DAY_MS = 86_400_000;

const TRANSFERS = new Set(["sale", "refund", "unreferenced", "paidOut", "mileageGiven", "mileageRedeemed"]);

/** Everybody's random doings, some blocks of up to three transactions, and the tokens that came of them. */
function randomChain(wishes: Parameters<History["transaction"]>[0][][]): {
  history: History;
  blocks: CommittedBlock[];
} {
  const chain = new LedgerChain();
  const history = new History(chain);
  const blocks: CommittedBlock[] = [];
  const gifts = PEOPLE.slice(2).map(({ address }) => transfer(address, 100_000_000_000n));
  chain.block([chain.ask({ operations: gifts })]);
  blocks.push(committedBlock(chain));
  for (const wished of wishes) {
    chain.timeMs += DAY_MS / 3;
    chain.block(
      wished.map((wish) => history.transaction(wish)),
      "drop",
    );
    blocks.push(committedBlock(chain));
    for (const [i, transaction] of chain.result.included.entries()) {
      if (decodeReceipt(chain.result.receipts[i]).code === 0) {
        history.learn(transaction as Parameters<History["learn"]>[0]);
      }
    }
  }
  return { history, blocks };
}

const chains = fc.array(fc.array(intentions, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 15 });

test("whatever happens, everybody's journal sums to what they hold, and transfers between them to nothing", () => {
  fc.assert(
    fc.property(chains, (wishes) => {
      const { history, blocks } = randomChain(wishes);
      const moved: Posting[] = [];
      for (const owner of PEOPLE) {
        const { ledger, postings } = journalOf(storeOf(owner, history.tokens), blocks);
        const byToken = sums(postings, ({ token }) => token);
        for (const token of history.tokens) {
          expect(byToken[token] ?? 0n).toBe(history.chain.balance(owner, token));
          expect(ledger.holding(token)).toBe(history.chain.balance(owner, token));
        }
        moved.push(...postings.filter(({ purpose }) => TRANSFERS.has(purpose)));
        // What transactions do not explain is the chain's own doing: genesis, a token's first supply, a closed account's rest.
        for (const { height, purpose } of postings) {
          const operations = blocks[height - 1]?.transactions.flatMap((transaction) => transaction.operations) ?? [];
          const isKnown =
            height === 0 || operations.some(({ kind }) => kind === "createToken" || kind === "closeAccount");
          expect(purpose !== "other" || isKnown, `block ${height}`).toBe(true);
        }
      }
      expect(Object.values(sums(moved, ({ token }) => token)).filter((sum) => sum !== 0n)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test("statements of closed days stay the same to the byte, however often and how far they are made", () => {
  fc.assert(
    fc.property(chains, fc.nat(14), (wishes, cut) => {
      const { history, blocks } = randomChain(wishes);
      const store = storeOf(bob, history.tokens);
      const some = blocks.slice(0, Math.min(cut + 2, blocks.length));
      const [first, again] = [statementOf(store, some, DAY), statementOf(store, blocks, DAY)];
      expect(statementCsv(statementOf(store, blocks, DAY))).toBe(statementCsv(again));
      if (first.closed) {
        expect(statementCsv(first)).toBe(statementCsv(again));
        expect(statementPage(first, "ko")).toBe(statementPage(again, "ko"));
      }
      for (const { token, opening, closing } of again.holdings) {
        const day = again.lines.filter((line) => line.token === token).reduce((sum, { units }) => sum + units, 0n);
        expect(opening + day).toBe(closing);
      }
    }),
    { numRuns: 30 },
  );
});

function referenceOf(face: SaleFace, number: number): Uint8Array {
  return concatBytes(new Writer(8).u64(500n).finish(), encodeSaleFace(face), named(`sale ${number}`).subarray(15));
}

function paying(to: Uint8Array, amount: bigint, token: TokenId, reference?: Uint8Array): Operation {
  return { kind: "transfer", account: 0, to, token, amount, ...(reference === undefined ? {} : { reference }) };
}

/** A day at bob's: three sales, one with mileage, a refund by the gateway, one by a till of its own, and what has no reference. */
function shopDay(): { blocks: CommittedBlock[]; sales: Uint8Array[] } {
  const chain = new LedgerChain({ referenceHeightsMax: 26_000_000 });
  const blocks: CommittedBlock[] = [];
  const run = (...wishes: Parameters<LedgerChain["ask"]>[0][]): void => {
    chain.block(wishes.map((wish) => chain.ask(wish)));
    expect(chain.result.receipts.map((receipt) => decodeReceipt(receipt).code)).toEqual(wishes.map(() => 0));
    blocks.push(committedBlock(chain));
    chain.timeMs += 60_000;
  };
  run({ operations: [transfer(bob, 100n * TTC_UNIT), transfer(carol, 100n * TTC_UNIT)] });
  const both = [bank, mint];
  run({ signers: both, operations: [{ kind: "mint", account: 0, token: "TTM", to: carol.address, amount: 100_000n }] });
  run({ signers: [bank], operations: [{ kind: "mint", account: 0, token: "TTMI", to: carol.address, amount: 500n }] });
  run({ signers: [bank], operations: [{ kind: "mint", account: 0, token: "TTMI", to: bob.address, amount: 500n }] });
  const sales = [
    referenceOf({ till: 1, staff: 7, purpose: "sale" }, 1),
    referenceOf({ till: 2, staff: 0, purpose: "sale" }, 2),
    concatBytes(new Writer(8).u64(500n).finish(), named("a till's own").subarray(8)),
  ];
  run({ signers: [carol], operations: [paying(bob.address, 11_000n, "TTM", sales[0])], feeToken: "TTM" });
  // Paid in TTC and mileage at once; the store gives mileage in the same transaction.
  run({
    signers: [carol, bob],
    operations: [
      paying(bob.address, 3n * TTC_UNIT, "TTC", sales[1]),
      paying(bob.address, 200n, "TTMI", sales[1]),
      { ...paying(carol.address, 30n, "TTMI"), account: 1 } as Operation,
    ],
  });
  run({ signers: [carol], operations: [paying(bob.address, 2_000n, "TTM", sales[2])], feeToken: "TTM" });
  run({ signers: [carol], operations: [paying(bob.address, 777n, "TTM")], feeToken: "TTM" });
  const refund = referenceOf({ till: 1, staff: 7, purpose: "refund" }, 3);
  run({ signers: [bob], lane: 1, operations: [paying(carol.address, 1_100n, "TTM", refund)], feeToken: "TTM" });
  const second = paying(carol.address, 2_000n, "TTM", refundReferenceOf(sales[2]));
  run({ signers: [bob], lane: 2, operations: [second], feeToken: "TTM" });
  run({ signers: [bob], operations: [paying(alice.address, 500n, "TTM")], feeToken: "TTM" });
  chain.timeMs += DAY_MS;
  run();
  return { blocks, sales };
}

describe("a day at a shop", () => {
  const { blocks, sales } = shopDay();
  const store = storeOf(bob, []);
  const statement = statementOf(store, blocks, DAY);

  test("has takings, refunds, mileage, fees and the rest, by till, staff and token, with their worth in won", () => {
    expect(statement.closed).toBe(true);
    const shown = statement.lines.map(({ purpose, till, staff, token, count, units, won }) =>
      [purpose, till, staff, token, count, units, won].join(" "),
    );
    // One TTM is worth 10 TTC here: 3 TTC are worth no whole won. TTMI has no quote.
    expect(shown).toEqual([
      "sale 0 0 TTM 1 2000 2000",
      "sale 1 7 TTM 1 11000 11000",
      `sale 2 0 TTC 1 ${3n * TTC_UNIT} 0`,
      "refund 1 7 TTM 1 -1100 -1100",
      "refund 2 0 TTM 1 -2000 -2000",
      "mileageRedeemed 2 0 TTMI 1 200 ",
      "mileageGiven 0 0 TTMI 1 -30 ",
      `unreferenced 0 0 TTC 1 ${100n * TTC_UNIT} 10`,
      "unreferenced 0 0 TTM 1 777 777",
      "paidOut 0 0 TTM 1 -500 -500",
      "issued 0 0 TTMI 1 500 ",
      "fee 0 0 TTM 3 -19 -19",
    ]);
    expect(statement.holdings.map(({ token, opening, closing }) => `${token} ${opening} ${closing}`)).toEqual([
      `TTC 0 ${103n * TTC_UNIT}`,
      "TTM 0 10158",
      "TTMI 0 670",
    ]);
  });

  test("comes as CSV whose names can't be formulas, and as a page whose names can't be markup", () => {
    const csv = statementCsv(statement);
    expect(csv.split("\r\n").slice(0, 3).join("\n")).toMatchInlineSnapshot(`
      "part,purpose,till,till_name,staff,staff_name,token,count,amount,won,time,height,transaction,counterparty,reference
      store,bob's,,,,,,,,,,,,,
      address,${formatAddress(bob.address)},,,,,,,,,,,,,"
    `);
    expect(csv).toContain(`sum,sale,2,'=bar,0,,TTC,1,3.00000000,0`);
    expect(csv).toContain(`sum,sale,1,door,7,"Kim, ""Minji""",TTM,1,11000,11000`);
    expect(csv).toContain(`line,refund,1,door,7,"Kim, ""Minji""",TTM,1,-1100,-1100,2023-11-15 07:21:20,9,`);
    const page = statementPage(statement, "en");
    expect(page).toContain("<td>Kim, &quot;Minji&quot;</td>");
    expect(page).not.toMatch(/<script|https?:/);
    expect(statementPage(statement, "ko")).toContain("일일 정산서");
  });

  test("is compared with the shop's own list", () => {
    const list = [
      "\uFEFFReference,Amount,Token",
      `${toHex(sales[0])},11000.00,TTM`,
      `${toHex(sales[1])},2.5,TTC`,
      `${toHex(named("nothing"))},5,TTM`,
      `"${toHex(sales[0])}",11000,TTM`,
    ].join("\n");
    const found = reconcile(store, parseShopSales(list), statement.postings);
    expect(found.matched.map(({ sale }) => sale.record)).toEqual([2]);
    expect(found.amountsDiffer.map(({ sale, amount }) => [sale.record, sale.amount, amount])).toEqual([
      [3, "2.5", "3.00000000"],
    ]);
    expect(found.missingHere.map(({ record }) => record)).toEqual([4]);
    expect(found.listedTwice.map(({ record }) => record)).toEqual([5]);
    expect(found.missingThere.map(({ token, reference }) => [token, hexOf(reference)])).toEqual([
      ["TTMI", toHex(sales[1])],
      ["TTM", toHex(sales[2])],
    ]);
    expect(reconciliationCsv(store, found)).toContain("amounts_differ,3,");
    for (const bad of ["", "a,b\n1,2", `reference,amount\n${toHex(sales[0])},ten`, 'reference,amount\n"x,1']) {
      expect(() => parseShopSales(bad)).toThrow(/expected/);
    }
  });

  test("is reported with supply value and VAT apart, so that refunds undo their sales", () => {
    const lines = taxReport(statement.postings, store.timeZone);
    // 11000, 2000 and 0 won less 1100 and 2000: VAT 1000 + 181 + 0 - 100 - 181.
    expect(lines).toEqual([
      { day: DAY, sales: 3, refunds: 2, gross: 9_900n, supply: 9_000n, vat: 900n, mileage: 0n, withoutQuote: 1 },
    ]);
    expect(taxReportCsv(lines)).toContain(`total,3,2,9900,9000,900,0,1`);
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 15n), (won) => {
        expect(vatOf(won) + vatOf(-won)).toBe(0n);
        expect(vatOf(won) * 11n <= won && won < (vatOf(won) + 1n) * 11n).toBe(true);
      }),
    );
  });
});

test("a block that leaves the store with what it had is booked all the same", () => {
  const chain = new LedgerChain();
  chain.block([chain.ask({ operations: [transfer(bob, 5n * TTC_UNIT), transfer(carol, 5n * TTC_UNIT)] })]);
  const blocks = [committedBlock(chain)];
  const gives = chain.ask({ signers: [bob], operations: [transfer(carol, TTC_UNIT)] });
  // The fee is 0.1 TTC: bob gets back what he gave and paid.
  const gets = chain.ask({ signers: [carol], operations: [transfer(bob, (TTC_UNIT * 11n) / 10n)] });
  chain.block([gives, gets]);
  blocks.push(committedBlock(chain));
  const { postings, ledger } = journalOf(storeOf(bob, []), blocks);
  expect(ledger.holding("TTC")).toBe(5n * TTC_UNIT);
  expect(postings.slice(1).map(({ purpose, units }) => [purpose, units])).toEqual([
    ["paidOut", -TTC_UNIT],
    ["unreferenced", (TTC_UNIT * 11n) / 10n],
    ["fee", -TTC_UNIT / 10n],
  ]);
});

test("descriptions of stores that say too little or too much are refused", () => {
  const good = { name: "A", address: formatAddress(bob.address), timeZone: "Asia/Seoul" };
  expect(parseSettledStore(good).mileageToken).toBe("TTMI");
  const wrong: unknown[] = [
    null,
    { ...good, name: "" },
    { ...good, address: "ttc1" },
    { ...good, tills: [{ number: 0, name: "x" }] },
    { ...good, tills: [1, 1].map((number) => ({ number, name: "x" })) },
    { ...good, staff: [{ number: 70_000, name: "x" }] },
    { ...good, tokens: [{ token: "TTC", decimals: 1 }] },
    { ...good, mileageToken: "ab".repeat(32) },
  ];
  for (const value of wrong) {
    expect(() => parseSettledStore(value), JSON.stringify(value)).toThrow(/expected/);
  }
});

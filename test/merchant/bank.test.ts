// Won at the bank and TTM on the chain: statements, charge codes, deposits that count once, and the daily proof.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.js";
import { readCallback, readCallbackSecret } from "../../src/merchant/desk/bank/callback.js";
import { addressOfMemo, chargeCode } from "../../src/merchant/desk/bank/chargeCodes.js";
import { dailyProof } from "../../src/merchant/desk/bank/dailyProof.js";
import { readStatement } from "../../src/merchant/desk/bank/statement.js";
import { Deposits } from "../../src/merchant/desk/deposits.js";
import type { Order } from "../../src/merchant/desk/order.js";
import { chargePlan } from "../../src/merchant/desk/plans.js";
import { MerchantRows } from "../../src/merchant/rows/merchantRows.js";
import { formatAddress } from "../../src/protocol/address.js";
import { MemoryStore } from "../support/memoryStore.js";
import { DeskWorld } from "./deskModel.js";
import { SimulatedBank } from "./simulatedBank.js";

const ADDRESSES = Array.from({ length: 20 }, (_, index) => formatAddress(new SeededRandom(index).bytes(32)));

function emptyRows(): MerchantRows {
  return new MerchantRows(new MemoryStore(), () => undefined);
}

describe("a bank's statement", () => {
  test("is read in the bank's own columns, quoted fields and thousands with commas included", () => {
    const text = '\ufeff번호,금액,적요,이름,시각\n7,"1,250,000","hello, ""world""",Ann,09:00\n8,-5000,,Bob,09:01\n';
    const columns = { id: "번호", units: "금액", memo: "적요", name: "이름", time: "시각" };
    expect(readStatement(text, columns)).toEqual([
      { id: "7", units: 1_250_000n, memo: 'hello, "world"', name: "Ann", time: "09:00" },
      { id: "8", units: -5_000n, memo: "", name: "Bob", time: "09:01" },
    ]);
  });

  test("is refused as a whole, with the line, where a row can't be read", () => {
    const head = "id,amount,memo,name,time\n";
    expect(() => readStatement(`${head}1,12.5,,,\n`)).toThrow(/line 2: expected whole won/);
    expect(() => readStatement(`${head}1,5,,,\n1,6,,,\n`)).toThrow(/stands in two rows/);
    expect(() => readStatement(`${head},5,,,\n`)).toThrow(/line 2: expected the bank's number/);
    expect(() => readStatement(`${head}${"9".repeat(101)},5,,,\n`)).toThrow(/up to 100 printable/);
    expect(() => readStatement("id,memo,name,time\n1,a,b,c\n")).toThrow(/expected a column amount/);
    expect(() => readStatement(`${head}1,5,"open,,\n`)).toThrow(/statement/);
  });
});

describe("a bank's callback", () => {
  const bank = new SimulatedBank();
  const nowMs = 1_700_000_000_000;
  const seconds = nowMs / 1_000;
  const read = (value: unknown, options: Parameters<SimulatedBank["sign"]>[1] = {}, sent = JSON.stringify(value)) => {
    const headers = bank.sign(JSON.stringify(value), { seconds, ...options });
    return readCallback(bank.secret, headers, new TextEncoder().encode(sent), nowMs);
  };
  const movement = { id: "77", amount: "1,250,000", memo: " hello ", name: "Ann", time: "09:00" };

  test("is read as a statement's row is", () => {
    const [row] = readStatement('id,amount,memo,name,time\n77,"1,250,000", hello ,Ann,09:00\n');
    expect(read(movement)).toEqual(row);
    expect(read({ ...movement, amount: "-5" }).units).toBe(-5n);
  });

  test("is refused unless the bank signed exactly this, just now", () => {
    const refused = { code: "UNAUTHORIZED" };
    const other = JSON.stringify({ ...movement, amount: "9,250,000" });
    const wrong = `whsec_${Buffer.alloc(32, 6).toString("base64")}`;
    for (const attempt of [
      () => read(movement, {}, other),
      () => read(movement, { secret: wrong }),
      () => read(movement, { seconds: seconds - 301 }),
      () => read(movement, { seconds: seconds + 301 }),
      () => readCallback(bank.secret, {}, new TextEncoder().encode(JSON.stringify(movement)), nowMs),
    ]) {
      expect(attempt).toThrow(expect.objectContaining(refused));
    }
    expect(() => readCallbackSecret("whsec_c2hvcnQ=")).toThrow(/24 bytes/);
    expect(() => readCallbackSecret(Buffer.alloc(32).toString("base64"))).toThrow(/whsec_/);
    expect(readCallbackSecret(bank.secret)).toBe(bank.secret);
  });

  test("that tells no movement says which field is wrong", () => {
    expect(() => read([movement])).toThrow(/got no text as id/);
    expect(() => read({ ...movement, amount: 5 })).toThrow(/got no text as amount/);
    expect(() => read({ ...movement, amount: "12.5" })).toThrow(/callback: expected whole won/);
    expect(() => read({ ...movement, id: " " })).toThrow(/callback: expected the bank's number/);
  });
});

describe("a charge code", () => {
  test("is found in a memo however a person writes it", () => {
    const rows = emptyRows();
    for (const address of ADDRESSES) {
      const code = chargeCode(rows, address);
      expect(chargeCode(rows, address)).toBe(code);
      const written = `${code.slice(0, 5)}-${code.slice(5)}`.toLowerCase().replaceAll("0", "o").replaceAll("1", "l");
      expect(addressOfMemo(rows, `TTM 충전 ${written} 감사`)).toBe(address);
    }
  });

  test("with one wrong or two swapped characters is nobody's", () => {
    const rows = emptyRows();
    const codes = ADDRESSES.map((address) => chargeCode(rows, address));
    const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    for (const code of codes) {
      for (let at = 0; at < code.length; at++) {
        for (const wrong of alphabet) {
          if (wrong !== code[at]) {
            expect(addressOfMemo(rows, code.slice(0, at) + wrong + code.slice(at + 1))).toBeUndefined();
          }
        }
        const swapped =
          code.slice(0, at) +
          code
            .slice(at, at + 2)
            .split("")
            .reverse()
            .join("") +
          code.slice(at + 2);
        if (swapped !== code) {
          expect(addressOfMemo(rows, swapped)).toBeUndefined();
        }
      }
    }
  });
});

describe("deposits", () => {
  function start(): { world: DeskWorld; deposits: Deposits } {
    const world = new DeskWorld(new SeededRandom(1));
    world.calm = true;
    const { rows, desk } = world;
    const options = {
      rows,
      desk,
      ledger: "a",
      kind: "charge" as const,
      addressOf: (memo: string) => addressOfMemo(rows, memo),
      plan: (to: string, units: bigint) => chargePlan("one", to, units),
      nowMs: () => 0,
    };
    return { world, deposits: new Deposits(options) };
  }
  const row = (id: string, units: bigint, memo: string) => ({ id, units, memo, name: "", time: "" });

  test("are minted once, however often the statement is read, and outgoing rows are not deposits", async () => {
    const { world, deposits } = start();
    const [ann] = ADDRESSES;
    const list = [row("1", 5_000n, chargeCode(world.rows, ann)), row("2", 700n, "no code"), row("3", -900n, "")];
    expect(await deposits.record(list)).toEqual({ recorded: 2, known: 0, unassigned: 1 });
    expect(await deposits.record(list)).toEqual({ recorded: 0, known: 2, unassigned: 0 });
    await world.desk.settled(deposits.orderKey("1"));
    expect(world.books.units.get(`TTM/${ann}`)).toBe(5_000n);
    await deposits.assign("2", ann);
    await expect(deposits.assign("2", ann)).rejects.toMatchObject({ code: "DEPOSIT_USED" });
    await expect(deposits.markReturned("1")).rejects.toMatchObject({ code: "DEPOSIT_USED" });
    await world.desk.settled(deposits.orderKey("2"));
    expect(world.books.units.get(`TTM/${ann}`)).toBe(5_700n);
    await expect(deposits.record([row("1", 9_000n, "")])).rejects.toMatchObject({ code: "KEY_REUSED" });
  });

  test("whose crediting was refused wait for a person with the reason, and can be assigned again", async () => {
    const { world, deposits } = start();
    const [ann, bob] = ADDRESSES;
    world.refusing = true;
    await deposits.record([row("1", 5_000n, chargeCode(world.rows, ann))]);
    await world.desk.settled("deposit/a/1/0");
    expect(deposits.deposit("1")).toMatchObject({ state: "unassigned", reason: "OUTSIDE_REFUSED" });
    world.refusing = false;
    await deposits.assign("1", bob);
    await world.desk.settled(deposits.orderKey("1"));
    expect(deposits.deposit("1")).toMatchObject({ state: "credited", to: bob });
    expect(world.books.units.get(`TTM/${bob}`)).toBe(5_000n);
    expect(world.books.units.has(`TTM/${ann}`)).toBe(false);
  });

  test("are not sent back, nor given to another, while they are being credited", async () => {
    const { world } = start();
    const [ann, bob] = ADDRESSES;
    const { rows, desk } = world;
    let answer = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    // The chain is slow to say what the purse holds.
    const slow = {
      order: (key: string) => desk.order(key),
      submit: async (order: Parameters<typeof desk.submit>[0]) => {
        await asked;
        return desk.submit(order);
      },
    } as typeof desk;
    const plan = (to: string, units: bigint) => chargePlan("one", to, units);
    const options = { rows, desk: slow, ledger: "a", kind: "coin" as const, addressOf: () => undefined, plan };
    const deposits = new Deposits({ ...options, nowMs: () => 0 });
    await deposits.record([row("1", 5_000n, "")]);
    const credited = deposits.assign("1", ann);
    const others = Promise.allSettled([deposits.markReturned("1"), deposits.assign("1", bob)]);
    await new Promise((resolve) => setImmediate(resolve));
    answer();
    await credited;
    const used = { status: "rejected", reason: { code: "DEPOSIT_USED" } };
    expect(await others).toMatchObject([used, used]);
    expect(deposits.deposit("1")).toMatchObject({ state: "credited", to: ann });
    await desk.settled("deposit/a/1/0");
    expect(world.books.units.get(`TTM/${ann}`)).toBe(5_000n);
  });

  test("sent back by the bank are credited no more", async () => {
    const { world, deposits } = start();
    await deposits.record([row("1", 5_000n, "")]);
    await deposits.markReturned("1");
    await deposits.record([row("1", 5_000n, chargeCode(world.rows, ADDRESSES[0]))]);
    await expect(deposits.assign("1", ADDRESSES[0])).rejects.toMatchObject({ code: "DEPOSIT_USED" });
    expect(deposits.deposit("1")?.state).toBe("returned");
  });
});

describe("the daily proof", () => {
  const charge = (units: number, state: Order["state"]): Order => ({
    key: `c${units}`,
    kind: "charge",
    steps: [{ kind: "pay", purse: "p", token: "TTM", mint: true, shares: [{ to: "a", units: String(units) }] }],
    state,
    at: state === "done" ? 1 : 0,
    receipts: [],
    createdMs: 0,
    updatedMs: 0,
  });
  const redeem = (units: number, at: number): Order => ({
    key: `r${units}`,
    kind: "redeem",
    steps: [
      { kind: "await", purse: "p", token: "TTM", units: String(units), expiryHeight: 1 },
      { kind: "give", ledger: "bank", account: "a", units: String(units) },
      { kind: "burn", purse: "p", token: "TTM", units: String(units) },
    ],
    state: at === 3 ? "done" : "running",
    at,
    receipts: [],
    createdMs: 0,
    updatedMs: 0,
  });
  const at = { day: "2026-01-02", height: 9, stateKey: "00", openingUnits: 0n };

  test("adds up over any charges and redemptions, also those that end while it is made, and names a unit too many or too few", () => {
    const stage = fc.integer({ min: 0, max: 2 });
    const moved = fc.record({
      units: fc.integer({ min: 1, max: 1_000 }),
      before: stage,
      later: stage,
      lands: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(moved, { maxLength: 12 }), fc.array(moved, { maxLength: 12 }), (charges, redemptions) => {
        /** 0: not begun, 1: under way, 2: done. */
        const stages = (list: typeof charges, now: "before" | "after") =>
          list.map((entry) => ({
            ...entry,
            stage: now === "before" ? entry.before : Math.max(entry.before, entry.later),
          }));
        const orders = (now: "before" | "after"): Order[] => [
          ...stages(charges, now).flatMap((entry) =>
            entry.stage === 0 ? [] : charge(entry.units, entry.stage === 2 ? "done" : "running"),
          ),
          ...stages(redemptions, now).flatMap((entry) =>
            entry.stage === 0 ? [] : redeem(entry.units, entry.stage + 1),
          ),
        ];
        const sumOf = (list: ReturnType<typeof stages>, counts: (entry: (typeof list)[number]) => boolean): number =>
          list.filter(counts).reduce((sum, { units }) => sum + units, 0);
        const [minted, burned] = [charges, redemptions].map((list) => ({
          certain: sumOf(stages(list, "before"), (entry) => entry.stage === 2),
          possible: sumOf(stages(list, "after"), (entry) => entry.stage > 0),
          seen: sumOf(stages(list, "after"), (entry) => entry.before === 2 || (entry.stage > 0 && entry.lands)),
        }));
        const deposits = charges.map(({ units }, index) => ({
          ledger: "bank",
          id: String(index),
          units: String(units),
          memo: "",
          name: "",
          time: "",
          state: "credited" as const,
          recordedMs: 0,
        }));
        const proofOf = (supply: number) =>
          dailyProof({
            ...at,
            supplyUnits: BigInt(supply),
            deposits,
            ordersBefore: orders("before"),
            ordersAfter: orders("after"),
          });
        expect(proofOf(minted.seen - burned.seen).isComplete).toBe(true);
        expect(proofOf(minted.possible - burned.certain + 1).isComplete).toBe(false);
        expect(proofOf(minted.certain - burned.possible - 1).isComplete).toBe(false);
        const certain = proofOf(minted.certain - burned.certain);
        expect(certain).toMatchObject({ differenceUnits: "0", mintedWon: String(minted.certain) });
      }),
    );
  });
});

// The exchange desk: whatever refuses, gets lost or stops it, an order moves everything once or nothing, and no unit is made or lost.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.js";
import { convert, split } from "../../src/merchant/desk/convert.js";
import { DeskRefusal, type Step } from "../../src/merchant/desk/order.js";
import { verifySteps } from "../../src/merchant/desk/verifySteps.js";
import { DeskWorld } from "./deskModel.js";

const take = (units: number): Step => ({ kind: "take", ledger: "a", account: "ann", units: String(units) });
const give = (units: number): Step => ({ kind: "give", ledger: "b", account: "bob", units: String(units) });
const wait = (units: number): Step => ({
  kind: "await",
  purse: "one",
  token: "TTM",
  units: String(units),
  expiryHeight: 9,
});
const burn = (units: number): Step => ({ kind: "burn", purse: "one", token: "TTM", units: String(units) });

function pay(units: number, fields: Partial<Extract<Step, { kind: "pay" }>> = {}): Step {
  const shares = [{ to: "ann", units: String(units) }];
  return { kind: "pay", purse: "one", token: "TTM", shares, mint: false, ...fields };
}

function between(units: number): Step {
  return pay(units, { shares: [{ to: "two", units: String(units) }], toPurse: "two" });
}

/** The kinds of order that the desk knows, as steps. */
const PLANS: ((units: number) => Step[])[] = [
  (units) => [take(units), pay(units, { mint: true })],
  (units) => [take(units), pay(units)],
  (units) => [take(units), between(units), give(units)],
  (units) => [wait(units), give(units), burn(units)],
];

/** What the books must have changed by after a plan that was done. */
const EFFECTS: Record<number, (units: bigint) => Record<string, bigint>> = {
  0: (units) => ({ "a/ann": -units, "a/desk": units, "TTM/ann": units, "TTM/supply": units }),
  1: (units) => ({ "a/ann": -units, "a/desk": units, "TTM/ann": units, "TTM/one": -units }),
  2: (units) => ({
    "a/ann": -units,
    "a/desk": units,
    "TTM/one": -units,
    "TTM/two": units,
    "b/desk": -units,
    "b/bob": units,
  }),
  3: (units) => ({ "TTM/payer": -units, "b/desk": -units, "b/bob": units, "TTM/supply": -units }),
};

const START: [string, bigint][] = [
  ["a/ann", 5_000n],
  ["a/desk", 0n],
  ["b/desk", 100_000n],
  ["TTM/one", 3_000n],
  ["TTM/two", 500n],
  ["TTM/payer", 4_000n],
  ["TTM/supply", 50_000n],
];

describe("the desk", () => {
  test("moves everything of an order once or nothing, whatever fails and wherever it is stopped", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1_000_000),
        fc.array(fc.record({ plan: fc.nat(3), units: fc.integer({ min: 1, max: 900 }), paid: fc.boolean() }), {
          minLength: 1,
          maxLength: 12,
        }),
        async (seed, wanted) => {
          const world = new DeskWorld(new SeededRandom(seed));
          for (const [place, units] of START) {
            world.books.units.set(place, units);
          }
          const orders = wanted.map(({ plan, units, paid }, index) => {
            const key = `order-${index}`;
            if (plan === 3 && paid) {
              world.paid.set(`${key}.0`, "payer");
            }
            return { plan, units, order: { key, kind: "points" as const, steps: PLANS[plan](units) } };
          });
          const answers = await Promise.all(orders.map(({ order }) => world.submit(order)));
          await world.stir(200);
          await world.settle(orders.map(({ order }) => order.key));
          const expected = new Map(START);
          orders.forEach(({ plan, units, order }, index) => {
            const state = world.desk.order(order.key)?.state;
            if (answers[index] === "taken") {
              expect(["done", "undone"]).toContain(state);
            } else {
              expect(state).toBeUndefined();
            }
            for (const [place, change] of Object.entries(state === "done" ? EFFECTS[plan](BigInt(units)) : {})) {
              expected.set(place, (expected.get(place) ?? 0n) + change);
            }
          });
          for (const [place, units] of world.books.units) {
            expect([place, units]).toEqual([place, expected.get(place) ?? 0n]);
          }
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);

  test("gives the same order for the same key, and refuses other steps under it", async () => {
    const world = new DeskWorld(new SeededRandom(1));
    world.calm = true;
    world.books.units.set("a/ann", 100n);
    const order = { key: "k", kind: "charge" as const, steps: PLANS[0](10) };
    await world.desk.submit(order);
    await world.desk.settled("k");
    expect((await world.desk.submit(order)).state).toBe("done");
    await expect(world.desk.submit({ ...order, steps: PLANS[0](11) })).rejects.toMatchObject({ code: "KEY_REUSED" });
    expect(world.books.units.get("a/ann")).toBe(90n);
  });

  test("promises no more than the purse holds, also to requests that come together", async () => {
    const world = new DeskWorld(new SeededRandom(1));
    world.calm = true;
    world.books.units.set("TTM/one", 100n);
    world.books.units.set("a/ann", 1_000n);
    const orders = [60, 60, 30].map((units, index) => ({
      key: `k${index}`,
      kind: "points" as const,
      steps: PLANS[1](units),
    }));
    const answers = await Promise.all(orders.map((order) => world.submit(order)));
    expect(answers.map((answer) => (answer === "taken" ? answer : answer.code))).toEqual([
      "taken",
      "RESERVE_SHORT",
      "taken",
    ]);
  });

  test("holds an account's and the desk's limits of a day, and gives back what was undone", async () => {
    const limit = { orderUnitsMin: 5n, orderUnitsMax: 60n, accountDayUnitsMax: 100n, dayUnitsMax: 150n };
    const world = new DeskWorld(new SeededRandom(1), new Map([["a", limit]]));
    world.calm = true;
    world.books.units.set("a/ann", 1_000n);
    const submit = async (key: string, account: string, units: number, steps = PLANS[0](units)): Promise<string> => {
      const counted = { ledger: "a", account, units: String(units), day: "2026-01-02" };
      const answer = await world.submit({ key, kind: "charge", steps, counted });
      await world.desk.settled(key);
      return answer === "taken" ? (world.desk.order(key)?.state ?? "") : answer.code;
    };
    expect(await submit("1", "ann", 4)).toBe("LIMIT_ORDER");
    expect(await submit("2", "ann", 61)).toBe("LIMIT_ORDER");
    expect(await submit("3", "ann", 60)).toBe("done");
    expect(await submit("4", "ann", 41)).toBe("LIMIT_DAY");
    // Refused outside: bob has nothing to take.
    const fromBob: Step = { kind: "take", ledger: "a", account: "bob", units: "40" };
    expect(await submit("5", "ann", 40, [fromBob, pay(40, { mint: true })])).toBe("undone");
    expect(await submit("6", "ann", 40)).toBe("done");
    expect(await submit("7", "eve", 51)).toBe("LIMIT_DAY");
    expect(await submit("8", "eve", 50)).toBe("done");
  });

  test("refuses to be programmed with an order that could get stuck half-way", () => {
    const names = { has: () => true };
    expect(() => verifySteps([pay(5), give(5)], names, names)).toThrow("can't be undone");
    expect(() => verifySteps([give(5), between(5)], names, names)).toThrow("can't be undone");
    expect(() => verifySteps([take(0)], names, names)).toThrow("at least one unit");
    for (const plan of PLANS) {
      verifySteps(plan(1), names, names);
    }
  });
});

describe("amounts", () => {
  test("are split by weights to the last unit", () => {
    expect(split(1_000n, [30n, 70n])).toEqual([300n, 700n]);
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 2n ** 63n }),
        fc.array(fc.bigInt({ min: 1n, max: 1_000n }), { minLength: 1, maxLength: 20 }),
        (units, weights) => {
          const parts = split(units, weights);
          expect(parts.reduce((total, part) => total + part, 0n)).toBe(units);
          expect(parts.every((part) => part >= 0n)).toBe(true);
        },
      ),
    );
  });

  test("are converted in the desk's favour, and never to nothing", () => {
    expect(convert(199n, { from: 100n, to: 1n })).toBe(1n);
    expect(() => convert(99n, { from: 100n, to: 1n })).toThrow(DeskRefusal);
  });
});

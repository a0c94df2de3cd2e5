// A caller's key names what it asked for: asked again while prices and heights move, it gives the same order.

import { expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.js";
import { makeLogger } from "../../src/base/logging.js";
import { SeededRandom } from "../../src/base/random.js";
import { Account } from "../../src/client/account.js";
import { DeskService, type DeskServiceOptions } from "../../src/merchant/desk/deskService.js";
import { NotYet } from "../../src/merchant/desk/order.js";
import type { OutsideLedger } from "../../src/merchant/desk/outsideLedger.js";
import { MerchantRows } from "../../src/merchant/rows/merchantRows.js";
import { MemoryStore } from "../support/memoryStore.js";

const purse = Account.random(new SeededRandom(1));
const ann = Account.random(new SeededRandom(2)).addressText;
const limits = { orderUnitsMin: 1n, orderUnitsMax: 1_000n, accountDayUnitsMax: 1_000n, dayUnitsMax: 1_000n };

async function later(): Promise<never> {
  throw new NotYet("not today");
}

/** A desk whose world answers nothing yet; every question for the height finds the next one. */
function open(rows: MerchantRows, ttcForAPoint: bigint): DeskService {
  let height = 0;
  const client = {
    status: async () => ({ height: ++height }),
    account: async () => ({ balances: { TTC: 1_000_000n }, tokens: [] }),
    reference: later,
  };
  const ledger = (name: string): OutsideLedger => ({ name, take: later, give: later, giveBack: later });
  const rate = { from: 1n, to: ttcForAPoint };
  return new DeskService({
    config: {
      bank: { name: "bank", purse: "reserve", awaitBlocks: 100, openingUnits: 0n, limits },
      partners: [{ name: "bada", purse: "reserve", rate, limits }],
      coins: [],
    },
    rows,
    client,
    purses: new Map([["reserve", { account: purse }]]),
    ledgers: [ledger("bank"), ledger("bada")],
    coins: [],
    clock: systemClock,
    logger: makeLogger({ level: "silent" }),
  } as unknown as DeskServiceOptions);
}

test("points asked for again after the price has changed are the same order, and other points under that key are refused", async () => {
  const rows = new MerchantRows(new MemoryStore(), () => undefined);
  const before = open(rows, 10n);
  const order = await before.convertPoints("k", "bada", "ann", 5n, ann);
  await before.stop();
  const after = open(rows, 11n);
  expect((await after.convertPoints("k", "bada", "ann", 5n, ann)).steps).toEqual(order.steps);
  await expect(after.convertPoints("k", "bada", "ann", 6n, ann)).rejects.toMatchObject({ code: "KEY_REUSED" });
  await expect(after.convertPoints("k", "bada", "bob", 5n, ann)).rejects.toMatchObject({ code: "KEY_REUSED" });
  await after.stop();
});

test("a redemption that is asked for twice at once is one, to be paid under one reference", async () => {
  const service = open(new MerchantRows(new MemoryStore(), () => undefined), 10n);
  const [one, two] = await Promise.all([service.redeem("k", "ann", 5n), service.redeem("k", "ann", 5n)]);
  expect(two.reference).toEqual(one.reference);
  expect(two.order.steps).toEqual(one.order.steps);
  await expect(service.redeem("k", "ann", 6n)).rejects.toMatchObject({ code: "KEY_REUSED" });
  await service.stop();
});

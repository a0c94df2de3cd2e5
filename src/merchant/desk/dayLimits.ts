// How much one order, one account and the whole desk may move in a day, by outside ledger. Days are UTC dates of the order's making.
// What was undone counts no more.

import { toHex, utf8Bytes } from "../../base/bytes.js";
import { sha256 } from "../../wasm/crypto.js";
import type { MerchantRows } from "../rows/merchantRows.js";
import { DeskRefusal, type Order } from "./order.js";

export interface LedgerLimits {
  /** Units of the outside ledger. */
  orderUnitsMin: bigint;
  orderUnitsMax: bigint;
  accountDayUnitsMax: bigint;
  dayUnitsMax: bigint;
}

/** Limits by the ledger's name; a ledger without an entry has none. */
export type DayLimits = ReadonlyMap<string, LedgerLimits>;

type Counted = NonNullable<Order["counted"]>;

export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/** An account's name may be longer than a row's key. */
function rowsOf({ ledger, account, day }: Counted): [account: string, all: string] {
  return [`${ledger}/${day}/account/${toHex(sha256(utf8Bytes(account)))}`, `${ledger}/${day}/all`];
}

function used(rows: MerchantRows, row: string): bigint {
  return BigInt(rows.get<string>("deskDay", row) ?? "0");
}

/** Counts an order in, or refuses it with LIMIT_ORDER or LIMIT_DAY. */
export function countUnits(rows: MerchantRows, limits: DayLimits, counted: Counted): void {
  const units = BigInt(counted.units);
  const [accountRow, allRow] = rowsOf(counted);
  const account = used(rows, accountRow) + units;
  const all = used(rows, allRow) + units;
  const limit = limits.get(counted.ledger);
  if (limit !== undefined) {
    const { orderUnitsMin, orderUnitsMax, accountDayUnitsMax, dayUnitsMax } = limit;
    if (units < orderUnitsMin || units > orderUnitsMax) {
      throw new DeskRefusal("LIMIT_ORDER", `Expected ${orderUnitsMin} to ${orderUnitsMax} units, got ${units}.`);
    }
    if (account > accountDayUnitsMax || all > dayUnitsMax) {
      const left = account > accountDayUnitsMax ? accountDayUnitsMax - account + units : dayUnitsMax - all + units;
      throw new DeskRefusal("LIMIT_DAY", `${left < 0n ? 0n : left} units are left on ${counted.day} (UTC).`);
    }
  }
  rows.put("deskDay", accountRow, account.toString());
  rows.put("deskDay", allRow, all.toString());
}

export function uncountUnits(rows: MerchantRows, counted: Counted): void {
  for (const row of rowsOf(counted)) {
    rows.put("deskDay", row, (used(rows, row) - BigInt(counted.units)).toString());
  }
}

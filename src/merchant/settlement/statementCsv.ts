// A day's statement as CSV: what was held, sums by purpose, till, staff and token, then the journal they are made of. The same chain
// gives the same bytes.

import { toHex } from "../../base/bytes.js";
import { ZoneDays } from "../../history/payments/zoneDays.js";
import { formatAddress } from "../../protocol/address.js";
import type { TokenId } from "../../protocol/tokens.js";
import { type Cell, Decimal, formatCsv } from "./csv.js";
import type { DayStatement } from "./dayStatement.js";
import type { SettledStore } from "./settledStore.js";

const HEAD = [
  "part",
  "purpose",
  "till",
  "till_name",
  "staff",
  "staff_name",
  "token",
  "count",
  "amount",
  "won",
  "time",
  "height",
  "transaction",
  "counterparty",
  "reference",
];

export function amountOf(store: SettledStore, token: TokenId, units: bigint): Decimal {
  return new Decimal(units, store.decimals.get(token) ?? 0);
}

export function statementCsv(statement: DayStatement): string {
  const { store, day, closed, heightLast, fromMs, toMs, holdings, lines, postings } = statement;
  const zone = new ZoneDays(store.timeZone);
  const blank = (count: number): Cell[] => new Array<Cell>(count).fill(undefined);
  const rows: (Cell | Decimal)[][] = [
    HEAD,
    ["store", store.name, ...blank(13)],
    ["address", formatAddress(store.address), ...blank(13)],
    ["day", day, ...blank(8), `${zone.localTime(fromMs)} to ${zone.localTime(toMs)} ${store.timeZone}`, ...blank(4)],
    ["state", closed ? "closed" : "open", ...blank(9), heightLast, ...blank(3)],
  ];
  for (const { token, opening, closing, closingWon } of holdings) {
    rows.push(["holding", "opening", ...blank(4), token, undefined, amountOf(store, token, opening), ...blank(6)]);
    const held = amountOf(store, token, closing);
    rows.push(["holding", "closing", ...blank(4), token, undefined, held, closingWon, ...blank(5)]);
  }
  for (const { purpose, till, staff, token, count, units, won } of lines) {
    const who = [till, store.tills.get(till), staff, store.staff.get(staff)];
    rows.push(["sum", purpose, ...who, token, count, amountOf(store, token, units), won, ...blank(5)]);
  }
  for (const posting of postings) {
    const { purpose, till, staff, token, units, won, timeMs, height, id, counterparty, reference } = posting;
    rows.push([
      "line",
      purpose,
      till,
      store.tills.get(till),
      staff,
      store.staff.get(staff),
      token,
      1,
      amountOf(store, token, units),
      won,
      zone.localTime(timeMs),
      height,
      id && toHex(id),
      counterparty && formatAddress(counterparty),
      reference && toHex(reference),
    ]);
  }
  return formatCsv(rows);
}

// Sales for the tax office: supply value and VAT apart. Prices include VAT. The VAT of each payment is won × rate ÷ (100 + rate), rounded
// down to whole won, and its supply value is the rest; sums are sums of those, so that receipts add up to the report. Refunds count
// with a minus under the same rule and undo their sale exactly. Mileage that customers redeem is no supply, and is shown apart.

import { ZoneDays } from "../../history/payments/zoneDays.js";
import { formatCsv } from "./csv.js";
import type { Posting } from "./posting.js";

export interface TaxLine {
  day: string;
  sales: number;
  refunds: number;
  /** Won, with VAT: sales less refunds. */
  gross: bigint;
  supply: bigint;
  vat: bigint;
  /** Redeemed mileage in won, which is in none of the above. */
  mileage: bigint;
  /** Payments without a quote, which are in no sum. */
  withoutQuote: number;
}

const VAT_PERCENT = 10n;

/** The VAT in a price that includes it. */
export function vatOf(won: bigint, percent = VAT_PERCENT): bigint {
  // Division rounds towards zero, for refunds as for sales.
  return (won * percent) / (100n + percent);
}

/** One line a day of the time zone, in the order of days. */
export function taxReport(postings: readonly Posting[], timeZone: string, percent = VAT_PERCENT): TaxLine[] {
  const zone = new ZoneDays(timeZone);
  const lines = new Map<string, TaxLine>();
  for (const { purpose, won, timeMs } of postings) {
    if (purpose !== "sale" && purpose !== "refund" && purpose !== "mileageRedeemed") {
      continue;
    }
    const day = zone.dayOf(timeMs);
    let line = lines.get(day);
    if (line === undefined) {
      line = { day, sales: 0, refunds: 0, gross: 0n, supply: 0n, vat: 0n, mileage: 0n, withoutQuote: 0 };
      lines.set(day, line);
    }
    if (won === undefined) {
      line.withoutQuote++;
    } else if (purpose === "mileageRedeemed") {
      line.mileage += won;
    } else {
      const vat = vatOf(won, percent);
      line.gross += won;
      line.vat += vat;
      line.supply += won - vat;
      line.sales += purpose === "sale" ? 1 : 0;
      line.refunds += purpose === "refund" ? 1 : 0;
    }
  }
  return [...lines.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
}

export function taxReportCsv(lines: readonly TaxLine[]): string {
  const total = (pick: (line: TaxLine) => bigint): bigint => lines.reduce((sum, line) => sum + pick(line), 0n);
  const count = (pick: (line: TaxLine) => number): number => lines.reduce((sum, line) => sum + pick(line), 0);
  return formatCsv([
    ["day", "sales", "refunds", "gross_won", "supply_won", "vat_won", "mileage_won", "without_quote"],
    ...lines.map(({ day, sales, refunds, gross, supply, vat, mileage, withoutQuote }) => [
      day,
      sales,
      refunds,
      gross,
      supply,
      vat,
      mileage,
      withoutQuote,
    ]),
    [
      "total",
      count((line) => line.sales),
      count((line) => line.refunds),
      total((line) => line.gross),
      total((line) => line.supply),
      total((line) => line.vat),
      total((line) => line.mileage),
      count((line) => line.withoutQuote),
    ],
  ]);
}

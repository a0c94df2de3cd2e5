// ttchain settle tax: sales of some days with supply value and VAT apart, as CSV.

import { Command } from "commander";
import { wholeNumber, withExamples } from "../options.js";
import { type SettleOptions, settle, withSettleOptions } from "./settleOptions.js";

interface TaxOptions extends SettleOptions {
  vatPercent: number;
}

export function settleTaxCommand(): Command {
  const command = new Command("tax")
    .description("a store's sales for the tax office: supply value and VAT apart, by day, as CSV")
    .argument("<store>", "the store's description (JSON)")
    .argument("<from-day>", "the first day")
    .argument("<to-day>", "the last day")
    .option("--vat-percent <number>", "the rate that prices include", wholeNumber(0, 100), 10);
  withExamples(withSettleOptions(command), "settle tax store.json 2026-10-01 2026-12-31");
  return command.action(async (store: string, fromDay: string, toDay: string, options: TaxOptions) => {
    const [{ taxReport, taxReportCsv }, { days, postings }] = await Promise.all([
      import("../../merchant/settlement/taxReport.js"),
      settle(store, fromDay, toDay, options),
    ]);
    const { timeZone } = days[0].store;
    process.stdout.write(taxReportCsv(taxReport(postings, timeZone, BigInt(options.vatPercent))));
  });
}

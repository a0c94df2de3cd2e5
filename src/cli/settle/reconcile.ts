// ttchain settle reconcile: a shop's own list of sales against the chain's.

import { Command } from "commander";
import { CommandFailedError } from "../failures.js";
import { withExamples } from "../options.js";
import { readText, type SettleOptions, settle, withSettleOptions } from "./settleOptions.js";

interface ReconcileOptions extends SettleOptions {
  toDay?: string;
}

export function settleReconcileCommand(): Command {
  const command = new Command("reconcile")
    .description("compare a shop's own list of sales with the chain: missing here, missing there, other amounts")
    .argument("<store>", "the store's description (JSON)")
    .argument("<day>", "the day, or the first one")
    .argument("<file>", "CSV with columns reference or transaction, amount, and token if it likes")
    .option("--to-day <day>", "the last day; the first one where absent");
  withExamples(withSettleOptions(command), "settle reconcile store.json 2026-11-25 sales.csv");
  return command.action(async (store: string, day: string, file: string, options: ReconcileOptions) => {
    const { parseShopSales, reconcile, reconciliationCsv } = await import("../../merchant/settlement/reconcile.js");
    const sales = parseShopSales(await readText(file));
    const { days, postings } = await settle(store, day, options.toDay ?? day, options);
    const found = reconcile(days[0].store, sales, postings);
    process.stdout.write(reconciliationCsv(days[0].store, found));
    const differing = found.missingHere.length + found.missingThere.length + found.amountsDiffer.length;
    if (differing + found.listedTwice.length > 0) {
      throw new CommandFailedError(`${differing} differences, ${found.listedTwice.length} listed twice`, {
        matched: found.matched.length,
        missingHere: found.missingHere.length,
        missingThere: found.missingThere.length,
        amountsDiffer: found.amountsDiffer.length,
        listedTwice: found.listedTwice.length,
      });
    }
  });
}

// ttchain settle: a store's days out of the chain: statement, reconciliation with the shop's own list, and sales for the tax office.

import { Command } from "commander";
import { withExamples } from "../options.js";
import { settleReconcileCommand } from "./reconcile.js";
import { settleStatementCommand } from "./statement.js";
import { settleTaxCommand } from "./tax.js";

export function settleCommand(): Command {
  const command = new Command("settle")
    .description("a store's days out of the chain: statements, reconciliation, sales for the tax office")
    .addCommand(settleStatementCommand())
    .addCommand(settleReconcileCommand())
    .addCommand(settleTaxCommand());
  return withExamples(
    command,
    "settle statement store.json 2026-11-25",
    "settle reconcile store.json 2026-11-25 sales.csv",
    "settle tax store.json 2026-10-01 2026-12-31",
  );
}

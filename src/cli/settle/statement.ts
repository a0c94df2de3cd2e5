// ttchain settle statement: one day of a store, as CSV or as a page that prints.

import { writeFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { withExamples } from "../options.js";
import { type SettleOptions, settle, withSettleOptions } from "./settleOptions.js";

interface StatementOptions extends SettleOptions {
  format: "csv" | "html";
  language: "en" | "ko";
  out?: string;
}

export function settleStatementCommand(): Command {
  const command = new Command("statement")
    .description("the statement of a store's day: what it held, sums by till, staff and token, and every line")
    .argument("<store>", "the store's description (JSON)")
    .argument("<day>", "the day in the store's time zone, as 2026-11-25")
    .addOption(new Option("--format <format>", "csv, or html to print").choices(["csv", "html"]).default("csv"))
    .addOption(new Option("--language <language>", "of the page").choices(["en", "ko"]).default("en"))
    .option("--out <file>", "where to write it; standard output where absent");
  withExamples(
    withSettleOptions(command),
    "settle statement store.json 2026-11-25 --out day.csv",
    "settle statement store.json 2026-11-25 --format html --language ko --out day.html",
  );
  return command.action(async (store: string, day: string, options: StatementOptions) => {
    const settled = await settle(store, day, day, options);
    const [statement] = settled.days;
    const [{ statementCsv }, { statementPage }] = await Promise.all([
      import("../../merchant/settlement/statementCsv.js"),
      import("../../merchant/settlement/statementPage.js"),
    ]);
    const text = options.format === "csv" ? statementCsv(statement) : statementPage(statement, options.language);
    await writeText(options.out, text);
    if (!statement.closed) {
      process.stderr.write(`${day} is not closed yet: no block behind its end is committed\n`);
    }
  });
}

/** Writes to the file, or to standard output. */
export async function writeText(file: string | undefined, text: string): Promise<void> {
  if (file === undefined) {
    process.stdout.write(text);
  } else {
    await writeFile(file, text);
  }
}

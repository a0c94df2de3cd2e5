// A bank's statement as CSV, in the columns that the bank's own export has. Rows that can't be read are told with their line, and
// nothing of a file with such rows is taken: half a statement would be worse than none.

import { parse } from "csv-parse/sync";
import { CodedError } from "../../../protocol/errors.js";
import type { DepositRow } from "../deposits.js";

/** Names of the columns in the header line. */
export type StatementColumns = Record<keyof DepositRow, string>;

export const STATEMENT_COLUMNS_DEFAULT: StatementColumns = {
  id: "id",
  units: "amount",
  memo: "memo",
  name: "name",
  time: "time",
};

const WON = /^-?(\d{1,3}(,\d{3})+|\d+)$/;
const TEXT_CHARACTERS_MAX = 200;
const ID_CHARACTERS_MAX = 100;
const ID = /^[^\p{Cc}]{1,100}$/u;

function malformed(message: string): CodedError {
  return new CodedError("MALFORMED", message);
}

/** One movement of an account, by its columns' names; `place` is what a message calls it. Throws MALFORMED. */
export function readMovement(record: Record<string, string>, columns: StatementColumns, place: string): DepositRow {
  const field = (name: keyof DepositRow): string => {
    const text = record[columns[name]];
    if (text === undefined) {
      throw malformed(`${place}: expected a column ${columns[name]}, got ${Object.keys(record).join(", ")}`);
    }
    return text.trim().slice(0, TEXT_CHARACTERS_MAX);
  };
  const won = field("units");
  if (!WON.test(won)) {
    throw malformed(`${place}: expected whole won as ${columns.units}, got ${JSON.stringify(won)}`);
  }
  // The whole number or none: two that were cut to the same would be one deposit.
  if (!ID.test((record[columns.id] ?? "").trim())) {
    throw malformed(
      `${place}: expected the bank's number, up to ${ID_CHARACTERS_MAX} printable characters, as ${columns.id}`,
    );
  }
  return {
    id: field("id"),
    units: BigInt(won.replaceAll(",", "")),
    memo: field("memo"),
    name: field("name"),
    time: field("time"),
  };
}

/** Throws MALFORMED with the line for anything that is no statement of these columns, and for two rows with one number. */
export function readStatement(text: string, columns: StatementColumns = STATEMENT_COLUMNS_DEFAULT): DepositRow[] {
  let records: { record: Record<string, string>; info: { lines: number } }[];
  try {
    records = parse(text, { columns: true, bom: true, info: true, skip_empty_lines: true }) as typeof records;
  } catch (error) {
    throw malformed(`statement: ${error instanceof Error ? error.message : String(error)}`);
  }
  const rows = records.map(({ record, info }) => readMovement(record, columns, `statement: line ${info.lines}`));
  const seen = new Set<string>();
  for (const { id } of rows) {
    if (seen.has(id)) {
      throw malformed(`statement: the number ${id} stands in two rows`);
    }
    seen.add(id);
  }
  return rows;
}

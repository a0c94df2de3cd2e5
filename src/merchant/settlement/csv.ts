// CSV after RFC 4180: CRLF ends a record, fields with commas, quotes or line ends stand in quotes, quotes are doubled. Texts that a
// spreadsheet would take for a formula get an apostrophe in front; numbers that we write ourselves do not.

import { CodedError } from "../../protocol/errors.js";

export type Cell = string | number | bigint | undefined;

/** Characters that begin a formula, also behind spaces; a tab or carriage return would hide one. */
const FORMULA = /^[\s]*[=+\-@\t\r]/;

function cellText(cell: Cell): string {
  if (typeof cell !== "string") {
    return cell === undefined ? "" : cell.toString();
  }
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** An amount of units in the token's decimals, a number of ours: "-12.50". Not a text: it is written as it is. */
export class Decimal {
  constructor(
    readonly units: bigint,
    readonly decimals: number,
  ) {}

  toString(): string {
    const digits = (this.units < 0n ? -this.units : this.units).toString().padStart(this.decimals + 1, "0");
    const whole = digits.slice(0, digits.length - this.decimals);
    const sign = this.units < 0n ? "-" : "";
    return this.decimals === 0 ? `${sign}${whole}` : `${sign}${whole}.${digits.slice(-this.decimals)}`;
  }
}

/** One record a row. */
export function formatCsv(rows: readonly (readonly (Cell | Decimal)[])[]): string {
  return rows
    .map((row) => `${row.map((cell) => (cell instanceof Decimal ? cell.toString() : cellText(cell))).join(",")}\r\n`)
    .join("");
}

const ROWS_MAX = 1_000_000;

/** Records of fields. LF alone may end a record, and a byte order mark may come first. Throws BAD_REQUEST for a quote out of place. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  const fail = (expected: string): CodedError =>
    new CodedError("BAD_REQUEST", `expected ${expected} in record ${rows.length + 1} of the CSV`);
  while (at < text.length) {
    let field: string;
    if (text[at] === '"') {
      field = "";
      for (;;) {
        const end = text.indexOf('"', at + 1);
        if (end < 0) {
          throw fail("a closing quote");
        }
        field += text.slice(at + 1, end);
        at = end + 1;
        if (text[at] !== '"') {
          break;
        }
        field += '"';
      }
    } else {
      const end = /[,\r\n]/g;
      end.lastIndex = at;
      const stop = end.exec(text)?.index ?? text.length;
      field = text.slice(at, stop);
      if (field.includes('"')) {
        throw fail("no quote within a field without quotes");
      }
      at = stop;
    }
    row.push(field);
    if (text[at] === ",") {
      at++;
      // A comma at the end begins a last, empty field.
      if (at < text.length) {
        continue;
      }
      row.push("");
    } else if (text.startsWith("\r\n", at)) {
      at += 2;
    } else if (text[at] === "\n" || text[at] === "\r") {
      at++;
    } else if (at < text.length) {
      throw fail("a comma or a line's end behind a quoted field");
    }
    rows.push(row);
    row = [];
    if (rows.length > ROWS_MAX) {
      throw new CodedError("TOO_LARGE", `expected a CSV of at most ${ROWS_MAX} records`);
    }
  }
  return rows.filter((fields) => fields.length > 1 || fields[0] !== "");
}

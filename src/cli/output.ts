// What commands print: lines for people or, with --json, one JSON value with amounts as decimal strings.

/** JSON with bigints as decimal strings. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, field) => (typeof field === "bigint" ? field.toString() : field), 2);
}

/** Prints `value` as JSON where that was asked for, else `lines`. */
export function printAnswer(options: { json?: boolean }, value: unknown, lines: string[]): void {
  process.stdout.write(`${options.json === true ? toJson(value) : lines.join("\n")}\n`);
}

/** "name  value" lines with the values in one column. */
export function alignPairs(pairs: [string, string][]): string[] {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

/** Rows in columns as wide as their widest cell; the last column is not padded. */
export function alignRows(rows: string[][]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column].length))) ?? [];
  return rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]))).join("  "));
}

/** A block's time for people, UTC. */
export function formatTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace("T", " ").replace("Z", " UTC");
}

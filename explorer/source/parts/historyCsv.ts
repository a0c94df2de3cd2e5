// An account's history as CSV (RFC 4180). Amounts are in smallest units. A text that a spreadsheet would take for a formula gets a
// quote in front: memos come from strangers.

import type { HistoryEntry } from "ttchain";
import { memoText } from "./memoText.js";

const COLUMNS = [
  "timeMs",
  "height",
  "index",
  "id",
  "code",
  "kind",
  "direction",
  "counterparty",
  "token",
  "amount",
  "fee",
  "feeToken",
  "reference",
  "memo",
] as const;

export function csvField(value: unknown): string {
  const text = value === undefined ? "" : String(value);
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

export function historyCsv(entries: HistoryEntry[]): string {
  const lines = entries.map((entry) =>
    COLUMNS.map((column) => {
      const value = column === "memo" && entry.memo !== undefined ? memoText(entry.memo) : entry[column];
      return csvField(value);
    }).join(","),
  );
  return `${[COLUMNS.join(","), ...lines].join("\r\n")}\r\n`;
}

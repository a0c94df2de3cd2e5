// Numbers, amounts and times as people read them, in the present language. Amounts stay bigint; nothing is rounded.

import { formatAmount } from "ttchain";
import { language } from "../i18n/translate.js";

function locale(): string {
  return language.get() === "ko" ? "ko-KR" : "en-GB";
}

export function numberText(value: number, digits = 0): string {
  return value.toLocaleString(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** "1,234.5" of units, with separators between thousands. */
export function amountText(units: bigint, decimals: number): string {
  const [whole, fraction] = formatAmount(units, decimals).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

export function timeText(timeMs: number): string {
  return new Date(timeMs).toLocaleString(locale(), { dateStyle: "medium", timeStyle: "medium" });
}

export function clockText(timeMs: number): string {
  return new Date(timeMs).toLocaleTimeString(locale(), { timeStyle: "medium" });
}

/** The first and last characters of a long text. */
export function shortText(text: string, ends = 8): string {
  return text.length <= 2 * ends + 1 ? text : `${text.slice(0, ends)}…${text.slice(-Math.min(ends, 6))}`;
}

export function durationText(ms: number): string {
  if (ms < 1_000) {
    return `${Math.round(ms)} ms`;
  }
  return ms < 100_000 ? `${numberText(ms / 1_000, 1)} s` : `${numberText(ms / 60_000)} min`;
}

export function median(values: number[]): number | undefined {
  if (values.length === 0) {
    return undefined;
  }
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

// Days of a time zone as spans of time, by the zone's rules in Intl. A day has 23 to 25 hours where clocks are changed, and a span
// depends on the zone's name and the day alone.

import { CodedError } from "../../protocol/errors.js";

export interface DaySpan {
  /** "2026-11-25". */
  day: string;
  fromMs: number;
  /** The next day's beginning. */
  toMs: number;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const DAY_TEXT = /^\d{4}-\d{2}-\d{2}$/;

/** Midnight UTC of the day that the text names; throws BAD_REQUEST for others. */
function parseDay(text: string): number {
  const ms = DAY_TEXT.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms) || dayText(ms) !== text) {
    throw new CodedError("BAD_REQUEST", `expected a day as 2026-11-25, got "${text.slice(0, 20)}"`);
  }
  return ms;
}

function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

export class ZoneDays {
  private readonly format: Intl.DateTimeFormat;

  constructor(readonly timeZone: string) {
    try {
      this.format = new Intl.DateTimeFormat("en-US", {
        timeZone,
        calendar: "gregory",
        numberingSystem: "latn",
        hourCycle: "h23",
        year: "numeric",
        month: "2-digit",
        day: "2-digit",
        hour: "2-digit",
        minute: "2-digit",
        second: "2-digit",
      });
    } catch {
      throw new CodedError(
        "BAD_REQUEST",
        `expected an IANA time zone such as Asia/Seoul, got "${timeZone.slice(0, 40)}"`,
      );
    }
  }

  /** What clocks of the zone show at that time, as "2026-11-25 14:03:59". */
  localTime(timeMs: number): string {
    const parts = new Map(this.format.formatToParts(new Date(timeMs)).map(({ type, value }) => [type, value]));
    const part = (name: Intl.DateTimeFormatPartTypes): string => parts.get(name) ?? "";
    const year = part("year").padStart(4, "0");
    return `${year}-${part("month")}-${part("day")} ${part("hour")}:${part("minute")}:${part("second")}`;
  }

  /** The day of the zone in which the time lies. */
  dayOf(timeMs: number): string {
    return this.localTime(timeMs).slice(0, 10);
  }

  /** When the day begins: the first minute whose local day is not before it, which is a later one where midnight is skipped. */
  private beginningOf(midnightUtcMs: number): number {
    const day = dayText(midnightUtcMs);
    // Zones lie within 15 hours of UTC.
    let low = midnightUtcMs - 16 * 60 * MINUTE_MS;
    let high = midnightUtcMs + 16 * 60 * MINUTE_MS;
    while (high - low > MINUTE_MS) {
      const middle = low + Math.floor((high - low) / (2 * MINUTE_MS)) * MINUTE_MS;
      if (this.dayOf(middle) < day) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  span(day: string): DaySpan {
    const midnight = parseDay(day);
    return { day, fromMs: this.beginningOf(midnight), toMs: this.beginningOf(midnight + DAY_MS) };
  }

  /** The days from one to another, both included. Throws BAD_REQUEST for more than `most`. */
  between(fromDay: string, toDay: string, most: number): DaySpan[] {
    const [first, last] = [parseDay(fromDay), parseDay(toDay)];
    const count = (last - first) / DAY_MS + 1;
    if (count < 1 || count > most) {
      throw new CodedError("BAD_REQUEST", `expected 1 to ${most} days, got ${fromDay} to ${toDay}`);
    }
    return Array.from({ length: count }, (_, i) => this.span(dayText(first + i * DAY_MS)));
  }
}

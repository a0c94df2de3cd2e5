// What both stores share: how pages are put together, and totals of days. A store gives one thing, `read`; so what is asked of either
// is answered the same.

import { setImmediate } from "node:timers/promises";
import { equalBytes } from "../../base/bytes.js";
import { CodedError } from "../../protocol/errors.js";
import type {
  DayTotal,
  DayTotalsQuery,
  Payment,
  PaymentHistory,
  PaymentPage,
  PaymentQuery,
  PaymentState,
  PaymentSubject,
} from "./payment.js";
import { comparePlaces, formatPaymentCursor, type PaymentPlace, parsePaymentCursor } from "./paymentCursor.js";
import { ZoneDays } from "./zoneDays.js";

/** Payments from a time on, before a time and below a place. */
export interface PaymentRange {
  fromMs: number;
  toMs: number;
  before: PaymentPlace | undefined;
}

const PAYMENTS_PAGE_MAX = 1_000;
/** Payments looked at for one page of those that go one way, at most: the page is short then. */
const LOOKED_AT_MAX = 10_000;
const DAYS_MAX = 400;

function expectSubject(of: PaymentSubject): void {
  if (of.kind === "till" && of.till === 0) {
    throw new CodedError("BAD_REQUEST", "expected a till from 1, got 0: lane 0 is the account's own");
  }
}

export abstract class PaymentQueries implements PaymentHistory {
  abstract height(): Promise<number>;

  /** The newest `limit` payments of the subject and state in the range, newest first, up to the block `height`. */
  protected abstract read(
    of: PaymentSubject,
    state: PaymentState,
    range: PaymentRange,
    limit: number,
    height: number,
  ): Promise<Payment[]>;

  async payments(query: PaymentQuery): Promise<PaymentPage> {
    const { of, direction } = query;
    expectSubject(of);
    if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > PAYMENTS_PAGE_MAX) {
      throw new CodedError("BAD_REQUEST", `expected a limit of 1 to ${PAYMENTS_PAGE_MAX}, got ${query.limit}`);
    }
    const height = await this.height();
    const { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER } = query;
    const range = { fromMs, toMs, before: query.before === undefined ? undefined : parsePaymentCursor(query.before) };
    const states: PaymentState[] = query.state === undefined ? ["committed", "failed"] : [query.state];
    const payments: Payment[] = [];
    for (let lookedAt = 0; ; ) {
      // One more than is asked for tells whether another page follows.
      const wanted = query.limit + 1 - payments.length;
      const found = await this.readStates(
        of,
        states,
        range,
        direction === undefined ? wanted : PAYMENTS_PAGE_MAX,
        height,
      );
      const { length } = found;
      for (const payment of found) {
        if (payments.length <= query.limit && goes(payment, of, direction)) {
          payments.push(payment);
        }
      }
      lookedAt += length;
      const ended = length < (direction === undefined ? wanted : PAYMENTS_PAGE_MAX);
      if (payments.length > query.limit) {
        const page = payments.slice(0, query.limit);
        return { payments: page, next: formatPaymentCursor(page[page.length - 1]), height };
      }
      if (ended || direction === undefined) {
        return { payments, next: undefined, height };
      }
      range.before = found[length - 1];
      if (lookedAt >= LOOKED_AT_MAX) {
        return { payments, next: formatPaymentCursor(found[length - 1]), height };
      }
    }
  }

  /** The newest `limit` payments of several states. */
  private async readStates(
    of: PaymentSubject,
    states: PaymentState[],
    range: PaymentRange,
    limit: number,
    height: number,
  ): Promise<Payment[]> {
    const found = await Promise.all(states.map((state) => this.read(of, state, range, limit, height)));
    return found
      .flat()
      .sort((a, b) => comparePlaces(b, a))
      .slice(0, limit);
  }

  async dayTotals({ of, fromDay, toDay, timeZone }: DayTotalsQuery): Promise<DayTotal[]> {
    expectSubject(of);
    const days = new ZoneDays(timeZone).between(fromDay, toDay, DAYS_MAX);
    const height = await this.height();
    const totals: DayTotal[] = [];
    for (const { day, fromMs, toMs } of days) {
      const ofDay = new Map<string, DayTotal>();
      const range: PaymentRange = { fromMs, toMs, before: undefined };
      for (let more = true; more; ) {
        const found = await this.read(of, "committed", range, PAYMENTS_PAGE_MAX, height);
        for (const payment of found) {
          count(ofDay, day, payment, of);
        }
        range.before = found.at(-1);
        more = found.length === PAYMENTS_PAGE_MAX;
        if (more) {
          await setImmediate();
        }
      }
      totals.push(...[...ofDay.values()].sort((a, b) => (a.token < b.token ? -1 : 1)));
    }
    return totals;
  }
}

function isPaidTo({ to }: Payment, account: Uint8Array): boolean {
  return to !== undefined && equalBytes(to, account);
}

function goes(payment: Payment, of: PaymentSubject, direction: "in" | "out" | undefined): boolean {
  if (direction === undefined || (of.kind !== "account" && of.kind !== "till")) {
    return true;
  }
  return direction === "in" ? isPaidTo(payment, of.account) : goesOut(payment, of.account);
}

/** Whether the account gave something: who issues a token gives nothing. */
function goesOut({ from, kind }: Payment, account: Uint8Array): boolean {
  return kind !== "mint" && equalBytes(from, account);
}

function count(totals: Map<string, DayTotal>, day: string, payment: Payment, of: DayTotalsQuery["of"]): void {
  const { token, amount } = payment;
  let total = totals.get(token);
  if (total === undefined) {
    total = { day, token, inCount: 0, inAmount: 0n, outCount: 0, outAmount: 0n };
    totals.set(token, total);
  }
  if (of.kind === "token" || isPaidTo(payment, of.account)) {
    total.inCount++;
    total.inAmount += amount;
  }
  if (of.kind !== "token" && goesOut(payment, of.account)) {
    total.outCount++;
    total.outAmount += amount;
  }
}

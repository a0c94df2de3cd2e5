// A store's day: what it held before and after, and sums of its journal by purpose, till, staff and token. A day is closed once a block
// behind its end is committed; from then on it never changes, and made again it comes out the same to the byte.

import type { DaySpan } from "../../history/payments/zoneDays.js";
import type { TokenId } from "../../protocol/tokens.js";
import { type Posting, PURPOSES, type Purpose } from "./posting.js";
import type { SettledStore } from "./settledStore.js";

export interface StatementLine {
  purpose: Purpose;
  till: number;
  staff: number;
  token: TokenId;
  count: number;
  units: bigint;
  /** Worth in won at the quotes of the payments' blocks; undefined where one of them had none. */
  won: bigint | undefined;
}

export interface Holding {
  token: TokenId;
  opening: bigint;
  closing: bigint;
  /** The closing holding at the last quote of the statement. */
  closingWon: bigint | undefined;
}

export interface DayStatement {
  store: SettledStore;
  day: string;
  fromMs: number;
  toMs: number;
  /** Whether a block behind the day's end is committed. */
  closed: boolean;
  /** The last block that it counts. */
  heightLast: number;
  lines: StatementLine[];
  holdings: Holding[];
  /** The journal of the day, in the order of the chain. */
  postings: Posting[];
}

function keyOf({ purpose, till, staff, token }: Posting): string {
  return `${String(PURPOSES.indexOf(purpose)).padStart(2, "0")} ${till} ${staff} ${token}`;
}

function order(a: StatementLine, b: StatementLine): number {
  return (
    PURPOSES.indexOf(a.purpose) - PURPOSES.indexOf(b.purpose) ||
    a.till - b.till ||
    a.staff - b.staff ||
    (a.token < b.token ? -1 : a.token > b.token ? 1 : 0)
  );
}

/** Sums of postings by purpose, till, staff and token, in the order of statements. */
function sumPostings(postings: readonly Posting[]): StatementLine[] {
  const lines = new Map<string, StatementLine>();
  for (const posting of postings) {
    const { purpose, till, staff, token, units, won } = posting;
    const key = keyOf(posting);
    const line = lines.get(key);
    if (line === undefined) {
      lines.set(key, { purpose, till, staff, token, count: 1, units, won });
    } else {
      line.count++;
      line.units += units;
      line.won = line.won === undefined || won === undefined ? undefined : line.won + won;
    }
  }
  return [...lines.values()].sort(order);
}

/** Collects one day's statement from postings in the order of the chain. */
export class DayCollector {
  private readonly opening = new Map<TokenId, bigint>();
  private readonly closing = new Map<TokenId, bigint>();
  private readonly postings: Posting[] = [];
  private readonly closingWon = new Map<TokenId, bigint | undefined>();
  private heightLast = 0;
  private closed = false;

  constructor(
    private readonly store: SettledStore,
    private readonly span: DaySpan,
  ) {}

  add(posting: Posting): void {
    const { timeMs, token, units } = posting;
    if (timeMs < this.span.fromMs) {
      this.opening.set(token, (this.opening.get(token) ?? 0n) + units);
    }
    if (timeMs < this.span.toMs) {
      this.closing.set(token, (this.closing.get(token) ?? 0n) + units);
      if (timeMs >= this.span.fromMs) {
        this.postings.push(posting);
      }
    }
  }

  /** Tells that a block was taken, with what amounts are worth after it. */
  onBlock(height: number, timeMs: number, worth: (token: TokenId, units: bigint) => bigint | undefined): void {
    if (timeMs >= this.span.toMs) {
      this.closed = true;
      return;
    }
    this.heightLast = height;
    for (const [token, units] of this.closing) {
      this.closingWon.set(token, worth(token, units));
    }
  }

  statement(): DayStatement {
    const { store, span, postings, heightLast, closed } = this;
    const holdings = [...store.decimals.keys()].map((token) => ({
      token,
      opening: this.opening.get(token) ?? 0n,
      closing: this.closing.get(token) ?? 0n,
      closingWon: this.closing.has(token) ? this.closingWon.get(token) : 0n,
    }));
    return {
      store,
      day: span.day,
      fromMs: span.fromMs,
      toMs: span.toMs,
      closed,
      heightLast,
      lines: sumPostings(postings),
      holdings: holdings.filter(({ opening, closing }) => opening !== 0n || closing !== 0n),
      postings,
    };
  }
}

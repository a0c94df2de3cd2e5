// The till's own book: every invoice it made, day by day, in the browser's storage. The chain is the truth; the book remembers
// which payments of it belong to this till.

import { makeReference, type TokenId, toHex } from "ttchain";
import { createStore } from "../store.js";
import type { TillSettings } from "./tillSettings.js";

export interface Sale {
  /** Hex of the invoice's reference: its name in the book. */
  reference: string;
  payee: string;
  label: string;
  till: number;
  token: TokenId;
  /** Face of a created token. */
  face?: { symbol: string; decimals: number };
  /** Units. */
  amount: string;
  createdMs: number;
  /** The last height at which it can be paid. */
  expiry: number;
  state: "open" | "paid" | "expired";
  /** The gateway's id of it, where the till works with one. */
  invoice?: string;
  paid?: { height: number; timeMs: number; id: string; payer: string };
  /** The absence of the payment was proven for the state after the expiry height. */
  absent?: boolean;
  /** Transaction that gave the money back. */
  refund?: { id: string; state: "committed" };
}

const KEY_PREFIX = "ttchain.sales.";
const DAYS_KEPT = 40;

function dayKey(timeMs: number): string {
  const date = new Date(timeMs);
  const part = (value: number): string => String(value).padStart(2, "0");
  return `${KEY_PREFIX}${date.getFullYear()}-${part(date.getMonth() + 1)}-${part(date.getDate())}`;
}

function readDay(key: string): Sale[] {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "[]");
  } catch {
    return [];
  }
}

/** Today's sales, newest first. */
export const salesToday = createStore<Sale[]>(readDay(dayKey(Date.now())));

function dropOldDays(): void {
  const days = Object.keys(localStorage)
    .filter((key) => key.startsWith(KEY_PREFIX))
    .sort();
  for (const key of days.slice(0, -DAYS_KEPT)) {
    localStorage.removeItem(key);
  }
}

/** Writes a sale, new or changed, into the book of the day on which it was made. */
export function saveSale(sale: Sale): void {
  const key = dayKey(sale.createdMs);
  const others = readDay(key).filter(({ reference }) => reference !== sale.reference);
  const list = [sale, ...others].sort((a, b) => b.createdMs - a.createdMs);
  localStorage.setItem(key, JSON.stringify(list));
  salesToday.set(readDay(dayKey(Date.now())));
  dropOldDays();
}

export function saleOf(reference: string): Sale | undefined {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(KEY_PREFIX)) {
      const sale = readDay(key).find((entry) => entry.reference === reference);
      if (sale !== undefined) {
        return sale;
      }
    }
  }
  return undefined;
}

/** A sale that is open and not in the book yet. */
export function saleAt(
  settings: TillSettings,
  token: TokenId,
  amount: bigint,
  reference: string,
  expiry: number,
): Sale {
  const created = settings.tokens?.find((entry) => entry.token === token);
  return {
    reference,
    payee: settings.payee,
    label: settings.label,
    till: settings.number,
    token,
    ...(created === undefined ? {} : { face: { symbol: created.symbol, decimals: created.decimals } }),
    amount: amount.toString(),
    createdMs: Date.now(),
    expiry,
    state: "open",
  };
}

/** A new open sale with a fresh reference. */
export function openSale(settings: TillSettings, token: TokenId, amount: bigint, height: number): Sale {
  const expiry = height + settings.validBlocks;
  const sale = saleAt(settings, token, amount, toHex(makeReference(expiry)), expiry);
  saveSale(sale);
  return sale;
}

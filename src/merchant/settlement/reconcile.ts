// A shop's own list of sales against the chain's: what both have, what only one has, and where amounts differ. Sales are matched by
// reference or by transaction; the amounts compared are in the token's decimals.

import { toHex } from "../../base/bytes.js";
import { CodedError } from "../../protocol/errors.js";
import type { TokenId } from "../../protocol/tokens.js";
import { formatCsv, parseCsv } from "./csv.js";
import type { Posting } from "./posting.js";
import type { SettledStore } from "./settledStore.js";
import { amountOf } from "./statementCsv.js";

/** A record of the shop's file. */
export interface ShopSale {
  /** Its record in the file, from 2: the first holds the names of columns. */
  record: number;
  key: string;
  token: TokenId | undefined;
  /** As it stands in the file. */
  amount: string;
}

export interface Reconciliation {
  matched: { sale: ShopSale; postings: Posting[] }[];
  /** In the shop's file, not on the chain. */
  missingHere: ShopSale[];
  /** On the chain, not in the shop's file. */
  missingThere: Posting[];
  amountsDiffer: { sale: ShopSale; postings: Posting[]; amount: string }[];
  /** Listed more than once in the shop's file; the first was compared. */
  listedTwice: ShopSale[];
}

const PURPOSES_COMPARED = new Set(["sale", "mileageRedeemed"]);

/** Reads a file with columns `reference` or `transaction`, `amount`, and `token` if it likes; throws BAD_REQUEST. */
export function parseShopSales(text: string): ShopSale[] {
  const [head = [], ...records] = parseCsv(text);
  const column = (name: string): number => head.findIndex((title) => title.trim().toLowerCase() === name);
  const key = column("reference") >= 0 ? column("reference") : column("transaction");
  const [amount, token] = [column("amount"), column("token")];
  if (key < 0 || amount < 0) {
    throw new CodedError(
      "BAD_REQUEST",
      `expected columns reference or transaction, and amount, got "${head.join(",").slice(0, 200)}"`,
    );
  }
  return records.map((fields, i) => {
    const sale: ShopSale = {
      record: i + 2,
      key: (fields[key] ?? "").trim().toLowerCase(),
      token: token < 0 || !fields[token] ? undefined : fields[token].trim(),
      amount: (fields[amount] ?? "").trim(),
    };
    if (!/^[0-9a-f]{64}$/.test(sale.key) || !/^\d+(\.\d+)?$/.test(sale.amount)) {
      throw new CodedError(
        "BAD_REQUEST",
        `expected 64 hex digits and an amount in record ${sale.record}, got "${sale.key.slice(0, 70)}" and "${sale.amount.slice(0, 40)}"`,
      );
    }
    return sale;
  });
}

/** The number without what does not count: "012.50" and "12.5" are the same. */
function plain(amount: string): string {
  const [whole, fraction = ""] = amount.split(".");
  const rest = fraction.replace(/0+$/, "");
  return `${whole.replace(/^0+(?=\d)/, "")}${rest === "" ? "" : `.${rest}`}`;
}

/** Compares the shop's sales with the journal of the same time. */
export function reconcile(
  store: SettledStore,
  sales: readonly ShopSale[],
  postings: readonly Posting[],
): Reconciliation {
  const result: Reconciliation = { matched: [], missingHere: [], missingThere: [], amountsDiffer: [], listedTwice: [] };
  const byKey = new Map<string, Posting[]>();
  const compared = postings.filter(({ purpose }) => PURPOSES_COMPARED.has(purpose));
  for (const posting of compared) {
    for (const bytes of [posting.reference, posting.id]) {
      if (bytes !== undefined) {
        const key = toHex(bytes);
        byKey.set(key, [...(byKey.get(key) ?? []), posting]);
      }
    }
  }
  const found = new Set<Posting>();
  const seen = new Set<string>();
  for (const sale of sales) {
    const name = `${sale.key} ${sale.token ?? ""}`;
    if (seen.has(name)) {
      result.listedTwice.push(sale);
      continue;
    }
    seen.add(name);
    const own = (byKey.get(sale.key) ?? []).filter(({ token }) => sale.token === undefined || token === sale.token);
    for (const posting of own) {
      found.add(posting);
    }
    const tokens = new Set(own.map(({ token }) => token));
    if (own.length === 0) {
      result.missingHere.push(sale);
      continue;
    }
    const units = own.reduce((sum, posting) => sum + posting.units, 0n);
    const amount = tokens.size === 1 ? amountOf(store, own[0].token, units).toString() : "several tokens";
    if (plain(amount) === plain(sale.amount)) {
      result.matched.push({ sale, postings: own });
    } else {
      result.amountsDiffer.push({ sale, postings: own, amount });
    }
  }
  result.missingThere = compared.filter((posting) => !found.has(posting));
  return result;
}

/** One record a finding; what matched is counted in the first. */
export function reconciliationCsv(store: SettledStore, found: Reconciliation): string {
  const ofChain = ({ reference, id, token, units, height }: Posting): (string | number | undefined)[] => [
    reference ? toHex(reference) : id && toHex(id),
    token,
    height,
    amountOf(store, token, units).toString(),
  ];
  return formatCsv([
    ["finding", "record", "key", "token", "height", "chain_amount", "shop_amount"],
    ["matched", found.matched.length],
    ...found.missingHere.map((sale) => [
      "missing_here",
      sale.record,
      sale.key,
      sale.token,
      undefined,
      undefined,
      sale.amount,
    ]),
    ...found.missingThere.map((posting) => ["missing_there", undefined, ...ofChain(posting)]),
    ...found.amountsDiffer.map(({ sale, postings, amount }) => [
      "amounts_differ",
      sale.record,
      sale.key,
      sale.token,
      postings[0].height,
      amount,
      sale.amount,
    ]),
    ...found.listedTwice.map((sale) => [
      "listed_twice",
      sale.record,
      sale.key,
      sale.token,
      undefined,
      undefined,
      sale.amount,
    ]),
  ]);
}

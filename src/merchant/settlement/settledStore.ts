// A store as settlement knows it: whose account, which time zone ends its days, which tokens it counts, and the names of its tills and
// staff. All else comes from the chain.

import { parseAddress } from "../../protocol/address.js";
import { CodedError } from "../../protocol/errors.js";
import { NATIVE_FACES } from "../../protocol/genesis.js";
import { NATIVE_TOKENS, nativeIndex, type TokenId } from "../../protocol/tokens.js";

export interface SettledStore {
  name: string;
  address: Uint8Array;
  /** An IANA name: a day of the store ends at its midnight. */
  timeZone: string;
  /** Names of tills and staff by their numbers. */
  tills: ReadonlyMap<number, string>;
  staff: ReadonlyMap<number, string>;
  /** Every token that is counted, with its decimals: the chain's own, and created ones that the store names. */
  decimals: ReadonlyMap<TokenId, number>;
  /** What customers earn and redeem. */
  mileageToken: TokenId;
}

const TILL_MAX = 0xffffffff;
const STAFF_MAX = 0xffff;
const NAME_CHARACTERS_MAX = 100;

function bad(expected: string, got: unknown): CodedError {
  const text = (JSON.stringify(got) ?? "nothing").slice(0, 80);
  return new CodedError("BAD_REQUEST", `expected ${expected} in the store's description, got ${text}`);
}

function asText(value: unknown, what: string): string {
  if (typeof value !== "string" || value.length === 0 || value.length > NAME_CHARACTERS_MAX) {
    throw bad(`${what} as a text of 1 to ${NAME_CHARACTERS_MAX} characters`, value);
  }
  return value;
}

function asNames(value: unknown, what: string, most: number): Map<number, string> {
  const names = new Map<number, string>();
  for (const entry of value === undefined ? [] : Array.isArray(value) ? value : [value]) {
    const { number, name } = (entry ?? {}) as { number?: unknown; name?: unknown };
    if (typeof number !== "number" || !Number.isInteger(number) || number < 1 || number > most || names.has(number)) {
      throw bad(`${what} as { number, name }, each number from 1 to ${most} once`, entry);
    }
    names.set(number, asText(name, what));
  }
  return names;
}

/** The chain's own tokens, and created ones of which the store gives the decimals. */
function asDecimals(value: unknown): Map<TokenId, number> {
  const decimals = new Map<TokenId, number>(NATIVE_TOKENS.map((token) => [token, NATIVE_FACES[token].decimals]));
  for (const entry of value === undefined ? [] : Array.isArray(value) ? value : [value]) {
    const { token, decimals: count } = (entry ?? {}) as { token?: unknown; decimals?: unknown };
    const isToken = typeof token === "string" && /^[0-9a-f]{64}$/.test(token) && nativeIndex(token) < 0;
    if (!isToken || typeof count !== "number" || !Number.isInteger(count) || count < 0 || count > 18) {
      throw bad("tokens as { token: 64 hex digits, decimals: 0 to 18 }", entry);
    }
    decimals.set(token, count);
  }
  return decimals;
}

/** Reads { name, address, timeZone, tills?, staff?, tokens?, mileageToken? }; throws BAD_REQUEST for anything else. */
export function parseSettledStore(value: unknown): SettledStore {
  if (typeof value !== "object" || value === null) {
    throw bad("an object", value);
  }
  const fields = value as Record<string, unknown>;
  const decimals = asDecimals(fields.tokens);
  const mileageToken = fields.mileageToken === undefined ? "TTMI" : asText(fields.mileageToken, "mileageToken");
  if (!decimals.has(mileageToken)) {
    throw bad("a mileageToken that is among the tokens", mileageToken);
  }
  return {
    name: asText(fields.name, "name"),
    address: parseAddress(asText(fields.address, "address")),
    timeZone: asText(fields.timeZone, "timeZone"),
    tills: asNames(fields.tills, "tills", TILL_MAX),
    staff: asNames(fields.staff, "staff", STAFF_MAX),
    decimals,
    mileageToken,
  };
}

// Contracts' values as JSON, for the API, the command line and pages: what JSON can say plainly is said plainly, the rest is an object
// with one field that names the type.

import { fromHex, toHex } from "../base/bytes.js";
import { parseAddress } from "./address.js";
import { CodedError } from "./errors.js";
import { LvmBignum, type LvmKey, type LvmValue } from "./lvmValue.js";

/**
 * null, booleans, numbers, texts and lists stand for themselves; others: `{ integer: "digits" }` beyond 2^53, `{ hex: "…" }` for
 * strings that are no text, `{ bignum: "digits" }`, `{ map: [[key, value], …] }`. When read, `{ address: "ttc1…" }` too.
 */
export type LvmJson =
  | null
  | boolean
  | number
  | string
  | LvmJson[]
  | { integer: string }
  | { hex: string }
  | { bignum: string }
  | { address: string }
  | { map: [LvmJson, LvmJson][] };

function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return [...text].some((character) => (character.codePointAt(0) ?? 0) < 32) ? undefined : text;
  } catch {
    return undefined;
  }
}

function integerJson(value: bigint): LvmJson {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : { integer: value.toString() };
}

function keyJson(key: LvmKey): LvmJson {
  return lvmJson(typeof key === "string" ? Uint8Array.from(key, (character) => character.charCodeAt(0)) : key);
}

/** A decoded value as JSON. */
export function lvmJson(value: LvmValue): LvmJson {
  if (value === null || typeof value === "boolean" || typeof value === "string" || typeof value === "number") {
    return value;
  }
  if (typeof value === "bigint") {
    return integerJson(value);
  }
  if (value instanceof Uint8Array) {
    return textOf(value) ?? { hex: toHex(value) };
  }
  if (value instanceof LvmBignum) {
    return { bignum: value.value.toString() };
  }
  if (value instanceof Map) {
    return { map: [...value].map(([key, item]: [LvmKey, LvmValue]) => [keyJson(key), lvmJson(item)]) };
  }
  return (value as readonly LvmValue[]).map(lvmJson);
}

function bad(found: unknown): never {
  throw new CodedError("BAD_REQUEST", `expected a contract's value, got ${JSON.stringify(found)?.slice(0, 80)}`);
}

function digits(text: unknown): bigint {
  return typeof text === "string" && /^-?[0-9]{1,78}$/.test(text) ? BigInt(text) : bad(text);
}

function keyOf(json: unknown): LvmKey {
  const value = parseLvmJson(json);
  if (typeof value === "boolean" || typeof value === "bigint") {
    return value;
  }
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return bytes instanceof Uint8Array ? Array.from(bytes, (byte) => String.fromCharCode(byte)).join("") : bad(json);
}

function parseNamed(name: string, content: unknown): LvmValue {
  switch (name) {
    case "integer":
      return digits(content);
    case "bignum":
      return new LvmBignum(digits(content));
    case "hex":
      return (typeof content === "string" ? fromHex(content) : undefined) ?? bad(content);
    case "address":
      return typeof content === "string" ? parseAddress(content) : bad(content);
    case "map": {
      const pairs = Array.isArray(content) ? content : bad(content);
      return new Map(
        pairs.map((pair: unknown) =>
          Array.isArray(pair) && pair.length === 2 ? [keyOf(pair[0]), parseLvmJson(pair[1])] : bad(pair),
        ),
      );
    }
    default:
      return bad({ [name]: content });
  }
}

/** The value that JSON stands for. Throws BAD_REQUEST, or what an address's text is refused with. */
export function parseLvmJson(json: unknown): LvmValue {
  if (json === null || typeof json === "boolean" || typeof json === "string") {
    return json;
  }
  if (typeof json === "number") {
    return Number.isSafeInteger(json) ? BigInt(json) : bad(json);
  }
  if (Array.isArray(json)) {
    return json.map(parseLvmJson);
  }
  const fields = typeof json === "object" ? Object.entries(json) : [];
  return fields.length === 1 ? parseNamed(fields[0][0], fields[0][1]) : bad(json);
}

// A request as the routes see it: its parameters, each checked when it is read. What has not the documented form is refused
// with BAD_REQUEST, or with the code of the thing that it should be.

import { fromHex } from "../base/bytes.js";
import { parseAddress } from "../protocol/address.js";
import { CodedError } from "../protocol/errors.js";
import { AMOUNT_MAX } from "../protocol/limits.js";
import { nativeIndex, type TokenId } from "../protocol/tokens.js";
import type { Visitor } from "./door/door.js";

/** What a message about a parameter shows of it, at most. */
const SHOWN_CHARACTERS_MAX = 80;

function badRequest(name: string, expected: string, got: string | undefined): CodedError {
  const shown = got === undefined ? "nothing" : `"${got.slice(0, SHOWN_CHARACTERS_MAX)}"`;
  return new CodedError("BAD_REQUEST", `expected ${name} to be ${expected}, got ${shown}`, { parameter: name });
}

/** A whole number from 0 to 2^53 - 1 in decimal digits, without leading zeros; undefined for other texts. */
export function parseWholeNumber(text: string): number | undefined {
  const value = /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : undefined;
  return value !== undefined && Number.isSafeInteger(value) ? value : undefined;
}

/** The bytes of exactly `length` bytes of hex; throws BAD_REQUEST. */
export function parseHash(text: string, name: string, length = 32): Uint8Array {
  const bytes = text.length === 2 * length ? fromHex(text) : undefined;
  if (bytes === undefined) {
    throw badRequest(name, `${2 * length} hex digits`, text);
  }
  return bytes;
}

/** A token's id; throws BAD_REQUEST. */
export function parseToken(text: string, name: string): TokenId {
  if (nativeIndex(text) < 0 && !/^[0-9a-f]{64}$/.test(text)) {
    throw badRequest(name, "TTC, TTM, TTMI or 64 lower-case hex digits", text);
  }
  return text;
}

/** An amount in whole units, 1 to 2^63 - 1; throws BAD_REQUEST or AMOUNT_OUT_OF_RANGE. */
export function parseUnits(text: string, name: string): bigint {
  if (!/^\d{1,30}$/.test(text)) {
    throw badRequest(name, "decimal digits", text);
  }
  const amount = BigInt(text);
  if (amount < 1n || amount > AMOUNT_MAX) {
    throw new CodedError("AMOUNT_OUT_OF_RANGE", `expected an amount from 1 to 2^63 - 1, got ${amount}`);
  }
  return amount;
}

export interface RequestParts {
  /** The path's parameters as they stand in the URL. */
  path: Record<string, string>;
  query: string;
  contentType: string;
  body: Uint8Array;
  /** The Authorization header; empty where there is none. */
  authorization: string;
  /** The Idempotency-Key header; empty where there is none. */
  idempotencyKey: string;
  /** The further headers that its route reads; empty where there is none. */
  headers?: Readonly<Record<string, string>>;
  /** The address that it came from, and who that is to the door. */
  address: string;
  visitor: Visitor;
  /** Aborted when the client went away before the answer. */
  aborted: AbortSignal;
}

export class RouteRequest {
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly authorization: string;
  readonly idempotencyKey: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly address: string;
  readonly visitor: Visitor;
  readonly aborted: AbortSignal;
  private readonly parameters: Record<string, string>;
  private readonly query: URLSearchParams;

  constructor(parts: RequestParts) {
    this.contentType = parts.contentType;
    this.body = parts.body;
    this.authorization = parts.authorization;
    this.idempotencyKey = parts.idempotencyKey;
    this.headers = parts.headers ?? {};
    this.address = parts.address;
    this.visitor = parts.visitor;
    this.aborted = parts.aborted;
    this.parameters = parts.path;
    this.query = new URLSearchParams(parts.query);
  }

  /** A parameter of the path, decoded. */
  path(name: string): string {
    const raw = this.parameters[name] ?? "";
    try {
      return decodeURIComponent(raw);
    } catch {
      throw badRequest(name, "a percent-encoded text", raw);
    }
  }

  /** Path and query as they were asked for, of the route with this path. */
  target(path: string): string {
    const query = this.query.toString();
    return path.replace(/\{(\w+)\}/g, (_, name: string) => this.parameters[name] ?? "") + (query && `?${query}`);
  }

  /** A parameter of the query, or undefined where it is absent or empty. */
  optional(name: string): string | undefined {
    const value = this.query.get(name);
    return value === null || value === "" ? undefined : value;
  }

  required(name: string): string {
    const value = this.optional(name);
    if (value === undefined) {
      throw badRequest(name, "given", undefined);
    }
    return value;
  }

  pathNumber(name: string, maximum = Number.MAX_SAFE_INTEGER): number {
    const text = this.path(name);
    const value = parseWholeNumber(text);
    if (value === undefined || value > maximum) {
      throw badRequest(name, `a whole number from 0 to ${maximum}`, text);
    }
    return value;
  }

  optionalNumber(name: string): number | undefined {
    const text = this.optional(name);
    const value = text === undefined ? undefined : parseWholeNumber(text);
    if (text !== undefined && value === undefined) {
      throw badRequest(name, "a whole number from 0 to 2^53 - 1", text);
    }
    return value;
  }

  /** How many the client wants, from 1 to `most`. */
  limit(usual: number, most: number): number {
    return this.countFromOne("limit", usual, most);
  }

  /** A count from 1 to `most`, `usual` where it is absent. */
  countFromOne(name: string, usual: number, most: number): number {
    const value = this.optionalNumber(name) ?? usual;
    if (value < 1 || value > most) {
      throw badRequest(name, `from 1 to ${most}`, `${value}`);
    }
    return value;
  }

  /** Throws BAD_ADDRESS or FOREIGN_ADDRESS. */
  pathAddress(name: string): Uint8Array {
    return parseAddress(this.path(name));
  }

  /** The body as a JSON object; throws BAD_REQUEST. */
  jsonObject(): Record<string, unknown> {
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(this.body));
    } catch {
      throw new CodedError("BAD_REQUEST", "expected a body of JSON, got something else");
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new CodedError("BAD_REQUEST", "expected a body with a JSON object, got another kind of value");
    }
    return value as Record<string, unknown>;
  }
}

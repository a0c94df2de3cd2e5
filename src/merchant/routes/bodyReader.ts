// The fields of a request's body, each checked when it is read; what is of another form is refused with BAD_REQUEST.

import { parseToken, parseUnits } from "../../http/request.js";
import { formatAddress, parseAddress } from "../../protocol/address.js";
import { CodedError } from "../../protocol/errors.js";
import type { TokenId } from "../../protocol/tokens.js";

const CONTROL_CHARACTERS = /\p{Cc}/u;

export class BodyReader {
  constructor(private readonly fields: Record<string, unknown>) {}

  private refuse(field: string, expected: string): never {
    const value = JSON.stringify(this.fields[field]) ?? "nothing";
    throw new CodedError("BAD_REQUEST", `expected ${field} to be ${expected}, got ${value.slice(0, 80)}`, { field });
  }

  has(field: string): boolean {
    return this.fields[field] !== undefined && this.fields[field] !== null;
  }

  /** A text of 1 to `most` characters without control characters. */
  text(field: string, most: number): string {
    const value = this.fields[field];
    if (typeof value !== "string" || value.trim() === "" || value.length > most || CONTROL_CHARACTERS.test(value)) {
      this.refuse(field, `a text of 1 to ${most} characters`);
    }
    return value;
  }

  optionalText(field: string, most: number): string | undefined {
    return this.has(field) ? this.text(field, most) : undefined;
  }

  oneOf<T extends string>(field: string, choices: readonly T[]): T {
    const value = this.fields[field];
    if (!choices.includes(value as T)) {
      this.refuse(field, choices.join(" or "));
    }
    return value as T;
  }

  someOf<T extends string>(field: string, choices: readonly T[]): T[] {
    const value = this.fields[field];
    if (!Array.isArray(value) || !value.every((item) => choices.includes(item))) {
      this.refuse(field, `a list of ${choices.join(", ")}`);
    }
    return [...new Set(value as T[])];
  }

  whole(field: string, least: number, most: number): number {
    const value = this.fields[field];
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
      this.refuse(field, `a whole number from ${least} to ${most}`);
    }
    return value;
  }

  flag(field: string): boolean {
    const value = this.fields[field];
    if (typeof value !== "boolean") {
      this.refuse(field, "true or false");
    }
    return value;
  }

  /** Units as a decimal text, 1 to 2^63 - 1. */
  units(field: string): bigint {
    const value = this.fields[field];
    return typeof value === "string" ? parseUnits(value, field) : this.refuse(field, "a text of decimal digits");
  }

  token(field: string): TokenId {
    const value = this.fields[field];
    return typeof value === "string" ? parseToken(value, field) : this.refuse(field, "a token's id");
  }

  /** A price's currency: KRW or a token. */
  currency(field: string): string {
    return this.fields[field] === "KRW" ? "KRW" : this.token(field);
  }

  /** Tokens, each once, 1 to `most` of them. */
  tokens(field: string, most: number): TokenId[] {
    const value = this.fields[field];
    if (!Array.isArray(value) || value.length < 1 || value.length > most || new Set(value).size !== value.length) {
      this.refuse(field, `a list of 1 to ${most} tokens, each once`);
    }
    return value.map((item) =>
      typeof item === "string" ? parseToken(item, field) : this.refuse(field, "tokens' ids"),
    );
  }

  /** An account's address as ttc1… text. Throws BAD_ADDRESS or FOREIGN_ADDRESS. */
  address(field: string): string {
    const value = this.fields[field];
    return typeof value === "string" ? formatAddress(parseAddress(value)) : this.refuse(field, "an address");
  }

  /** A web page's address. */
  optionalUrl(field: string): string | undefined {
    const text = this.optionalText(field, 500);
    if (text === undefined) {
      return undefined;
    }
    try {
      const { protocol } = new URL(text);
      return protocol === "https:" || protocol === "http:" ? text : this.refuse(field, "an address of the web");
    } catch {
      return this.refuse(field, "an address of the web");
    }
  }

  object(field: string): BodyReader {
    return new BodyReader(this.plainObject(field));
  }

  /** A list of objects, 1 to `most`. */
  objects(field: string, most: number): BodyReader[] {
    const value = this.fields[field];
    if (!Array.isArray(value) || value.length < 1 || value.length > most) {
      this.refuse(field, `a list of 1 to ${most} objects`);
    }
    return value.map((item) => new BodyReader({ item })).map((reader) => reader.object("item"));
  }

  /** Short texts by name. */
  optionalTexts(field: string, most: number, characters: number): Record<string, string> | undefined {
    if (!this.has(field)) {
      return undefined;
    }
    const value = this.plainObject(field);
    const entries = Object.entries(value);
    const fits = entries.every(
      ([name, text]) => typeof text === "string" && text.length <= characters && name.length <= characters,
    );
    return fits && entries.length <= most
      ? (value as Record<string, string>)
      : this.refuse(field, `at most ${most} texts of at most ${characters} characters by name`);
  }

  private plainObject(field: string): Record<string, unknown> {
    const value = this.fields[field];
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.refuse(field, "an object");
    }
    return value as Record<string, unknown>;
  }
}

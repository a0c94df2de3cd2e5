// A contract's values between a person and the chain: what somebody typed into a function's form, and what a function gave back.

import { CodedError, formatAddress, LvmBignum, type LvmValue, lvmJson, parseAddress, parseLvmJson } from "ttchain";

export interface Parameter {
  name: string;
  type: string;
  isOptional: boolean;
}

const ADDRESS_BYTES = 32;

function wholeNumber(text: string, name: string): bigint {
  if (!/^-?\d{1,78}$/.test(text)) {
    throw new CodedError("BAD_REQUEST", `${name}: expected a whole number, got "${text.slice(0, 80)}"`);
  }
  return BigInt(text);
}

function flag(text: string, name: string): boolean {
  if (text !== "true" && text !== "false") {
    throw new CodedError("BAD_REQUEST", `${name}: expected true or false, got "${text.slice(0, 80)}"`);
  }
  return text === "true";
}

function json(text: string, name: string): LvmValue {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CodedError("BAD_REQUEST", `${name}: expected JSON, such as 5, "text" or {"address": "ttc1…"}`);
  }
  return parseLvmJson(value);
}

/** The value that `text` is for the parameter. Throws a coded error that names the parameter. */
export function parseArgument({ name, type, isOptional }: Parameter, text: string): LvmValue {
  const trimmed = text.trim();
  if (trimmed === "" && isOptional) {
    return null;
  }
  switch (type) {
    case "integer":
      return wholeNumber(trimmed, name);
    case "bignum":
      return new LvmBignum(wholeNumber(trimmed, name));
    case "boolean":
      return flag(trimmed, name);
    case "address":
      return parseAddress(trimmed);
    case "string":
      return text;
    default:
      return json(trimmed, name);
  }
}

/** A value as people read it: an address as its text, a text as itself, everything else as JSON. */
export function valueText(value: LvmValue, type: string | undefined): string {
  if (type === "address" && value instanceof Uint8Array && value.length === ADDRESS_BYTES) {
    return formatAddress(value);
  }
  const shown = lvmJson(value);
  return typeof shown === "string" ? shown : JSON.stringify(shown, undefined, 2);
}

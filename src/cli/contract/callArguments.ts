// A contract function's arguments as a person types them, read by the types that the contract declares.

import { fromHex } from "../../base/bytes.js";
import { parseAddress } from "../../protocol/address.js";
import type { ContractAbiJson } from "../../protocol/contractApiTypes.js";
import { CodedError } from "../../protocol/errors.js";
import { parseLvmJson } from "../../protocol/lvmJson.js";
import { LvmBignum, type LvmValue } from "../../protocol/lvmValue.js";
import { UsageError } from "../failures.js";

type AbiFunction = ContractAbiJson["functions"][number];
type AbiParameter = AbiFunction["parameters"][number];

export const ARGUMENTS_HELP = `
Arguments are written as the contract's types want them: 12, true, a text, 0x… for bytes, ttc1… for an address, "nil" for none, and
JSON for tables, in which {"address":"ttc1…"}, {"hex":"…"} and {"map":[[key,value],…]} stand for what JSON has no word for.`;

/** "name(to: address, amount: integer)". */
export function signatureOf({ name, parameters, returns }: AbiFunction): string {
  const list = parameters.map(({ name: what, type, isOptional }) => `${what}: ${type}${isOptional ? "?" : ""}`);
  return `${name}(${list.join(", ")})${returns === undefined ? "" : ` → ${returns}`}`;
}

function parseJson(text: string): LvmValue {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UsageError(`expected JSON such as {"address":"ttc1…"} or [1, 2], got ${text}`);
  }
  return parseLvmJson(json);
}

function bytesOf(text: string): Uint8Array | undefined {
  return text.startsWith("0x") ? fromHex(text.slice(2)) : undefined;
}

function parseAny(text: string): LvmValue {
  if (/^ttc1/.test(text)) {
    return parseAddress(text);
  }
  const isJson = /^(-?\d+|true|false|[[{"].*)$/s.test(text);
  return bytesOf(text) ?? (isJson ? parseJson(text) : text);
}

function parseOne({ name, type, isOptional }: AbiParameter, text: string): LvmValue {
  if (text === "nil" && (isOptional || type === "any")) {
    return null;
  }
  const wrong = (): never => {
    throw new UsageError(`${name}: expected ${type}, got ${JSON.stringify(text)}`);
  };
  switch (type) {
    case "integer":
      return /^-?\d{1,19}$/.test(text) ? BigInt(text) : wrong();
    case "bignum":
      return /^-?\d{1,77}$/.test(text) ? new LvmBignum(BigInt(text)) : wrong();
    case "boolean":
      return text === "true" || text === "false" ? text === "true" : wrong();
    case "address":
      return parseAddress(text);
    case "string":
      return bytesOf(text) ?? text;
    case "table":
      return parseJson(text);
    default:
      return parseAny(text);
  }
}

/** The values for a function's parameters. Throws UsageError with the function's signature where they don't fit. */
export function parseArguments(declared: AbiFunction, texts: readonly string[]): LvmValue[] {
  const { parameters } = declared;
  const needed = parameters.filter(({ isOptional, type }) => !isOptional && type !== "any").length;
  if (texts.length > parameters.length || texts.length < needed) {
    throw new UsageError(`expected ${signatureOf(declared)}, got ${texts.length} arguments`);
  }
  return texts.map((text, i) => {
    try {
      return parseOne(parameters[i], text);
    } catch (error) {
      if (error instanceof CodedError) {
        throw new UsageError(`${parameters[i].name}: ${error.message}`);
      }
      throw error;
    }
  });
}

/** The function of that name and one of the kinds. Throws UsageError that lists those that there are. */
export function findFunction(abi: ContractAbiJson, name: string, kinds: readonly AbiFunction["kind"][]): AbiFunction {
  const able = abi.functions.filter(({ kind }) => kinds.includes(kind));
  const found = able.find((declared) => declared.name === name);
  if (found === undefined) {
    const list = able.map((declared) => `  ${signatureOf(declared)}`);
    const other = abi.functions.find((declared) => declared.name === name);
    const why = other === undefined ? `there is no function "${name}"` : `"${name}" is a ${other.kind} function`;
    throw new UsageError([`${why}; there are`, ...(list.length === 0 ? ["  none"] : list)].join("\n"));
  }
  return found;
}

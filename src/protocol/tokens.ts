// Token ids. The chain's own three are named by their symbols; a token that somebody created is named by 64 hex digits of
// the hash of the transaction that made it. On the wire the own ones take one byte (1, 2, 3), others a 0 and 32 bytes.

import { equalBytes, fromHex, toHex } from "../base/bytes.js";
import { CodedError } from "./errors.js";
import { TAGS, taggedHash } from "./hashing.js";
import type { Reader, Writer } from "./wire.js";

/** "TTC", "TTM", "TTMI" or 64 lower-case hex digits. */
export type TokenId = string;

export const NATIVE_TOKENS = ["TTC", "TTM", "TTMI"] as const;
export type NativeToken = (typeof NATIVE_TOKENS)[number];

/** One TTC in its smallest units. */
export const TTC_UNIT = 100_000_000n;

/** The index of a native token (TTC 0, TTM 1, TTMI 2), or -1. */
export function nativeIndex(token: TokenId): number {
  return token === "TTC" ? 0 : token === "TTM" ? 1 : token === "TTMI" ? 2 : -1;
}

const nativeBytes = NATIVE_TOKENS.map((_, index) => {
  const bytes = new Uint8Array(32);
  bytes[31] = index + 1;
  return bytes;
});

/** The id as 32 bytes: 31 zeros and 1, 2 or 3 for the chain's own tokens. Throws a coded error where `token` is no id. */
export function tokenBytes(token: TokenId): Uint8Array {
  const index = nativeIndex(token);
  return index >= 0 ? nativeBytes[index].slice() : parseHexId(token);
}

/** Whether a created token could have this id. */
export function isCreatedTokenId(token: string): boolean {
  return /^[0-9a-f]{64}$/.test(token) && !/^0{63}[123]$/.test(token);
}

/** The token that 32 bytes name, as `tokenBytes` gives them. */
export function tokenOfBytes(bytes: Uint8Array): TokenId {
  const native = nativeBytes.findIndex((own) => equalBytes(own, bytes));
  return native >= 0 ? NATIVE_TOKENS[native] : toHex(bytes);
}

function parseHexId(token: TokenId): Uint8Array {
  const bytes = token.length === 64 && token === token.toLowerCase() ? fromHex(token) : undefined;
  if (bytes === undefined) {
    throw new CodedError(
      "MALFORMED",
      `expected TTC, TTM, TTMI or 64 lower-case hex digits, got "${token.slice(0, 80)}"`,
    );
  }
  return expectCreated(bytes);
}

/** Refuses the chain's own tokens under a second name, which would have a state of its own and leaves in common with the first. */
function expectCreated(bytes: Uint8Array): Uint8Array {
  const native = nativeBytes.findIndex((own) => equalBytes(own, bytes));
  if (native >= 0) {
    throw new CodedError("NON_CANONICAL", `expected ${NATIVE_TOKENS[native]} by its own code, got it as 32 bytes`);
  }
  return bytes;
}

export function encodeToken(writer: Writer, token: TokenId): void {
  const index = nativeIndex(token);
  if (index >= 0) {
    writer.u8(index + 1);
  } else {
    writer.u8(0).raw(parseHexId(token));
  }
}

export function decodeToken(reader: Reader): TokenId {
  const code = reader.u8();
  if (code > NATIVE_TOKENS.length) {
    throw new CodedError("MALFORMED", `expected a token code of 0 to 3, got ${code}`);
  }
  return code > 0 ? NATIVE_TOKENS[code - 1] : toHex(expectCreated(reader.raw(32)));
}

/**
 * The id of the token that operation `operationIndex` of a transaction creates. The transaction's id covers creator, lane,
 * sequence and valid-until, and is never executed twice; lane and sequence alone come again once an idle lane was removed.
 */
export function createdTokenId(transactionId: Uint8Array, operationIndex: number): TokenId {
  return toHex(taggedHash(TAGS.tokenId, transactionId, Uint8Array.of(operationIndex)));
}

// Letters and digits that are taken for one another at a glance.
const LOOK_ALIKES: Record<string, string> = {
  "1": "I",
  "0": "O",
  L: "I",
  J: "I",
  "7": "T",
  Y: "T",
  G: "C",
  Q: "O",
  N: "M",
  W: "M",
};

function skeleton(symbol: string): string {
  return [...symbol].map((letter) => LOOK_ALIKES[letter] ?? letter).join("");
}

const reservedSkeletons = new Set<string>(NATIVE_TOKENS.map(skeleton));

/** Whether a symbol is one of the chain's own or looks like one (TTN, T7C, TTMl …). */
export function isReservedSymbol(symbol: string): boolean {
  return reservedSkeletons.has(skeleton(symbol));
}

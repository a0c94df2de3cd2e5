// Create token: symbol, name, decimals, supply and the rights that remain, all visible to holders for ever.

import { utf8Bytes } from "../../base/bytes.js";
import { CodedError } from "../errors.js";
import { expectAmount } from "../expectAmount.js";
import { TOKEN_DECIMALS_MAX, TOKEN_NAME_BYTES_MAX } from "../limits.js";
import { isReservedSymbol } from "../tokens.js";
import type { CreateToken, OperationCodec } from "./operation.js";

const MINTABLE = 1;
const BURNABLE = 2;
const FREEZABLE = 4;

/** The bits of a token's rights, as in the operation and in the token's leaf. */
export function encodeTokenRights(rights: { mintable: boolean; burnable: boolean; freezable: boolean }): number {
  return (rights.mintable ? MINTABLE : 0) | (rights.burnable ? BURNABLE : 0) | (rights.freezable ? FREEZABLE : 0);
}

/** The inverse of `encodeTokenRights`; throws NON_CANONICAL for unknown bits. */
export function decodeTokenRights(bits: number): { mintable: boolean; burnable: boolean; freezable: boolean } {
  if (bits > (MINTABLE | BURNABLE | FREEZABLE)) {
    throw new CodedError("NON_CANONICAL", `expected token rights of 0 to 7, got ${bits}`);
  }
  return { mintable: (bits & MINTABLE) !== 0, burnable: (bits & BURNABLE) !== 0, freezable: (bits & FREEZABLE) !== 0 };
}

/** UTF-8 that decodes to a text and encodes back to the same bytes; throws BAD_TOKEN_NAME. */
export function decodeTokenText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CodedError("BAD_TOKEN_NAME", "expected UTF-8, got other bytes");
  }
}

// Control characters and the marks that reorder or hide text would let one name pose as another. They are Unicode 17's Cc, Cf, Zl,
// Zp and Cs by number, first and last: by name they would be those of whatever runs this, and nodes might disagree about a block.
// biome-ignore format: as the protocol's document lists them
const FORBIDDEN_IN_NAME = [
  0x0, 0x1f, 0x7f, 0x9f, 0xad, 0xad, 0x600, 0x605, 0x61c, 0x61c, 0x6dd, 0x6dd, 0x70f, 0x70f, 0x890, 0x891, 0x8e2, 0x8e2,
  0x180e, 0x180e, 0x200b, 0x200f, 0x2028, 0x202e, 0x2060, 0x2064, 0x2066, 0x206f, 0xd800, 0xdfff, 0xfeff, 0xfeff,
  0xfff9, 0xfffb, 0x110bd, 0x110bd, 0x110cd, 0x110cd, 0x13430, 0x1343f, 0x1bca0, 0x1bca3, 0x1d173, 0x1d17a,
  0xe0001, 0xe0001, 0xe0020, 0xe007f,
];

/** Whether a text has none of the characters that would let one name pose as another. */
export function isPlainText(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    for (let i = 0; i < FORBIDDEN_IN_NAME.length; i += 2) {
      if (code >= FORBIDDEN_IN_NAME[i] && code <= FORBIDDEN_IN_NAME[i + 1]) {
        return false;
      }
    }
  }
  return true;
}

export const createTokenCodec: OperationCodec<CreateToken> = {
  code: 2,
  kind: "createToken",
  encode(writer, operation) {
    writer.short(utf8Bytes(operation.symbol)).short(utf8Bytes(operation.name));
    writer.u8(operation.decimals).u64(operation.supply).u8(encodeTokenRights(operation));
  },
  decode(reader, account) {
    const symbol = decodeTokenText(reader.short());
    const name = decodeTokenText(reader.short());
    const decimals = reader.u8();
    const supply = reader.amountOrZero();
    return { kind: "createToken", account, symbol, name, decimals, supply, ...decodeTokenRights(reader.u8()) };
  },
  verify(operation) {
    if (!/^[A-Z][A-Z0-9]{2,11}$/.test(operation.symbol)) {
      throw new CodedError(
        "BAD_SYMBOL",
        `expected 3 to 12 of A-Z and 0-9, a letter first, got "${operation.symbol.slice(0, 20)}"`,
      );
    }
    if (isReservedSymbol(operation.symbol)) {
      throw new CodedError("RESERVED_SYMBOL", `expected a symbol unlike TTC, TTM and TTMI, got "${operation.symbol}"`);
    }
    const nameBytes = utf8Bytes(operation.name).length;
    if (nameBytes < 1 || nameBytes > TOKEN_NAME_BYTES_MAX || !isPlainText(operation.name)) {
      throw new CodedError(
        "BAD_TOKEN_NAME",
        `expected 1 to ${TOKEN_NAME_BYTES_MAX} bytes of plain text, got ${nameBytes}`,
      );
    }
    if (operation.decimals > TOKEN_DECIMALS_MAX) {
      throw new CodedError("MALFORMED", `expected at most ${TOKEN_DECIMALS_MAX} decimals, got ${operation.decimals}`);
    }
    expectAmount(operation.supply, operation.mintable ? 0n : 1n);
  },
};

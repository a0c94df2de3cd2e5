// How a token's amounts are read and shown.

import { formatAmount, parseAmount } from "../client/amounts.js";
import type { TTChainClient } from "../client/client.js";
import { NATIVE_FACES } from "../protocol/genesis.js";
import { NATIVE_TOKENS, nativeIndex, type TokenId } from "../protocol/tokens.js";
import { UsageError } from "./failures.js";

export interface TokenFace {
  token: TokenId;
  symbol: string;
  decimals: number;
}

/** A token's id as given on the command line; symbols stand for the chain's own tokens only, because others aren't unique. */
export function readTokenId(text: string): TokenId {
  const upper = text.toUpperCase();
  if (nativeIndex(upper) >= 0) {
    return upper;
  }
  if (!/^[0-9a-fA-F]{64}$/.test(text)) {
    throw new UsageError(
      `expected ${NATIVE_TOKENS.join(", ")} or a token's id of 64 hex digits, got "${text}": symbols of created tokens are not unique, see \`ttchain token list\``,
    );
  }
  return text.toLowerCase();
}

/** Symbol and decimals of a token; asks the node for created ones. */
export async function tokenFace(client: Pick<TTChainClient, "token">, token: TokenId): Promise<TokenFace> {
  const index = nativeIndex(token);
  if (index >= 0) {
    const native = NATIVE_TOKENS[index];
    return { token, symbol: native, decimals: NATIVE_FACES[native].decimals };
  }
  const { symbol, decimals } = await client.token(token);
  return { token, symbol, decimals };
}

/** "12.5 TTC"; created tokens show the beginning of their id, because anybody may take the same symbol. */
export function showAmount(units: bigint, face: TokenFace): string {
  const name = nativeIndex(face.token) >= 0 ? face.symbol : `${face.symbol} (${face.token.slice(0, 8)}…)`;
  return `${formatAmount(units, face.decimals)} ${name}`;
}

/** The units of an amount given on the command line, above zero. */
export function readAmount(text: string, face: TokenFace): bigint {
  const units = parseAmount(text, face.decimals);
  if (units === 0n) {
    throw new UsageError("expected an amount above 0");
  }
  return units;
}

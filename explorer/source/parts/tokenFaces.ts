// Symbols and decimals of tokens, asked of the node once each.

import { useEffect, useState } from "preact/hooks";
import { NATIVE_FACES, type TokenId } from "ttchain";
import { client } from "../node.js";

export interface TokenFace {
  symbol: string;
  name: string;
  decimals: number;
}

const known = new Map<TokenId, Promise<TokenFace>>();

export function nativeFace(token: TokenId): TokenFace | undefined {
  const face = Object.hasOwn(NATIVE_FACES, token) ? NATIVE_FACES[token as keyof typeof NATIVE_FACES] : undefined;
  return face === undefined ? undefined : { symbol: token, ...face };
}

export function loadFace(token: TokenId): Promise<TokenFace> {
  const native = nativeFace(token);
  if (native !== undefined) {
    return Promise.resolve(native);
  }
  let face = known.get(token);
  if (face === undefined) {
    face = client.token(token);
    face.catch(() => known.delete(token));
    known.set(token, face);
  }
  return face;
}

/** The token's face; undefined until it is known. */
export function useTokenFace(token: TokenId): TokenFace | undefined {
  const [face, setFace] = useState<TokenFace | undefined>(() => nativeFace(token));
  useEffect(() => {
    let current = true;
    loadFace(token).then(
      (found) => current && setFace(found),
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [token]);
  return face;
}

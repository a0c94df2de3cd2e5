// Who may use operators' routes: holders of an API key with the route's scope, and, as long as no key was given out, whoever asks
// from the node's own machine.

import { CodedError } from "../../protocol/errors.js";
import { isLoopback } from "./addressGroup.js";

/** What is asked of the API keys' file. */
export interface ApiKeySource {
  /** Whether no key was given out. */
  readonly isEmpty: boolean;
  find(key: string): { scopes: readonly string[] } | undefined;
}

const BEARER = /^bearer (.+)$/i;

export class Keyring {
  constructor(private readonly keys: ApiKeySource | undefined) {}

  /** The scopes of the key in an Authorization header; none without one. Throws UNAUTHORIZED for a key that is none. */
  scopesOf(authorization: string): readonly string[] {
    const key = BEARER.exec(authorization)?.[1];
    if (key === undefined) {
      // Of another kind: a proxy before the node may ask for it.
      return [];
    }
    const holder = this.keys?.find(key.trim());
    if (holder === undefined) {
      throw new CodedError("UNAUTHORIZED", "the Authorization header names no API key of this node");
    }
    return holder.scopes;
  }

  /** Throws UNAUTHORIZED where a route of `scope` is not for whoever holds `scopes` at `address`. */
  expect(scope: string, scopes: readonly string[], address: string): void {
    const isOpen = (this.keys?.isEmpty ?? true) && isLoopback(address);
    if (!scopes.includes(scope) && !isOpen) {
      throw new CodedError(
        "UNAUTHORIZED",
        `expected "Authorization: Bearer" with an API key of scope ${scope}: ttchain apikey create makes one`,
        { scope },
      );
    }
  }
}

// What every server's routes share: the door that counts who asks, the keys that open scoped routes, and whom to tell.

import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logging.js";
import type { Door } from "./door/door.js";

/** Who holds which scopes. */
export interface ScopeKeeper {
  /** The scopes of the key in an Authorization header; none without one. Throws UNAUTHORIZED for a key that is none. */
  scopesOf(authorization: string): readonly string[];
  /** Throws UNAUTHORIZED where a route of `scope` is not for whoever holds `scopes` at `address`. */
  expect(scope: string, scopes: readonly string[], address: string): void;
}

export interface HttpContext {
  door: Door;
  keyring: ScopeKeeper;
  clock: Clock;
  logger: Logger;
  /** Told of every answer; status 0 where the client went away first. */
  onRequest(method: string, route: string, status: number, durationMs: number): void;
  /** Told of what failed that no client is to blame for. */
  onFailure(error: unknown): void;
}

// A page of a store's events, waited for where there is none yet. The key is looked at again when there is something to tell: one that
// was revoked meanwhile gets nothing.

import type { MerchantEventJson } from "../../protocol/merchantApiTypes.js";
import type { Gateway } from "../gateway.js";
import { type Patience, waitFor } from "./waitFor.js";

export interface EventQuery {
  /** As in the header: the store's key. */
  authorization: string;
  /** The sequence number of the last event that was seen. */
  after: number;
  limit: number;
}

/** Empty where the time is up. Throws UNAUTHORIZED or FORBIDDEN. */
export async function eventPage(
  { keyring, parts: { events } }: Gateway,
  { authorization, after, limit }: EventQuery,
  patience: Patience,
): Promise<MerchantEventJson[]> {
  const storeOfReader = (): string => {
    const { store, scopes } = keyring.expectPrincipal(authorization);
    keyring.expect("read", scopes, "");
    return store.id;
  };
  const store = storeOfReader();
  const found = await waitFor(
    patience,
    (listener) => events.subscribe((told) => told === store && listener()),
    () => {
      const page = events.after(storeOfReader(), after, limit);
      return page.length > 0 ? page : undefined;
    },
  );
  return found ?? [];
}

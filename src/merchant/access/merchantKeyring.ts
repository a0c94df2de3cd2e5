// Who asks the gateway: the operator, who makes stores, by an API key of the node's kind with the scope `merchant` (or, as long as
// none was given out, from the machine itself); and a store's people, each by a key of the store.

import type { ScopeKeeper } from "../../http/context.js";
import type { Keyring } from "../../http/door/keyring.js";
import { CodedError } from "../../protocol/errors.js";
import type { MerchantScope, StaffJson, StoreJson } from "../../protocol/merchantApiTypes.js";
import type { KeyRecord, StoreRegistry } from "../stores/storeRegistry.js";
import { ROLE_SCOPES } from "./roles.js";

/** The scope of the operator's API keys. */
export const OPERATOR_SCOPE = "merchant";

export interface Principal {
  store: StoreJson;
  staff: StaffJson;
  key: KeyRecord;
  scopes: readonly MerchantScope[];
}

function bearerOf(authorization: string): string {
  return /^bearer (.+)$/i.exec(authorization)?.[1].trim() ?? "";
}

export class MerchantKeyring implements ScopeKeeper {
  constructor(
    private readonly stores: StoreRegistry,
    private readonly operators: Keyring,
  ) {}

  /** Who holds the key of an Authorization header; undefined for no key of a store. */
  principalOf(authorization: string): Principal | undefined {
    const key = this.stores.findKey(bearerOf(authorization));
    const staff = key && this.stores.staff.find(key.staff);
    if (key === undefined || staff === undefined || !staff.active) {
      return undefined;
    }
    const scopes = ROLE_SCOPES[staff.role].filter((scope) => key.scopes.includes(scope));
    return { store: this.stores.expect(key.store), staff, key, scopes };
  }

  /** Throws UNAUTHORIZED. */
  expectPrincipal(authorization: string): Principal {
    const principal = this.principalOf(authorization);
    if (principal === undefined) {
      throw new CodedError("UNAUTHORIZED", 'expected "Authorization: Bearer" with a key of a store');
    }
    return principal;
  }

  scopesOf(authorization: string): readonly string[] {
    if (bearerOf(authorization).startsWith("tsk_")) {
      return this.expectPrincipal(authorization).scopes;
    }
    return this.operators.scopesOf(authorization);
  }

  expect(scope: string, scopes: readonly string[], address: string): void {
    if (scope === OPERATOR_SCOPE) {
      this.operators.expect(scope, scopes, address);
    } else if (!scopes.includes(scope)) {
      if (scopes.length === 0) {
        throw new CodedError("UNAUTHORIZED", `expected a store's key with scope ${scope}`, { scope });
      }
      throw new CodedError("FORBIDDEN", `expected a key with scope ${scope}, got ${scopes.join(", ")}`, { scope });
    }
  }
}

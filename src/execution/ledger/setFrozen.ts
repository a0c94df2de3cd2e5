// Set frozen: an issuer stops what one account holds of a freezable token, or frees it again. An account that holds nothing can be
// frozen too, before it receives anything.

import type { SetFrozen } from "../../protocol/operations/operation.js";
import { closeEmptyBalance, openBalance } from "./balances.js";
import { expectIssuers } from "./issuers.js";
import type { LedgerContext } from "./ledgerContext.js";
import { fail } from "./ledgerFailure.js";

export function executeSetFrozen(context: LedgerContext, operation: SetFrozen): void {
  const { state } = context;
  const token = state.token(operation.token).leaf ?? fail("UNKNOWN_TOKEN");
  if (!token.freezable) {
    fail("NOT_FREEZABLE");
  }
  expectIssuers(context, token, operation.account);
  const target = state.account(operation.target);
  const entry = operation.frozen
    ? openBalance(context, target, operation.token)
    : state.balance(target, operation.token);
  if (entry.leaf === undefined || entry.leaf.frozen === operation.frozen) {
    return;
  }
  state.set(entry, { ...entry.leaf, frozen: operation.frozen });
  closeEmptyBalance(context, target, entry);
}

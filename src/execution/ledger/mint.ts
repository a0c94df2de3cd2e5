// Mint: the supply grows, and one account's balance with it.

import type { Mint } from "../../protocol/operations/operation.js";
import { addUnits, credit } from "./balances.js";
import { expectIssuers } from "./issuers.js";
import type { LedgerContext } from "./ledgerContext.js";
import { fail } from "./ledgerFailure.js";

export function executeMint(context: LedgerContext, operation: Mint): void {
  const { state } = context;
  const entry = state.token(operation.token);
  const token = entry.leaf ?? fail("UNKNOWN_TOKEN");
  if (!token.mintable) {
    fail("NOT_MINTABLE");
  }
  expectIssuers(context, token, operation.account);
  state.set(entry, { ...token, supply: addUnits(token.supply, operation.amount) });
  credit(context, state.account(operation.to), operation.token, operation.amount);
}

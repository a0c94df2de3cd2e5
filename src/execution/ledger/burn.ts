// Burn: the account's balance shrinks, and the supply with it.

import type { Burn } from "../../protocol/operations/operation.js";
import { debit } from "./balances.js";
import type { LedgerContext } from "./ledgerContext.js";
import { fail } from "./ledgerFailure.js";

export function executeBurn(context: LedgerContext, operation: Burn): void {
  const entry = context.state.token(operation.token);
  const token = entry.leaf ?? fail("UNKNOWN_TOKEN");
  if (!token.burnable) {
    fail("NOT_BURNABLE");
  }
  debit(context, context.signers[operation.account], operation.token, operation.amount);
  context.state.set(entry, { ...token, supply: token.supply - operation.amount });
}

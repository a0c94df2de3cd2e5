// Set contract paused: while it is, neither transactions nor other contracts reach it.

import type { SetContractPaused } from "../../protocol/operations/operation.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { fail } from "../ledger/ledgerFailure.js";
import { ownContract } from "./ownContract.js";

export function executeSetContractPaused(context: LedgerContext, operation: SetContractPaused): void {
  const { entry, leaf } = ownContract(context, operation);
  if (leaf.destroyed || leaf.paused === operation.paused) {
    fail("CONTRACT_STATUS");
  }
  context.state.set(entry, { ...leaf, paused: operation.paused });
}

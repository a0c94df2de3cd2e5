// What becomes of a name that is held: it is pointed elsewhere, paid for anew, given to somebody, given up.

import type { ReleaseName, RenewName, SetName, TransferName } from "../../protocol/operations/nameOperations.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { fail } from "../ledger/ledgerFailure.js";
import { DEPOSITS_ADDRESS, payOut } from "../rdpos/systemFunds.js";
import { expectNameLeaf, expectOwnName } from "./nameEntries.js";

const MS_PER_SECOND = 1_000;

export function executeSetName(context: LedgerContext, operation: SetName): void {
  const { entry, leaf } = expectOwnName(context, operation);
  context.state.set(entry, { ...leaf, target: operation.target });
}

/** A lease more, from now on where the last one is over. Nobody can pay for more than two ahead. */
export function executeRenewName(context: LedgerContext, operation: RenewName): void {
  const { timeMs, parameters } = context;
  const { entry, leaf } = expectNameLeaf(context, operation.name);
  const leaseMs = parameters.names.nameLeaseSeconds * MS_PER_SECOND;
  if (leaf.timeMsExpires > timeMs + leaseMs) {
    fail("NAME_PAID");
  }
  context.state.set(entry, { ...leaf, timeMsExpires: Math.max(timeMs, leaf.timeMsExpires) + leaseMs });
}

/** The name stands for its new owner: who had it must not go on receiving what is sent to it. */
export function executeTransferName(context: LedgerContext, operation: TransferName): void {
  const { entry, leaf } = expectOwnName(context, operation);
  context.state.set(entry, { ...leaf, owner: operation.to, target: operation.to });
}

export function executeReleaseName(context: LedgerContext, operation: ReleaseName): void {
  const { entry, leaf } = expectOwnName(context, operation);
  context.state.set(entry, undefined);
  payOut(context, DEPOSITS_ADDRESS, context.signers[operation.account], leaf.deposit);
}

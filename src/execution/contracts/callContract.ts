// Call contract: runs the function, and whatever contracts that calls, on the state as the block has left it so far.

import type { CallContract } from "../../protocol/operations/operation.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { fail } from "../ledger/ledgerFailure.js";
import { contractLeaf } from "./contractEntries.js";
import { usageOf } from "./contractUsage.js";
import { runContract, withinDepositLimit } from "./runContract.js";

export function executeCallContract(context: LedgerContext, operation: CallContract, operationIndex: number): void {
  const usage = usageOf(context);
  const { leaf } = contractLeaf(context.state, operation.contract);
  if (leaf === undefined) {
    fail("LVM_NO_CONTRACT");
  }
  if (leaf.paused || leaf.destroyed) {
    fail("CONTRACT_STATUS");
  }
  const sender = context.signers[operation.account];
  withinDepositLimit(context, operation.depositLimit, () => {
    const { contract, functionName, args, payment, gasLimit } = operation;
    runContract(context, usage, { contract, sender, functionName, args, payment, gasLimit }, operationIndex);
  });
}

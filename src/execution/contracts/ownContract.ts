// The contract that an operation of its owner is about.

import { equalBytes } from "../../base/bytes.js";
import type { ContractLeaf } from "../../protocol/contractLeaves.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { fail } from "../ledger/ledgerFailure.js";
import type { LeafEntry } from "../workingState.js";
import { contractLeaf } from "./contractEntries.js";

/** Throws LVM_NO_CONTRACT, or NOT_AUTHORIZED where the operation's account does not own it. */
export function ownContract(
  context: LedgerContext,
  operation: { account: number; contract: Uint8Array },
): { entry: LeafEntry<ContractLeaf>; leaf: ContractLeaf } {
  const entry = contractLeaf(context.state, operation.contract);
  const { leaf } = entry;
  if (leaf === undefined) {
    fail("LVM_NO_CONTRACT");
  }
  if (!equalBytes(leaf.owner, context.signers[operation.account].address)) {
    fail("NOT_AUTHORIZED");
  }
  return { entry, leaf };
}

// Publish contract: it stays for good from now on, so that its storage needs no list of entries any more.

import type { PublishContract } from "../../protocol/operations/operation.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { fail } from "../ledger/ledgerFailure.js";
import { ownContract } from "./ownContract.js";

export function executePublishContract(context: LedgerContext, operation: PublishContract): void {
  const { entry, leaf } = ownContract(context, operation);
  if (leaf.permanent || leaf.destroyed) {
    fail("CONTRACT_STATUS");
  }
  const { firstEntry: _, ...rest } = leaf;
  context.state.set(entry, { ...rest, permanent: true });
}

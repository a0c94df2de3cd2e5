// Upgrade contract: the policy of its registration decides. The new package passes its own tests first, like the old one; the new
// code's function `migrate` runs once on the storage that stays.

import { concatBytes, equalBytes } from "../../base/bytes.js";
import type { ContractLeaf } from "../../protocol/contractLeaves.js";
import type { UpgradeContract } from "../../protocol/operations/operation.js";
import { EVENT_KINDS } from "../../protocol/receipt.js";
import { sha256 } from "../../wasm/sha256.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { fail } from "../ledger/ledgerFailure.js";
import { type ContractAbi, MIGRATION_NAME } from "../lvm/contractAbi.js";
import type { LeafEntry } from "../workingState.js";
import { checkPackage } from "./checkPackage.js";
import { writeSource } from "./contractEntries.js";
import { usageOf } from "./contractUsage.js";
import { ownContract } from "./ownContract.js";
import { runContract, tellResult, withinDepositLimit } from "./runContract.js";
import { codeDeposit, settleDeposits } from "./storageDeposits.js";

/** Whether the upgrade is carried out now; else it is announced. Throws UPGRADE_REFUSED. */
function isDue(context: LedgerContext, leaf: ContractLeaf, codeHash: Uint8Array): boolean {
  if (leaf.destroyed) {
    fail("CONTRACT_STATUS");
  }
  if (leaf.upgradePolicy === "owner") {
    return true;
  }
  if (leaf.upgradePolicy !== "ownerAfterDelay") {
    fail("UPGRADE_REFUSED");
  }
  const { announced } = leaf;
  if (announced === undefined || !equalBytes(announced.codeHash, codeHash)) {
    return false;
  }
  return context.height >= announced.heightFrom || fail("UPGRADE_REFUSED");
}

function replaceCode(
  context: LedgerContext,
  entry: LeafEntry<ContractLeaf>,
  operation: UpgradeContract,
  codeHash: Uint8Array,
): void {
  const leaf = entry.leaf as ContractLeaf;
  const { source, contract } = operation;
  const deposit = codeDeposit(context.parameters, source.length);
  settleDeposits(context, deposit, leaf.deposit);
  const { announced: _, ...rest } = leaf;
  context.state.set(entry, { ...rest, codeHash, sourceBytes: source.length, deposit });
  writeSource(context.state, contract, source, leaf.sourceBytes);
  context.events.push({ kind: EVENT_KINDS.contractRegistered, data: concatBytes(contract, codeHash) });
}

function hasMigration(abi: ContractAbi | undefined): boolean {
  return abi?.functions.some(({ name }) => name === MIGRATION_NAME) ?? false;
}

export function executeUpgradeContract(
  context: LedgerContext,
  operation: UpgradeContract,
  operationIndex: number,
): void {
  const usage = usageOf(context);
  const { entry, leaf } = ownContract(context, operation);
  const codeHash = sha256(operation.source);
  const due = isDue(context, leaf, codeHash);
  const { abi, gasUsed } = checkPackage(context, usage, operation, operationIndex);
  if (!due) {
    const heightFrom = context.height + leaf.upgradeDelayHeights;
    context.state.set(entry, { ...leaf, announced: { codeHash, heightFrom } });
    tellResult(context, operationIndex, gasUsed, new Uint8Array(0));
    return;
  }
  withinDepositLimit(context, operation.depositLimit, () => {
    replaceCode(context, entry, operation, codeHash);
    if (!hasMigration(abi)) {
      tellResult(context, operationIndex, gasUsed, new Uint8Array(0));
      return;
    }
    const run = {
      contract: operation.contract,
      sender: context.signers[operation.account],
      functionName: MIGRATION_NAME,
      args: operation.args,
      gasLimit: operation.gasLimit - gasUsed,
    };
    runContract(context, usage, run, operationIndex, { kind: "packageGas", gasBefore: gasUsed });
  });
}

// Upgrade contract: the policy of its registration decides, the owner's word or the contract's own vote. The new package passes its own tests first, like the old one; the new
// code's function `migrate` runs once on the storage that stays.

import { concatBytes, equalBytes } from "../../base/bytes.js";
import type { ContractLeaf } from "../../protocol/contractLeaves.js";
import { encodeLvmValues } from "../../protocol/lvmValue.js";
import type { UpgradeContract } from "../../protocol/operations/operation.js";
import { packageHash } from "../../protocol/packageHash.js";
import { EVENT_KINDS } from "../../protocol/receipt.js";
import { sha256 } from "../../wasm/sha256.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { fail } from "../ledger/ledgerFailure.js";
import { type ContractAbi, MIGRATION_NAME, UPGRADE_VOTE_NAME } from "../lvm/contractAbi.js";
import type { LeafEntry } from "../workingState.js";
import { checkPackage } from "./checkPackage.js";
import { contractLeaf, writeSource } from "./contractEntries.js";
import { type ContractUsage, usageOf } from "./contractUsage.js";
import { ownContract } from "./ownContract.js";
import { chargeGas, contractCall, failContract, runContract, tellResult, withinDepositLimit } from "./runContract.js";
import { codeDeposit, settleDeposits } from "./storageDeposits.js";

/**
 * The contract, where the operation may be about it: the owner's, or, where the code changes by vote, anybody's. Throws LVM_NO_CONTRACT,
 * NOT_AUTHORIZED or CONTRACT_STATUS.
 */
function upgradable(
  context: LedgerContext,
  operation: UpgradeContract,
): { entry: LeafEntry<ContractLeaf>; leaf: ContractLeaf } {
  const entry = contractLeaf(context.state, operation.contract);
  const { leaf } = entry.leaf?.upgradePolicy === "vote" ? { leaf: entry.leaf } : ownContract(context, operation);
  return leaf.destroyed ? fail("CONTRACT_STATUS") : { entry, leaf };
}

/** Asks the contract's present code whether the package may take its place; gives the gas used. Fails the operation where not. */
function expectVoted(
  context: LedgerContext,
  usage: ContractUsage,
  leaf: ContractLeaf,
  operation: UpgradeContract,
  operationIndex: number,
): number {
  const { contract, gasLimit } = operation;
  const hash = packageHash(contract, leaf.upgradeCount, operation);
  const run = { functionName: UPGRADE_VOTE_NAME, args: encodeLvmValues([hash]), gasLimit };
  const { address: origin } = context.signers[operation.account];
  const call = contractCall(context, { origin, feePayer: context.feePayer.address, contract }, run);
  const { code, gasUsed, value, error } = usage.run({ ...call, isReadOnly: true }, operationIndex);
  chargeGas(context, usage, "packageGas", gasUsed);
  if (code !== "LVM_OK" || !equalBytes(value, encodeLvmValues([true]))) {
    const message =
      error === undefined ? "the contract's vote does not allow this package" : `${code}: ${error.message}`;
    return failContract(usage, { code: "UPGRADE_REFUSED", operationIndex, gasUsed, line: error?.line, message });
  }
  return gasUsed;
}

/** Whether the upgrade is carried out now; else it is announced. Throws UPGRADE_REFUSED. */
function isDue(context: LedgerContext, leaf: ContractLeaf, codeHash: Uint8Array): boolean {
  if (leaf.upgradePolicy === "owner" || leaf.upgradePolicy === "vote") {
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
  context.state.set(entry, {
    ...rest,
    codeHash,
    sourceBytes: source.length,
    deposit,
    upgradeCount: leaf.upgradeCount + 1,
  });
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
  const { entry, leaf } = upgradable(context, operation);
  const codeHash = sha256(operation.source);
  const due = isDue(context, leaf, codeHash);
  const { upgradePolicy } = leaf;
  const gasBefore = upgradePolicy === "vote" ? expectVoted(context, usage, leaf, operation, operationIndex) : 0;
  const { abi, gasUsed } = checkPackage(context, usage, operation, operationIndex, { upgradePolicy, gasBefore });
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

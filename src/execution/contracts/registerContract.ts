// Register contract: the package is checked and tested, its source becomes leaves, its constructor runs. It begins as a temporary one.

import { assert } from "../../base/assert.js";
import { concatBytes } from "../../base/bytes.js";
import { contractAddress } from "../../protocol/address.js";
import type { RegisterContract } from "../../protocol/operations/operation.js";
import { EVENT_KINDS } from "../../protocol/receipt.js";
import { sha256 } from "../../wasm/sha256.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { CONSTRUCTOR_NAME } from "../lvm/contractAbi.js";
import { checkPackage } from "./checkPackage.js";
import { contractLeaf, writeSource } from "./contractEntries.js";
import { usageOf } from "./contractUsage.js";
import { runContract, withinDepositLimit } from "./runContract.js";
import { codeDeposit, settleDeposits } from "./storageDeposits.js";

function makeContract(context: LedgerContext, operation: RegisterContract, address: Uint8Array): void {
  const entry = contractLeaf(context.state, address);
  assert(entry.leaf === undefined, "a contract exists before it is registered");
  const { source, upgradePolicy, upgradeDelayHeights } = operation;
  const codeHash = sha256(source);
  const deposit = codeDeposit(context.parameters, source.length);
  settleDeposits(context, deposit, 0n);
  context.state.set(entry, {
    codeHash,
    sourceBytes: source.length,
    owner: context.signers[operation.account].address,
    permanent: false,
    paused: false,
    destroyed: false,
    upgradePolicy,
    upgradeDelayHeights,
    heightRegistered: context.height,
    deposit,
    entryCount: 0,
    entryDeposits: 0n,
  });
  writeSource(context.state, address, source, 0);
  context.events.push({ kind: EVENT_KINDS.contractRegistered, data: concatBytes(address, codeHash) });
}

export function executeRegisterContract(
  context: LedgerContext,
  operation: RegisterContract,
  operationIndex: number,
): void {
  const usage = usageOf(context);
  const { gasUsed } = checkPackage(context, usage, operation, operationIndex);
  const address = contractAddress(context.transaction.id, operationIndex);
  const run = {
    contract: address,
    sender: context.signers[operation.account],
    functionName: CONSTRUCTOR_NAME,
    args: operation.args,
    gasLimit: operation.gasLimit - gasUsed,
  };
  withinDepositLimit(context, operation.depositLimit, () => {
    makeContract(context, operation, address);
    runContract(context, usage, run, operationIndex, { kind: "packageGas", gasBefore: gasUsed });
  });
}

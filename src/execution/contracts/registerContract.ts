// Register contract: the package is checked and tested, its source becomes leaves, its constructor runs. It begins as a temporary one.

import { contractAddress } from "../../protocol/address.js";
import type { RegisterContract } from "../../protocol/operations/operation.js";
import { sha256 } from "../../wasm/sha256.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { CONSTRUCTOR_NAME } from "../lvm/contractAbi.js";
import { checkPackage } from "./checkPackage.js";
import { usageOf } from "./contractUsage.js";
import { makeContract } from "./makeContract.js";
import { runContract, withinDepositLimit } from "./runContract.js";
import { settleDeposits } from "./storageDeposits.js";

export function executeRegisterContract(
  context: LedgerContext,
  operation: RegisterContract,
  operationIndex: number,
): void {
  const usage = usageOf(context);
  const { gasUsed } = checkPackage(context, usage, operation, operationIndex, operation);
  const address = contractAddress(context.transaction.id, operationIndex);
  const run = {
    contract: address,
    sender: context.signers[operation.account],
    functionName: CONSTRUCTOR_NAME,
    args: operation.args,
    gasLimit: operation.gasLimit - gasUsed,
  };
  withinDepositLimit(context, operation.depositLimit, () => {
    const { source, upgradePolicy, upgradeDelayHeights } = operation;
    const { address: owner } = run.sender;
    const begin = { codeHash: sha256(source), owner, permanent: false, upgradePolicy, upgradeDelayHeights };
    settleDeposits(context, makeContract(context, address, source, begin), 0n);
    runContract(context, usage, run, operationIndex, { kind: "packageGas", gasBefore: gasUsed });
  });
}

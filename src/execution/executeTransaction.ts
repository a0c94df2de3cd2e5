// One admitted transaction on a block's working state: its sequence is used up for good, and then it succeeds as a whole, or
// fails as a whole and pays the minimum fee.

import { assert } from "../base/assert.js";
import { bytesKey } from "../base/bytes.js";
import { type ErrorCode, errorNumber } from "../protocol/errors.js";
import { gasCost } from "../protocol/fees.js";
import { EVENTS_MAX } from "../protocol/limits.js";
import { gasLimitOf, isContractTransaction } from "../protocol/operations/contracts.js";
import { NO_OPERATION, type Receipt } from "../protocol/receipt.js";
import type { TokenId } from "../protocol/tokens.js";
import type { Transaction } from "../protocol/transaction.js";
import type { BlockScope } from "./blockScope.js";
import type { ContractUsage } from "./contracts/contractUsage.js";
import { addUnits, debit, withBalance } from "./ledger/balances.js";
import type { LedgerContext } from "./ledger/ledgerContext.js";
import { fail, LedgerFailure } from "./ledger/ledgerFailure.js";
import { executeOperation } from "./ledger/registry.js";
import type { Admission } from "./verifyAdmissible.js";

/** Never undone: without this, a failed transaction could be replayed until it succeeds. */
function useSequence(block: BlockScope, lane: Admission["lane"], sequence: number): void {
  const earliest = block.height + block.parameters.validUntilHeightsMax;
  const before = lane.leaf?.heightExpires ?? 0;
  if (lane.leaf !== undefined && before < block.height) {
    block.revivedLanes.add(bytesKey(lane.key));
  }
  block.state.set(lane, { sequenceNext: sequence + 1, heightExpires: Math.max(before, earliest) });
  block.state.keep();
}

/** Can't fail for the minimum fee, which admission found payable. */
function payFee(context: LedgerContext, fee: bigint): void {
  if (fee > 0n) {
    debit(context, context.feePayer, context.transaction.feeToken, fee);
  }
}

function addFee(block: BlockScope, feeToken: TokenId, fee: bigint): void {
  block.fees.set(feeToken, (block.fees.get(feeToken) ?? 0n) + fee);
}

/** Charges the fee and applies all operations. Gives the failure that ended them; what they did until then is still there. */
function runWhole(context: LedgerContext, fee: bigint): { code: ErrorCode; operationIndex: number } | undefined {
  const { feeLimit, operations } = context.transaction;
  let operationIndex = NO_OPERATION;
  try {
    if (fee > feeLimit) {
      fail("FEE_ABOVE_LIMIT");
    }
    payFee(context, fee);
    for (operationIndex = 0; operationIndex < operations.length; operationIndex++) {
      executeOperation(context, operations[operationIndex], operationIndex);
    }
    operationIndex = NO_OPERATION;
    if (context.events.length > EVENTS_MAX) {
      fail("RECEIPT_FULL");
    }
  } catch (error) {
    if (error instanceof LedgerFailure) {
      return { code: error.code, operationIndex };
    }
    throw error;
  }
  return undefined;
}

function usageFor(block: BlockScope, transaction: Transaction): ContractUsage | undefined {
  if (!isContractTransaction(transaction.operations)) {
    return undefined;
  }
  const run = block.calls.runnerFor(block.state, transaction);
  return { run, callGas: 0, packageGas: 0, costUnits: 0n, failureEvents: [] };
}

function countGas(block: BlockScope, usage: ContractUsage | undefined): void {
  if (usage !== undefined) {
    block.gas.hasBegun = true;
    block.gas.calls += usage.callGas;
    block.gas.packages += usage.packageGas;
  }
}

/** Gives the fee payer back what was paid for gas that was not used; tells how much that is. */
function giveBackGas({ contracts, transaction, parameters, feePayer, state }: LedgerContext): bigint {
  if (contracts === undefined) {
    return 0n;
  }
  const paid = transaction.operations.reduce((sum, operation) => sum + gasCost(parameters, gasLimitOf(operation)), 0n);
  const unused = paid - contracts.costUnits;
  const { leaf } = feePayer;
  assert(unused >= 0n && leaf !== undefined, "gas was paid for by an account that stays");
  state.set(feePayer, withBalance(leaf, 0, addUnits(leaf.balances[0], unused)));
  return unused;
}

/** Executes a transaction that `admit` has just admitted to the block. */
export function executeTransaction(block: BlockScope, transaction: Transaction, admission: Admission): Receipt {
  const { state, parameters, height, timeMs, genesisHash } = block;
  const { fee, feeMinimum, lane, signers } = admission;
  useSequence(block, lane, transaction.sequence);
  const feePayer = signers[transaction.feePayer];
  const contracts = usageFor(block, transaction);
  // Written out, as elsewhere on this way: a spread costs as much as the rest.
  const context: LedgerContext = {
    state,
    parameters,
    height,
    timeMs,
    genesisHash,
    transaction,
    signers,
    feePayer,
    events: [],
    contracts,
  };
  const failure = runWhole(context, fee);
  countGas(block, contracts);
  if (failure === undefined) {
    const charged = fee - giveBackGas(context);
    state.keep();
    addFee(block, transaction.feeToken, charged);
    return { code: 0, operationIndex: NO_OPERATION, fee: charged, events: context.events };
  }
  state.undo();
  // All gas was paid for before any was used, so this can be paid too.
  const charged = feeMinimum + (contracts?.costUnits ?? 0n);
  payFee({ ...context, events: [] }, charged);
  state.keep();
  addFee(block, transaction.feeToken, charged);
  const { code, operationIndex } = failure;
  return { code: errorNumber(code), operationIndex, fee: charged, events: contracts?.failureEvents ?? [] };
}

// One admitted transaction on a block's working state: its sequence is used up for good, and then it succeeds as a whole, or
// fails as a whole and pays the minimum fee.

import { bytesKey } from "../base/bytes.js";
import { type ErrorCode, errorNumber } from "../protocol/errors.js";
import type { ChainParameters } from "../protocol/parameters.js";
import { NO_OPERATION, type Receipt } from "../protocol/receipt.js";
import type { TokenId } from "../protocol/tokens.js";
import type { Transaction } from "../protocol/transaction.js";
import { debit } from "./ledger/balances.js";
import type { LedgerContext } from "./ledger/ledgerContext.js";
import { fail, LedgerFailure } from "./ledger/ledgerFailure.js";
import { executeOperation } from "./ledger/registry.js";
import type { Admission } from "./verifyAdmissible.js";
import type { WorkingState } from "./workingState.js";

/** A block as its transactions see it. */
export interface BlockScope {
  readonly height: number;
  readonly timeMs: number;
  readonly genesisHash: Uint8Array;
  readonly parameters: ChainParameters;
  readonly state: WorkingState;
  /** Fees charged so far; they reach the fee pool at the block's end. */
  readonly fees: Map<TokenId, bigint>;
  /** Keys (as text) of lanes that had expired, were not removed yet and were used again in this block. */
  readonly revivedLanes: Set<string>;
}

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
  } catch (error) {
    if (error instanceof LedgerFailure) {
      return { code: error.code, operationIndex };
    }
    throw error;
  }
  return undefined;
}

/** Executes a transaction that `admit` has just admitted to the block. */
export function executeTransaction(block: BlockScope, transaction: Transaction, admission: Admission): Receipt {
  const { state, parameters, height, timeMs, genesisHash } = block;
  const { fee, feeMinimum, lane, signers } = admission;
  useSequence(block, lane, transaction.sequence);
  const feePayer = signers[transaction.feePayer];
  const place = { state, parameters, height, timeMs, genesisHash };
  const context: LedgerContext = { ...place, transaction, signers, feePayer, events: [] };
  const failure = runWhole(context, fee);
  if (failure === undefined) {
    state.keep();
    addFee(block, transaction.feeToken, fee);
    return { code: 0, operationIndex: NO_OPERATION, fee, events: context.events };
  }
  state.undo();
  payFee({ ...context, events: [] }, feeMinimum);
  state.keep();
  addFee(block, transaction.feeToken, feeMinimum);
  return { code: errorNumber(failure.code), operationIndex: failure.operationIndex, fee: feeMinimum, events: [] };
}

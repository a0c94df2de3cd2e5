// The checks that every kind of transaction passes on its way into the pool, each with the coded error that says what does not hold.

import { bytesKey } from "../base/bytes.js";
import {
  verifyFee,
  verifyFeePayable,
  verifyGasLimits,
  verifySigner,
  verifyWindow,
} from "../execution/verifyAdmissible.js";
import { CodedError, type ErrorCode } from "../protocol/errors.js";
import type { ChainParameters } from "../protocol/parameters.js";
import type { Transaction } from "../protocol/transaction.js";
import type { StateReader } from "../state/views.js";
import type { MempoolLimits } from "./limits.js";
import type { Lane, Outflow } from "./poolAccount.js";
import type { PoolAccounts } from "./poolAccounts.js";

/** What the checks read. */
export interface PoolView {
  accounts: PoolAccounts;
  parameters: ChainParameters;
  limits: MempoolLimits;
  state: StateReader & { readonly height: number };
  genesisHash: Uint8Array;
}

/** The checks of a block, but for the sequence, which may wait for the ones before it. */
export function expectAdmissible(view: PoolView, transaction: Transaction): void {
  const { state, genesisHash, parameters, accounts } = view;
  verifyWindow(parameters, { height: state.height + 1, genesisHash }, transaction);
  const terms = verifyFee(parameters, transaction);
  verifyGasLimits(parameters, transaction);
  if (terms.fee > transaction.feeLimit) {
    // A block could hold it, but it would only fail there and pay: better to be told at once.
    throw new CodedError(
      "FEE_LIMIT_TOO_LOW",
      `expected a fee limit of at least ${terms.fee}, got ${transaction.feeLimit}`,
      { fee: `${terms.fee}` },
    );
  }
  const { signers, feePayer } = transaction;
  for (let index = 0; index < signers.length; index++) {
    verifySigner(transaction, index, accounts.of(bytesKey(signers[index].address)).replacedKey);
  }
  const payer = accounts.of(bytesKey(signers[feePayer].address));
  verifyFeePayable(payer.spendable(transaction.feeToken), transaction, terms);
}

/** Whether the lane, which was told of the state's next sequence, has a place for the transaction. */
export function expectSequence({ state, limits }: PoolView, lane: Lane, transaction: Transaction): void {
  const next = lane.stateSequence(state.height + 1);
  const { sequence } = transaction;
  if (sequence < next) {
    throw new CodedError(
      "SEQUENCE_USED",
      `expected sequence ${next} or more in lane ${transaction.lane}, got ${sequence}`,
      { sequenceNext: next },
    );
  }
  const open = Math.max(next, lane.nextOpen ?? 0);
  if (sequence > open + limits.sequenceAheadMax) {
    throw new CodedError("SEQUENCE_GAP", `expected sequence ${open} in lane ${transaction.lane}, got ${sequence}`, {
      sequenceNext: open,
    });
  }
  if (lane.at(sequence) !== undefined) {
    throw new CodedError(
      "SEQUENCE_USED",
      `another transaction waits with sequence ${sequence} of lane ${transaction.lane}`,
      { sequenceNext: open },
    );
  }
}

/** Whether the account can pay this besides what waiting transactions would take. */
export function expectFree({ account, token, units }: Outflow): void {
  const balance = account.balance(token);
  const reserved = account.reservedOf(token);
  if (reserved + units > balance) {
    const code: ErrorCode = units > balance ? "INSUFFICIENT_BALANCE" : "BALANCE_RESERVED";
    const message = `expected ${units} ${token} besides ${reserved} reserved by waiting transactions, got a balance of ${balance}`;
    throw new CodedError(code, message, { balance: `${balance}`, reserved: `${reserved}`, needed: `${units}` });
  }
}

// Whether a transaction may stand in a block at all: the same checks for the mempool, for whoever builds a block and for whoever
// validates one. Pure: nothing here changes the state. What may still fail in a block, and pays for it, stands in ledger/.

import { equalBytes, toHex } from "../base/bytes.js";
import { CodedError } from "../protocol/errors.js";
import { minimumFee, transactionFee } from "../protocol/fees.js";
import { gasLimitsOf } from "../protocol/operations/contracts.js";
import type { ChainParameters } from "../protocol/parameters.js";
import type { LaneLeaf } from "../protocol/stateLeaves.js";
import { nativeIndex, type TokenId } from "../protocol/tokens.js";
import { chainTag, signsByKey, type Transaction } from "../protocol/transaction.js";
import type { StateReader } from "../state/views.js";
import { type AccountEntry, type LeafEntry, WorkingState } from "./workingState.js";

/** Where a transaction is to stand: the height of its block, on the chain of this genesis. */
export interface AdmissionContext {
  height: number;
  genesisHash: Uint8Array;
}

/** What a transaction pays at this height, in units of its fee token: `fee` where it succeeds, `feeMinimum` where it fails. */
export interface FeeTerms {
  fee: bigint;
  feeMinimum: bigint;
}

function hasChainTag(genesisHash: Uint8Array, tag: Uint8Array): boolean {
  for (let i = 0; i < tag.length; i++) {
    if (tag[i] !== genesisHash[i]) {
      return false;
    }
  }
  return true;
}

/** Chain and valid-until. Throws WRONG_CHAIN, EXPIRED or VALID_UNTIL_TOO_FAR. */
export function verifyWindow(parameters: ChainParameters, context: AdmissionContext, transaction: Transaction): void {
  const { validUntil } = transaction;
  if (!hasChainTag(context.genesisHash, transaction.chainTag)) {
    const expected = toHex(chainTag(context.genesisHash));
    throw new CodedError("WRONG_CHAIN", `expected chain tag ${expected}, got ${toHex(transaction.chainTag)}`);
  }
  if (validUntil < context.height) {
    throw new CodedError("EXPIRED", `expected a valid-until of at least ${context.height}, got ${validUntil}`, {
      height: context.height,
      validUntil,
    });
  }
  if (validUntil - context.height > parameters.validUntilHeightsMax) {
    const most = context.height + parameters.validUntilHeightsMax;
    throw new CodedError("VALID_UNTIL_TOO_FAR", `expected a valid-until of at most ${most}, got ${validUntil}`, {
      height: context.height,
      validUntilMax: most,
    });
  }
}

/** What the transaction pays. Throws FEE_TOKEN_NOT_ALLOWED, FEE_LIMIT_TOO_LOW, or AMOUNT_OUT_OF_RANGE for a fee beyond 2^63 - 1. */
export function verifyFee(parameters: ChainParameters, transaction: Transaction): FeeTerms {
  const fee = transactionFee(parameters, transaction);
  const feeMinimum = minimumFee(parameters, transaction.feeToken);
  if (transaction.feeLimit < feeMinimum) {
    const found = `expected a fee limit of at least ${feeMinimum}, got ${transaction.feeLimit}`;
    throw new CodedError("FEE_LIMIT_TOO_LOW", found, { feeMinimum: String(feeMinimum) });
  }
  return { fee, feeMinimum };
}

/** Throws GAS_LIMIT where the transaction's operations ask for more gas than any block has. */
export function verifyGasLimits(parameters: ChainParameters, transaction: Pick<Transaction, "operations">): void {
  const { calls, packages } = gasLimitsOf(transaction.operations);
  const { blockGasMax, blockPackageGasMax } = parameters;
  if (calls > blockGasMax || packages > blockPackageGasMax) {
    const found = `got ${calls} and ${packages}`;
    throw new CodedError(
      "GAS_LIMIT",
      `expected at most ${blockGasMax} gas of calls and ${blockPackageGasMax} of packages, ${found}`,
      { blockGasMax, blockPackageGasMax },
    );
  }
}

/** Throws WRONG_KEY where signer `index` signs with another key than its account's: its own, or `replacedKey` where there is one. */
export function verifySigner(transaction: Transaction, index: number, replacedKey: Uint8Array | undefined): void {
  const { publicKey } = transaction.signers[index];
  if (replacedKey === undefined ? !signsByKey(transaction, index) : !equalBytes(replacedKey, publicKey)) {
    const message = `signer ${index}: expected the account's present key, got another`;
    throw new CodedError("WRONG_KEY", message, { signer: index });
  }
}

/** The accounts that sign, in their order. Throws WRONG_KEY. */
function verifySigners(state: WorkingState, transaction: Transaction): AccountEntry[] {
  const entries: AccountEntry[] = [];
  for (let index = 0; index < transaction.signers.length; index++) {
    const entry = state.account(transaction.signers[index].address);
    verifySigner(transaction, index, entry.leaf?.replacedKey);
    entries.push(entry);
  }
  return entries;
}

/** The sequence that a lane takes next at `height`; an absent or expired lane begins at 0. */
export function nextSequence(lane: LaneLeaf | undefined, height: number): number {
  return lane === undefined || lane.heightExpires < height ? 0 : lane.sequenceNext;
}

/** Throws SEQUENCE_USED or SEQUENCE_GAP where the sequence is not the lane's next. */
export function verifySequence(lane: LaneLeaf | undefined, context: AdmissionContext, transaction: Transaction): void {
  const expected = nextSequence(lane, context.height);
  const { sequence } = transaction;
  if (sequence !== expected) {
    const code = sequence < expected ? "SEQUENCE_USED" : "SEQUENCE_GAP";
    const found = `expected sequence ${expected} of lane ${transaction.lane}, got ${sequence}`;
    throw new CodedError(code, found, { sequenceNext: expected });
  }
}

/** What the account can pay with: nothing where its balance is frozen. */
export function spendable(state: WorkingState, account: AccountEntry, token: TokenId): bigint {
  const index = nativeIndex(token);
  if (index >= 0) {
    return account.leaf === undefined ? 0n : account.leaf.balances[index];
  }
  const { leaf } = state.balance(account, token);
  return leaf === undefined || leaf.frozen ? 0n : leaf.amount;
}

/** Throws FEE_UNPAYABLE where the fee payer, who can pay with `held`, can't pay the minimum fee. */
export function verifyFeePayable(held: bigint, transaction: Transaction, terms: FeeTerms): void {
  if (held < terms.feeMinimum) {
    throw new CodedError(
      "FEE_UNPAYABLE",
      `expected at least ${terms.feeMinimum} of ${transaction.feeToken}, got ${held}`,
      {
        feeMinimum: String(terms.feeMinimum),
      },
    );
  }
}

/** What a block needs of a transaction that it may hold. */
export interface Admission extends FeeTerms {
  signers: AccountEntry[];
  lane: LeafEntry<LaneLeaf>;
}

/** All checks, on a block's working state. */
export function admit(
  state: WorkingState,
  parameters: ChainParameters,
  context: AdmissionContext,
  transaction: Transaction,
): Admission {
  verifyWindow(parameters, context, transaction);
  const terms = verifyFee(parameters, transaction);
  verifyGasLimits(parameters, transaction);
  const signers = verifySigners(state, transaction);
  const lane = state.lane(signers[0], transaction.lane);
  verifySequence(lane.leaf, context, transaction);
  verifyFeePayable(spendable(state, signers[transaction.feePayer], transaction.feeToken), transaction, terms);
  return { fee: terms.fee, feeMinimum: terms.feeMinimum, signers, lane };
}

/**
 * Throws the coded error that keeps `transaction` out of a block of `context` on the state that `reader` reads: WRONG_CHAIN,
 * EXPIRED, VALID_UNTIL_TOO_FAR, FEE_TOKEN_NOT_ALLOWED, FEE_LIMIT_TOO_LOW, GAS_LIMIT, WRONG_KEY, SEQUENCE_USED, SEQUENCE_GAP or FEE_UNPAYABLE.
 * Signatures are not verified. A caller that can wait for a gap to close uses the checks above one by one.
 */
export function verifyAdmissible(
  reader: StateReader,
  parameters: ChainParameters,
  context: AdmissionContext,
  transaction: Transaction,
): FeeTerms {
  const { fee, feeMinimum } = admit(new WorkingState(reader), parameters, context, transaction);
  return { fee, feeMinimum };
}

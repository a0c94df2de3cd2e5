// Partners: Dapps that a vote admitted. Each payment that names one gives it a share of the fee, for a time and up to a cap; and a treasury
// that genesis filled pays a monthly grant while it lasts.

import { systemAddress } from "../../protocol/address.js";
import type { NativeUnits } from "../../protocol/delegateLeaves.js";
import { quoteOf } from "../../protocol/fees.js";
import type { PartnerLeaf } from "../../protocol/officeLeaves.js";
import type { ClaimPartner } from "../../protocol/operations/officeOperations.js";
import type { ChainParameters } from "../../protocol/parameters.js";
import { addNative, basisPointsOf } from "../../protocol/rewards.js";
import { NATIVE_TOKENS, nativeIndex } from "../../protocol/tokens.js";
import type { Transaction } from "../../protocol/transaction.js";
import { Reader } from "../../protocol/wire.js";
import type { BlockScope } from "../blockScope.js";
import { FEE_POOL_ADDRESS } from "../feePool.js";
import { credit } from "../ledger/balances.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { fail } from "../ledger/ledgerFailure.js";
import { partnerEntry } from "./officeEntries.js";
import { addToSystem, payOut, REWARDS_ADDRESS, takeFromSystem } from "./systemFunds.js";

/** Where grants come from; a genesis file allocates to it, and anybody may pay in. */
export const TREASURY_ADDRESS = systemAddress("treasury");

const NOTHING: NativeUnits = [0n, 0n, 0n];
/** Where a receipt's fee stands. */
const FEE_OFFSET = 3;

/** What units of one of the chain's own tokens are worth in TTC units, rounded down. */
function worth(parameters: ChainParameters, index: number, units: bigint): bigint {
  const quote = quoteOf(parameters, NATIVE_TOKENS[index]);
  return quote === undefined ? 0n : (units * quote.ttcUnits) / quote.units;
}

/** The part of `units` that the partner's cap leaves room for. */
function withinCap(parameters: ChainParameters, leaf: PartnerLeaf, index: number, units: bigint): bigint {
  const room = parameters.rdpos.partnerFeesMaxTtcUnits - leaf.feesTtcUnits;
  const worthOfAll = worth(parameters, index, units);
  if (worthOfAll <= room) {
    return units;
  }
  return room <= 0n ? 0n : (units * room) / worthOfAll;
}

function shareFee(scope: BlockScope, transaction: Transaction, partner: Uint8Array, receipt: Uint8Array): void {
  const { state, parameters, height } = scope;
  const index = nativeIndex(transaction.feeToken);
  const entry = partnerEntry(state, partner);
  const { leaf } = entry;
  if (leaf === undefined || index < 0 || height > leaf.heightLast) {
    return;
  }
  const fee = new Reader(receipt, FEE_OFFSET).u64();
  const share = basisPointsOf(fee, parameters.rdpos.partnerShareBasisPoints);
  const units = withinCap(parameters, leaf, index, share);
  if (units === 0n) {
    return;
  }
  takeFromSystem(state, FEE_POOL_ADDRESS, index, units);
  addToSystem(state, REWARDS_ADDRESS, index, units);
  const added: NativeUnits = [0n, 0n, 0n];
  added[index] = units;
  const feesTtcUnits = leaf.feesTtcUnits + worth(parameters, index, units);
  state.set(entry, { ...leaf, feesTtcUnits, earned: addNative(leaf.earned, added) });
}

/** The step of every block, once the pool has its fees: payments that succeeded and name a partner. */
export function sharePartnerFees(
  scope: BlockScope,
  transactions: readonly Transaction[],
  receipts: readonly Uint8Array[],
): void {
  for (let i = 0; i < transactions.length; i++) {
    const { partner } = transactions[i];
    if (partner === undefined) {
      continue;
    }
    const succeeded = receipts[i][0] === 0 && receipts[i][1] === 0;
    if (succeeded && transactions[i].operations.some(({ kind }) => kind === "transfer")) {
      shareFee(scope, transactions[i], partner, receipts[i]);
    }
  }
}

/** How many grants of this partner can be paid now: those that are due, as far as the treasury reaches. */
function grantsDue(context: LedgerContext, leaf: PartnerLeaf): number {
  const { grantBlocks, grantMonths, grantTtcUnits } = context.parameters.rdpos;
  const months = Math.floor((context.height - leaf.heightAdmitted) / grantBlocks) + 1;
  const due = Math.min(months, grantMonths) - leaf.grantsPaid;
  const held = context.state.account(TREASURY_ADDRESS).leaf?.balances[0] ?? 0n;
  const reach = grantTtcUnits === 0n ? 0n : held / grantTtcUnits;
  return reach < BigInt(Math.max(due, 0)) ? Number(reach) : Math.max(due, 0);
}

export function executeClaimPartner(context: LedgerContext, operation: ClaimPartner): void {
  const { state, parameters } = context;
  const account = context.signers[operation.account];
  const entry = partnerEntry(state, account.address);
  const leaf = entry.leaf ?? fail("UNKNOWN_PARTNER");
  const grants = grantsDue(context, leaf);
  if (grants === 0 && leaf.earned.every((units) => units === 0n)) {
    fail("NOTHING_DUE");
  }
  state.set(entry, { ...leaf, earned: NOTHING, grantsPaid: leaf.grantsPaid + grants });
  payOut(context, TREASURY_ADDRESS, account, BigInt(grants) * parameters.rdpos.grantTtcUnits);
  leaf.earned.forEach((units, index) => {
    if (units > 0n) {
      takeFromSystem(state, REWARDS_ADDRESS, index, units);
      credit(context, account, NATIVE_TOKENS[index], units);
    }
  });
}

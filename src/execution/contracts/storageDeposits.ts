// Deposits for what contracts keep in the state: the fee payer of the transaction that makes an entry larger pays, and the fee payer of
// the one that makes it smaller or removes it is given back what was held (docs/decisions/contract-deposits.md). Each leaf
// says what is held for it, so that a changed price never makes coins.

import type { ChainParameters } from "../../protocol/parameters.js";
import { EVENT_KINDS, type ReceiptEvent } from "../../protocol/receipt.js";
import { Reader, Writer } from "../../protocol/wire.js";
import { addUnits, withBalance } from "../ledger/balances.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { fail } from "../ledger/ledgerFailure.js";

/** Bytes of a contract's leaf and of the keys of its leaves, counted alike for every contract. */
const CONTRACT_BYTES = 256;
/** An entry's key, its kind, its deposit and its flags. */
const ENTRY_BYTES = 42;

/** What is held for a contract's leaf and its source. */
export function codeDeposit(parameters: ChainParameters, sourceBytes: number): bigint {
  return parameters.depositByteTtcUnits * BigInt(CONTRACT_BYTES + sourceBytes);
}

/** What is held for one entry of storage. */
export function entryDeposit(parameters: ChainParameters, valueBytes: number): bigint {
  return parameters.depositByteTtcUnits * BigInt(ENTRY_BYTES + valueBytes);
}

/** Settles what was taken and what is given back with the fee payer. Throws DEPOSIT_UNPAID. */
export function settleDeposits(context: LedgerContext, taken: bigint, returned: bigint): void {
  if (taken === 0n && returned === 0n) {
    return;
  }
  const { leaf } = context.feePayer;
  const held = leaf?.balances[0] ?? 0n;
  if (leaf === undefined || held + returned < taken) {
    fail("DEPOSIT_UNPAID");
  }
  context.state.set(context.feePayer, withBalance(leaf, 0, addUnits(held, returned - taken)));
  context.events.push({ kind: EVENT_KINDS.storageDeposit, data: new Writer(16).u64(taken).u64(returned).finish() });
}

function netTaken({ kind, data }: ReceiptEvent): bigint {
  if (kind === EVENT_KINDS.depositTaken) {
    return new Reader(data, 32).u64();
  }
  if (kind === EVENT_KINDS.storageDeposit) {
    const reader = new Reader(data);
    return reader.u64() - reader.u64();
  }
  return 0n;
}

/** Throws DEPOSIT_ABOVE_LIMIT where the events from number `first` on took more from the fee payer than `limit`. */
export function expectDepositsWithin(context: LedgerContext, first: number, limit: bigint): void {
  let taken = 0n;
  for (let i = first; i < context.events.length; i++) {
    taken += netTaken(context.events[i]);
  }
  if (taken > limit) {
    fail("DEPOSIT_ABOVE_LIMIT");
  }
}

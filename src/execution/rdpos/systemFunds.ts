// Coins that the chain itself holds for others: locked votes, deposits, rewards. They stand on accounts that no key rules and whose
// leaves need no deposit, so that every token's supply is still the sum of its accounts.

import { assert } from "../../base/assert.js";
import { systemAddress } from "../../protocol/address.js";
import type { AccountLeaf } from "../../protocol/stateLeaves.js";
import { addUnits, credit, debit, withBalance } from "../ledger/balances.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import type { AccountEntry, WorkingState } from "../workingState.js";

/** Locked votes, and those that wait to be withdrawn. */
export const VOTES_ADDRESS = systemAddress("votes");
/** Deposits of candidates, proposals and master nodes. */
export const DEPOSITS_ADDRESS = systemAddress("deposits");
/** Rewards that were shared out and not claimed. */
export const REWARDS_ADDRESS = systemAddress("rewards");

const TTC_INDEX = 0;

/** Adds units of the chain's own token number `index` to one of its own accounts. */
export function addToSystem(state: WorkingState, address: Uint8Array, index: number, units: bigint): void {
  if (units > 0n) {
    const entry = state.account(address);
    const leaf: AccountLeaf = entry.leaf ?? { balances: [0n, 0n, 0n], deposit: 0n, tokenCount: 0 };
    state.set(entry, withBalance(leaf, index, addUnits(leaf.balances[index], units)));
  }
}

/** Takes units off one of the chain's own accounts, which holds them. */
export function takeFromSystem(state: WorkingState, address: Uint8Array, index: number, units: bigint): void {
  if (units > 0n) {
    const entry = state.account(address);
    const { leaf } = entry;
    assert(leaf !== undefined && leaf.balances[index] >= units, "the chain's own account holds what it owes");
    state.set(entry, withBalance(leaf, index, leaf.balances[index] - units));
  }
}

/** TTC from a signer's account to one of the chain's. Throws INSUFFICIENT_BALANCE. */
export function payIn(context: LedgerContext, from: AccountEntry, address: Uint8Array, units: bigint): void {
  if (units > 0n) {
    debit(context, from, "TTC", units);
    addToSystem(context.state, address, TTC_INDEX, units);
  }
}

/** TTC back from one of the chain's accounts. */
export function payOut(context: LedgerContext, address: Uint8Array, to: AccountEntry, units: bigint): void {
  if (units > 0n) {
    takeFromSystem(context.state, address, TTC_INDEX, units);
    credit(context, to, "TTC", units);
  }
}

// Credits and debits, and the deposits that follow from them: a leaf that comes into being takes a deposit from the fee payer's
// TTC, a leaf that goes gives back what it holds. For every token, the balances' sum (and for TTC the deposits') never changes here.

import { concatBytes } from "../../base/bytes.js";
import { AMOUNT_MAX } from "../../protocol/limits.js";
import { EVENT_KINDS } from "../../protocol/receipt.js";
import type { AccountLeaf, BalanceLeaf } from "../../protocol/stateLeaves.js";
import { nativeIndex, type TokenId } from "../../protocol/tokens.js";
import { Writer } from "../../protocol/wire.js";
import type { AccountEntry, LeafEntry } from "../workingState.js";
import type { LedgerContext } from "./ledgerContext.js";
import { fail } from "./ledgerFailure.js";

const TTC_INDEX = 0;

/** `leaf` with another balance of one of the chain's own tokens. */
export function withBalance(leaf: AccountLeaf, index: number, units: bigint): AccountLeaf {
  const [ttc, ttm, ttmi] = leaf.balances;
  const balances: AccountLeaf["balances"] =
    index === 0 ? [units, ttm, ttmi] : index === 1 ? [ttc, units, ttmi] : [ttc, ttm, units];
  const { deposit, tokenCount, replacedKey } = leaf;
  // Written out: a spread costs as much as the rest of a transfer.
  return replacedKey === undefined ? { balances, deposit, tokenCount } : { balances, deposit, tokenCount, replacedKey };
}

export function addUnits(units: bigint, added: bigint): bigint {
  const sum = units + added;
  return sum > AMOUNT_MAX ? fail("AMOUNT_OVERFLOW") : sum;
}

/** Tells of a deposit, unless it is nothing. */
export function tellDeposit(context: LedgerContext, kind: number, address: Uint8Array, units: bigint): void {
  if (units > 0n) {
    context.events.push({ kind, data: concatBytes(address, new Writer(8).u64(units).finish()) });
  }
}

/** Takes a new leaf's deposit from the fee payer. Throws DEPOSIT_UNPAID. */
function takeDeposit(context: LedgerContext, address: Uint8Array, units: bigint): void {
  if (units === 0n) {
    return;
  }
  const { leaf } = context.feePayer;
  if (leaf === undefined || leaf.balances[TTC_INDEX] < units) {
    fail("DEPOSIT_UNPAID");
  }
  context.state.set(context.feePayer, withBalance(leaf, TTC_INDEX, leaf.balances[TTC_INDEX] - units));
  tellDeposit(context, EVENT_KINDS.depositTaken, address, units);
}

/** The account's leaf, made against a deposit where there is none. */
export function openAccount(context: LedgerContext, account: AccountEntry): AccountLeaf {
  if (account.leaf === undefined) {
    const deposit = context.parameters.depositAccountTtcUnits;
    takeDeposit(context, account.address, deposit);
    context.state.set(account, { balances: [0n, 0n, 0n], deposit, tokenCount: 0 });
  }
  return account.leaf as AccountLeaf;
}

/** What the account holds of a created token; the leaf is made against a deposit where there is none. */
export function openBalance(context: LedgerContext, account: AccountEntry, token: TokenId): LeafEntry<BalanceLeaf> {
  const entry = context.state.balance(account, token);
  if (entry.leaf === undefined) {
    openAccount(context, account);
    const deposit = context.parameters.depositBalanceTtcUnits;
    takeDeposit(context, account.address, deposit);
    // The deposit may have come out of this very account: read its leaf again.
    const leaf = account.leaf as AccountLeaf;
    context.state.set(account, { ...leaf, tokenCount: leaf.tokenCount + 1 });
    context.state.set(entry, { amount: 0n, deposit, frozen: false });
  }
  return entry;
}

/** Removes the balance's leaf where it holds nothing and isn't frozen; its deposit becomes the account's TTC. */
export function closeEmptyBalance(context: LedgerContext, account: AccountEntry, entry: LeafEntry<BalanceLeaf>): void {
  const balance = entry.leaf;
  if (balance === undefined || balance.amount !== 0n || balance.frozen) {
    return;
  }
  const leaf = account.leaf as AccountLeaf;
  const returned = withBalance(leaf, TTC_INDEX, addUnits(leaf.balances[TTC_INDEX], balance.deposit));
  context.state.set(account, { ...returned, tokenCount: leaf.tokenCount - 1 });
  context.state.set(entry, undefined);
  tellDeposit(context, EVENT_KINDS.depositReturned, account.address, balance.deposit);
}

/** Throws UNKNOWN_TOKEN where no token has this id. */
export function expectToken(context: LedgerContext, token: TokenId): void {
  if (nativeIndex(token) < 0 && context.state.token(token).leaf === undefined) {
    fail("UNKNOWN_TOKEN");
  }
}

/** Takes units out of a balance. Throws INSUFFICIENT_BALANCE, UNKNOWN_TOKEN or BALANCE_FROZEN. */
export function debit(context: LedgerContext, account: AccountEntry, token: TokenId, units: bigint): void {
  const index = nativeIndex(token);
  if (index >= 0) {
    const { leaf } = account;
    if (leaf === undefined || leaf.balances[index] < units) {
      fail("INSUFFICIENT_BALANCE");
    }
    context.state.set(account, withBalance(leaf, index, leaf.balances[index] - units));
    return;
  }
  const entry = expectSpendable(context, account, token, units);
  const leaf = entry.leaf as BalanceLeaf;
  context.state.set(entry, { ...leaf, amount: leaf.amount - units });
  closeEmptyBalance(context, account, entry);
}

/** The created token's balance, which holds `units` and isn't frozen. */
function expectSpendable(
  context: LedgerContext,
  account: AccountEntry,
  token: TokenId,
  units: bigint,
): LeafEntry<BalanceLeaf> {
  const entry = context.state.balance(account, token);
  if (entry.leaf === undefined) {
    expectToken(context, token);
    fail("INSUFFICIENT_BALANCE");
  }
  if (entry.leaf.frozen) {
    fail("BALANCE_FROZEN");
  }
  if (entry.leaf.amount < units) {
    fail("INSUFFICIENT_BALANCE");
  }
  return entry;
}

/** Throws as `debit` would, and changes nothing. */
export function expectDebitable(context: LedgerContext, account: AccountEntry, token: TokenId, units: bigint): void {
  const index = nativeIndex(token);
  if (index < 0) {
    expectSpendable(context, account, token, units);
  } else if (account.leaf === undefined || account.leaf.balances[index] < units) {
    fail("INSUFFICIENT_BALANCE");
  }
}

/** Adds units to a balance. Throws BALANCE_FROZEN, DEPOSIT_UNPAID or AMOUNT_OVERFLOW. */
export function credit(context: LedgerContext, account: AccountEntry, token: TokenId, units: bigint): void {
  const index = nativeIndex(token);
  if (index >= 0) {
    const leaf = openAccount(context, account);
    context.state.set(account, withBalance(leaf, index, addUnits(leaf.balances[index], units)));
    return;
  }
  const entry = openBalance(context, account, token);
  const leaf = entry.leaf as BalanceLeaf;
  if (leaf.frozen) {
    fail("BALANCE_FROZEN");
  }
  context.state.set(entry, { ...leaf, amount: addUnits(leaf.amount, units) });
}

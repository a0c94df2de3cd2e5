// The block in hand: its parameters, which the host writes, the fees it has charged, and a copy of every account and lane that it
// touches as they were before. The copies tell what the block changed, and bring everything back where it is dropped.

import {
  ACCOUNT_BALANCES,
  ACCOUNT_FLAGS,
  ACCOUNT_KEY,
  ACCOUNT_MARK,
  accountAt,
  copy32,
  dropReferences,
  LANE_EXPIRES,
  LANE_FLAGS,
  LANE_MARK,
  LANE_SEQUENCE,
  laneAt,
} from "./ledgerEntries";
import {
  ACCOUNT_COPY_SIZE,
  AMOUNT_MAX,
  accountCopies,
  blockAccountsMax,
  blockLanesMax,
  LANE_COPY_SIZE,
  laneCopies,
} from "./ledgerMemory";

/** Offsets of the parameters: u64 each, by token where there are three. */
export const HEIGHT: usize = 0;
export const VALID_UNTIL_HEIGHTS: usize = 8;
export const REFERENCE_HEIGHTS: usize = 16;
export const REFERENCE_KEEP_HEIGHTS: usize = 24;
export const FEE_RATE: usize = 32;
export const DEPOSIT: usize = 40;
export const CHAIN_TAG: usize = 48;
export const MINIMUM_FEES: usize = 56;
export const PRICED: usize = 80;
const PARAMETERS_SIZE: usize = 104;

/**
 * How a token's transfers are charged: in TTC; in the token; by the host alone, because the sums don't fit. Who reads what was executed
 * long ago asks for no fees: then any token may have paid them.
 */
export const UNPRICED: u64 = 0;
export const LEFT_TO_HOST: u64 = 2;
export const UNASKED: u64 = 3;

export const PARAMETERS: usize = memory.data(104, 16);
export const FEES: usize = memory.data(24, 16);

/** An account's copy: its number, its tokens, the flags, then balances and deposit, then the key. */
export const COPY_TOKENS: usize = 4;
export const COPY_FLAGS: usize = 8;
export const COPY_BALANCES: usize = 16;
export const COPY_KEY: usize = 48;
/** A lane's copy: its number, the sequence, the flags, then the expiry. */
export const COPY_SEQUENCE: usize = 4;
export const COPY_EXPIRES: usize = 16;

/** How the entries that this block touched are marked; 0 marks none. */
let mark: u32 = 0;
export let touchedAccounts: u32 = 0;
export let touchedLanes: u32 = 0;

/** Where the host writes the parameters of the next block. */
export function parameters(): usize {
  return PARAMETERS;
}

export function parametersSize(): usize {
  return PARAMETERS_SIZE;
}

/** Three u64: what the block has charged in TTC, TTM and TTMI. */
export function fees(): usize {
  return FEES;
}

/** Adds to the block's fees; more than 2^63 - 1, which no chain's supply allows, stays more than that. */
export function charge(token: u32, units: u64): void {
  const at = FEES + 8 * <usize>token;
  const before = load<u64>(at);
  store<u64>(at, before > AMOUNT_MAX ? before : before + units);
}

export function accountCopyAt(index: u32): usize {
  return accountCopies + ACCOUNT_COPY_SIZE * index;
}

export function laneCopyAt(index: u32): usize {
  return laneCopies + LANE_COPY_SIZE * index;
}

@inline
export function copyBalances(to: usize, from: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
}

/** To be called before the block changes an account. */
@inline
export function touchAccount(number: u32): void {
  if (load<u32>(accountAt(number), ACCOUNT_MARK) != mark) copyAccount(number);
}

function copyAccount(number: u32): void {
  if (touchedAccounts == blockAccountsMax) unreachable();
  const account = accountAt(number);
  const copy = accountCopyAt(touchedAccounts++);
  store<u32>(account, mark, ACCOUNT_MARK);
  store<u32>(copy, number);
  store<u64>(copy, load<u64>(account, ACCOUNT_BALANCES + 32), COPY_TOKENS);
  copyBalances(copy + COPY_BALANCES, account + ACCOUNT_BALANCES);
  copy32(copy + COPY_KEY, account + ACCOUNT_KEY);
}

/** To be called before the block changes a lane. */
export function touchLane(number: u32): void {
  const lane = laneAt(number);
  if (load<u32>(lane, LANE_MARK) == mark) return;
  if (touchedLanes == blockLanesMax) unreachable();
  const copy = laneCopyAt(touchedLanes++);
  store<u32>(lane, mark, LANE_MARK);
  store<u32>(copy, number);
  store<u32>(copy, load<u32>(lane, LANE_SEQUENCE), COPY_SEQUENCE);
  store<u32>(copy, load<u32>(lane, LANE_FLAGS), COPY_FLAGS);
  store<u64>(copy, load<u64>(lane, LANE_EXPIRES), COPY_EXPIRES);
}

function restoreAccounts(): void {
  for (let index: u32 = 0; index < touchedAccounts; index++) {
    const copy = accountCopyAt(index);
    const account = accountAt(load<u32>(copy));
    store<u64>(account, load<u64>(copy, COPY_TOKENS), ACCOUNT_BALANCES + 32);
    copyBalances(account + ACCOUNT_BALANCES, copy + COPY_BALANCES);
    copy32(account + ACCOUNT_KEY, copy + COPY_KEY);
  }
}

function restoreLanes(): void {
  for (let index: u32 = 0; index < touchedLanes; index++) {
    const copy = laneCopyAt(index);
    const lane = laneAt(load<u32>(copy));
    store<u32>(lane, load<u32>(copy, COPY_SEQUENCE), LANE_SEQUENCE);
    store<u32>(lane, load<u32>(copy, COPY_FLAGS), LANE_FLAGS);
    store<u64>(lane, load<u64>(copy, COPY_EXPIRES), LANE_EXPIRES);
  }
}

/** Ends the block in hand: `keep` makes its entries those that the next begins with, else they are as before it. */
export function endBlock(keep: bool): void {
  if (!keep) {
    restoreAccounts();
    restoreLanes();
  }
  touchedAccounts = 0;
  touchedLanes = 0;
  dropReferences();
  memory.fill(FEES, 0, 24);
}

/** Begins a block; the one before has ended. False: marks are used up, and all entries must be dropped first. */
export function beginBlock(): bool {
  if (mark == u32.MAX_VALUE) return false;
  mark++;
  return true;
}

/** After all entries were dropped. */
export function resetMarks(): void {
  mark = 0;
}

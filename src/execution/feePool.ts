// The fee pool: the account that a block's fees are credited to, all at once, and that each round's end shares out.

import { systemAddress } from "../protocol/address.js";
import type { AccountLeaf, BalanceLeaf } from "../protocol/stateLeaves.js";
import { nativeIndex, type TokenId } from "../protocol/tokens.js";
import { addUnits, withBalance } from "./ledger/balances.js";
import type { WorkingState } from "./workingState.js";

/** Where fees go until a round ends. No key rules it, and its leaves need no deposit. */
export const FEE_POOL_ADDRESS = systemAddress("fee-pool");

/** Credits the block's fees in one go: as a transfer's payee the pool would be in every transaction's way. */
export function creditFeePool(state: WorkingState, fees: Map<TokenId, bigint>): void {
  const pool = state.account(FEE_POOL_ADDRESS);
  for (const [token, units] of fees) {
    if (units === 0n) {
      continue;
    }
    const leaf: AccountLeaf = pool.leaf ?? { balances: [0n, 0n, 0n], deposit: 0n, tokenCount: 0 };
    const index = nativeIndex(token);
    if (index >= 0) {
      state.set(pool, withBalance(leaf, index, addUnits(leaf.balances[index], units)));
      continue;
    }
    const entry = state.balance(pool, token);
    const isNew = entry.leaf === undefined;
    const balance: BalanceLeaf = entry.leaf ?? { amount: 0n, deposit: 0n, frozen: false };
    state.set(pool, isNew ? { ...leaf, tokenCount: leaf.tokenCount + 1 } : leaf);
    state.set(entry, { ...balance, amount: addUnits(balance.amount, units) });
  }
}

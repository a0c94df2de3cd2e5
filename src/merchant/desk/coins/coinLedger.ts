// A coin of another chain, as the desk needs it: an address of its own for each account, and the deposits that are deep enough to stay.
// evmLedger.ts is one; others follow the same interface.

import type { DepositRow } from "../deposits.js";

export interface CoinLedger {
  readonly name: string;
  /** Where `account` (ttc1… text) sends coins to; always the same. Durable before it is given out. */
  depositAddress(account: string): Promise<string>;
  /** Whose address it is. */
  accountOf(address: string): string | undefined;
  /**
   * Deposits in blocks that are `confirmations` deep and were not read before, oldest first; their memo is the address. Reads some
   * blocks at a time: `isAll` tells whether more wait. `done` is called once they are recorded.
   */
  readDeposits(): Promise<{ deposits: DepositRow[]; isAll: boolean; done: () => Promise<void> }>;
}

// What a block does besides its transactions, at its end and in this order. The same code runs after the kernel and after its twin,
// on the leaves as the transactions left them. Nothing here changes the state of an empty block unless a timer is due.

import type { DelegateTally } from "../protocol/block.js";
import type { Transaction } from "../protocol/transaction.js";
import type { BlockScope } from "./executeTransaction.js";
import { creditFeePool } from "./feePool.js";
import { endRound } from "./rdpos/endRound.js";

/** What stands in the block, and a receipt for each. */
export interface ExecutedTransactions {
  included: readonly Transaction[];
  receipts: readonly Uint8Array[];
}

/** The steps after the block's last transaction; `tally` is what its result record says of the delegates. */
export function endBlock(scope: BlockScope, tally: readonly DelegateTally[], _result: ExecutedTransactions): void {
  creditFeePool(scope.state, scope.fees);
  endRound(scope, tally);
}

// What a block does besides its transactions, at its end and in this order. The same code runs after the kernel and after its twin,
// on the leaves as the transactions left them. Nothing here changes the state of an empty block unless a timer is due.

import type { DelegateTally } from "../protocol/block.js";
import type { Transaction } from "../protocol/transaction.js";
import type { BlockScope } from "./blockScope.js";
import { mixSeed } from "./contracts/seeds.js";
import { creditFeePool } from "./feePool.js";
import { endRound } from "./rdpos/endRound.js";
import { challengeMasters } from "./rdpos/masters.js";
import { sharePartnerFees } from "./rdpos/partners.js";
import { endProposals } from "./rdpos/proposals.js";

/** What stands in the block, and a receipt for each. */
export interface ExecutedTransactions {
  included: readonly Transaction[];
  receipts: readonly Uint8Array[];
}

/** What a block's end needs of the block besides. */
export interface BlockEnd {
  /** What its result record says of the delegates' work; absent: nothing was counted. */
  tally?: readonly DelegateTally[];
  /** Hash of the block before; absent: nobody is challenged. */
  parentHash?: Uint8Array;
  /** The block's proposer and what it proves for the chain's seed; absent: nothing is mixed into the seed. */
  seed?: { proposer: Uint8Array; proof: Uint8Array };
}

/** The steps after the block's last transaction. */
export function endBlock(scope: BlockScope, block: BlockEnd, executed: ExecutedTransactions): void {
  creditFeePool(scope.state, scope.fees);
  sharePartnerFees(scope, executed.included, executed.receipts);
  endRound(scope, block.tally ?? []);
  if (block.parentHash !== undefined) {
    challengeMasters(scope, block.parentHash);
  }
  endProposals(scope);
  if (block.seed !== undefined) {
    mixSeed(scope, block.seed);
  }
}

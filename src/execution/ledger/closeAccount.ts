// Close account: the leaf goes, and its TTC and deposit with it to the beneficiary. The account's lanes stay until they expire, so
// that nothing signed before can be replayed when the address is used again.

import type { CloseAccount } from "../../protocol/operations/operation.js";
import { EVENT_KINDS } from "../../protocol/receipt.js";
import type { AccountEntry } from "../workingState.js";
import { credit, tellDeposit } from "./balances.js";
import type { LedgerContext } from "./ledgerContext.js";
import { fail } from "./ledgerFailure.js";

/** Opens the beneficiary's account with what is moved, for want of another purse: the fee payer's account is the one that closes. */
function openWithMoved(context: LedgerContext, beneficiary: AccountEntry, moved: bigint): void {
  const deposit = context.parameters.depositAccountTtcUnits;
  if (moved < deposit) {
    fail("DEPOSIT_UNPAID");
  }
  context.state.set(beneficiary, { balances: [moved - deposit, 0n, 0n], deposit, tokenCount: 0 });
  tellDeposit(context, EVENT_KINDS.depositTaken, beneficiary.address, deposit);
}

export function executeCloseAccount(context: LedgerContext, operation: CloseAccount): void {
  const { state } = context;
  const account = context.signers[operation.account];
  const beneficiary = state.account(operation.beneficiary);
  const leaf = account.leaf ?? fail("UNKNOWN_ACCOUNT");
  if (leaf.replacedKey !== undefined) {
    fail("KEY_REPLACED");
  }
  if (leaf.balances[1] !== 0n || leaf.balances[2] !== 0n || leaf.tokenCount !== 0) {
    fail("ACCOUNT_NOT_EMPTY");
  }
  if (beneficiary === account) {
    fail("SAME_ACCOUNT");
  }
  state.set(account, undefined);
  tellDeposit(context, EVENT_KINDS.depositReturned, account.address, leaf.deposit);
  const moved = leaf.balances[0] + leaf.deposit;
  if (beneficiary.leaf === undefined && context.feePayer === account) {
    openWithMoved(context, beneficiary, moved);
  } else {
    credit(context, beneficiary, "TTC", moved);
  }
}

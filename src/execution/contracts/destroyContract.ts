// Destroy contract: a temporary contract's source and account go at once, its storage as far as one operation reaches; the same
// operation again takes the rest. Deposits come back to the fee payer, coins to the owner.

import type { ContractLeaf } from "../../protocol/contractLeaves.js";
import type { DestroyContract } from "../../protocol/operations/operation.js";
import { EVENT_KINDS } from "../../protocol/receipt.js";
import { NATIVE_TOKENS } from "../../protocol/tokens.js";
import { credit, tellDeposit } from "../ledger/balances.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { fail } from "../ledger/ledgerFailure.js";
import { dropEntry } from "./applyEffects.js";
import { writeSource } from "./contractEntries.js";
import { ownContract } from "./ownContract.js";
import { settleDeposits } from "./storageDeposits.js";

/** Entries of storage that one operation removes. */
const ENTRIES_REMOVED_MAX = 1_000;

/** What the contract's account holds becomes the owner's, and so does the account's deposit. */
function emptyAccount(context: LedgerContext, operation: DestroyContract): void {
  const account = context.state.account(operation.contract);
  const { leaf } = account;
  if (leaf === undefined) {
    return;
  }
  if (leaf.tokenCount > 0) {
    fail("ACCOUNT_NOT_EMPTY");
  }
  context.state.set(account, undefined);
  tellDeposit(context, EVENT_KINDS.depositReturned, account.address, leaf.deposit);
  const owner = context.signers[operation.account];
  NATIVE_TOKENS.forEach((token, index) => {
    const units = leaf.balances[index] + (index === 0 ? leaf.deposit : 0n);
    if (units > 0n) {
      credit(context, owner, token, units);
    }
  });
}

export function executeDestroyContract(context: LedgerContext, operation: DestroyContract): void {
  const { entry, leaf } = ownContract(context, operation);
  if (leaf.permanent) {
    fail("CONTRACT_STATUS");
  }
  let returned = 0n;
  if (!leaf.destroyed) {
    emptyAccount(context, operation);
    writeSource(context.state, operation.contract, new Uint8Array(0), leaf.sourceBytes);
    returned += leaf.deposit;
    context.state.set(entry, { ...leaf, destroyed: true, deposit: 0n, sourceBytes: 0 });
  }
  for (let removed = 0; removed < ENTRIES_REMOVED_MAX; removed++) {
    const { firstEntry } = entry.leaf as ContractLeaf;
    if (firstEntry === undefined) {
      context.state.set(entry, undefined);
      break;
    }
    returned += dropEntry(context, entry, firstEntry);
  }
  settleDeposits(context, 0n, returned);
}

// Destroy contract: a temporary contract's source goes at once, its storage as far as one operation reaches; the same operation again takes
// the rest. Deposits come back to the fee payer, coins to the owner: the chain's own, and the created tokens that the operation names. The
// contract's leaf stays as long as its account holds anything, so that a stranger's gift, frozen even, neither stops the rest nor is lost.

import { bytesKey } from "../../base/bytes.js";
import type { ContractLeaf } from "../../protocol/contractLeaves.js";
import type { DestroyContract } from "../../protocol/operations/operation.js";
import { EVENT_KINDS } from "../../protocol/receipt.js";
import { NATIVE_TOKENS } from "../../protocol/tokens.js";
import { addUnits, tellDeposit, withBalance } from "../ledger/balances.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { fail } from "../ledger/ledgerFailure.js";
import type { LeafEntry } from "../workingState.js";
import { dropEntry, moveUnits } from "./applyEffects.js";
import { writeSource } from "./contractEntries.js";
import { ownContract } from "./ownContract.js";
import { codeDeposit, settleDeposits } from "./storageDeposits.js";

/** Entries of storage that one operation removes. */
const ENTRIES_REMOVED_MAX = 1_000;

/** Pays the owner what can be moved; the account goes with the last of it, and its deposit is the owner's too. */
function emptyAccount(context: LedgerContext, operation: DestroyContract): void {
  const { state } = context;
  const account = state.account(operation.contract);
  const [from, to] = [account, context.signers[operation.account]].map(({ address }) => bytesKey(address));
  for (const token of operation.tokens) {
    const { leaf } = state.balance(account, token);
    if (leaf !== undefined && leaf.amount > 0n && !leaf.frozen) {
      moveUnits(context, { from, to, token, amountUnits: leaf.amount });
    }
  }
  if (account.leaf?.tokenCount === 0) {
    const { deposit, balances } = account.leaf;
    state.set(account, withBalance({ ...account.leaf, deposit: 0n }, 0, addUnits(balances[0], deposit)));
    tellDeposit(context, EVENT_KINDS.depositReturned, account.address, deposit);
  }
  NATIVE_TOKENS.forEach((token, index) => {
    const amountUnits = account.leaf?.balances[index] ?? 0n;
    if (amountUnits > 0n) {
      moveUnits(context, { from, to, token, amountUnits });
    }
  });
  if (account.leaf?.tokenCount === 0) {
    state.set(account, undefined);
  }
}

/** The source goes, and what was held for it; what is held for the leaf itself stays as long as the leaf. */
function dropSource(context: LedgerContext, entry: LeafEntry<ContractLeaf>, address: Uint8Array): bigint {
  const leaf = entry.leaf as ContractLeaf;
  const leafDeposit = codeDeposit(context.parameters, 0);
  const deposit = leafDeposit < leaf.deposit ? leafDeposit : leaf.deposit;
  writeSource(context.state, address, new Uint8Array(0), leaf.sourceBytes);
  context.state.set(entry, { ...leaf, destroyed: true, deposit, sourceBytes: 0 });
  return leaf.deposit - deposit;
}

export function executeDestroyContract(context: LedgerContext, operation: DestroyContract): void {
  const { entry, leaf } = ownContract(context, operation);
  if (leaf.permanent) {
    fail("CONTRACT_STATUS");
  }
  emptyAccount(context, operation);
  let returned = leaf.destroyed ? 0n : dropSource(context, entry, operation.contract);
  for (let removed = 0; removed < ENTRIES_REMOVED_MAX; removed++) {
    const { firstEntry } = entry.leaf as ContractLeaf;
    if (firstEntry === undefined) {
      break;
    }
    returned += dropEntry(context, entry, firstEntry);
  }
  const { firstEntry, deposit } = entry.leaf as ContractLeaf;
  if (firstEntry === undefined && context.state.account(operation.contract).leaf === undefined) {
    returned += deposit;
    context.state.set(entry, undefined);
  }
  settleDeposits(context, 0n, returned);
}

// Replace key: another key rules the account from the next transaction on.

import { equalBytes } from "../../base/bytes.js";
import type { ReplaceKey } from "../../protocol/operations/operation.js";
import type { AccountLeaf } from "../../protocol/stateLeaves.js";
import { signsByKey } from "../../protocol/transaction.js";
import type { LedgerContext } from "./ledgerContext.js";
import { fail } from "./ledgerFailure.js";

export function executeReplaceKey(context: LedgerContext, operation: ReplaceKey): void {
  const { transaction, signers, state } = context;
  const signer = transaction.signers.findIndex(
    ({ publicKey }, index) => signsByKey(transaction, index) && equalBytes(publicKey, operation.publicKey),
  );
  if (signer < 0) {
    fail("KEY_NOT_SIGNING");
  }
  const account = signers[operation.account];
  const leaf = account.leaf ?? fail("UNKNOWN_ACCOUNT");
  const { balances, deposit, tokenCount } = leaf;
  const bare: AccountLeaf = { balances, deposit, tokenCount };
  // The address's own key needs no entry: the leaf is as if it had never been replaced.
  const own = signers[signer] === account;
  state.set(account, own ? bare : { ...bare, replacedKey: operation.publicKey });
}

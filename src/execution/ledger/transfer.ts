// Transfer: units move from a signer's account to the payee's; a reference marks that they did, once.

import type { Transfer } from "../../protocol/operations/operation.js";
import { referenceExpiryHeight } from "../../protocol/operations/transfer.js";
import { referenceKey } from "../../protocol/stateLeaves.js";
import { credit, debit, expectDebitable } from "./balances.js";
import type { LedgerContext } from "./ledgerContext.js";
import { fail } from "./ledgerFailure.js";

/** Marks (payee, token, amount, reference) as paid. */
function markPaid(context: LedgerContext, operation: Transfer, reference: Uint8Array): void {
  const { height, parameters, state } = context;
  const expiry = referenceExpiryHeight(reference);
  if (expiry < BigInt(height)) {
    fail("REFERENCE_EXPIRED");
  }
  if (expiry - BigInt(height) > BigInt(parameters.referenceHeightsMax)) {
    fail("REFERENCE_TOO_FAR");
  }
  const mark = state.reference(referenceKey(operation.to, operation.token, operation.amount, reference));
  if (mark.leaf !== undefined) {
    fail("REFERENCE_PAID");
  }
  state.set(mark, {
    heightExpires: Number(expiry) + parameters.referenceKeepHeights,
    heightPaid: height,
    transactionId: context.transaction.id,
  });
}

export function executeTransfer(context: LedgerContext, operation: Transfer): void {
  const payer = context.signers[operation.account];
  const payee = context.state.account(operation.to);
  if (operation.reference !== undefined) {
    markPaid(context, operation, operation.reference);
  }
  if (payee === payer) {
    expectDebitable(context, payer, operation.token, operation.amount);
    return;
  }
  debit(context, payer, operation.token, operation.amount);
  credit(context, payee, operation.token, operation.amount);
}

// Who may mint and freeze a token: enough of its issuers, among them the account that the operation acts for.

import { equalBytes } from "../../base/bytes.js";
import type { TokenLeaf } from "../../protocol/stateLeaves.js";
import type { LedgerContext } from "./ledgerContext.js";
import { fail } from "./ledgerFailure.js";

/** Throws NOT_AUTHORIZED unless enough issuers sign and signer `account` is one of them. */
export function expectIssuers(context: LedgerContext, token: TokenLeaf, account: number): void {
  const signing = context.signers.filter((signer) =>
    token.issuers.some((issuer) => equalBytes(issuer, signer.address)),
  );
  if (signing.length < token.issuersNeeded || !signing.includes(context.signers[account])) {
    fail("NOT_AUTHORIZED");
  }
}

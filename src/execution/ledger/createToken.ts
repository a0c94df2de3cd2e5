// Create token: the token's leaf, and its first supply on the creator's account.

import { assert } from "../../base/assert.js";
import type { CreateToken } from "../../protocol/operations/operation.js";
import { EVENT_KINDS } from "../../protocol/receipt.js";
import { createdTokenId, tokenBytes } from "../../protocol/tokens.js";
import { credit } from "./balances.js";
import type { LedgerContext } from "./ledgerContext.js";

export function executeCreateToken(context: LedgerContext, operation: CreateToken, operationIndex: number): void {
  const { state, height, transaction } = context;
  const creator = context.signers[operation.account];
  const id = createdTokenId(transaction.id, operationIndex);
  const entry = state.token(id);
  assert(entry.leaf === undefined, `token ${id} exists before it is created`);
  const { symbol, name, decimals, supply, mintable, burnable, freezable } = operation;
  const face = { symbol, name, decimals, supply, mintable, burnable, freezable };
  state.set(entry, { ...face, heightCreated: height, issuersNeeded: 1, issuers: [creator.address] });
  context.events.push({ kind: EVENT_KINDS.tokenCreated, data: tokenBytes(id) });
  if (supply > 0n) {
    credit(context, creator, id, supply);
  }
}

// Which delegate a signer is.

import { equalBytes } from "../../base/bytes.js";
import { CANDIDATE_STATES } from "../../protocol/delegateLeaves.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { candidateEntry, delegatesEntry } from "./delegateEntries.js";

/** The key by which a signer's account is one of the present delegates; undefined: it is none. */
export function delegateKeyOf(context: LedgerContext, index: number): Uint8Array | undefined {
  const delegates = delegatesEntry(context.state).leaf ?? [];
  const { address, publicKey } = context.transaction.signers[index];
  const candidate = candidateEntry(context.state, address).leaf;
  const own = candidate?.state === CANDIDATE_STATES.listed ? candidate.delegateKey : publicKey;
  return delegates.find((delegate) => equalBytes(delegate.publicKey, own))?.publicKey;
}

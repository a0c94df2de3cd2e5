// Which delegate a signer is.

import { equalBytes } from "../../base/bytes.js";
import { addressOfKey } from "../../protocol/address.js";
import { CANDIDATE_STATES } from "../../protocol/delegateLeaves.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { candidateEntry, delegatesEntry } from "./delegateEntries.js";

/**
 * The key by which a signer's account is one of the present delegates; undefined: it is none. A delegate acts by the account that stands
 * with its key and by the key's own account, and by no other: whoever rules a key can let any number of accounts sign by it.
 */
export function delegateKeyOf(context: LedgerContext, index: number): Uint8Array | undefined {
  const delegates = delegatesEntry(context.state).leaf ?? [];
  const { address, publicKey } = context.transaction.signers[index];
  const candidate = candidateEntry(context.state, address).leaf;
  const isListed = candidate?.state === CANDIDATE_STATES.listed;
  if (!isListed && !equalBytes(address, addressOfKey(publicKey))) {
    return undefined;
  }
  const own = isListed ? candidate.delegateKey : publicKey;
  return delegates.find((delegate) => equalBytes(delegate.publicKey, own))?.publicKey;
}

// Which delegate an account answers as, if any: its own key's, or that of the candidate that it is.

import { equalBytes, fromHex } from "../base/bytes.js";
import type { Account } from "../client/account.js";
import type { TTChainClient } from "../client/client.js";
import type { Delegate } from "../protocol/delegates.js";
import { CodedError } from "../protocol/errors.js";

export interface DelegateView {
  delegates: readonly Delegate[];
  /** The delegate's key; undefined while the account is none. */
  own: Uint8Array | undefined;
}

async function candidateKey(client: TTChainClient, account: Account): Promise<Uint8Array | undefined> {
  try {
    const candidate = await client.candidate(account.address);
    return candidate.state === "listed" ? fromHex(candidate.delegateKey) : undefined;
  } catch (error) {
    if (error instanceof CodedError && error.code === "NOT_FOUND") {
      return undefined;
    }
    throw error;
  }
}

export async function delegateOf(client: TTChainClient, account: Account): Promise<DelegateView> {
  const { delegates } = await client.delegates();
  const key = (await candidateKey(client, account)) ?? account.publicKey;
  const own = delegates.find(({ publicKey }) => equalBytes(publicKey, key))?.publicKey;
  return { delegates, own };
}

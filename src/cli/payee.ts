// Whom a command means: an address, or a name that the chain knows.

import type { TTChainClient } from "../client/client.js";
import { formatAddress, parseAddress } from "../protocol/address.js";
import { isNameText } from "../protocol/names.js";

export interface Payee {
  address: Uint8Array;
  /** As a person should see it before anything is sent. */
  shown: string;
}

/** Throws BAD_ADDRESS or FOREIGN_ADDRESS for a text that is neither, NOT_FOUND for a name that stands for nothing. */
export async function readPayee(client: Pick<TTChainClient, "resolveName">, text: string): Promise<Payee> {
  if (!isNameText(text)) {
    const address = parseAddress(text);
    return { address, shown: formatAddress(address) };
  }
  const address = await client.resolveName(text);
  return { address, shown: `${text}, which is ${formatAddress(address)}` };
}

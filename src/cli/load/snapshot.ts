// What accounts hold at one moment, read from the node.

import type { AccountState } from "../../client/answers.js";
import type { TTChainClient } from "../../client/client.js";
import { formatAddress, systemAddress } from "../../protocol/address.js";
import { NATIVE_TOKENS, type NativeToken } from "../../protocol/tokens.js";

const READ_AT_ONCE = 16;

/** The states of `addresses` (texts), by address. */
export async function readAccounts(client: TTChainClient, addresses: string[]): Promise<Map<string, AccountState>> {
  const found = new Map<string, AccountState>();
  for (let first = 0; first < addresses.length; first += READ_AT_ONCE) {
    const states = await Promise.all(
      addresses.slice(first, first + READ_AT_ONCE).map((address) => client.account(address)),
    );
    for (const state of states) {
      found.set(state.address, state);
    }
  }
  return found;
}

export interface Snapshot {
  /** By address: the fleet, its funder, the chain's own accounts and whom genesis gave coins. */
  accounts: Map<string, AccountState>;
  supplies: Record<NativeToken, bigint>;
  height: number;
}

function own(name: string): string {
  return formatAddress(systemAddress(name));
}

/** Where fees go, and whereto a round's end shares them out. */
export const FEE_ACCOUNTS = [own("fee-pool"), own("rewards")];
const HELD_FOR_OTHERS = [own("votes"), own("deposits")];

/** Everything that the audit compares before and after. */
export async function takeSnapshot(client: TTChainClient, fleet: string[]): Promise<Snapshot> {
  const genesis = await client.genesis();
  const { height } = await client.status();
  const addresses = new Set([
    ...fleet,
    ...FEE_ACCOUNTS,
    ...HELD_FOR_OTHERS,
    ...genesis.allocations.map(({ address }) => address),
  ]);
  const accounts = await readAccounts(client, [...addresses]);
  const tokens = await Promise.all(NATIVE_TOKENS.map((token) => client.token(token)));
  const supplies = Object.fromEntries(tokens.map(({ token, supply }) => [token, supply])) as Record<
    NativeToken,
    bigint
  >;
  return { accounts, supplies, height };
}

/** Units of a token that the accounts of a snapshot hold in all, TTC deposits included. */
export function totalHeld(snapshot: Snapshot, token: NativeToken): bigint {
  let total = 0n;
  for (const { balances, deposit } of snapshot.accounts.values()) {
    total += balances[token] + (token === "TTC" ? deposit : 0n);
  }
  return total;
}

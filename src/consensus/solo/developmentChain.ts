// A chain of one's own, for development and tests: fresh keys for its delegates and for a faucet that owns every coin and may
// mint TTM and TTMI. Its coins are worth nothing, which the genesis file says.

import { toHex } from "../../base/bytes.js";
import type { Random } from "../../base/random.js";
import { addressOfKey, formatAddress } from "../../protocol/address.js";
import { type Genesis, type GenesisParameters, TTC_SUPPLY_UNITS } from "../../protocol/genesis.js";
import { ed25519 } from "../../wasm/ed25519.js";

/** What a profile in chains/ gives: everything of a genesis but its keys. */
export interface ChainProfile {
  name: string;
  parameters: GenesisParameters;
}

/** Secret seeds of a chain's directory, 32 bytes each. */
export interface DevelopmentKeys {
  /** Delegates that this node stands for. */
  delegates: Uint8Array[];
  /** Of an account that gives coins away, on a development chain. */
  faucet?: Uint8Array | undefined;
  /** What names the node to other nodes' engines. */
  node?: Uint8Array | undefined;
}

/** A genesis file with `delegateCount` delegates of equal power, and the keys to it. */
export function makeDevelopmentChain(
  profile: ChainProfile,
  random: Random,
  timeMs: number,
  delegateCount: number,
): { genesis: Genesis; keys: DevelopmentKeys & { faucet: Uint8Array } } {
  const seeds = Array.from({ length: delegateCount }, () => random.bytes(32));
  const faucetSeed = random.bytes(32);
  const faucet = formatAddress(addressOfKey(ed25519.getPublicKey(faucetSeed)));
  const issuers = { needed: 1, addresses: [faucet] };
  const genesis: Genesis = {
    name: `${profile.name}-development`,
    timeMs,
    development: true,
    parameters: profile.parameters,
    issuers: { TTM: issuers, TTMI: issuers },
    allocations: [{ address: faucet, amount: TTC_SUPPLY_UNITS.toString() }],
    delegates: seeds.map((seed) => ({ publicKey: toHex(ed25519.getPublicKey(seed)), power: 1 })),
  };
  return { genesis, keys: { delegates: seeds, faucet: faucetSeed } };
}

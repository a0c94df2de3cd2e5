// A chain of one's own, for development and tests: fresh keys for its delegates and for a faucet that may mint TTM and TTMI and owns
// every coin but those of the treasury. Its coins are worth nothing, which the genesis file says.

import { toHex } from "../../base/bytes.js";
import type { Random } from "../../base/random.js";
import { TREASURY_ADDRESS } from "../../execution/rdpos/partners.js";
import { addressOfKey, formatAddress } from "../../protocol/address.js";
import { type Genesis, type GenesisParameters, TTC_SUPPLY_UNITS } from "../../protocol/genesis.js";
import { divide } from "../../protocol/rewards.js";
import { TTC_UNIT } from "../../protocol/tokens.js";
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

/** What the treasury of a development chain pays grants from: more than eight partners get in a year. */
const TREASURY_UNITS = 1_000_000n * TTC_UNIT;

/** The coins of a development chain: the treasury's, those that are `given`, and the rest shared among `faucets`. */
export function developmentAllocations(
  faucets: readonly string[],
  given: { address: string; units: bigint }[] = [],
): Genesis["allocations"] {
  const fixed = [{ address: formatAddress(TREASURY_ADDRESS), units: TREASURY_UNITS }, ...given];
  const rest = TTC_SUPPLY_UNITS - fixed.reduce((sum, { units }) => sum + units, 0n);
  const shared = divide(rest, faucets.length).map((units, index) => ({ address: faucets[index], units }));
  return [...shared, ...fixed].map(({ address, units }) => ({ address, amount: units.toString() }));
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
    allocations: developmentAllocations([faucet]),
    delegates: seeds.map((seed) => ({ publicKey: toHex(ed25519.getPublicKey(seed)), power: 1 })),
  };
  return { genesis, keys: { delegates: seeds, faucet: faucetSeed } };
}

// A development chain of several nodes: each has a delegate of its own and a faucet of its own, so that no two of them sign with
// one key. Its coins are worth nothing, which the genesis file says.

import { toHex } from "../../base/bytes.js";
import type { Random } from "../../base/random.js";
import { addressOfKey, formatAddress } from "../../protocol/address.js";
import { type Genesis, TTC_SUPPLY_UNITS } from "../../protocol/genesis.js";
import { ed25519 } from "../../wasm/ed25519.js";
import type { ChainProfile, DevelopmentKeys } from "../solo/developmentChain.js";

/** Blocks of an engine that waits for a network: fewer and smaller than one process makes. */
const BLOCK_BYTES_MAX = 2 * 1024 * 1024;
const BLOCK_TRANSACTIONS_MAX = 10_000;
const BLOCK_INTERVAL_MS = 250;

/** The seeds of one node. */
export interface NodeSeeds extends DevelopmentKeys {
  node: Uint8Array;
  faucet: Uint8Array;
}

export function makeNodeSeeds(random: Random): NodeSeeds {
  return { delegates: [random.bytes(32)], faucet: random.bytes(32), node: random.bytes(32) };
}

/** A genesis whose delegates are the first `delegateCount` of these nodes; all coins are shared among the nodes' faucets. */
export function makeSharedGenesis(
  profile: ChainProfile,
  timeMs: number,
  nodes: NodeSeeds[],
  delegateCount: number,
): Genesis {
  const faucets = nodes.map(({ faucet }) => formatAddress(addressOfKey(ed25519.getPublicKey(faucet))));
  const share = TTC_SUPPLY_UNITS / BigInt(nodes.length);
  const first = TTC_SUPPLY_UNITS - share * BigInt(nodes.length - 1);
  const issuers = { needed: 1, addresses: faucets };
  return {
    name: `${profile.name}-development`,
    timeMs,
    development: true,
    parameters: {
      ...profile.parameters,
      blockBytesMax: BLOCK_BYTES_MAX,
      blockTransactionsMax: BLOCK_TRANSACTIONS_MAX,
      blockIntervalMs: BLOCK_INTERVAL_MS,
    },
    issuers: { TTM: issuers, TTMI: issuers },
    allocations: faucets.map((address, i) => ({ address, amount: (i === 0 ? first : share).toString() })),
    delegates: nodes.slice(0, delegateCount).map(({ delegates }) => ({
      publicKey: toHex(ed25519.getPublicKey(delegates[0])),
      power: 1,
    })),
  };
}

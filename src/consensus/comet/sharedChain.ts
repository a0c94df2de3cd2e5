// A development chain of several nodes: each has a delegate of its own and a faucet of its own, so that no two of them sign with
// one key. Its coins are worth nothing, which the genesis file says.

import { fromHex, toHex } from "../../base/bytes.js";
import type { Random } from "../../base/random.js";
import { addressOfKey, formatAddress } from "../../protocol/address.js";
import { CodedError } from "../../protocol/errors.js";
import type { Genesis } from "../../protocol/genesis.js";
import { TTC_UNIT } from "../../protocol/tokens.js";
import { ed25519 } from "../../wasm/ed25519.js";
import { type ChainProfile, type DevelopmentKeys, developmentAllocations } from "../solo/developmentChain.js";

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

/** What the founders of a chain know of each other's nodes: public keys, as hex. */
export interface Founder {
  publicKey: string;
  faucetKey: string;
}

export function founderOf(seeds: NodeSeeds): Founder {
  return {
    publicKey: toHex(ed25519.getPublicKey(seeds.delegates[0])),
    faucetKey: toHex(ed25519.getPublicKey(seeds.faucet)),
  };
}

function keyOf(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  if (bytes?.length !== 32) {
    throw new CodedError("MALFORMED", `expected a key of 64 hex digits, got "${hex}"`);
  }
  return bytes;
}

/** What each node's own account begins with: the deposit of a candidate, votes for itself, fees. */
const NODE_UNITS = 200_000n * TTC_UNIT;

/** A genesis whose delegates are the first `delegateCount` of these nodes; the coins are shared among the nodes' faucets. */
export function makeSharedGenesis(
  profile: ChainProfile,
  timeMs: number,
  founders: Founder[],
  delegateCount: number,
): Genesis {
  const faucets = founders.map(({ faucetKey }) => formatAddress(addressOfKey(keyOf(faucetKey))));
  const nodes = founders.map(({ publicKey }) => {
    return { address: formatAddress(addressOfKey(keyOf(publicKey))), units: NODE_UNITS };
  });
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
    allocations: developmentAllocations(faucets, nodes),
    delegates: founders.slice(0, delegateCount).map(({ publicKey }) => ({ publicKey, power: 1 })),
  };
}

// A development chain of several nodes: each has a delegate of its own and a faucet of its own, so that no two of them sign with
// one key. Its coins are worth nothing, which the genesis file says.

import { fromHex, toHex } from "../../base/bytes.js";
import type { Random } from "../../base/random.js";
import { addressOfKey, formatAddress } from "../../protocol/address.js";
import { CodedError } from "../../protocol/errors.js";
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

/** A genesis whose delegates are the first `delegateCount` of these nodes; all coins are shared among the nodes' faucets. */
export function makeSharedGenesis(
  profile: ChainProfile,
  timeMs: number,
  founders: Founder[],
  delegateCount: number,
): Genesis {
  const faucets = founders.map(({ faucetKey }) => formatAddress(addressOfKey(keyOf(faucetKey))));
  const share = TTC_SUPPLY_UNITS / BigInt(founders.length);
  const first = TTC_SUPPLY_UNITS - share * BigInt(founders.length - 1);
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
    delegates: founders.slice(0, delegateCount).map(({ publicKey }) => ({ publicKey, power: 1 })),
  };
}

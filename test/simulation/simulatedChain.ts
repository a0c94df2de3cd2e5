// The chain that a life begins with: a development chain of two delegates, whose faucet shares its coins with some payers.

import profile from "../../chains/ttchain.json" with { type: "json" };
import { SeededRandom } from "../../src/base/random.js";
import type { ChainFiles } from "../../src/consensus/solo/chainFiles.js";
import { makeDevelopmentChain } from "../../src/consensus/solo/developmentChain.js";
import { addressOfKey, formatAddress } from "../../src/protocol/address.js";
import { ed25519 } from "../../src/wasm/ed25519.js";
import type { Person } from "../support/testChain.js";

/** Short lives of lanes and references, so that a simulation sees them end. */
export const PARAMETERS = {
  ...profile.parameters,
  validUntilHeightsMax: 60,
  referenceHeightsMax: 120,
  referenceKeepHeights: 30,
  roundBlocks: 65_535,
};

export function makeChain(payers: readonly Person[]): { chain: ChainFiles; faucet: Person } {
  const made = makeDevelopmentChain(
    { name: "simulated", parameters: PARAMETERS },
    new SeededRandom(1),
    1_700_000_000_000,
    2,
  );
  const seed = made.keys.faucet.slice();
  const publicKey = ed25519.getPublicKey(seed);
  const faucet = { seed, publicKey, address: addressOfKey(publicKey) };
  // Some rich, some poor, so that payments fail too.
  const gifts = payers.map(({ address }, i) => ({
    address: formatAddress(address),
    amount: `${10n ** BigInt(9 + i)}`,
  }));
  const [rest, ...others] = made.genesis.allocations;
  const given = gifts.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
  const allocations = [{ address: rest.address, amount: `${BigInt(rest.amount) - given}` }, ...others, ...gifts];
  return { chain: { genesis: { ...made.genesis, allocations }, keys: made.keys }, faucet };
}

// The standard token contract for a load run: registered by the funder, who gives every account of the fleet so many of its coins that no
// planned transfer can lack any, and whose entry so exists already.

import { readFile } from "node:fs/promises";
import { callContract, registerContract } from "../../client/actions.js";
import type { TTChainClient } from "../../client/client.js";
import { Sender } from "../../client/sender.js";
import { contractAddress, formatAddress } from "../../protocol/address.js";
import { TTC_UNIT } from "../../protocol/tokens.js";
import { CommandFailedError } from "../failures.js";
import type { Fleet } from "./fleet.js";

/** Coins of the contract that each account begins with. */
export const TOKEN_START_UNITS = 1_000_000_000_000n;
const SUPPLY = 1_000_000_000_000_000_000n;
const CALLS_PER_TRANSACTION = 20;
const SENT_AT_ONCE = 10;
/** More than the deposit for the contract, and for one account's entry. */
const CONTRACT_DEPOSIT_MAX = 100n * TTC_UNIT;
const ENTRY_DEPOSIT_MAX = TTC_UNIT;

async function packageFile(name: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(new URL(`../../../contracts/token/${name}`, import.meta.url)));
}

/** TTC units that the funder needs for it, fees included. */
export function tokenContractCost(fleet: Fleet): bigint {
  return CONTRACT_DEPOSIT_MAX + 20n * TTC_UNIT + BigInt(fleet.accounts.length) * TTC_UNIT;
}

/** Registers the contract and shares its coins out; gives its address. Throws CommandFailedError. */
export async function deployToken(client: TTChainClient, fleet: Fleet): Promise<Uint8Array> {
  const { funder, accounts } = fleet;
  const sender = new Sender(client, funder);
  const registration = registerContract(funder, {
    source: await packageFile("contract.lua"),
    tests: await packageFile("tests.lua"),
    args: ["Load coin", "LOAD", 0n, SUPPLY],
    depositLimit: CONTRACT_DEPOSIT_MAX,
  });
  const { transaction, outcome } = await sender.send([registration]);
  if (outcome.state !== "committed") {
    throw new CommandFailedError(`the token contract: ${outcome.state}, ${outcome.code}`, outcome);
  }
  const contract = contractAddress(transaction.id, 0);
  const gifts = accounts.map(({ address }) =>
    callContract(funder, {
      contract,
      functionName: "transfer",
      args: [address, TOKEN_START_UNITS],
      depositLimit: ENTRY_DEPOSIT_MAX,
    }),
  );
  const batches = Array.from({ length: Math.ceil(gifts.length / CALLS_PER_TRANSACTION) }, (_, i) =>
    gifts.slice(i * CALLS_PER_TRANSACTION, (i + 1) * CALLS_PER_TRANSACTION),
  );
  for (let first = 0; first < batches.length; first += SENT_AT_ONCE) {
    const sent = await Promise.all(batches.slice(first, first + SENT_AT_ONCE).map((actions) => sender.send(actions)));
    for (const result of sent) {
      if (result.outcome.state !== "committed") {
        throw new CommandFailedError(`sharing the coins: ${result.outcome.state}`, result.outcome);
      }
    }
  }
  return contract;
}

/** What each account holds of the contract's coins now. */
export async function readTokenBalances(
  client: TTChainClient,
  contract: Uint8Array,
  addresses: Uint8Array[],
): Promise<bigint[]> {
  const balances: bigint[] = [];
  for (const address of addresses) {
    const value = await client.viewContract(formatAddress(contract), "balanceOf", [address]);
    balances.push(typeof value === "bigint" ? value : -1n);
  }
  return balances;
}

// Lets the nodes of a test network stand for election: each from the account of its own key, to which genesis gave the deposit. Those
// that are delegates already vote for themselves, so that the first election keeps them until somebody votes otherwise.

import { equalBytes } from "../base/bytes.js";
import { Account } from "../client/account.js";
import type { Action } from "../client/actions.js";
import { TTChainClient } from "../client/client.js";
import { delay } from "../client/delay.js";
import { registerCandidate, vote } from "../client/delegateActions.js";
import { Sender } from "../client/sender.js";
import { CodedError } from "../protocol/errors.js";
import { TTC_UNIT } from "../protocol/tokens.js";
import { CommandFailedError } from "./failures.js";

/** A node with blocks has peers that hear of what it is sent. */
const HEIGHT_LEAST = 2;
const WAIT_STEP_MS = 200;
const OWN_VOTES_UNITS = 1_000n * TTC_UNIT;
/** What a test network's candidates promise their voters: 90 %. */
const PAY_BASIS_POINTS = 9_000;

async function stands(client: TTChainClient, address: Uint8Array): Promise<boolean> {
  try {
    await client.candidate(address);
    return true;
  } catch (error) {
    if (error instanceof CodedError && error.code === "NOT_FOUND") {
      return false;
    }
    throw error;
  }
}

async function registerNode(home: string, name: string, url: string): Promise<void> {
  const { delegateSeed } = await import("../nodeHome.js");
  const account = Account.fromSecretKey(await delegateSeed(home, undefined));
  const client = new TTChainClient({ url });
  while ((await client.status()).height < HEIGHT_LEAST) {
    await delay(WAIT_STEP_MS);
  }
  if (await stands(client, account.address)) {
    return;
  }
  const actions: Action[] = [registerCandidate(account, account, { payBasisPoints: PAY_BASIS_POINTS, name, site: "" })];
  const { delegates } = await client.delegates();
  if (delegates.some(({ publicKey }) => equalBytes(publicKey, account.publicKey))) {
    actions.push(vote(account, { amount: OWN_VOTES_UNITS, candidates: [account.address] }));
  }
  const { outcome } = await new Sender(client, account).send(actions);
  if (outcome.state !== "committed") {
    throw new CommandFailedError(`${name} could not be registered as a candidate: ${outcome.code}`, outcome);
  }
}

/** Registers those that don't stand yet; `urls` are where they answer, in the order of their `homes`. */
export async function registerNodes(homes: readonly string[], urls: readonly string[]): Promise<void> {
  await Promise.all(homes.map((home, index) => registerNode(home, `node${index}`, urls[index])));
}

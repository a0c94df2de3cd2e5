// Makes the accounts that are only paid: the funder sends each a little TTC, in transactions of as many transfers as one may have. What they
// hold besides is nothing that a run needs, but their leaves make the state as large as a real chain's.

import { type Action, transfer } from "../../client/actions.js";
import { buildBody, signBody } from "../../client/buildTransaction.js";
import type { TTChainClient } from "../../client/client.js";
import { Connection } from "../../client/connection.js";
import { OPERATIONS_MAX } from "../../protocol/limits.js";
import { TTC_UNIT } from "../../protocol/tokens.js";
import { CommandFailedError } from "../failures.js";
import { type Fleet, payeeAddress } from "./fleet.js";

const PAYEE_TTC_UNITS = TTC_UNIT / 100n;
const BATCH_TRANSACTIONS = 50;
/** Batches under way at once. */
const BATCHES_AT_ONCE = 4;
/** A lane of the funder's that nothing else uses. */
const FUNDING_LANE = 1;

export interface PayeesWanted {
  seed: number;
  payees: number;
}

/** TTC units that the funder needs for this. */
export async function payeesCost(client: TTChainClient, { payees }: PayeesWanted): Promise<bigint> {
  const { parameters } = await client.chain();
  const each = PAYEE_TTC_UNITS + parameters.depositAccountTtcUnits + parameters.feeMinTtcUnits;
  return BigInt(payees) * each + TTC_UNIT;
}

/** Makes them all. Throws CommandFailedError where one of the payments fails. */
export async function fundPayees(
  client: TTChainClient,
  url: string,
  { funder }: Fleet,
  { seed, payees }: PayeesWanted,
): Promise<void> {
  if (await areThere(client, seed, payees)) {
    return;
  }
  const chain = await client.chain();
  const { sequencePending } = await client.lane(funder.address, FUNDING_LANE);
  const connection = await Connection.open({ url });
  let sequence = sequencePending;
  const sign = (first: number): Uint8Array => {
    const actions: Action[] = [];
    for (let i = first; i < Math.min(payees, first + OPERATIONS_MAX); i++) {
      actions.push(transfer(funder, { to: payeeAddress(seed, i), amount: PAYEE_TTC_UNITS, token: "TTC" }));
    }
    const validUntil = chain.height + chain.parameters.validUntilHeightsMax - 1;
    const body = buildBody(chain, { actions, lane: FUNDING_LANE, sequence: sequence++, validUntil });
    return signBody(chain.genesisHash, body, [funder]).bytes;
  };
  const underWay: Promise<void>[] = [];
  try {
    for (let first = 0; first < payees; first += BATCH_TRANSACTIONS * OPERATIONS_MAX) {
      const firsts = Array.from({ length: BATCH_TRANSACTIONS }, (_, i) => first + i * OPERATIONS_MAX);
      const { finals } = connection.submit(firsts.filter((start) => start < payees).map(sign));
      underWay.push(expectCommitted(finals));
      if (underWay.length === BATCHES_AT_ONCE) {
        await underWay.shift();
      }
    }
    await Promise.all(underWay);
  } finally {
    connection.close();
  }
}

/** Whether a run before has made them: they are made in order, so that the last one tells. */
async function areThere(client: TTChainClient, seed: number, payees: number): Promise<boolean> {
  const { balances } = await client.account(payeeAddress(seed, payees - 1));
  return balances.TTC > 0n;
}

async function expectCommitted(finals: ReturnType<Connection["submit"]>["finals"]): Promise<void> {
  for (const { state, code, message } of await Promise.all(finals)) {
    if (state !== "committed") {
      throw new CommandFailedError(`making the accounts: ${state}, ${code} ${message ?? ""}`, { state, code });
    }
  }
}

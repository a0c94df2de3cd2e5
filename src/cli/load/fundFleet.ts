// Gives the fleet the coins that its plan needs: the faucet pays one account, which pays all others in transactions of many
// transfers each.

import type { Account } from "../../client/account.js";
import { type Action, transfer } from "../../client/actions.js";
import { buildBody, type ChainView } from "../../client/buildTransaction.js";
import type { TTChainClient } from "../../client/client.js";
import { Sender } from "../../client/sender.js";
import { waitForCommit } from "../../client/waitForCommit.js";
import { CodedError } from "../../protocol/errors.js";
import { NATIVE_TOKENS, type NativeToken, nativeIndex, TTC_UNIT } from "../../protocol/tokens.js";
import { CommandFailedError } from "../failures.js";
import type { Fleet } from "./fleet.js";
import { type ItemContext, itemChanges } from "./itemTransaction.js";

/** Units of TTC, TTM and TTMI. */
export type Holdings = [bigint, bigint, bigint];

/** Transfers of one funding transaction: three for each account. */
const ACCOUNTS_PER_TRANSACTION = 20;
const SENT_AT_ONCE = 25;
/** What one faucet gift may hold at most on a development chain. */
const GIFT_MAX: Record<NativeToken, bigint> = {
  TTC: 10_000_000n * TTC_UNIT,
  TTM: 1_000_000_000_000n,
  TTMI: 1_000_000_000_000n,
};
/** TTC beyond the plan's need, for deposits and the fees of failures. */
const MARGIN_TTC = 10n * TTC_UNIT;
/** The least of every other token, so that every account holds each. */
const MARGIN_UNITS = 1_000n;

/** What each account of the fleet must hold so that every item of the plan can be paid, whatever comes in. */
export function holdingsNeeded(context: ItemContext): Holdings[] {
  const needed: Holdings[] = context.accounts.map(() => [MARGIN_TTC, MARGIN_UNITS, MARGIN_UNITS]);
  for (const item of context.plan.items) {
    if (item.kind === "duplicate") {
      continue;
    }
    for (const { account, token, delta } of itemChanges(context, item, "committed")) {
      if (delta < 0n) {
        needed[account][nativeIndex(token)] -= delta;
      }
    }
  }
  return needed;
}

async function takeGifts(client: TTChainClient, funder: Account, token: NativeToken, amount: bigint): Promise<void> {
  const most = GIFT_MAX[token];
  for (let left = amount; left > 0n; left -= most) {
    const id = await client.faucet(funder.address, { token, amount: left < most ? left : most });
    const { state, receipt } = await waitForCommit(client, id);
    if (state !== "committed") {
      throw new CommandFailedError(`the faucet's payment is ${state}: ${receipt?.code ?? ""}`, { id, state });
    }
  }
}

function fundingActions(funder: Account, accounts: Account[], holdings: Holdings[], first: number): Action[] {
  return accounts
    .slice(first, first + ACCOUNTS_PER_TRANSACTION)
    .flatMap((account, i) =>
      NATIVE_TOKENS.map((token, t) => transfer(funder, { to: account.address, token, amount: holdings[first + i][t] })),
    );
}

/** TTC units that the funding transactions cost beyond what they move. */
function fundingCost(chain: ChainView, batches: Action[][]): bigint {
  let cost = 0n;
  for (const actions of batches) {
    // A node reserves a deposit for every transfer to an account that does not exist yet.
    cost += BigInt(actions.length) * chain.parameters.depositAccountTtcUnits;
    cost += buildBody(chain, { actions, lane: 0, sequence: 0, feeToken: "TTC" }).feeLimit;
  }
  return cost;
}

async function expectFaucet(client: TTChainClient): Promise<void> {
  const { chain } = await client.status();
  if (!chain.development) {
    throw new CodedError("UNAVAILABLE", `${chain.name} is no development chain: a load run needs its faucet`);
  }
}

/** Funds every account of the fleet, and leaves the funder with TTC of its own. Throws CommandFailedError or a coded error where that fails. */
export async function fundFleet(
  client: TTChainClient,
  fleet: Fleet,
  holdings: Holdings[],
  funderTtcUnits = 0n,
): Promise<void> {
  await expectFaucet(client);
  const { accounts, funder } = fleet;
  const sender = new Sender(client, funder);
  const batches: Action[][] = [];
  for (let first = 0; first < accounts.length; first += ACCOUNTS_PER_TRANSACTION) {
    batches.push(fundingActions(funder, accounts, holdings, first));
  }
  const total = (t: number) => holdings.reduce((sum, held) => sum + held[t], 0n);
  const cost = fundingCost(await client.chain(), batches);
  await takeGifts(client, funder, "TTC", total(0) + cost + funderTtcUnits);
  await takeGifts(client, funder, "TTM", total(1));
  await takeGifts(client, funder, "TTMI", total(2));
  for (let first = 0; first < batches.length; first += SENT_AT_ONCE) {
    const results = await Promise.all(
      batches.slice(first, first + SENT_AT_ONCE).map((actions) => sender.send(actions)),
    );
    for (const { outcome } of results) {
      if (outcome.state !== "committed") {
        throw new CommandFailedError(
          `funding the fleet: ${outcome.state}, ${outcome.code} ${outcome.message ?? ""}`,
          outcome,
        );
      }
    }
  }
}

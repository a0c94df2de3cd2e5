// What a planned item is as a transaction, and what it must do to the accounts: the one place that both signing and the audit
// read, so that the audit compares the chain with the plan and not with the chain's own word.

import type { Account } from "../../client/account.js";
import { type Action, callContract, payWithMileage, transfer } from "../../client/actions.js";
import { buildBody, type ChainView, type SignedTransaction, signBody } from "../../client/buildTransaction.js";
import { minimumFee, transactionFee } from "../../protocol/fees.js";
import type { NativeToken, TokenId } from "../../protocol/tokens.js";
import type { TransactionBody } from "../../protocol/transaction.js";
import { payeeAddress } from "./fleet.js";
import type { Plan, PlanItem } from "./plan.js";

/** All that making an item's transaction needs beside the item. */
export interface ItemContext {
  chain: ChainView;
  accounts: Account[];
  /** Of the fleet. */
  seed: number;
  plan: Plan;
  /** The first sequence number of each account's lane in this run. */
  sequencesFirst: number[];
  validUntil: number;
  /** The token contract whose coins the payments move; undefined: the chain's own. */
  contract?: Uint8Array;
}

/** The most gas that one transfer of the token contract may use. */
const TRANSFER_GAS_MAX = 20_000;

/** The lane that the fleet uses. */
export const LOAD_LANE = 0;

/** A change of one account's balance. */
export interface BalanceChange {
  /** Place in the fleet's list of accounts. */
  account: number;
  token: TokenId;
  /** Units, negative for less. */
  delta: bigint;
}

function actionsOf(context: ItemContext, item: PlanItem): Action[] {
  const payer = context.accounts[item.sender];
  const payee = context.accounts[item.payee];
  const to = payee?.address ?? payeeAddress(context.seed, item.payee - context.accounts.length);
  if (context.contract !== undefined) {
    const args = [to, BigInt(item.amount)];
    const call = { contract: context.contract, functionName: "transfer", args, gasLimit: TRANSFER_GAS_MAX };
    return [callContract(payer, { ...call, depositLimit: 0n })];
  }
  const payment = {
    amount: BigInt(item.amount),
    token: item.token,
    ...(item.reference < 0 ? {} : { reference: context.plan.references[item.reference] }),
  };
  return item.mileage > 0
    ? payWithMileage(payer, payee, { ...payment, mileage: BigInt(item.mileage) })
    : [transfer(payer, { to, ...payment })];
}

export function itemBody(context: ItemContext, item: PlanItem): TransactionBody {
  return buildBody(context.chain, {
    actions: actionsOf(context, item),
    lane: LOAD_LANE,
    sequence: context.sequencesFirst[item.sender] + item.sequence,
    validUntil: context.validUntil,
  });
}

export function signItem(context: ItemContext, item: PlanItem): SignedTransaction {
  const { accounts, chain } = context;
  return signBody(
    chain.genesisHash,
    itemBody(context, item),
    [accounts[item.sender], accounts[item.payee]].filter((account) => account !== undefined),
  );
}

/** What an item costs its sender beyond the amount, at most where it calls a contract, when it is committed and when it fails in the block. */
export function itemFees(context: ItemContext, item: PlanItem): { token: TokenId; fee: bigint; feeFailed: bigint } {
  const { feeToken: token, operations } = itemBody(context, item);
  const { parameters } = context.chain;
  return {
    token,
    fee: transactionFee(parameters, { feeToken: token, operations }),
    feeFailed: minimumFee(parameters, token),
  };
}

/** How the balances must change when the item is committed, or failed in its block. */
export function itemChanges(context: ItemContext, item: PlanItem, outcome: "committed" | "failed"): BalanceChange[] {
  const { token: feeToken, fee, feeFailed } = itemFees(context, item);
  if (outcome === "failed") {
    return [{ account: item.sender, token: feeToken, delta: -feeFailed }];
  }
  if (context.contract !== undefined) {
    return [{ account: item.sender, token: feeToken, delta: -fee }];
  }
  const { sender, payee, token } = item;
  const amount = BigInt(item.amount);
  const mileage = BigInt(item.mileage);
  const changes: BalanceChange[] = [
    { account: sender, token: feeToken, delta: -fee },
    { account: sender, token, delta: -amount },
    { account: payee, token, delta: amount },
  ];
  if (mileage > 0n) {
    const mileageToken: NativeToken = "TTMI";
    changes.push({ account: payee, token: mileageToken, delta: -mileage });
    changes.push({ account: sender, token: mileageToken, delta: mileage });
  }
  return changes;
}

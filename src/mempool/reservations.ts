// What a waiting transaction would take from each account, so that a sender can't fill the pool with payments that only one of
// could ever be made. Credits on their way don't count: they may never come.

import { bytesKey } from "../base/bytes.js";
import { transactionFee } from "../protocol/fees.js";
import type { ChainParameters } from "../protocol/parameters.js";
import { NATIVE_TOKENS, type TokenId } from "../protocol/tokens.js";
import type { Transaction } from "../protocol/transaction.js";
import type { PaymentTerms } from "../wasm/intakeKernel.js";
import type { Outflow, PoolAccount } from "./poolAccount.js";
import type { PoolAccounts } from "./poolAccounts.js";

/**
 * What a transaction needs of each account and token: its fee, then amounts and deposits for payees that are new, in the order of
 * its operations, less what operations before gave.
 */
export function outflowsOf(transaction: Transaction, parameters: ChainParameters, accounts: PoolAccounts): Outflow[] {
  const needs = new Map<string, Outflow & { held: bigint }>();
  const add = (address: Uint8Array, token: TokenId, units: bigint): void => {
    const name = bytesKey(address);
    const key = name + token;
    let need = needs.get(key);
    if (need === undefined) {
      need = { account: accounts.of(name), token, units: 0n, held: 0n };
      needs.set(key, need);
    }
    need.held += units;
    if (need.units < -need.held) {
      need.units = -need.held;
    }
  };
  // Only signers pay: what others get frees nothing here, and payees by the thousand need no account of the pool.
  const payers = new Set(transaction.signers.map(({ address }) => bytesKey(address)));
  const opened = new Set<string>();
  const payer = transaction.signers[transaction.feePayer].address;
  add(payer, transaction.feeToken, -transactionFee(parameters, transaction));
  for (const operation of transaction.operations) {
    const owner = transaction.signers[operation.account].address;
    if (operation.kind === "transfer" || operation.kind === "burn") {
      add(owner, operation.token, -operation.amount);
    }
    if (operation.kind === "callContract" && operation.payment !== undefined) {
      add(owner, operation.payment.token, -operation.payment.amount);
    }
    if (operation.kind === "transfer" || operation.kind === "mint") {
      const payee = bytesKey(operation.to);
      if (!opened.has(payee) && !accounts.exists(payee)) {
        opened.add(payee);
        add(payer, "TTC", -parameters.depositAccountTtcUnits);
      }
      if (payers.has(payee)) {
        add(operation.to, operation.token, operation.amount);
      }
    }
  }
  return [...needs.values()].filter(({ units }) => units > 0n);
}

/** The same for a payment of one transfer. */
export function paymentOutflows(terms: PaymentTerms, depositTtcUnits: bigint, accounts: PoolAccounts): Outflow[] {
  const feePayer = accounts.of(signerOf(terms, terms.feePayer));
  const payer = terms.payer === terms.feePayer ? feePayer : accounts.of(signerOf(terms, terms.payer));
  const token = NATIVE_TOKENS[terms.token];
  const payeeExists = accounts.exists(terms.payee);
  if (payeeExists && payer === feePayer && terms.token === terms.feeToken) {
    // As nearly all are.
    return [{ account: payer, token, units: terms.fee + terms.amount }];
  }
  let outflows = withOutflow([], feePayer, NATIVE_TOKENS[terms.feeToken], terms.fee);
  outflows = withOutflow(outflows, payer, token, terms.amount);
  return payeeExists ? outflows : withOutflow(outflows, feePayer, "TTC", depositTtcUnits);
}

function signerOf({ sender, cosigners }: PaymentTerms, place: number): string {
  return place === 0 ? sender : cosigners[place - 1];
}

/** The list with one more outflow. It is kept for as long as the payment waits: a list that is pushed to has room for seventeen. */
function withOutflow(outflows: Outflow[], account: PoolAccount, token: TokenId, units: bigint): Outflow[] {
  if (units === 0n) {
    return outflows;
  }
  for (const known of outflows) {
    if (known.account === account && known.token === token) {
      known.units += units;
      return outflows;
    }
  }
  return outflows.concat({ account, token, units });
}

// What waiting transactions would take from each account, so that a sender can't fill the pool with payments that only one of
// could ever be made. Credits on their way don't count: they may never come.

import { bytesKey } from "../base/bytes.js";
import { transactionFee } from "../protocol/fees.js";
import type { ChainParameters } from "../protocol/parameters.js";
import type { TokenId } from "../protocol/tokens.js";
import type { Transaction } from "../protocol/transaction.js";

/** One account's share of a transaction's cost. */
export interface Outflow {
  address: Uint8Array;
  token: TokenId;
  units: bigint;
}

/**
 * What a transaction needs of each account and token: its fee, then amounts and deposits for payees that are new, in the order of
 * its operations, less what operations before gave.
 */
export function outflowsOf(
  transaction: Transaction,
  parameters: ChainParameters,
  accountExists: (address: Uint8Array) => boolean,
): Outflow[] {
  const needs = new Map<string, Outflow & { held: bigint }>();
  const add = (address: Uint8Array, token: TokenId, units: bigint): void => {
    const key = bytesKey(address) + token;
    let need = needs.get(key);
    if (need === undefined) {
      need = { address, token, units: 0n, held: 0n };
      needs.set(key, need);
    }
    need.held += units;
    if (need.units < -need.held) {
      need.units = -need.held;
    }
  };
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
      if (!opened.has(payee) && !accountExists(operation.to)) {
        opened.add(payee);
        add(payer, "TTC", -parameters.depositAccountTtcUnits);
      }
      add(operation.to, operation.token, operation.amount);
    }
  }
  return [...needs.values()].filter(({ units }) => units > 0n);
}

/** Sums of outflows over all waiting transactions. */
export class Reservations {
  private readonly reserved = new Map<string, bigint>();

  /** Units of `token` that waiting transactions would take from `address`. */
  of(address: Uint8Array, token: TokenId): bigint {
    return this.reserved.get(bytesKey(address) + token) ?? 0n;
  }

  add(outflows: Outflow[]): void {
    for (const { address, token, units } of outflows) {
      const key = bytesKey(address) + token;
      this.reserved.set(key, (this.reserved.get(key) ?? 0n) + units);
    }
  }

  remove(outflows: Outflow[]): void {
    for (const { address, token, units } of outflows) {
      const key = bytesKey(address) + token;
      const left = (this.reserved.get(key) ?? 0n) - units;
      if (left > 0n) {
        this.reserved.set(key, left);
      } else {
        this.reserved.delete(key);
      }
    }
  }
}

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

/** What a transaction takes at most from each account and token: amounts, its fee, and deposits for payees that are new. */
export function outflowsOf(
  transaction: Transaction,
  parameters: ChainParameters,
  accountExists: (address: Uint8Array) => boolean,
): Outflow[] {
  const totals = new Map<string, Outflow>();
  const add = (address: Uint8Array, token: TokenId, units: bigint): void => {
    const key = bytesKey(address) + token;
    const before = totals.get(key);
    if (before === undefined) {
      totals.set(key, { address, token, units });
    } else {
      before.units += units;
    }
  };
  const payer = transaction.signers[transaction.feePayer].address;
  add(payer, transaction.feeToken, transactionFee(parameters, transaction));
  for (const operation of transaction.operations) {
    const owner = transaction.signers[operation.account].address;
    if (operation.kind === "transfer" || operation.kind === "burn") {
      add(owner, operation.token, operation.amount);
    }
    if ((operation.kind === "transfer" || operation.kind === "mint") && !accountExists(operation.to)) {
      add(payer, "TTC", parameters.depositAccountTtcUnits);
    }
  }
  return [...totals.values()];
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

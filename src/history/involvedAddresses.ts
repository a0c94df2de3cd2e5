// Whose accounts a transaction concerns: those that have an entry of it in the history, and are told of it when they subscribe.

import { equalBytes } from "../base/bytes.js";
import type { Operation } from "../protocol/operations/operation.js";
import type { Transaction } from "../protocol/transaction.js";

/** The account on the other side of an operation, where there is one. */
function counterpartyOf(operation: Operation): Uint8Array | undefined {
  switch (operation.kind) {
    case "transfer":
    case "mint":
    case "transferName":
      return operation.to;
    case "setFrozen":
      return operation.target;
    case "closeAccount":
      return operation.beneficiary;
    case "callContract":
    case "publishContract":
    case "upgradeContract":
    case "setContractPaused":
    case "destroyContract":
      return operation.contract;
    default:
      return undefined;
  }
}

/** The signers and, where the transaction took effect, those on the other side of its operations; each address once. */
export function involvedAddresses(transaction: Transaction, succeeded: boolean): Uint8Array[] {
  const addresses = transaction.signers.map((signer) => signer.address);
  if (succeeded) {
    for (const operation of transaction.operations) {
      const other = counterpartyOf(operation);
      if (other !== undefined && !addresses.some((address) => equalBytes(address, other))) {
        addresses.push(other);
      }
    }
  }
  return addresses;
}

/** Who receives a transfer of the transaction; each address once. */
export function payeesOf(transaction: Transaction): Uint8Array[] {
  const payees: Uint8Array[] = [];
  for (const operation of transaction.operations) {
    if (operation.kind === "transfer" && !payees.some((payee) => equalBytes(payee, operation.to))) {
      payees.push(operation.to);
    }
  }
  return payees;
}

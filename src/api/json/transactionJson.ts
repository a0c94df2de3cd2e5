// Transactions and operations as JSON.

import { toHex } from "../../base/bytes.js";
import type { OperationJson, TransactionJson, TransactionSummaryJson } from "../../protocol/apiTypes.js";
import type { Operation } from "../../protocol/operations/operation.js";
import { decodeReceipt } from "../../protocol/receipt.js";
import type { Transaction } from "../../protocol/transaction.js";
import { addressText } from "./addressText.js";
import { contractOperationJson } from "./contractOperationJson.js";
import { delegateOperationJson } from "./delegateOperationJson.js";
import { nameOperationJson } from "./nameOperationJson.js";
import { codeText } from "./receiptJson.js";

function operationJson(operation: Operation, transaction: Transaction, operationIndex: number): OperationJson {
  const account = addressText(transaction.signers[operation.account].address);
  switch (operation.kind) {
    case "transfer": {
      const { kind, to, token, amount, reference } = operation;
      const json = { kind, account, to: addressText(to), token, amount: amount.toString() };
      return reference === undefined ? json : { ...json, reference: toHex(reference) };
    }
    case "createToken":
      return { ...operation, account, supply: operation.supply.toString() };
    case "mint": {
      const { kind, token, to, amount } = operation;
      return { kind, account, token, to: addressText(to), amount: amount.toString() };
    }
    case "burn":
      return { kind: operation.kind, account, token: operation.token, amount: operation.amount.toString() };
    case "replaceKey":
      return { kind: operation.kind, account, publicKey: toHex(operation.publicKey) };
    case "setFrozen": {
      const { kind, token, target, frozen } = operation;
      return { kind, account, token, target: addressText(target), frozen };
    }
    case "closeAccount":
      return { kind: operation.kind, account, beneficiary: addressText(operation.beneficiary) };
    case "registerContract":
    case "callContract":
    case "publishContract":
    case "upgradeContract":
    case "setContractPaused":
    case "destroyContract":
      return contractOperationJson(operation, account, transaction, operationIndex);
    case "answerOracle":
      return { kind: operation.kind, account, request: toHex(operation.request), value: operation.value.toString() };
    case "deliverOracle": {
      const { kind, request, callbackGas } = operation;
      return { kind, account, request: toHex(request), callbackGas };
    }
    case "priceOracle": {
      const { kind, token, units, ttcUnits } = operation;
      return { kind, account, token, units: units.toString(), ttcUnits: ttcUnits.toString() };
    }
    case "commitName":
    case "revealName":
    case "setName":
    case "renewName":
    case "transferName":
    case "releaseName":
      return nameOperationJson(operation, account);
    default:
      return delegateOperationJson(operation, account);
  }
}

export function transactionJson(transaction: Transaction): TransactionJson {
  const { partner, memo } = transaction;
  return {
    id: toHex(transaction.id),
    sender: addressText(transaction.signers[0].address),
    signers: transaction.signers.map(({ address, publicKey }) => ({
      address: addressText(address),
      publicKey: toHex(publicKey),
    })),
    feePayer: addressText(transaction.signers[transaction.feePayer].address),
    lane: transaction.lane,
    sequence: transaction.sequence,
    validUntil: transaction.validUntil,
    feeToken: transaction.feeToken,
    feeLimit: transaction.feeLimit.toString(),
    ...(partner === undefined ? {} : { partner: addressText(partner) }),
    ...(memo === undefined ? {} : { memo: toHex(memo) }),
    operations: transaction.operations.map((operation, index) => operationJson(operation, transaction, index)),
    bytes: toHex(transaction.bytes),
  };
}

/** What subscribers are told of a committed transaction. */
export function transactionSummaryJson(transaction: Transaction, encodedReceipt: Uint8Array): TransactionSummaryJson {
  const receipt = decodeReceipt(encodedReceipt);
  return {
    id: toHex(transaction.id),
    code: codeText(receipt.code),
    sender: addressText(transaction.signers[0].address),
    fee: receipt.fee.toString(),
    feeToken: transaction.feeToken,
    operations: transaction.operations.map((operation, index) => operationJson(operation, transaction, index)),
  };
}

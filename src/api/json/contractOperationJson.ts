// Operations on contracts as JSON. Sources are not repeated: the transaction's bytes hold them.

import { toHex } from "../../base/bytes.js";
import { contractAddress } from "../../protocol/address.js";
import type { OperationJson } from "../../protocol/apiTypes.js";
import type {
  CallContract,
  DestroyContract,
  PublishContract,
  RegisterContract,
  SetContractPaused,
  UpgradeContract,
} from "../../protocol/operations/operation.js";
import type { Transaction } from "../../protocol/transaction.js";
import { sha256 } from "../../wasm/sha256.js";
import { addressText } from "./addressText.js";

type ContractOperation =
  | RegisterContract
  | CallContract
  | PublishContract
  | UpgradeContract
  | SetContractPaused
  | DestroyContract;

function runJson({ args, gasLimit, depositLimit }: RegisterContract | CallContract | UpgradeContract) {
  return { args: toHex(args), gasLimit, depositLimit: depositLimit.toString() };
}

/** `account`: the text of the address that the operation acts for. */
export function contractOperationJson(
  operation: ContractOperation,
  account: string,
  transaction: Transaction,
  operationIndex: number,
): OperationJson {
  switch (operation.kind) {
    case "registerContract": {
      const { kind, source, upgradePolicy, upgradeDelayHeights } = operation;
      const contract = addressText(contractAddress(transaction.id, operationIndex));
      const codeHash = toHex(sha256(source));
      return { kind, account, contract, codeHash, upgradePolicy, upgradeDelayHeights, ...runJson(operation) };
    }
    case "callContract": {
      const { kind, contract, functionName, payment } = operation;
      const paid =
        payment === undefined ? {} : { payment: { token: payment.token, amount: payment.amount.toString() } };
      return {
        kind,
        account,
        contract: addressText(contract),
        function: functionName,
        ...paid,
        ...runJson(operation),
      };
    }
    case "upgradeContract": {
      const { kind, contract, source } = operation;
      return { kind, account, contract: addressText(contract), codeHash: toHex(sha256(source)), ...runJson(operation) };
    }
    case "setContractPaused":
      return {
        kind: operation.kind,
        account,
        contract: addressText(operation.contract),
        paused: operation.paused,
      };
    case "publishContract":
      return { kind: operation.kind, account, contract: addressText(operation.contract) };
    case "destroyContract": {
      const { kind, contract, tokens } = operation;
      return { kind, account, contract: addressText(contract), tokens };
    }
  }
}

// The operations of candidates and voters as JSON.

import { toHex } from "../../base/bytes.js";
import type { AddressText, DelegateOperationJson } from "../../protocol/apiTypes.js";
import type { DelegateOperation } from "../../protocol/operations/delegateOperations.js";
import { addressText } from "./addressText.js";

export function delegateOperationJson(operation: DelegateOperation, account: AddressText): DelegateOperationJson {
  switch (operation.kind) {
    case "registerCandidate":
    case "updateCandidate":
      return { ...operation, account, delegateKey: toHex(operation.delegateKey) };
    case "vote": {
      const { kind, amount, candidates } = operation;
      return { kind, account, amount: amount.toString(), candidates: candidates.map(addressText) };
    }
    case "unlock":
      return { kind: operation.kind, account, amount: operation.amount.toString() };
    case "reportDoubleSign":
      return { kind: operation.kind, account, evidence: toHex(operation.evidence) };
    case "resignCandidate":
    case "resumeCandidate":
    case "withdraw":
    case "claimRewards":
      return { kind: operation.kind, account };
  }
}

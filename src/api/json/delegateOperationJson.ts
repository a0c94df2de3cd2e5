// The operations of candidates and voters as JSON.

import { toHex } from "../../base/bytes.js";
import type { AddressText } from "../../protocol/apiTexts.js";
import type { DelegateOperationJson, ProposalContentJson } from "../../protocol/delegateApiTypes.js";
import type { DelegateOperation } from "../../protocol/operations/delegateOperations.js";
import type { OfficeOperation, ProposalContent } from "../../protocol/operations/officeOperations.js";
import { addressText } from "./addressText.js";

/** What is proposed, with amounts and addresses as texts. */
export function proposalContentJson(content: ProposalContent): ProposalContentJson {
  switch (content.kind) {
    case "parameter":
      return { ...content, value: content.value.toString() };
    case "quote":
      return { ...content, units: content.units.toString(), ttcUnits: content.ttcUnits.toString() };
    case "upgrade":
      return content;
    case "partner":
      return { ...content, partner: addressText(content.partner) };
  }
}

export function delegateOperationJson(
  operation: DelegateOperation | OfficeOperation,
  account: AddressText,
): DelegateOperationJson {
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
    case "registerMaster": {
      const { kind, name, site } = operation;
      return { kind, account, name, site };
    }
    case "answerChallenge":
      return { kind: operation.kind, account, answer: toHex(operation.answer) };
    case "propose": {
      const { kind, heightActive, content } = operation;
      return { kind, account, heightActive, content: proposalContentJson(content) };
    }
    case "voteProposal": {
      const { kind, proposal, approve } = operation;
      return { kind, account, proposal, approve };
    }
    case "claimPartner":
    case "resignMaster":
    case "resignCandidate":
    case "resumeCandidate":
    case "withdraw":
    case "claimRewards":
      return { kind: operation.kind, account };
  }
}

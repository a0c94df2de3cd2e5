// The operations on names as JSON.

import { toHex } from "../../base/bytes.js";
import type { AddressText } from "../../protocol/apiTexts.js";
import type { NameOperationJson } from "../../protocol/nameApiTypes.js";
import type { NameOperation } from "../../protocol/operations/nameOperations.js";
import { addressText } from "./addressText.js";

export function nameOperationJson(operation: NameOperation, account: AddressText): NameOperationJson {
  switch (operation.kind) {
    case "commitName":
      return { kind: operation.kind, account, commitment: toHex(operation.commitment) };
    case "revealName": {
      const { kind, name, salt, target } = operation;
      return { kind, account, name, salt: toHex(salt), target: addressText(target) };
    }
    case "setName":
      return { kind: operation.kind, account, name: operation.name, target: addressText(operation.target) };
    case "transferName":
      return { kind: operation.kind, account, name: operation.name, to: addressText(operation.to) };
    case "renewName":
    case "releaseName":
      return { kind: operation.kind, account, name: operation.name };
  }
}

// Register contract: source and tests, what may become of it later, and the constructor's arguments.

import { CodedError } from "../errors.js";
import {
  decodeGas,
  decodePackage,
  encodeGas,
  encodePackage,
  UPGRADE_POLICIES,
  verifyArguments,
  verifyGas,
  verifyPackage,
} from "./contracts.js";
import type { OperationCodec, RegisterContract } from "./operation.js";

export const registerContractCodec: OperationCodec<RegisterContract> = {
  code: 8,
  kind: "registerContract",
  encode(writer, operation) {
    encodePackage(writer, operation);
    writer.u8(UPGRADE_POLICIES.indexOf(operation.upgradePolicy)).u32(operation.upgradeDelayHeights);
    writer.u16(operation.args.length).raw(operation.args);
    encodeGas(writer, operation);
  },
  decode(reader, account) {
    const contract = decodePackage(reader);
    const policy = reader.u8();
    if (policy >= UPGRADE_POLICIES.length) {
      throw new CodedError(
        "MALFORMED",
        `expected an upgrade policy of 0 to ${UPGRADE_POLICIES.length - 1}, got ${policy}`,
      );
    }
    return {
      kind: "registerContract",
      account,
      ...contract,
      upgradePolicy: UPGRADE_POLICIES[policy],
      upgradeDelayHeights: reader.u32(),
      args: reader.raw(reader.u16()),
      ...decodeGas(reader),
    };
  },
  verify(operation) {
    verifyPackage(operation);
    verifyArguments(operation.args);
    verifyGas(operation);
    const isDelayed = operation.upgradePolicy === "ownerAfterDelay";
    if (isDelayed !== operation.upgradeDelayHeights > 0) {
      const found = `${operation.upgradePolicy} with ${operation.upgradeDelayHeights}`;
      throw new CodedError("MALFORMED", `expected a delay with the policy ownerAfterDelay and no other, got ${found}`);
    }
  },
};

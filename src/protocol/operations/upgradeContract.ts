// Upgrade contract: another package takes the place of a contract's code; its storage stays. Where the policy asks for a delay, the
// same operation is sent twice: first to announce, then to carry out.

import { expectBytes } from "../expectBytes.js";
import {
  decodeGas,
  decodePackage,
  encodeGas,
  encodePackage,
  verifyArguments,
  verifyGas,
  verifyPackage,
} from "./contracts.js";
import type { OperationCodec, UpgradeContract } from "./operation.js";

export const upgradeContractCodec: OperationCodec<UpgradeContract> = {
  code: 11,
  kind: "upgradeContract",
  encode(writer, operation) {
    writer.raw(operation.contract);
    encodePackage(writer, operation);
    writer.u16(operation.args.length).raw(operation.args);
    encodeGas(writer, operation);
  },
  decode(reader, account) {
    return {
      kind: "upgradeContract",
      account,
      contract: reader.raw(32),
      ...decodePackage(reader),
      args: reader.raw(reader.u16()),
      ...decodeGas(reader),
    };
  },
  verify(operation) {
    expectBytes(operation.contract, 32, "contract address");
    verifyPackage(operation);
    verifyArguments(operation.args);
    verifyGas(operation);
  },
};

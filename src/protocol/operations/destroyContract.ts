// Destroy contract: a temporary contract goes, and its code's deposit comes back.

import { expectBytes } from "../expectBytes.js";
import type { DestroyContract, OperationCodec } from "./operation.js";

export const destroyContractCodec: OperationCodec<DestroyContract> = {
  code: 13,
  kind: "destroyContract",
  encode(writer, operation) {
    writer.raw(operation.contract);
  },
  decode(reader, account) {
    return { kind: "destroyContract", account, contract: reader.raw(32) };
  },
  verify(operation) {
    expectBytes(operation.contract, 32, "contract address");
  },
};

// Publish contract: from temporary, which its owner may destroy, to permanent, which nobody may.

import { expectBytes } from "../expectBytes.js";
import type { OperationCodec, PublishContract } from "./operation.js";

export const publishContractCodec: OperationCodec<PublishContract> = {
  code: 10,
  kind: "publishContract",
  encode(writer, operation) {
    writer.raw(operation.contract);
  },
  decode(reader, account) {
    return { kind: "publishContract", account, contract: reader.raw(32) };
  },
  verify(operation) {
    expectBytes(operation.contract, 32, "contract address");
  },
};

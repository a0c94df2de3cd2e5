// Close account: the way a deposit comes back.

import { expectBytes } from "../expectBytes.js";
import type { CloseAccount, OperationCodec } from "./operation.js";

export const closeAccountCodec: OperationCodec<CloseAccount> = {
  code: 7,
  kind: "closeAccount",
  encode(writer, operation) {
    writer.raw(operation.beneficiary);
  },
  decode(reader, account) {
    return { kind: "closeAccount", account, beneficiary: reader.raw(32) };
  },
  verify(operation) {
    expectBytes(operation.beneficiary, 32, "address");
  },
};

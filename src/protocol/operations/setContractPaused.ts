// Set contract paused: its owner stops all calls of it, or allows them again.

import { expectBytes } from "../expectBytes.js";
import type { OperationCodec, SetContractPaused } from "./operation.js";

export const setContractPausedCodec: OperationCodec<SetContractPaused> = {
  code: 12,
  kind: "setContractPaused",
  encode(writer, operation) {
    writer.raw(operation.contract).u8(operation.paused ? 1 : 0);
  },
  decode(reader, account) {
    return { kind: "setContractPaused", account, contract: reader.raw(32), paused: reader.flag() };
  },
  verify(operation) {
    expectBytes(operation.contract, 32, "contract address");
  },
};

// Set frozen: the issuer of a freezable token stops, or frees again, what one account holds of it.

import { expectBytes } from "../expectBytes.js";
import { decodeToken, encodeToken } from "../tokens.js";
import type { OperationCodec, SetFrozen } from "./operation.js";

export const setFrozenCodec: OperationCodec<SetFrozen> = {
  code: 6,
  kind: "setFrozen",
  encode(writer, operation) {
    encodeToken(writer, operation.token);
    writer.raw(operation.target).u8(operation.frozen ? 1 : 0);
  },
  decode(reader, account) {
    return { kind: "setFrozen", account, token: decodeToken(reader), target: reader.raw(32), frozen: reader.flag() };
  },
  verify(operation) {
    expectBytes(operation.target, 32, "address");
  },
};

// Burn: units leave the account and the supply.

import { expectAmount } from "../expectAmount.js";
import { decodeToken, encodeToken } from "../tokens.js";
import type { Burn, OperationCodec } from "./operation.js";

export const burnCodec: OperationCodec<Burn> = {
  code: 4,
  kind: "burn",
  encode(writer, operation) {
    encodeToken(writer, operation.token);
    writer.u64(operation.amount);
  },
  decode(reader, account) {
    return { kind: "burn", account, token: decodeToken(reader), amount: reader.amount() };
  },
  verify(operation) {
    expectAmount(operation.amount);
  },
};

// Mint: new units of a token, for one account.

import { expectAmount } from "../expectAmount.js";
import { expectBytes } from "../expectBytes.js";
import { decodeToken, encodeToken } from "../tokens.js";
import type { Mint, OperationCodec } from "./operation.js";

export const mintCodec: OperationCodec<Mint> = {
  code: 3,
  kind: "mint",
  encode(writer, operation) {
    encodeToken(writer, operation.token);
    writer.raw(operation.to).u64(operation.amount);
  },
  decode(reader, account) {
    return { kind: "mint", account, token: decodeToken(reader), to: reader.raw(32), amount: reader.amount() };
  },
  verify(operation) {
    expectBytes(operation.to, 32, "address");
    expectAmount(operation.amount);
  },
};

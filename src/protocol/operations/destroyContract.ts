// Destroy contract: a temporary contract goes, its code's deposit comes back, and its owner gets what it holds: of the chain's own tokens, and
// of the created tokens that are named, since the state can't tell which an account holds.

import { compareBytes } from "../../base/bytes.js";
import { CodedError } from "../errors.js";
import { expectBytes } from "../expectBytes.js";
import { DESTROYED_TOKENS_MAX } from "../limits.js";
import { decodeToken, encodeToken, nativeIndex, tokenBytes } from "../tokens.js";
import type { DestroyContract, OperationCodec } from "./operation.js";

export const destroyContractCodec: OperationCodec<DestroyContract> = {
  code: 13,
  kind: "destroyContract",
  encode(writer, operation) {
    writer.raw(operation.contract).u8(operation.tokens.length);
    for (const token of operation.tokens) {
      encodeToken(writer, token);
    }
  },
  decode(reader, account) {
    const contract = reader.raw(32);
    const tokens = Array.from({ length: reader.u8() }, () => decodeToken(reader));
    return { kind: "destroyContract", account, contract, tokens };
  },
  verify({ contract, tokens }) {
    expectBytes(contract, 32, "contract address");
    const named = tokens.map(tokenBytes);
    const ascends = named.every((bytes, i) => i === 0 || compareBytes(named[i - 1], bytes) < 0);
    const isCreated = tokens.every((token) => nativeIndex(token) < 0);
    if (tokens.length > DESTROYED_TOKENS_MAX || !ascends || !isCreated) {
      throw new CodedError("NON_CANONICAL", `expected up to ${DESTROYED_TOKENS_MAX} created tokens, ascending`);
    }
  },
};

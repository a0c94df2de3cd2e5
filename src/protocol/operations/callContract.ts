// Call contract: a function by its name, arguments in the contracts' own encoding, perhaps a payment, and the most that it may cost.

import { bytesKey, utf8Bytes } from "../../base/bytes.js";
import { CodedError } from "../errors.js";
import { expectAmount } from "../expectAmount.js";
import { expectBytes } from "../expectBytes.js";
import { decodeToken, encodeToken } from "../tokens.js";
import { decodeGas, encodeGas, verifyArguments, verifyFunctionName, verifyGas } from "./contracts.js";
import type { CallContract, OperationCodec } from "./operation.js";

export const callContractCodec: OperationCodec<CallContract> = {
  code: 9,
  kind: "callContract",
  encode(writer, operation) {
    writer.raw(operation.contract).short(utf8Bytes(operation.functionName));
    writer.u16(operation.args.length).raw(operation.args);
    if (operation.payment === undefined) {
      writer.u8(0);
    } else {
      encodeToken(writer.u8(1), operation.payment.token);
      writer.u64(operation.payment.amount);
    }
    encodeGas(writer, operation);
  },
  decode(reader, account) {
    const contract = reader.raw(32);
    const functionName = bytesKey(reader.short());
    const args = reader.raw(reader.u16());
    const payment = reader.flag() ? { token: decodeToken(reader), amount: reader.amount() } : undefined;
    const { gasLimit, depositLimit } = decodeGas(reader);
    const call: CallContract = { kind: "callContract", account, contract, functionName, args, gasLimit, depositLimit };
    return payment === undefined ? call : { ...call, payment };
  },
  verify(operation) {
    expectBytes(operation.contract, 32, "contract address");
    verifyFunctionName(operation.functionName);
    if (operation.functionName === "constructor" || operation.functionName === "migrate") {
      throw new CodedError("BAD_CONTRACT_NAME", "expected neither constructor nor migration, which run but once");
    }
    verifyArguments(operation.args);
    if (operation.payment !== undefined) {
      expectAmount(operation.payment.amount);
    }
    verifyGas(operation);
  },
};

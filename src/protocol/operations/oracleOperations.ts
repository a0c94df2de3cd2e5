// The operations by which delegates bring data in from outside: an answer to a contract's request, its delivery, and a token's price.

import { CodedError } from "../errors.js";
import { expectAmount } from "../expectAmount.js";
import { expectBytes } from "../expectBytes.js";
import { OPERATION_GAS_MAX } from "../limits.js";
import { decodeToken, encodeToken } from "../tokens.js";
import type { AnswerOracle, DeliverOracle, OperationCodec, PriceOracle } from "./operation.js";

export const answerOracleCodec: OperationCodec<AnswerOracle> = {
  code: 14,
  kind: "answerOracle",
  encode(writer, operation) {
    writer.raw(operation.request).u64(BigInt.asUintN(64, operation.value));
  },
  decode(reader, account) {
    return { kind: "answerOracle", account, request: reader.raw(32), value: BigInt.asIntN(64, reader.u64()) };
  },
  verify(operation) {
    expectBytes(operation.request, 32, "request");
    if (BigInt.asIntN(64, operation.value) !== operation.value) {
      throw new CodedError("AMOUNT_OUT_OF_RANGE", `expected a signed 64-bit integer, got ${operation.value}`);
    }
  },
};

export const deliverOracleCodec: OperationCodec<DeliverOracle> = {
  code: 15,
  kind: "deliverOracle",
  encode(writer, operation) {
    writer.raw(operation.request).u32(operation.callbackGas);
  },
  decode(reader, account) {
    return { kind: "deliverOracle", account, request: reader.raw(32), callbackGas: reader.u32() };
  },
  verify({ request, callbackGas }) {
    expectBytes(request, 32, "request");
    if (!Number.isInteger(callbackGas) || callbackGas < 1 || callbackGas > OPERATION_GAS_MAX) {
      throw new CodedError("GAS_LIMIT", `expected gas from 1 to ${OPERATION_GAS_MAX}, got ${callbackGas}`);
    }
  },
};

export const priceOracleCodec: OperationCodec<PriceOracle> = {
  code: 16,
  kind: "priceOracle",
  encode(writer, operation) {
    encodeToken(writer, operation.token);
    writer.u64(operation.units).u64(operation.ttcUnits);
  },
  decode(reader, account) {
    const token = decodeToken(reader);
    return { kind: "priceOracle", account, token, units: reader.amount(), ttcUnits: reader.amount() };
  },
  verify({ token, units, ttcUnits }) {
    expectAmount(units);
    expectAmount(ttcUnits);
    if (token === "TTC") {
      throw new CodedError("MALFORMED", "expected the price of another token than TTC, got TTC's");
    }
  },
};

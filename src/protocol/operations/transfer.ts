// Transfer: the payment itself. 44 bytes with the kind and the account's index for the chain's own tokens, 76 with a reference.

import { expectAmount } from "../expectAmount.js";
import { expectBytes } from "../expectBytes.js";
import { decodeToken, encodeToken } from "../tokens.js";
import type { OperationCodec, Transfer } from "./operation.js";

export const REFERENCE_BYTES = 32;

/** The height up to which a reference can be paid: its first 8 bytes. */
export function referenceExpiryHeight(reference: Uint8Array): bigint {
  return new DataView(reference.buffer, reference.byteOffset, 8).getBigUint64(0, true);
}

export const transferCodec: OperationCodec<Transfer> = {
  code: 1,
  kind: "transfer",
  encode(writer, operation) {
    writer.raw(operation.to);
    encodeToken(writer, operation.token);
    writer.u64(operation.amount);
    if (operation.reference === undefined) {
      writer.u8(0);
    } else {
      writer.u8(1).raw(operation.reference);
    }
  },
  decode(reader, account) {
    const to = reader.raw(32);
    const token = decodeToken(reader);
    const amount = reader.amount();
    const operation: Transfer = { kind: "transfer", account, to, token, amount };
    if (reader.flag()) {
      operation.reference = reader.raw(REFERENCE_BYTES);
    }
    return operation;
  },
  verify(operation) {
    expectBytes(operation.to, 32, "payee address");
    expectAmount(operation.amount);
    if (operation.reference !== undefined) {
      expectBytes(operation.reference, REFERENCE_BYTES, "reference");
    }
  },
};

// Replace key: the account stays, another key rules it. The new key signs the same transaction, so that a mistyped key can't
// lock its owner out.

import { expectBytes } from "../expectBytes.js";
import type { OperationCodec, ReplaceKey } from "./operation.js";

export const replaceKeyCodec: OperationCodec<ReplaceKey> = {
  code: 5,
  kind: "replaceKey",
  encode(writer, operation) {
    writer.raw(operation.publicKey);
  },
  decode(reader, account) {
    return { kind: "replaceKey", account, publicKey: reader.raw(32) };
  },
  verify(operation) {
    expectBytes(operation.publicKey, 32, "public key");
  },
};

// The bytes of the operations on names.

import { utf8Bytes } from "../../base/bytes.js";
import { expectBytes } from "../expectBytes.js";
import { expectName, NAME_SALT_BYTES } from "../names.js";
import { decodeTokenText } from "./createToken.js";
import type { CommitName, ReleaseName, RenewName, RevealName, SetName, TransferName } from "./nameOperations.js";
import type { OperationCodec } from "./operation.js";

export const commitNameCodec: OperationCodec<CommitName> = {
  code: 48,
  kind: "commitName",
  encode(writer, operation) {
    writer.raw(operation.commitment);
  },
  decode: (reader, account) => ({ kind: "commitName", account, commitment: reader.raw(32) }),
  verify(operation) {
    expectBytes(operation.commitment, 32, "commitment");
  },
};

export const revealNameCodec: OperationCodec<RevealName> = {
  code: 49,
  kind: "revealName",
  encode(writer, { name, salt, target }) {
    writer.short(utf8Bytes(name)).raw(salt).raw(target);
  },
  decode(reader, account) {
    const name = decodeTokenText(reader.short());
    return { kind: "revealName", account, name, salt: reader.raw(NAME_SALT_BYTES), target: reader.raw(32) };
  },
  verify({ name, salt, target }) {
    expectName(name);
    expectBytes(salt, NAME_SALT_BYTES, "salt");
    expectBytes(target, 32, "target");
  },
};

export const setNameCodec: OperationCodec<SetName> = {
  code: 50,
  kind: "setName",
  encode(writer, { name, target }) {
    writer.short(utf8Bytes(name)).raw(target);
  },
  decode(reader, account) {
    return { kind: "setName", account, name: decodeTokenText(reader.short()), target: reader.raw(32) };
  },
  verify({ name, target }) {
    expectName(name);
    expectBytes(target, 32, "target");
  },
};

export const transferNameCodec: OperationCodec<TransferName> = {
  code: 52,
  kind: "transferName",
  encode(writer, { name, to }) {
    writer.short(utf8Bytes(name)).raw(to);
  },
  decode(reader, account) {
    return { kind: "transferName", account, name: decodeTokenText(reader.short()), to: reader.raw(32) };
  },
  verify({ name, to }) {
    expectName(name);
    expectBytes(to, 32, "new owner's address");
  },
};

/** An operation that says nothing but the name. */
function namedCodec<T extends RenewName | ReleaseName>(code: number, kind: T["kind"]): OperationCodec<T> {
  return {
    code,
    kind,
    encode(writer, { name }) {
      writer.short(utf8Bytes(name));
    },
    decode: (reader, account) => ({ kind, account, name: decodeTokenText(reader.short()) }) as T,
    verify: ({ name }) => expectName(name),
  };
}

export const renewNameCodec = namedCodec<RenewName>(51, "renewName");
export const releaseNameCodec = namedCodec<ReleaseName>(53, "releaseName");

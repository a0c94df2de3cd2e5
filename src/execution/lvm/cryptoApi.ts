// `crypto`: hashing, signatures and Merkle proofs, by the same kernels as the chain's own; and hex.
import { fromHex, toHex } from "../../base/bytes.js";
import { LvmError } from "../../protocol/lvmError.js";
import { ed25519, sha256 } from "../../wasm/crypto.js";
import { verifyMerkleProof } from "../../wasm/sha256.js";
import { READ_ONLY_RETURN_BYTES_MAX } from "./limits.js";
import { TYPE_TABLE } from "./luaLayout.js";
import type { ApiFunction, ApiLibrary, Sandbox } from "./sandbox.js";

/** A tree deeper than this would have more leaves than an integer can count. */
const PROOF_LENGTH_MAX = 64;

function chargeHash(sandbox: Sandbox, length: number): void {
  sandbox.lua.charge(sandbox.prices.sha256 + Math.ceil(length / sandbox.prices.sha256BytesPerGas));
}

const hash: ApiFunction = (sandbox) => {
  const bytes = sandbox.stack.bytesAt(1);
  chargeHash(sandbox, bytes.length);
  return sandbox.stack.pushBytes(sha256(bytes.slice()));
};

const verify: ApiFunction = (sandbox) => {
  const { stack, lua, prices } = sandbox;
  const [signature, message, publicKey] = [1, 2, 3].map((position) => stack.bytesAt(position).slice());
  lua.charge(prices.ed25519Verify);
  chargeHash(sandbox, message.length);
  return stack.pushBoolean(ed25519.verify(signature, message, publicKey));
};

/** (root, leaf, index from 0, count of leaves, array of siblings, lowest first) */
const merkleVerify: ApiFunction = (sandbox) => {
  const { stack, lua } = sandbox;
  const [root, leaf] = [1, 2].map((position) => stack.bytesAt(position).slice());
  const [index, count] = [3, 4].map((position) => Number(stack.integerAt(position)));
  if (stack.typeAt(5) !== TYPE_TABLE) {
    stack.wrongType(5, "table");
  }
  const length = Number(lua.functions.lua_rawlen(lua.state, 5));
  if (length > PROOF_LENGTH_MAX) {
    throw new LvmError("LVM_BAD_ARGUMENT", `expected at most ${PROOF_LENGTH_MAX} siblings, got ${length}`);
  }
  chargeHash(sandbox, leaf.length + 64 * length);
  const path: Uint8Array[] = [];
  for (let i = 1; i <= length; i++) {
    lua.charge(sandbox.prices.sha256);
    lua.functions.lua_rawgeti(lua.state, 5, BigInt(i));
    path.push(stack.bytesAt(stack.count).slice());
    lua.functions.lua_settop(lua.state, -2);
  }
  return stack.pushBoolean(verifyMerkleProof(leaf, index, count, path, root));
};

export const cryptoLibrary: ApiLibrary = {
  tables: {
    crypto: {
      sha256: hash,
      verify,
      merkleVerify,
      toHex: (sandbox) => {
        const bytes = sandbox.stack.bytesAt(1);
        if (2 * bytes.length > READ_ONLY_RETURN_BYTES_MAX) {
          throw new LvmError("LVM_BAD_ARGUMENT", `expected at most ${READ_ONLY_RETURN_BYTES_MAX / 2} bytes`);
        }
        sandbox.lua.charge(bytes.length);
        return sandbox.stack.pushBytes(Buffer.from(toHex(bytes), "latin1"));
      },
      fromHex: (sandbox) => {
        const hex = sandbox.stack.byteStringAt(1);
        if (hex.length > READ_ONLY_RETURN_BYTES_MAX) {
          return sandbox.stack.pushNil();
        }
        sandbox.lua.charge(hex.length);
        const bytes = fromHex(hex);
        return bytes === undefined ? sandbox.stack.pushNil() : sandbox.stack.pushBytes(bytes);
      },
    },
  },
  objects: {},
  methods: {},
};

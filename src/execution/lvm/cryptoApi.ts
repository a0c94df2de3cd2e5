// `crypto`: hashing, signatures and Merkle proofs, by the same kernels as the chain's own; and hex.
import { fromHex } from "../../base/bytes.js";
import { LvmError } from "../../protocol/lvmError.js";
import { RING_KEYS_MAX, ringSignatureBytes, verifyRing } from "../../protocol/ringSignature.js";
import { verifyRandom } from "../../protocol/vrf.js";
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

/** The strings of the array at `position`, at most `countMax` of them. */
export function byteStringsAt(sandbox: Sandbox, position: number, countMax: number, what: string): Uint8Array[] {
  const { stack, lua } = sandbox;
  if (stack.typeAt(position) !== TYPE_TABLE) {
    stack.wrongType(position, "table");
  }
  const length = lua.functions.lua_rawlen(lua.state, position);
  if (length > BigInt(countMax)) {
    throw new LvmError("LVM_BAD_ARGUMENT", `expected at most ${countMax} ${what}, got ${length}`);
  }
  const strings: Uint8Array[] = [];
  for (let i = 1n; i <= length; i++) {
    lua.charge(sandbox.prices.sha256);
    lua.functions.lua_rawgeti(lua.state, position, i);
    const element = stack.count;
    lua.charge(Math.ceil(stack.bytesAt(element).length / sandbox.prices.valueBytesPerGas));
    strings.push(stack.bytesAt(element).slice());
    lua.functions.lua_settop(lua.state, -2);
  }
  return strings;
}

/** (root, leaf, index from 0, count of leaves, array of siblings, lowest first) */
const merkleVerify: ApiFunction = (sandbox) => {
  const { stack, lua } = sandbox;
  const [root, leaf] = [1, 2].map((position) => stack.bytesAt(position).slice());
  const [index, count] = [3, 4].map((position) => Number(stack.integerAt(position)));
  const length = stack.typeAt(5) === TYPE_TABLE ? Number(lua.functions.lua_rawlen(lua.state, 5)) : 0;
  chargeHash(sandbox, leaf.length + 64 * Math.min(length, PROOF_LENGTH_MAX));
  const path = byteStringsAt(sandbox, 5, PROOF_LENGTH_MAX, "siblings");
  return stack.pushBoolean(verifyMerkleProof(leaf, index, count, path, root));
};

/** (scope, message, array of public keys, signature): the signer's tag in the scope, or nil where the signature is not valid. */
const ringVerify: ApiFunction = (sandbox) => {
  const { stack, lua, prices } = sandbox;
  const [scope, message, signature] = [1, 2, 4].map((position) => stack.bytesAt(position).slice());
  const ring = byteStringsAt(sandbox, 3, RING_KEYS_MAX, "keys");
  if (signature.length !== ringSignatureBytes(ring.length)) {
    return stack.pushNil();
  }
  lua.charge(prices.ringVerify + prices.ringVerifyKey * ring.length);
  chargeHash(sandbox, scope.length + message.length);
  const tag = verifyRing({ scope, message, ring }, signature);
  return tag === undefined ? stack.pushNil() : stack.pushBytes(tag);
};

/** (public key, input, proof): the key's 64 random bytes for the input, or nil where the proof is not valid. */
const vrfVerify: ApiFunction = (sandbox) => {
  const { stack, lua, prices } = sandbox;
  const [publicKey, input, proof] = [1, 2, 3].map((position) => stack.bytesAt(position).slice());
  lua.charge(prices.vrfVerify);
  // The input is hashed until the hash is a point: twice on the average.
  chargeHash(sandbox, 8 * input.length);
  const output = verifyRandom(publicKey, input, proof);
  return output === undefined ? stack.pushNil() : stack.pushBytes(output);
};

export const cryptoLibrary: ApiLibrary = {
  tables: {
    crypto: {
      sha256: hash,
      verify,
      merkleVerify,
      ringVerify,
      vrfVerify,
      toHex: (sandbox) => {
        const bytes = sandbox.stack.bytesAt(1);
        if (2 * bytes.length > READ_ONLY_RETURN_BYTES_MAX) {
          throw new LvmError("LVM_BAD_ARGUMENT", `expected at most ${READ_ONLY_RETURN_BYTES_MAX / 2} bytes`);
        }
        sandbox.lua.charge(bytes.length);
        const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
        return sandbox.stack.pushByteString(hex);
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

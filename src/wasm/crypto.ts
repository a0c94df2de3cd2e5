// The package export `ttchain/crypto`: the chain's hash, its Merkle root and its signatures, on plain Uint8Arrays,
// synchronous, in Node and in a browser.

import { getPublicKey, sign, verify, verifyBatch } from "./ed25519.js";

export { merkleRoot, sha256 } from "./sha256.js";

/** RFC 8032 signatures with 32-byte seeds as secret keys; verification follows ZIP-215. */
export const ed25519 = { sign, getPublicKey, verify, verifyBatch } as const;

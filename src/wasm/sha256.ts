// SHA-256 and RFC 6962 Merkle trees for the whole program: on the SIMD kernel, or the scalar one where the engine has no
// SIMD. Synchronous; runs in Node and in a browser. Contracts of the functions: sha256Functions.ts.

import { sha256Base64 } from "./generated/sha256.js";
import { sha256ScalarBase64 } from "./generated/sha256Scalar.js";
import { hasSimd } from "./loadKernel.js";
import { KernelSha256 } from "./sha256Kernel.js";

const kernel = new KernelSha256(hasSimd() ? sha256Base64 : sha256ScalarBase64);

/** The 32-byte digest of `bytes`. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return kernel.sha256(bytes);
}

/** The digests of all `messages`, in their order. */
export function sha256Many(messages: readonly Uint8Array[]): Uint8Array[] {
  return kernel.sha256Many(messages);
}

/** Digests of n messages, `packed[offsets[i]..offsets[i + 1]]`, to `out` (n * 32 bytes). */
export function sha256Batch(packed: Uint8Array, offsets: Uint32Array, out: Uint8Array): void {
  kernel.sha256Batch(packed, offsets, out);
}

/** SHA-256(00 || bytes). */
export function hashLeaf(bytes: Uint8Array): Uint8Array {
  return kernel.hashLeaf(bytes);
}

/** SHA-256(01 || left || right) over two 32-byte hashes. */
export function hashInner(left: Uint8Array, right: Uint8Array): Uint8Array {
  return kernel.hashInner(left, right);
}

/** Nodes over n pairs: `pairs` is n * 64 bytes, `out` n * 32; `out` may start where `pairs` does. */
export function hashInnerBatch(pairs: Uint8Array, out: Uint8Array): void {
  kernel.hashInnerBatch(pairs, out);
}

/** Leaves SHA-256(00 || key || SHA-256(value)) of n keys (n * 32 bytes) and packed values, to `out` (n * 32 bytes). */
export function hashKeyedLeafBatch(
  keys: Uint8Array,
  packedValues: Uint8Array,
  valueOffsets: Uint32Array,
  out: Uint8Array,
): void {
  kernel.hashKeyedLeafBatch(keys, packedValues, valueOffsets, out);
}

/** The RFC 6962 root over the leaves' bytes; SHA-256("") for none. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  return kernel.merkleRoot(leaves);
}

/** The RFC 6962 root over the leaves `packed[offsets[i]..offsets[i + 1]]`. */
export function merkleRootBatch(packed: Uint8Array, offsets: Uint32Array): Uint8Array {
  return kernel.merkleRootBatch(packed, offsets);
}

/** The RFC 6962 hashes of the leaves, 32 bytes each. */
export function merkleLeafHashes(leaves: readonly Uint8Array[]): Uint8Array {
  return kernel.merkleLeafHashes(leaves);
}

/** The RFC 6962 root over leaves of which these are the hashes (n * 32 bytes). */
export function merkleRootOfHashes(hashes: Uint8Array): Uint8Array {
  return kernel.merkleRootOfHashes(hashes);
}

/** The RFC 6962 audit path of leaf `index`, lowest sibling first. RangeError: no such leaf. */
export function merkleProof(leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  return kernel.merkleProof(leaves, index);
}

/** Whether `path` proves that `leaf` (its bytes) is number `index` of `count` leaves under `root`; never throws. */
export function verifyMerkleProof(
  leaf: Uint8Array,
  index: number,
  count: number,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  return kernel.verifyMerkleProof(leaf, index, count, path, root);
}

/** The root of a tree without prefixes over n >= 1 hashes (n * 32 bytes); for comparisons, not for proofs. */
export function plainTreeRoot(hashes: Uint8Array): Uint8Array {
  return kernel.plainTreeRoot(hashes);
}

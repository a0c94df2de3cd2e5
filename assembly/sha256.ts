// The SHA-256 and Merkle kernel: what the host may call. Nothing is allocated here: the host owns the memory from
// `hostMemory()` on. With SIMD four messages are hashed at once; the same source without SIMD is the scalar kernel.

export { hashMessage, hashMessages, streamBegin, streamBlocks, streamEnd } from "./sha256Messages";
export { fillLeftHalves, hashPairs, reduceTree } from "./sha256Tree";

/** The first byte that belongs to the host. */
export function hostMemory(): usize {
  return __heap_base;
}

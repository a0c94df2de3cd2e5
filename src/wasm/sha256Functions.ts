// What SHA-256 and the Merkle trees offer, whichever way they are computed: by the SIMD kernel, the scalar kernel or
// the plain TypeScript twin. One test suite runs over all three. Trees follow RFC 6962, section 2.1: a leaf is
// SHA-256(00 || bytes), a node SHA-256(01 || left || right), the left subtree of n > 1 leaves holds the largest power
// of two below n, and no leaves at all have the root SHA-256("").

/** Every returned array is the caller's own. Lengths that don't fit together are a caller's mistake and throw. */
export interface Sha256Functions {
  /** The 32-byte digest of `bytes`. */
  sha256(bytes: Uint8Array): Uint8Array;

  /** The digests of all `messages`, in their order. */
  sha256Many(messages: readonly Uint8Array[]): Uint8Array[];

  /**
   * Writes the digests of n messages that lie one behind the other in `packed`, message i from `offsets[i]` up to
   * `offsets[i + 1]` (n + 1 ascending offsets in bytes), to `out`, n times 32 bytes.
   */
  sha256Batch(packed: Uint8Array, offsets: Uint32Array, out: Uint8Array): void;

  /** A tree's leaf: SHA-256(00 || bytes). */
  hashLeaf(bytes: Uint8Array): Uint8Array;

  /** A tree's node over two 32-byte hashes: SHA-256(01 || left || right). */
  hashInner(left: Uint8Array, right: Uint8Array): Uint8Array;

  /** Nodes over n pairs: `pairs` is n times 64 bytes (left, right), `out` n times 32. `out` may start where `pairs` does. */
  hashInnerBatch(pairs: Uint8Array, out: Uint8Array): void;

  /**
   * Leaves over n keys of 32 bytes and their values: SHA-256(00 || key || SHA-256(value)), written to `out`, n times 32
   * bytes. Values lie in `packedValues` as messages do for `sha256Batch`.
   */
  hashKeyedLeafBatch(keys: Uint8Array, packedValues: Uint8Array, valueOffsets: Uint32Array, out: Uint8Array): void;

  /** The root over `leaves` (their bytes, not their hashes). */
  merkleRoot(leaves: readonly Uint8Array[]): Uint8Array;

  /** The same over leaves that lie in `packed` as messages do for `sha256Batch`. */
  merkleRootBatch(packed: Uint8Array, offsets: Uint32Array): Uint8Array;

  /** The hashes of `leaves`, 32 bytes each: for who needs several roots over them. */
  merkleLeafHashes(leaves: readonly Uint8Array[]): Uint8Array;

  /** The root over leaves whose hashes these are (n times 32 bytes). */
  merkleRootOfHashes(hashes: Uint8Array): Uint8Array;

  /** The audit path of leaf `index`: the siblings on its way to the root, lowest first. RangeError: no such leaf. */
  merkleProof(leaves: readonly Uint8Array[], index: number): Uint8Array[];

  /**
   * Whether `path` proves that `leaf` (its bytes) is number `index` of `count` leaves under `root`. False for whatever
   * is malformed: wrong lengths of path, hashes or root, an index that isn't below the count.
   */
  verifyMerkleProof(
    leaf: Uint8Array,
    index: number,
    count: number,
    path: readonly Uint8Array[],
    root: Uint8Array,
  ): boolean;

  /**
   * The root of a tree without prefixes, SHA-256(left || right), over n >= 1 hashes of 32 bytes; an odd last one moves
   * up unchanged. For comparison with other libraries; leaves and nodes are not told apart, so nothing should be proved
   * by it.
   */
  plainTreeRoot(hashes: Uint8Array): Uint8Array;
}

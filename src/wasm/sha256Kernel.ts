// SHA-256 and Merkle trees on the WebAssembly kernel. Input passes through a fixed piece of the kernel's memory in
// chunks, so that memory stays bounded whatever is hashed; a tree is built from whole subtrees of CHUNK_COUNT leaves, which
// by RFC 6962's rule of the largest power of two are nodes of the whole tree.

import { assert } from "../base/assert.js";
import { assertLength, checkedMessageCount } from "./checkLengths.js";
import { instantiateKernel, type Sha256KernelExports } from "./loadKernel.js";
import type { Sha256Functions } from "./sha256Functions.js";
import { verifyAuditPath } from "./verifyAuditPath.js";

const HASH_SIZE = 32;
const PAIR_SIZE = 64;
const BLOCK_SIZE = 64;
const LEAF_PREFIX = 0;
const INNER_PREFIX = 1;
const NO_PREFIX = -1;

/** Messages or pairs in a chunk: a power of two. */
const CHUNK_COUNT = 4096;
/** Bytes of messages in a chunk; it holds CHUNK_COUNT pairs, and is small enough to stay in a core's cache. */
const INPUT_SIZE = CHUNK_COUNT * PAIR_SIZE;
/** The kernel writes one byte before its input and reads up to 192 bytes behind it. */
const MARGIN = 256;
const WASM_PAGE_SIZE = 65_536;

/** The functions over one instance of the kernel, given as base64. */
export class KernelSha256 implements Sha256Functions {
  readonly #kernel: Sha256KernelExports;
  readonly #memory: Uint8Array;
  /** Where a chunk's messages or pairs lie. */
  readonly #input: number;
  /** Where a chunk's hashes lie. */
  readonly #hashes: number;
  readonly #offsets: Uint32Array;

  constructor(base64: string) {
    this.#kernel = instantiateKernel<Sha256KernelExports>(base64);
    const offsetsAt = Math.ceil(this.#kernel.hostMemory() / BLOCK_SIZE) * BLOCK_SIZE;
    this.#input = offsetsAt + 4 * (CHUNK_COUNT + 1) + MARGIN;
    this.#hashes = this.#input + INPUT_SIZE + MARGIN;
    const end = this.#hashes + CHUNK_COUNT * HASH_SIZE + MARGIN;
    const memory = this.#kernel.memory;
    const missing = end - memory.buffer.byteLength;
    if (missing > 0) {
      memory.grow(Math.ceil(missing / WASM_PAGE_SIZE));
    }
    this.#memory = new Uint8Array(memory.buffer);
    this.#offsets = new Uint32Array(memory.buffer, offsetsAt, CHUNK_COUNT + 1);
  }

  sha256(bytes: Uint8Array): Uint8Array {
    if (bytes.length > INPUT_SIZE) {
      this.#hashLong(bytes, NO_PREFIX, this.#hashes);
    } else {
      this.#memory.set(bytes, this.#input);
      this.#kernel.hashMessage(this.#input, bytes.length, this.#hashes);
    }
    return this.#takeHash(0);
  }

  sha256Many(messages: readonly Uint8Array[]): Uint8Array[] {
    const digests: Uint8Array[] = [];
    for (let start = 0; start < messages.length; start += CHUNK_COUNT) {
      const end = Math.min(start + CHUNK_COUNT, messages.length);
      this.#hashList(messages, start, end, NO_PREFIX, this.#hashes);
      for (let i = 0; i < end - start; i++) {
        digests.push(this.#takeHash(i));
      }
    }
    return digests;
  }

  sha256Batch(packed: Uint8Array, offsets: Uint32Array, out: Uint8Array): void {
    const count = checkedMessageCount(packed, offsets);
    assertLength(out, count * HASH_SIZE);
    for (let start = 0; start < count; start += CHUNK_COUNT) {
      const end = Math.min(start + CHUNK_COUNT, count);
      this.#hashPacked(packed, offsets, start, end, NO_PREFIX, this.#hashes, HASH_SIZE);
      this.#copyHashes(end - start, out, start);
    }
  }

  hashLeaf(bytes: Uint8Array): Uint8Array {
    if (bytes.length >= INPUT_SIZE) {
      this.#hashLong(bytes, LEAF_PREFIX, this.#hashes);
    } else {
      this.#memory[this.#input] = LEAF_PREFIX;
      this.#memory.set(bytes, this.#input + 1);
      this.#kernel.hashMessage(this.#input, bytes.length + 1, this.#hashes);
    }
    return this.#takeHash(0);
  }

  hashInner(left: Uint8Array, right: Uint8Array): Uint8Array {
    assertLength(left, HASH_SIZE);
    assertLength(right, HASH_SIZE);
    this.#memory.set(left, this.#input);
    this.#memory.set(right, this.#input + HASH_SIZE);
    this.#kernel.hashPairs(this.#input, 1, INNER_PREFIX, this.#hashes);
    return this.#takeHash(0);
  }

  hashInnerBatch(pairs: Uint8Array, out: Uint8Array): void {
    const count = pairs.length / PAIR_SIZE;
    assert(Number.isInteger(count), `pairs: expected a multiple of ${PAIR_SIZE} bytes, got ${pairs.length}`);
    assertLength(out, count * HASH_SIZE);
    for (let start = 0; start < count; start += CHUNK_COUNT) {
      const end = Math.min(start + CHUNK_COUNT, count);
      this.#memory.set(pairs.subarray(start * PAIR_SIZE, end * PAIR_SIZE), this.#input);
      this.#kernel.hashPairs(this.#input, end - start, INNER_PREFIX, this.#hashes);
      this.#copyHashes(end - start, out, start);
    }
  }

  hashKeyedLeafBatch(keys: Uint8Array, packedValues: Uint8Array, valueOffsets: Uint32Array, out: Uint8Array): void {
    const count = checkedMessageCount(packedValues, valueOffsets);
    assertLength(keys, count * HASH_SIZE);
    assertLength(out, count * HASH_SIZE);
    // A chunk's records (key, hash of value) take the place of hashes, two for each.
    const chunkCount = CHUNK_COUNT / 2;
    for (let start = 0; start < count; start += chunkCount) {
      const end = Math.min(start + chunkCount, count);
      this.#hashPacked(packedValues, valueOffsets, start, end, NO_PREFIX, this.#hashes + HASH_SIZE, PAIR_SIZE);
      // The values have been hashed, so their place is free.
      this.#memory.set(keys.subarray(start * HASH_SIZE, end * HASH_SIZE), this.#input);
      this.#kernel.fillLeftHalves(this.#input, end - start, this.#hashes);
      this.#kernel.hashPairs(this.#hashes, end - start, LEAF_PREFIX, this.#hashes);
      this.#copyHashes(end - start, out, start);
    }
  }

  merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
    return this.#rootOfChunks(leaves.length, (start, end) => {
      this.#hashList(leaves, start, end, LEAF_PREFIX, this.#hashes);
    });
  }

  merkleRootBatch(packed: Uint8Array, offsets: Uint32Array): Uint8Array {
    return this.#rootOfChunks(checkedMessageCount(packed, offsets), (start, end) => {
      this.#hashPacked(packed, offsets, start, end, LEAF_PREFIX, this.#hashes, HASH_SIZE);
    });
  }

  merkleLeafHashes(leaves: readonly Uint8Array[]): Uint8Array {
    const hashes = new Uint8Array(leaves.length * HASH_SIZE);
    for (let start = 0; start < leaves.length; start += CHUNK_COUNT) {
      const end = Math.min(start + CHUNK_COUNT, leaves.length);
      this.#hashList(leaves, start, end, LEAF_PREFIX, this.#hashes);
      this.#copyHashes(end - start, hashes, start);
    }
    return hashes;
  }

  merkleRootOfHashes(hashes: Uint8Array): Uint8Array {
    assert(hashes.length % HASH_SIZE === 0, `expected hashes of ${HASH_SIZE} bytes, got ${hashes.length} bytes`);
    return hashes.length === 0 ? this.sha256(hashes) : this.#reduce(hashes, INNER_PREFIX);
  }

  merkleProof(leaves: readonly Uint8Array[], index: number): Uint8Array[] {
    if (!Number.isInteger(index) || index < 0 || index >= leaves.length) {
      throw new RangeError(`expected an index below ${leaves.length}, got ${index}`);
    }
    let count = leaves.length;
    const level = this.merkleLeafHashes(leaves);
    const path: Uint8Array[] = [];
    for (let at = index; count > 1; at = Math.floor(at / 2)) {
      const sibling = at % 2 === 0 ? at + 1 : at - 1;
      if (sibling < count) {
        path.push(level.slice(sibling * HASH_SIZE, (sibling + 1) * HASH_SIZE));
      }
      const pairCount = Math.floor(count / 2);
      this.hashInnerBatch(level.subarray(0, pairCount * PAIR_SIZE), level.subarray(0, pairCount * HASH_SIZE));
      level.copyWithin(pairCount * HASH_SIZE, pairCount * PAIR_SIZE, count * HASH_SIZE);
      count -= pairCount;
    }
    return path;
  }

  verifyMerkleProof(
    leaf: Uint8Array,
    index: number,
    count: number,
    path: readonly Uint8Array[],
    root: Uint8Array,
  ): boolean {
    return verifyAuditPath(this, leaf, index, count, path, root);
  }

  plainTreeRoot(hashes: Uint8Array): Uint8Array {
    const count = hashes.length / HASH_SIZE;
    assert(Number.isInteger(count) && count > 0, `expected one hash or more, got ${hashes.length} bytes`);
    return this.#reduce(hashes, NO_PREFIX);
  }

  /** The root over `count` leaves; `hashLeaves` puts the hashes of one chunk of them to #hashes. */
  #rootOfChunks(count: number, hashLeaves: (start: number, end: number) => void): Uint8Array {
    if (count === 0) {
      return this.sha256(new Uint8Array(0));
    }
    const roots = new Uint8Array(Math.ceil(count / CHUNK_COUNT) * HASH_SIZE);
    for (let start = 0; start < count; start += CHUNK_COUNT) {
      const end = Math.min(start + CHUNK_COUNT, count);
      hashLeaves(start, end);
      this.#kernel.reduceTree(this.#hashes, end - start, INNER_PREFIX);
      this.#copyHashes(1, roots, start / CHUNK_COUNT);
    }
    return this.#reduce(roots, INNER_PREFIX);
  }

  /** The root over `hashes`, n >= 1 times 32 bytes. */
  #reduce(hashes: Uint8Array, prefix: number): Uint8Array {
    let level = hashes;
    do {
      const count = level.length / HASH_SIZE;
      const roots = new Uint8Array(Math.ceil(count / CHUNK_COUNT) * HASH_SIZE);
      for (let start = 0; start < count; start += CHUNK_COUNT) {
        const end = Math.min(start + CHUNK_COUNT, count);
        this.#memory.set(level.subarray(start * HASH_SIZE, end * HASH_SIZE), this.#hashes);
        this.#kernel.reduceTree(this.#hashes, end - start, prefix);
        this.#copyHashes(1, roots, start / CHUNK_COUNT);
      }
      level = roots;
    } while (level.length > HASH_SIZE);
    return level;
  }

  /** Hashes messages `start` to `end`, at most CHUNK_COUNT, to `to`. */
  #hashList(messages: readonly Uint8Array[], start: number, end: number, prefix: number, to: number): void {
    let first = start;
    let used = 0;
    const flush = (next: number): void => {
      this.#offsets[next - first] = used;
      const firstTo = to + (first - start) * HASH_SIZE;
      this.#kernel.hashMessages(this.#input, this.#offsets.byteOffset, next - first, prefix, firstTo, HASH_SIZE);
      first = next;
      used = 0;
    };
    for (let i = start; i < end; i++) {
      const message = messages[i];
      if (used + message.length > INPUT_SIZE) {
        flush(i);
      }
      if (message.length > INPUT_SIZE) {
        this.#hashLong(message, prefix, to + (i - start) * HASH_SIZE);
        first = i + 1;
        continue;
      }
      this.#offsets[i - first] = used;
      this.#memory.set(message, this.#input + used);
      used += message.length;
    }
    flush(end);
  }

  /** The same for messages one behind the other; their hashes come `toStride` bytes apart. */
  #hashPacked(
    packed: Uint8Array,
    offsets: Uint32Array,
    start: number,
    end: number,
    prefix: number,
    to: number,
    toStride: number,
  ): void {
    let first = start;
    while (first < end) {
      const base = offsets[first];
      const firstTo = to + (first - start) * toStride;
      let next = first;
      while (next < end && offsets[next + 1] - base <= INPUT_SIZE) {
        next++;
      }
      if (next === first) {
        this.#hashLong(packed.subarray(base, offsets[first + 1]), prefix, firstTo);
        first++;
        continue;
      }
      this.#memory.set(packed.subarray(base, offsets[next]), this.#input);
      this.#offsets.set(offsets.subarray(first, next + 1));
      // The kernel adds the offsets as they are, modulo 2^32.
      this.#kernel.hashMessages(this.#input - base, this.#offsets.byteOffset, next - first, prefix, firstTo, toStride);
      first = next;
    }
  }

  /** Hashes a message that is longer than the input area, in pieces. */
  #hashLong(bytes: Uint8Array, prefix: number, to: number): void {
    this.#kernel.streamBegin();
    let held = 0;
    if (prefix !== NO_PREFIX) {
      this.#memory[this.#input] = prefix;
      held = 1;
    }
    let at = 0;
    while (held + bytes.length - at > INPUT_SIZE) {
      this.#memory.set(bytes.subarray(at, at + INPUT_SIZE - held), this.#input + held);
      this.#kernel.streamBlocks(this.#input, INPUT_SIZE / BLOCK_SIZE);
      at += INPUT_SIZE - held;
      held = 0;
    }
    this.#memory.set(bytes.subarray(at), this.#input + held);
    const length = held + bytes.length - at;
    const blocks = Math.ceil(length / BLOCK_SIZE) - 1;
    this.#kernel.streamBlocks(this.#input, blocks);
    this.#kernel.streamEnd(this.#input + blocks * BLOCK_SIZE, length - blocks * BLOCK_SIZE, to);
  }

  #takeHash(index: number): Uint8Array {
    const at = this.#hashes + index * HASH_SIZE;
    return this.#memory.slice(at, at + HASH_SIZE);
  }

  /** Copies the first `count` hashes to place `index` of `out`. */
  #copyHashes(count: number, out: Uint8Array, index: number): void {
    out.set(this.#memory.subarray(this.#hashes, this.#hashes + count * HASH_SIZE), index * HASH_SIZE);
  }
}

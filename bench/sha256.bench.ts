// SHA-256 and Merkle roots on the SIMD kernel beside the scalar kernel, @noble/hashes, Node's OpenSSL and as-sha256. Rivals
// that offer no trees get the same tree code over their hash, level by level in one array. One call of a small
// operation repeats it, so that the clock's resolution doesn't matter.

import { createHash } from "node:crypto";
import { digest as asSha256, hashInto as asSha256HashInto } from "@chainsafe/as-sha256";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { sha256ScalarBase64 } from "../src/wasm/generated/sha256Scalar.js";
import { merkleRoot, merkleRootBatch, plainTreeRoot, sha256, sha256Batch, sha256Many } from "../src/wasm/sha256.js";
import { KernelSha256 } from "../src/wasm/sha256Kernel.js";
import { compareWithRivals } from "./compareWithRivals.js";
import type { BenchRow } from "./row.js";

const HASH_SIZE = 32;
const PAIR_SIZE = 64;
const LEAF_COUNT = 65_536;
const REPEAT_COUNT = 1_000;
const MESSAGE_COUNT = 4_096;

type Hash = (bytes: Uint8Array) => Uint8Array;

const scalar = new KernelSha256(sha256ScalarBase64);
const openSsl: Hash = (bytes) => createHash("sha256").update(bytes).digest();

/** Bytes that differ from place to place. */
function pattern(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (Math.imul(i + seed, 2_654_435_761) >>> 13) & 255);
}

function pack(messages: readonly Uint8Array[]): { packed: Uint8Array; offsets: Uint32Array } {
  const offsets = new Uint32Array(messages.length + 1);
  for (let i = 0; i < messages.length; i++) {
    offsets[i + 1] = offsets[i] + messages[i].length;
  }
  const packed = new Uint8Array(offsets[messages.length]);
  messages.forEach((message, i) => {
    packed.set(message, offsets[i]);
  });
  return { packed, offsets };
}

function repeat(hash: Hash, message: Uint8Array): () => unknown {
  return () => {
    let last: Uint8Array = message;
    for (let i = 0; i < REPEAT_COUNT; i++) {
      last = hash(message);
    }
    return last;
  };
}

/** SHA-256(prefix || parts) by any hash. */
function prefixed(hash: Hash, prefix: number, bytes: Uint8Array): Uint8Array {
  const message = new Uint8Array(1 + bytes.length);
  message[0] = prefix;
  message.set(bytes, 1);
  return hash(message);
}

/** RFC 6962's root for a power of two of leaves. */
function rfc6962Root(hash: Hash, leaves: readonly Uint8Array[]): Uint8Array {
  const level = new Uint8Array(leaves.length * HASH_SIZE);
  leaves.forEach((leaf, i) => {
    level.set(prefixed(hash, 0, leaf), i * HASH_SIZE);
  });
  for (let count = leaves.length / 2; count >= 1; count /= 2) {
    for (let i = 0; i < count; i++) {
      level.set(prefixed(hash, 1, level.subarray(i * PAIR_SIZE, (i + 1) * PAIR_SIZE)), i * HASH_SIZE);
    }
  }
  return level.slice(0, HASH_SIZE);
}

/** The root of a tree without prefixes for a power of two of hashes. */
function plainRoot(hash: Hash, hashes: Uint8Array): Uint8Array {
  const level = hashes.slice();
  for (let count = hashes.length / PAIR_SIZE; count >= 1; count /= 2) {
    for (let i = 0; i < count; i++) {
      level.set(hash(level.subarray(i * PAIR_SIZE, (i + 1) * PAIR_SIZE)), i * HASH_SIZE);
    }
  }
  return level.slice(0, HASH_SIZE);
}

function plainRootByAsSha256(hashes: Uint8Array): Uint8Array {
  const level = hashes.slice();
  for (let size = hashes.length; size > HASH_SIZE; size /= 2) {
    asSha256HashInto(level.subarray(0, size), level.subarray(0, size / 2));
  }
  return level.slice(0, HASH_SIZE);
}

async function singleRows(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const length of [32, 64, 150, 1_000]) {
    const message = pattern(length, length);
    rows.push(
      ...(await compareWithRivals(
        `SHA-256 of one message of ${length} bytes`,
        repeat(sha256, message),
        {
          "scalar kernel": repeat((bytes) => scalar.sha256(bytes), message),
          "@noble/hashes": repeat(nobleSha256, message),
          "node:crypto createHash": repeat(openSsl, message),
          "@chainsafe/as-sha256": repeat(asSha256, message),
        },
        REPEAT_COUNT,
      )),
    );
  }
  return rows;
}

async function batchRows(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  const batches: [name: string, lengthOf: (index: number) => number][] = [
    ["150 bytes", () => 150],
    ["100 to 355 bytes", (index) => 100 + (Math.imul(index, 40_503) & 255)],
  ];
  for (const [lengths, lengthOf] of batches) {
    const messages = Array.from({ length: MESSAGE_COUNT }, (_, i) => pattern(lengthOf(i), i));
    const { packed, offsets } = pack(messages);
    const out = new Uint8Array(MESSAGE_COUNT * HASH_SIZE);
    const all = (hash: Hash) => () => messages.map((message) => hash(message));
    rows.push(
      ...(await compareWithRivals(
        `SHA-256 of each of ${MESSAGE_COUNT} messages of ${lengths}, packed`,
        () => sha256Batch(packed, offsets, out),
        {
          "ours, a list of arrays": () => sha256Many(messages),
          "scalar kernel": () => scalar.sha256Batch(packed, offsets, out),
          "@noble/hashes": all(nobleSha256),
          "node:crypto createHash": all(openSsl),
          "@chainsafe/as-sha256": all(asSha256),
        },
        MESSAGE_COUNT,
      )),
    );
  }
  return rows;
}

async function treeRows(): Promise<BenchRow[]> {
  const leaves = Array.from({ length: LEAF_COUNT }, (_, i) => pattern(HASH_SIZE, i));
  const { packed, offsets } = pack(leaves);
  const rfc6962 = await compareWithRivals(
    `root of ${LEAF_COUNT} leaves of 32 bytes (RFC 6962), packed`,
    () => merkleRootBatch(packed, offsets),
    {
      "ours, a list of arrays": () => merkleRoot(leaves),
      "scalar kernel": () => scalar.merkleRootBatch(packed, offsets),
      "@noble/hashes": () => rfc6962Root(nobleSha256, leaves),
      "node:crypto createHash": () => rfc6962Root(openSsl, leaves),
      "@chainsafe/as-sha256": () => rfc6962Root(asSha256, leaves),
    },
  );
  const plain = await compareWithRivals(
    `root of ${LEAF_COUNT} hashes, nodes of 64 bytes without prefixes`,
    () => plainTreeRoot(packed),
    {
      "scalar kernel": () => scalar.plainTreeRoot(packed),
      "@noble/hashes": () => plainRoot(nobleSha256, packed),
      "node:crypto createHash": () => plainRoot(openSsl, packed),
      "@chainsafe/as-sha256 hashInto": () => plainRootByAsSha256(packed),
    },
  );
  return [...rfc6962, ...plain];
}

/** All rows of SHA-256: single messages, batches and trees. */
export async function sha256Bench(): Promise<BenchRow[]> {
  return [...(await singleRows()), ...(await batchRows()), ...(await treeRows())];
}

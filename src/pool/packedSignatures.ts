// A batch of signatures in one ArrayBuffer, which moves to a worker without being copied. 32-bit words, little-endian:
//
//    0  count of signatures      4  where the prefix begins      8  its length      12  reserved, zero
//   16  index: for each signature four words: where its message begins, how long that is, where its signature (64 bytes)
//       and where its public key (32 bytes) are; then prefix, keys, signatures and messages
//
// All offsets count from the buffer's start. A signature covers the prefix followed by its message; signatures of one
// message, as by several signers of a transaction, share its bytes.
import { assert } from "../base/assert.js";
import { SIGNER_BY_KEY, SIGNERS_OFFSET } from "../protocol/transaction.js";

export const SIGNATURE_BYTES = 64;
export const PUBLIC_KEY_BYTES = 32;
const HEADER_WORDS = 4;
const RECORD_WORDS = 4;

/** Made by `packSignatures`; a pool takes it over, so it can be handed in only once. */
export type PackedSignatures = ArrayBuffer;

/** A signature of 64 bytes by a public key of 32 bytes over the batch's prefix and `message`. */
export interface SignatureItem {
  signature: Uint8Array;
  message: Uint8Array;
  publicKey: Uint8Array;
}

/** What a packed batch holds, as views of its buffer. */
export interface UnpackedSignatures {
  count: number;
  prefix: Uint8Array;
  /** Four words a signature; their offsets point into `bytes`. */
  index: Uint32Array;
  /** The whole buffer. */
  bytes: Uint8Array;
}

const NO_PREFIX = new Uint8Array(0);

/** Copies a batch together. `prefix`: what every message begins with, such as a domain tag and the genesis hash. */
export function packSignatures(items: readonly SignatureItem[], prefix: Uint8Array = NO_PREFIX): PackedSignatures {
  const headBytes = 4 * (HEADER_WORDS + RECORD_WORDS * items.length);
  let length = headBytes + prefix.length + items.length * (SIGNATURE_BYTES + PUBLIC_KEY_BYTES);
  for (let i = 0; i < items.length; i++) {
    const { signature, publicKey, message } = items[i];
    assert(signature.length === SIGNATURE_BYTES, `a signature has ${SIGNATURE_BYTES} bytes, got ${signature.length}`);
    assert(
      publicKey.length === PUBLIC_KEY_BYTES,
      `a public key has ${PUBLIC_KEY_BYTES} bytes, got ${publicKey.length}`,
    );
    if (i === 0 || message !== items[i - 1].message) {
      length += message.length;
    }
  }
  const packed = new ArrayBuffer(length);
  const bytes = new Uint8Array(packed);
  const words = new Uint32Array(packed, 0, headBytes / 4);
  let offset = headBytes;
  const place = (part: Uint8Array) => {
    bytes.set(part, offset);
    offset += part.length;
    return offset - part.length;
  };
  words[0] = items.length;
  words[1] = place(prefix);
  words[2] = prefix.length;
  let messageAt = 0;
  for (let i = 0; i < items.length; i++) {
    const { signature, publicKey, message } = items[i];
    const record = HEADER_WORDS + RECORD_WORDS * i;
    words[record + 2] = place(signature);
    words[record + 3] = place(publicKey);
    if (i === 0 || message !== items[i - 1].message) {
      messageAt = place(message);
    }
    words[record] = messageAt;
    words[record + 1] = message.length;
  }
  return packed;
}

/** A transaction as received, of which is known that it is one, and where its signatures begin. */
export interface SignedTransaction {
  readonly bytes: Uint8Array;
  readonly bodyBytes: number;
}

/** Copies the signatures of whole transactions together, each covered by `prefix` and its transaction's body. */
export function packTransactions(transactions: readonly SignedTransaction[], prefix: Uint8Array): PackedSignatures {
  let count = 0;
  let length = prefix.length;
  for (const { bytes, bodyBytes } of transactions) {
    count += (bytes.length - bodyBytes) / SIGNATURE_BYTES;
    length += bytes.length;
  }
  const headBytes = 4 * (HEADER_WORDS + RECORD_WORDS * count);
  const packed = new ArrayBuffer(headBytes + length);
  const all = new Uint8Array(packed);
  const words = new Uint32Array(packed, 0, headBytes / 4);
  all.set(prefix, headBytes);
  words.set([count, headBytes, prefix.length]);
  let offset = headBytes + prefix.length;
  let record = HEADER_WORDS;
  for (const { bytes, bodyBytes } of transactions) {
    all.set(bytes, offset);
    let signer = SIGNERS_OFFSET;
    for (let signature = bodyBytes; signature < bytes.length; signature += SIGNATURE_BYTES) {
      const end = signer + (bytes[signer] === SIGNER_BY_KEY ? 33 : 65);
      words[record++] = offset;
      words[record++] = bodyBytes;
      words[record++] = offset + signature;
      words[record++] = offset + end - PUBLIC_KEY_BYTES;
      signer = end;
    }
    offset += bytes.length;
  }
  return packed;
}

/** Views of a packed batch; asserts that it is one, so that a kernel given its offsets stays inside the buffer. */
export function unpackSignatures(packed: PackedSignatures): UnpackedSignatures {
  const bytes = new Uint8Array(packed);
  assert(bytes.length >= 4 * HEADER_WORDS, "a packed batch begins with its header");
  const [count, prefixAt, prefixLength] = new Uint32Array(packed, 0, HEADER_WORDS);
  assert(4 * (HEADER_WORDS + RECORD_WORDS * count) <= bytes.length, "a packed batch holds its index");
  assert(prefixAt + prefixLength <= bytes.length, "a packed batch holds its prefix");
  const index = new Uint32Array(packed, 4 * HEADER_WORDS, RECORD_WORDS * count);
  for (let i = 0; i < index.length; i += RECORD_WORDS) {
    assert(
      index[i] + index[i + 1] <= bytes.length &&
        index[i + 2] + SIGNATURE_BYTES <= bytes.length &&
        index[i + 3] + PUBLIC_KEY_BYTES <= bytes.length,
      "a packed batch holds what its index points at",
    );
  }
  return { count, prefix: bytes.subarray(prefixAt, prefixAt + prefixLength), index, bytes };
}

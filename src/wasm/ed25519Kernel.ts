// ed25519 on the WebAssembly kernel: signing (RFC 8032) and verification with ZIP-215's verdicts. Synchronous; runs in Node and in
// a browser that has SIMD.
//
// For a pool of workers: the main thread calls `layOutEd25519({ instances: workers + 1, shared: true, ... })` and sends the
// plan to each worker with a number of its own; a worker makes `new Ed25519Kernel(plan, number)` and hands every batch to
// `verifyPacked`, which needs no objects: bytes, an index of offsets, verdicts. All share the tables that `earnTable` builds.
// A key earns a table only by that call; verifying never builds one, so that strangers' keys cost nothing but misses.

import { assert } from "../base/assert.js";
import { bindInstance, type Ed25519Exports, type Ed25519Memory, INPUT_BYTES, layOutEd25519 } from "./ed25519Memory.js";

export const SECRET_KEY_BYTES = 32;
export const PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;
const FACTOR_BYTES = 16;
const RECORD_WORDS = 4;
/** Outcomes of the kernel's earnTable. */
const EARN_BUILT = 1;
const EARN_PRESENT = 2;

/** A signature of 64 bytes over `message` under a public key of 32 bytes. */
export interface SignedItem {
  readonly signature: Uint8Array;
  readonly message: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** Signatures in one buffer: see `verifyPacked`. */
export interface PackedRecords {
  readonly count: number;
  /** Bytes that precede every message in the hash; may be empty. */
  readonly prefix: Uint8Array;
  /** Four words a signature: where its message begins, the message's length, where its signature and its key are in `bytes`. */
  readonly index: Uint32Array;
  readonly bytes: Uint8Array;
}

export class Ed25519Kernel {
  readonly #kernel: Ed25519Exports;
  readonly #batchMax: number;
  readonly #memory: Uint8Array;
  readonly #input: number;
  readonly #factors: Uint8Array<ArrayBuffer>;

  /** Binds to part number `instance` of a laid-out memory; without arguments, to a small memory of its own. */
  constructor(plan: Ed25519Memory = layOutEd25519(), instance = 0) {
    this.#kernel = bindInstance(plan, instance);
    this.#batchMax = this.#kernel.BATCH_MAX.value as number;
    this.#memory = new Uint8Array(plan.memory.buffer);
    this.#input = plan.workspaces + instance * plan.instanceBytes + plan.inputOffset;
    this.#factors = new Uint8Array(FACTOR_BYTES * this.#batchMax);
  }

  /** The 64-byte signature; TypeError where the secret key isn't 32 bytes long. Its time depends on the lengths alone. */
  sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
    this.#placeSecretKey(secretKey);
    this.#kernel.signBegin(this.#input);
    this.#memory.fill(0, this.#input, this.#input + SECRET_KEY_BYTES);
    this.#feed(message);
    this.#kernel.signCommit();
    this.#feed(message);
    this.#kernel.signEnd(this.#input);
    return this.#memory.slice(this.#input, this.#input + SIGNATURE_BYTES);
  }

  /** The 32-byte public key; TypeError where the secret key isn't 32 bytes long. */
  getPublicKey(secretKey: Uint8Array): Uint8Array {
    this.#placeSecretKey(secretKey);
    const result = this.#input + SECRET_KEY_BYTES;
    this.#kernel.publicKeyOf(result, this.#input);
    this.#memory.fill(0, this.#input, this.#input + SECRET_KEY_BYTES);
    return this.#memory.slice(result, result + PUBLIC_KEY_BYTES);
  }

  /** Whether the signature is valid under ZIP-215; false for wrong lengths. */
  verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
    if (!this.#place(0, signature, message, publicKey)) {
      return false;
    }
    this.#judge(1);
    return this.#memory[this.#kernel.verdictOf(0)] === 1;
  }

  /** The verdict on each item, in their order: that of `verify`, for less than the sum of their times. */
  verifyBatch(items: readonly SignedItem[]): boolean[] {
    const verdicts: boolean[] = new Array(items.length).fill(false);
    const places: number[] = [];
    const judge = (): void => {
      this.#judge(places.length);
      const first = this.#kernel.verdictOf(0);
      places.forEach((item, place) => {
        verdicts[item] = this.#memory[first + place] === 1;
      });
      places.length = 0;
    };
    for (let i = 0; i < items.length; i++) {
      const { signature, message, publicKey } = items[i];
      if (this.#place(places.length, signature, message, publicKey)) {
        places.push(i);
      }
      if (places.length === this.#batchMax) {
        judge();
      }
    }
    if (places.length > 0) {
      judge();
    }
    return verdicts;
  }

  /**
   * A byte for each of `records.count` signatures, in order: 1 where it is valid under ZIP-215, else 0. The caller answers
   * for the index: its offsets lie within `records.bytes`.
   */
  verifyPacked(records: PackedRecords): Uint8Array {
    const verdicts = new Uint8Array(records.count);
    for (let start = 0; start < records.count; start += this.#batchMax) {
      const count = Math.min(this.#batchMax, records.count - start);
      this.#placeRecords(records, start, count);
      this.#judge(count);
      const first = this.#kernel.verdictOf(0);
      verdicts.set(this.#memory.subarray(first, first + count), start);
    }
    return verdicts;
  }

  /**
   * Builds the table of a key of which more signatures are expected (1 to 3 ms), in place of the one unused for longest.
   * False where the bytes are no point, there is no cache, or others are building in every place open to this key.
   */
  earnTable(publicKey: Uint8Array): boolean {
    assert(
      publicKey.length === PUBLIC_KEY_BYTES,
      `a public key has ${PUBLIC_KEY_BYTES} bytes, got ${publicKey.length}`,
    );
    this.#memory.set(publicKey, this.#input);
    const outcome = this.#kernel.earnTable(this.#input);
    return outcome === EARN_BUILT || outcome === EARN_PRESENT;
  }

  #placeSecretKey(secretKey: Uint8Array): void {
    if (secretKey.length !== SECRET_KEY_BYTES) {
      throw new TypeError(`expected ${SECRET_KEY_BYTES} bytes, got ${secretKey.length}`);
    }
    this.#memory.set(secretKey, this.#input);
  }

  /** Adds bytes of any length to the running hash. */
  #feed(bytes: Uint8Array): void {
    for (let offset = 0; offset < bytes.length; offset += INPUT_BYTES) {
      const piece = bytes.subarray(offset, offset + INPUT_BYTES);
      this.#memory.set(piece, this.#input);
      this.#kernel.hashUpdate(this.#input, piece.length);
    }
  }

  /** Puts a signature in place and hashes its message; false where the lengths are wrong. */
  #place(place: number, signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
    if (signature.length !== SIGNATURE_BYTES || publicKey.length !== PUBLIC_KEY_BYTES) {
      return false;
    }
    this.#memory.set(signature, this.#kernel.signatureOf(place));
    this.#memory.set(publicKey, this.#kernel.keyOf(place));
    if (message.length <= INPUT_BYTES) {
      this.#memory.set(message, this.#input);
      this.#kernel.hashMessage(place, this.#input, message.length);
    } else {
      this.#kernel.hashBegin(place);
      this.#feed(message);
      this.#kernel.hashEnd(place);
    }
    return true;
  }

  /** Puts `count` packed records in place, in one call where they fit the input region. */
  #placeRecords({ prefix, index, bytes }: PackedRecords, start: number, count: number): void {
    const words = index.subarray(RECORD_WORDS * start, RECORD_WORDS * (start + count));
    if (bytes.length + prefix.length + words.byteLength <= INPUT_BYTES) {
      const prefixAt = this.#input + words.byteLength;
      this.#memory.set(new Uint8Array(words.buffer, words.byteOffset, words.byteLength), this.#input);
      this.#memory.set(prefix, prefixAt);
      this.#memory.set(bytes, prefixAt + prefix.length);
      this.#kernel.takeRecords(this.#input, count, prefixAt + prefix.length, 0, prefixAt, prefix.length);
      return;
    }
    for (let place = 0; place < count; place++) {
      const [messageAt, length, signatureAt, keyAt] = words.subarray(RECORD_WORDS * place, RECORD_WORDS * (place + 1));
      this.#memory.set(bytes.subarray(signatureAt, signatureAt + SIGNATURE_BYTES), this.#kernel.signatureOf(place));
      this.#memory.set(bytes.subarray(keyAt, keyAt + PUBLIC_KEY_BYTES), this.#kernel.keyOf(place));
      this.#kernel.hashBegin(place);
      this.#feed(prefix);
      this.#feed(bytes.subarray(messageAt, messageAt + length));
      this.#kernel.hashEnd(place);
    }
  }

  /** Judges the first `count` places. Factors must be unpredictable: who knew them could make forgeries cancel out. */
  #judge(count: number): void {
    const others = this.#kernel.judgeWithTables(count);
    if (others === 0) {
      return;
    }
    if (others > 1) {
      const factors = this.#factors.subarray(0, FACTOR_BYTES * others);
      crypto.getRandomValues(factors);
      this.#memory.set(factors, this.#kernel.factorOf(0));
    }
    this.#kernel.judgeOthers(others);
  }
}

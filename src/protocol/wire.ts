// Reading and writing the protocol's bytes: little-endian integers of fixed width, nothing self-describing. The reader
// throws MALFORMED where bytes are missing, so that decoders read straight on.

import { CodedError } from "./errors.js";
import { AMOUNT_MAX } from "./limits.js";

/** Appends fields to a growing buffer. */
export class Writer {
  private bytes: Uint8Array;
  private view: DataView;
  private length = 0;

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  // Called before the buffer is touched, never within the same expression: growing replaces it.
  private reserve(count: number): number {
    const offset = this.length;
    const needed = offset + count;
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
      grown.set(this.bytes);
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    this.length = needed;
    return offset;
  }

  u8(value: number): this {
    const offset = this.reserve(1);
    this.view.setUint8(offset, value);
    return this;
  }

  u16(value: number): this {
    const offset = this.reserve(2);
    this.view.setUint16(offset, value, true);
    return this;
  }

  u32(value: number): this {
    const offset = this.reserve(4);
    this.view.setUint32(offset, value, true);
    return this;
  }

  u64(value: bigint): this {
    const offset = this.reserve(8);
    this.view.setBigUint64(offset, value, true);
    return this;
  }

  raw(value: Uint8Array): this {
    const offset = this.reserve(value.length);
    this.bytes.set(value, offset);
    return this;
  }

  /** A u8 length and the bytes. */
  short(value: Uint8Array): this {
    return this.u8(value.length).raw(value);
  }

  /** The bytes written, as a copy that later writes don't touch. */
  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }
}

/** Takes fields off a byte array from the front. */
export class Reader {
  readonly bytes: Uint8Array;
  offset: number;
  private readonly view: DataView;

  constructor(bytes: Uint8Array, offset = 0) {
    this.bytes = bytes;
    this.offset = offset;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  private take(count: number): number {
    const offset = this.offset;
    if (offset + count > this.bytes.length) {
      throw new CodedError(
        "MALFORMED",
        `expected ${count} bytes at offset ${offset}, got ${this.bytes.length - offset}`,
      );
    }
    this.offset = offset + count;
    return offset;
  }

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }

  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }

  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  u64(): bigint {
    return this.view.getBigUint64(this.take(8), true);
  }

  /** A u64 that must lie below 2^53: heights and times. */
  safe(): number {
    const value = this.u64();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new CodedError("MALFORMED", `expected a number below 2^53 at offset ${this.offset - 8}, got ${value}`);
    }
    return Number(value);
  }

  /** An amount of 0 to 2^63 - 1 units. */
  amountOrZero(): bigint {
    const value = this.u64();
    if (value > AMOUNT_MAX) {
      throw new CodedError(
        "AMOUNT_OUT_OF_RANGE",
        `expected at most 2^63 - 1 at offset ${this.offset - 8}, got ${value}`,
      );
    }
    return value;
  }

  /** An amount of 1 to 2^63 - 1 units. */
  amount(): bigint {
    const value = this.amountOrZero();
    if (value === 0n) {
      throw new CodedError("AMOUNT_OUT_OF_RANGE", `expected at least 1 at offset ${this.offset - 8}, got 0`);
    }
    return value;
  }

  /** A byte that must be 0 or 1. */
  flag(): boolean {
    const value = this.u8();
    if (value > 1) {
      throw new CodedError("NON_CANONICAL", `expected 0 or 1 at offset ${this.offset - 1}, got ${value}`);
    }
    return value === 1;
  }

  /** `count` bytes as a copy. */
  raw(count: number): Uint8Array {
    const offset = this.take(count);
    return this.bytes.slice(offset, offset + count);
  }

  /** A u8 length and that many bytes. */
  short(): Uint8Array {
    return this.raw(this.u8());
  }

  /** Refuses bytes after the last field. */
  end(): void {
    if (this.remaining !== 0) {
      throw new CodedError("MALFORMED", `expected the end at offset ${this.offset}, got ${this.remaining} more bytes`);
    }
  }
}

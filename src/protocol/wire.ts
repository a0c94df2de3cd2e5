// Reading and writing the protocol's bytes: little-endian integers of fixed width, nothing self-describing. The reader
// throws MALFORMED where bytes are missing, so that decoders read straight on.

import { assert } from "../base/assert.js";
import { CodedError } from "./errors.js";
import { AMOUNT_MAX } from "./limits.js";

/** A u16 length of this announces a u32. */
const LONG_LENGTH = 0xffff;

/** What `Writer.long` takes for these bytes. */
export function longBytes(bytes: Uint8Array): number {
  return bytes.length + (bytes.length < LONG_LENGTH ? 2 : 6);
}

interface WriteBuffer {
  bytes: Uint8Array;
  view: DataView;
}

function makeBuffer(capacity: number): WriteBuffer {
  const bytes = new Uint8Array(capacity);
  return { bytes, view: new DataView(bytes.buffer) };
}

const SPARE_BYTES = 4_096;
const SPARE_COUNT_MAX = 8;
/** Buffers of writers that have finished, for the next ones: making one costs more than filling it. */
const spareBuffers: WriteBuffer[] = [];

/** Appends fields to a growing buffer. */
export class Writer {
  private buffer: WriteBuffer | undefined;
  private length = 0;

  constructor(capacity = 256) {
    if (capacity > SPARE_BYTES) {
      this.buffer = makeBuffer(capacity);
    } else {
      this.buffer = spareBuffers.pop() ?? makeBuffer(SPARE_BYTES);
    }
  }

  // Called before the buffer is touched, never within the same expression: growing replaces it.
  /** The buffer, with room for `count` more bytes at the present length. */
  private room(count: number): WriteBuffer {
    const { buffer } = this;
    assert(buffer !== undefined, "a finished writer writes no more");
    const needed = this.length + count;
    if (needed <= buffer.bytes.length) {
      return buffer;
    }
    const grown = makeBuffer(Math.max(needed, buffer.bytes.length * 2));
    grown.bytes.set(buffer.bytes);
    this.buffer = grown;
    return grown;
  }

  u8(value: number): this {
    this.room(1).view.setUint8(this.length, value);
    this.length += 1;
    return this;
  }

  u16(value: number): this {
    this.room(2).view.setUint16(this.length, value, true);
    this.length += 2;
    return this;
  }

  u32(value: number): this {
    this.room(4).view.setUint32(this.length, value, true);
    this.length += 4;
    return this;
  }

  u64(value: bigint): this {
    this.room(8).view.setBigUint64(this.length, value, true);
    this.length += 8;
    return this;
  }

  raw(value: Uint8Array): this {
    this.room(value.length).bytes.set(value, this.length);
    this.length += value.length;
    return this;
  }

  /** A u16 length and the bytes; a length from 65,535 on follows as a u32 after a u16 of 65,535. */
  long(value: Uint8Array): this {
    if (value.length < LONG_LENGTH) {
      return this.u16(value.length).raw(value);
    }
    return this.u16(LONG_LENGTH).u32(value.length).raw(value);
  }

  /** A u8 length and the bytes. */
  short(value: Uint8Array): this {
    return this.u8(value.length).raw(value);
  }

  /** The bytes written, the caller's own. Ends the writer. */
  finish(): Uint8Array {
    const { buffer } = this;
    assert(buffer !== undefined, "a finished writer writes no more");
    this.buffer = undefined;
    const bytes = buffer.bytes.slice(0, this.length);
    if (buffer.bytes.length === SPARE_BYTES && spareBuffers.length < SPARE_COUNT_MAX) {
      spareBuffers.push(buffer);
    }
    return bytes;
  }
}

// A u64 is put together from two words of memory that a BigInt is read from, which spares each reader a view of its own.
const words = new Uint32Array(2);
const wide = new BigUint64Array(words.buffer);
const LOW_WORD = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;
const HIGH_WORD = 1 - LOW_WORD;
const WORD_VALUES = 0x1_0000_0000;
const SAFE_HIGH_WORD_MAX = 0x1f_ffff;

/** Takes fields off a byte array from the front. */
export class Reader {
  readonly bytes: Uint8Array;
  offset: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.bytes = bytes;
    this.offset = offset;
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
    return this.bytes[this.take(1)];
  }

  u16(): number {
    const offset = this.take(2);
    return this.bytes[offset] | (this.bytes[offset + 1] << 8);
  }

  u32(): number {
    return this.wordAt(this.take(4));
  }

  private wordAt(offset: number): number {
    const { bytes } = this;
    return (bytes[offset] | (bytes[offset + 1] << 8) | (bytes[offset + 2] << 16) | (bytes[offset + 3] << 24)) >>> 0;
  }

  u64(): bigint {
    const offset = this.take(8);
    words[LOW_WORD] = this.wordAt(offset);
    words[HIGH_WORD] = this.wordAt(offset + 4);
    return wide[0];
  }

  /** A u64 that must lie below 2^53: heights and times. */
  safe(): number {
    const offset = this.take(8);
    const high = this.wordAt(offset + 4);
    if (high > SAFE_HIGH_WORD_MAX) {
      throw new CodedError("MALFORMED", `expected a number below 2^53 at offset ${offset}, got more`);
    }
    return high * WORD_VALUES + this.wordAt(offset);
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

  /** What `Writer.long` wrote, at most `bytesMax`, as a copy; `what` names it in errors. */
  long(bytesMax: number, what: string): Uint8Array {
    return this.longView(bytesMax, what).slice();
  }

  /** As `long`, but a view of the reader's bytes. */
  longView(bytesMax: number, what: string): Uint8Array {
    const length = this.longLength(bytesMax, what);
    const offset = this.take(length);
    return this.bytes.subarray(offset, offset + length);
  }

  /** Passes over bytes and gives the offset of the first. */
  skip(count: number): number {
    return this.take(count);
  }

  /** The length that stands before what `Writer.long` wrote, at most `bytesMax`. */
  longLength(bytesMax: number, what: string): number {
    const short = this.u16();
    const length = short === LONG_LENGTH ? this.u32() : short;
    if (short === LONG_LENGTH && length < LONG_LENGTH) {
      throw new CodedError("NON_CANONICAL", `expected a length of ${length} as two bytes, got six`);
    }
    if (length > bytesMax) {
      throw new CodedError("TOO_LARGE", `expected at most ${bytesMax} bytes of ${what}, got ${length}`);
    }
    return length;
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

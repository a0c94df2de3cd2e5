// The little of Protocol Buffers that CometBFT's headers, votes and ABCI messages need: varints, fixed64 and length-delimited
// fields. As in proto3, a field with its default value is not written. Numbers stay below 2^53: heights, times, powers.

import { CodedError } from "./errors.js";

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;
const VARINT_BYTES_MAX = 10;

/** How many bytes a varint takes. */
export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) {
    bytes++;
  }
  return bytes;
}

/** Writes a varint to `out` at `offset`; returns the offset after it. */
function putVarint(out: Uint8Array, offset: number, value: number): number {
  let at = offset;
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) {
    out[at++] = (rest % 128) | 128;
  }
  out[at++] = rest;
  return at;
}

/** Gathers a message's fields. Long bytes are kept by reference and copied once, by `finish`. */
export class ProtobufWriter {
  private readonly pieces: Uint8Array[] = [];
  private length = 0;

  private push(piece: Uint8Array): void {
    this.pieces.push(piece);
    this.length += piece.length;
  }

  private tag(field: number, wireType: number, value: number): void {
    const key = field * 8 + wireType;
    const piece = new Uint8Array(varintBytes(key) + varintBytes(value));
    putVarint(piece, putVarint(piece, 0, key), value);
    this.push(piece);
  }

  /** A whole number, an enumeration or a flag; nothing where it is 0. */
  varint(field: number, value: number): this {
    if (value !== 0) {
      this.tag(field, VARINT, value);
    }
    return this;
  }

  /** A whole number that may be negative (int32, int64): then in ten bytes; nothing where it is 0. */
  signedVarint(field: number, value: number): this {
    if (value >= 0) {
      return this.varint(field, value);
    }
    const key = new Uint8Array(varintBytes(field * 8));
    putVarint(key, 0, field * 8 + VARINT);
    this.push(key);
    const bytes = new Uint8Array(VARINT_BYTES_MAX);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (let i = 0; i < bytes.length; i++, rest >>= 7n) {
      bytes[i] = Number(rest & 127n) | (i < bytes.length - 1 ? 128 : 0);
    }
    this.push(bytes);
    return this;
  }

  /** An sfixed64 that is not negative; nothing where it is 0. */
  fixed64(field: number, value: number): this {
    if (value !== 0) {
      const piece = new Uint8Array(9);
      piece[0] = field * 8 + FIXED64;
      new DataView(piece.buffer).setBigUint64(1, BigInt(value), true);
      this.push(piece);
    }
    return this;
  }

  /** Bytes or text; nothing where they are empty. */
  bytes(field: number, value: Uint8Array): this {
    return value.length === 0 ? this : this.message(field, value);
  }

  /** An encoded message, or an element of a repeated field: written even where it is empty. */
  message(field: number, value: Uint8Array): this {
    this.tag(field, DELIMITED, value.length);
    this.push(value);
    return this;
  }

  finish(): Uint8Array {
    const out = new Uint8Array(this.length);
    let offset = 0;
    for (const piece of this.pieces) {
      out.set(piece, offset);
      offset += piece.length;
    }
    return out;
  }
}

/** A message after its length, as streams and signed messages carry it. */
export function lengthDelimited(message: Uint8Array): Uint8Array {
  const out = new Uint8Array(varintBytes(message.length) + message.length);
  out.set(message, putVarint(out, 0, message.length));
  return out;
}

/** Walks over a message's fields; `next` moves on, then one of the others takes the value. Throws MALFORMED. */
export class ProtobufReader {
  /** The number of the field under the reader. */
  field = 0;
  private wireType = 0;
  private offset = 0;

  constructor(private readonly source: Uint8Array) {}

  /** Whether there is another field; moves to it. */
  next(): boolean {
    if (this.offset >= this.source.length) {
      return false;
    }
    const key = this.readVarint();
    this.field = Math.floor(key / 8);
    this.wireType = key % 8;
    return true;
  }

  varint(): number {
    this.expect(VARINT);
    return this.readVarint();
  }

  /** A whole number that may be negative: int32 or int64. */
  signedVarint(): number {
    this.expect(VARINT);
    const value = Number(BigInt.asIntN(64, this.readBits()));
    if (!Number.isSafeInteger(value)) {
      throw new CodedError("MALFORMED", `expected a number below 2^53 in field ${this.field}, got more`);
    }
    return value;
  }

  /** The field's bytes, which share the message's memory. */
  bytes(): Uint8Array {
    this.expect(DELIMITED);
    const length = this.readVarint();
    return this.take(length);
  }

  text(): string {
    return new TextDecoder().decode(this.bytes());
  }

  /** Passes over a field of any kind. */
  skip(): void {
    if (this.wireType === VARINT) {
      // Any one, a negative one too.
      this.readBits();
    } else if (this.wireType === DELIMITED) {
      this.bytes();
    } else if (this.wireType === FIXED64 || this.wireType === FIXED32) {
      this.take(this.wireType === FIXED64 ? 8 : 4);
    } else {
      throw new CodedError("MALFORMED", `expected a known wire type of field ${this.field}, got ${this.wireType}`);
    }
  }

  private expect(wireType: number): void {
    if (this.wireType !== wireType) {
      throw new CodedError("MALFORMED", `expected wire type ${wireType} of field ${this.field}, got ${this.wireType}`);
    }
  }

  private take(length: number): Uint8Array {
    const end = this.offset + length;
    if (end > this.source.length) {
      throw new CodedError("MALFORMED", `expected ${length} bytes, got ${this.source.length - this.offset}`);
    }
    const bytes = this.source.subarray(this.offset, end);
    this.offset = end;
    return bytes;
  }

  private readVarint(): number {
    let value = 0;
    for (let i = 0, scale = 1; i < VARINT_BYTES_MAX && this.offset < this.source.length; i++, scale *= 128) {
      const byte = this.source[this.offset++];
      value += (byte & 127) * scale;
      if (byte < 128) {
        if (!Number.isSafeInteger(value)) {
          throw new CodedError("MALFORMED", `expected a number below 2^53 in field ${this.field}, got more`);
        }
        return value;
      }
    }
    throw new CodedError("MALFORMED", "expected the end of a varint, got none");
  }

  /** A varint of any size. */
  private readBits(): bigint {
    let value = 0n;
    for (let i = 0; i < VARINT_BYTES_MAX && this.offset < this.source.length; i++) {
      const byte = this.source[this.offset++];
      value |= BigInt(byte & 127) << BigInt(7 * i);
      if (byte < 128) {
        return value;
      }
    }
    throw new CodedError("MALFORMED", "expected the end of a varint, got none");
  }
}

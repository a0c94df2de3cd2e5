// The values that cross the border of a contract (arguments, results, storage, events) and their one canonical encoding:
//   00 nil   01 false   02 true   03 integer: 8 bytes, big-endian, sign bit flipped   04 string: length, bytes
//   05 array: count, values   06 map: count, then key and value by turns, keys strictly ascending by their encoded bytes
//   07 256-bit integer: 32 bytes, big-endian two's complement, sign bit flipped
// Lengths and counts are unsigned LEB128 in the fewest bytes. Map keys are booleans, integers or strings; an array's
// elements and a map's values are never nil. Equal values have equal bytes and the other way round.
import { assert } from "../base/assert.js";
import { bytesKey, compareBytes, keyBytes, utf8Bytes } from "../base/bytes.js";
import { LvmError } from "./lvmError.js";

/** Tables inside tables in an encoded value. */
export const VALUE_DEPTH_MAX = 16;

export const TAG_NIL = 0;
export const TAG_FALSE = 1;
export const TAG_TRUE = 2;
export const TAG_INTEGER = 3;
export const TAG_STRING = 4;
export const TAG_ARRAY = 5;
export const TAG_MAP = 6;
export const TAG_BIGNUM = 7;

export const BIGNUM_MIN = -(1n << 255n);
export const BIGNUM_MAX = (1n << 255n) - 1n;

/** A 256-bit signed integer, as `bignum` values of contracts. */
export class LvmBignum {
  constructor(readonly value: bigint) {
    assert(value >= BIGNUM_MIN && value <= BIGNUM_MAX, "a 256-bit integer was expected");
  }
}

/** A map's key: a string key is the contract's bytes, one per character (`bytesKey`). */
export type LvmKey = boolean | bigint | string;

/**
 * What decoding gives: integers as bigint, strings as bytes, arrays as arrays, maps as Map in canonical order. For
 * encoding, a string stands for its UTF-8 bytes and a safe number for an integer.
 */
export type LvmValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | LvmBignum
  | readonly LvmValue[]
  | ReadonlyMap<LvmKey, LvmValue>;

/** Bytes under construction; refuses to grow past `bytesMax`. */
export class ValueWriter {
  bytes = new Uint8Array(4096);
  length = 0;
  bytesMax = Number.MAX_SAFE_INTEGER;
  onOverflow: () => never = () => {
    throw new LvmError("LVM_BAD_VALUE", "the value is too large");
  };

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const length = this.length + count;
    if (length > this.bytesMax) {
      this.onOverflow();
    }
    if (length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(length, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  unsigned(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.byte((rest & 127) | 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** An integer given as its two 32-bit halves. */
  integer(high: number, low: number): void {
    this.reserve(9);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = TAG_INTEGER;
    const flipped = high ^ 0x80000000;
    bytes[at++] = flipped >>> 24;
    bytes[at++] = flipped >>> 16;
    bytes[at++] = flipped >>> 8;
    bytes[at++] = flipped;
    bytes[at++] = low >>> 24;
    bytes[at++] = low >>> 16;
    bytes[at++] = low >>> 8;
    bytes[at++] = low;
    this.length = at;
  }

  string(bytes: Uint8Array): void {
    this.stringRange(bytes, 0, bytes.length);
  }

  /** A string whose bytes lie in a larger array; a view of a few bytes would cost more than copying them. */
  stringRange(bytes: Uint8Array, start: number, length: number): void {
    this.byte(TAG_STRING);
    this.unsigned(length);
    this.reserve(length);
    if (length > 64) {
      this.bytes.set(bytes.subarray(start, start + length), this.length);
    } else {
      for (let i = 0; i < length; i++) {
        this.bytes[this.length + i] = bytes[start + i];
      }
    }
    this.length += length;
  }

  bignum(value: bigint): void {
    this.byte(TAG_BIGNUM);
    this.reserve(32);
    let rest = value - BIGNUM_MIN;
    for (let i = 31; i >= 0; i--) {
      this.bytes[this.length + i] = Number(rest & 255n);
      rest >>= 8n;
    }
    this.length += 32;
  }

  /** Orders the pairs that were written from `ends[0]`; `ends` holds each pair's start, key end and pair end. */
  sortPairs(pairs: { start: number; keyEnd: number; end: number }[]): void {
    const { bytes } = this;
    const keyOf = (pair: { start: number; keyEnd: number }) => bytes.subarray(pair.start, pair.keyEnd);
    const isSorted = pairs.every((pair, i) => i === 0 || compareBytes(keyOf(pairs[i - 1]), keyOf(pair)) < 0);
    if (!isSorted) {
      const start = pairs[0].start;
      const sorted = [...pairs].sort((a, b) => compareBytes(keyOf(a), keyOf(b)));
      const copy = bytes.slice(start, this.length);
      let at = start;
      for (const pair of sorted) {
        bytes.set(copy.subarray(pair.start - start, pair.end - start), at);
        at += pair.end - pair.start;
      }
    }
  }

  take(from = 0): Uint8Array {
    return this.bytes.slice(from, this.length);
  }
}

function badValue(message: string): never {
  throw new LvmError("LVM_BAD_VALUE", message);
}

/** Writes `value`; see `encodeLvmValue`. */
export function writeLvmValue(writer: ValueWriter, value: LvmValue, depth = 0): void {
  if (value === null) {
    writer.byte(TAG_NIL);
  } else if (typeof value === "boolean") {
    writer.byte(value ? TAG_TRUE : TAG_FALSE);
  } else if (typeof value === "bigint" || typeof value === "number") {
    writeInteger(writer, value);
  } else if (typeof value === "string") {
    writer.string(utf8Bytes(value));
  } else if (value instanceof Uint8Array) {
    writer.string(value);
  } else if (value instanceof LvmBignum) {
    writer.bignum(value.value);
  } else if (depth >= VALUE_DEPTH_MAX) {
    badValue(`expected at most ${VALUE_DEPTH_MAX} tables inside one another`);
  } else if (value instanceof Map) {
    writeMap(writer, value as ReadonlyMap<LvmKey, LvmValue>, depth);
  } else {
    const elements = value as readonly LvmValue[];
    writer.byte(TAG_ARRAY);
    writer.unsigned(elements.length);
    for (const element of elements) {
      writeLvmValue(writer, element ?? badValue("an array's element is nil"), depth + 1);
    }
  }
}

function writeInteger(writer: ValueWriter, value: bigint | number): void {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    badValue(`expected an integer, got ${value}`);
  }
  const integer = BigInt(value);
  if (integer !== BigInt.asIntN(64, integer)) {
    badValue("an integer needs more than 64 bits: use a bignum");
  }
  writer.integer(Number(integer >> 32n), Number(BigInt.asIntN(32, integer)));
}

function writeMap(writer: ValueWriter, map: ReadonlyMap<LvmKey, LvmValue>, depth: number): void {
  if (map.size === 0) {
    writer.byte(TAG_ARRAY);
    writer.unsigned(0);
    return;
  }
  if (isSequence(map)) {
    writeLvmValue(
      writer,
      Array.from({ length: map.size }, (_, i) => map.get(BigInt(i + 1)) as LvmValue),
      depth,
    );
    return;
  }
  writer.byte(TAG_MAP);
  writer.unsigned(map.size);
  const pairs: { start: number; keyEnd: number; end: number }[] = [];
  for (const [key, value] of map) {
    const start = writer.length;
    writeLvmValue(writer, typeof key === "string" ? keyBytes(key) : key, depth + 1);
    const keyEnd = writer.length;
    writeLvmValue(writer, value ?? badValue("a map's value is nil"), depth + 1);
    pairs.push({ start, keyEnd, end: writer.length });
  }
  writer.sortPairs(pairs);
}

/** In Lua a table with the keys 1 to n is an array, however it was made. */
function isSequence(map: ReadonlyMap<LvmKey, LvmValue>): boolean {
  for (let i = 1; i <= map.size; i++) {
    if (!map.has(BigInt(i))) {
      return false;
    }
  }
  return true;
}

/** The canonical bytes of `value`. Throws LvmError LVM_BAD_VALUE. */
export function encodeLvmValue(value: LvmValue): Uint8Array {
  const writer = new ValueWriter();
  writeLvmValue(writer, value);
  return writer.take();
}

/** Reads canonical values one after another; throws LvmError LVM_BAD_VALUE at the first byte that isn't canonical. */
export class ValueReader {
  position = 0;

  constructor(readonly bytes: Uint8Array) {}

  byte(): number {
    if (this.position >= this.bytes.length) {
      badValue("the encoding ends too early");
    }
    return this.bytes[this.position++];
  }

  unsigned(): number {
    let value = 0;
    for (let shift = 0; shift < 32; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) {
        if (byte === 0 && shift > 0) {
          badValue("a length is not in its shortest form");
        }
        return value;
      }
    }
    return badValue("a length is too large");
  }

  raw(length: number): Uint8Array {
    if (length > this.bytes.length - this.position) {
      badValue("the encoding ends too early");
    }
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  value(depth = 0): LvmValue {
    const tag = this.byte();
    switch (tag) {
      case TAG_NIL:
        return null;
      case TAG_FALSE:
        return false;
      case TAG_TRUE:
        return true;
      case TAG_INTEGER:
        return BigInt.asIntN(64, bigEndian(this.raw(8)) ^ (1n << 63n));
      case TAG_STRING:
        return this.raw(this.unsigned()).slice();
      case TAG_BIGNUM:
        return new LvmBignum(bigEndian(this.raw(32)) + BIGNUM_MIN);
      case TAG_ARRAY:
      case TAG_MAP:
        if (depth >= VALUE_DEPTH_MAX) {
          badValue(`expected at most ${VALUE_DEPTH_MAX} tables inside one another`);
        }
        return tag === TAG_ARRAY ? this.array(depth) : this.map(depth);
      default:
        return badValue(`there is no value tag ${tag}`);
    }
  }

  private array(depth: number): LvmValue {
    const elements: LvmValue[] = [];
    const count = this.unsigned();
    for (let i = 0; i < count; i++) {
      elements.push(this.value(depth + 1) ?? badValue("an array's element is nil"));
    }
    return elements;
  }

  private map(depth: number): LvmValue {
    const map = new Map<LvmKey, LvmValue>();
    const count = this.unsigned();
    let previous: Uint8Array | undefined;
    for (let i = 0; i < count; i++) {
      const start = this.position;
      const key = this.value(depth + 1);
      const keyBytesHere = this.bytes.subarray(start, this.position);
      if (previous && compareBytes(previous, keyBytesHere) >= 0) {
        badValue("a map's keys are not in ascending order");
      }
      previous = keyBytesHere;
      const value = this.value(depth + 1) ?? badValue("a map's value is nil");
      if (typeof key === "boolean" || typeof key === "bigint") {
        map.set(key, value);
      } else if (key instanceof Uint8Array) {
        map.set(byteString(key), value);
      } else {
        badValue("a map's key is neither boolean, integer nor string");
      }
    }
    if (isSequence(map)) {
      badValue("a map with the keys 1 to n is not encoded as an array");
    }
    return map;
  }
}

/** Function calls take so many arguments everywhere. */
const KEY_CHUNK_BYTES = 1024;

/** As `bytesKey`, for any length. */
function byteString(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += KEY_CHUNK_BYTES) {
    text += bytesKey(bytes.subarray(start, start + KEY_CHUNK_BYTES));
  }
  return text;
}

function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) {
    value = (value << 8n) | BigInt(byte);
  }
  return value;
}

/** The value that `bytes` encode, which must be canonical and end with it. Throws LvmError LVM_BAD_VALUE. */
export function decodeLvmValue(bytes: Uint8Array): LvmValue {
  const reader = new ValueReader(bytes);
  const value = reader.value();
  if (reader.position !== bytes.length) {
    badValue("bytes follow the value");
  }
  return value;
}

/** The canonical encodings of several values, one after another: the arguments of a call. */
export function encodeLvmValues(values: readonly LvmValue[]): Uint8Array {
  const writer = new ValueWriter();
  for (const value of values) {
    writeLvmValue(writer, value);
  }
  return writer.take();
}

/** The inverse of `encodeLvmValues`. Throws LvmError LVM_BAD_VALUE for other bytes. */
export function decodeLvmValues(bytes: Uint8Array): LvmValue[] {
  const reader = new ValueReader(bytes);
  const values: LvmValue[] = [];
  while (reader.position < bytes.length) {
    values.push(reader.value());
  }
  return values;
}

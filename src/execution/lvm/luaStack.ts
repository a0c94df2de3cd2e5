// Arguments and results of host functions, and values between Lua and their canonical encoding (lvmValue.ts). Reads go
// straight to Lua's stack in memory: an exported function call costs more than the read. Positions count from 1.
import { assert } from "../../base/assert.js";
import type { GasSchedule } from "./gasSchedule.js";
import { ADDRESS_BYTES, NAME_BYTES_MAX, VALUE_DEPTH_MAX } from "./limits.js";
import type { ByteStringBuffer, LuaInstance } from "./luaInstance.js";
import {
  REGISTRY_INDEX,
  SCRATCH_START,
  SLOT_BYTES,
  SLOT_TYPE,
  STATE_CALL_INFO,
  STATE_TOP,
  STRING_BYTES,
  STRING_LONG_LENGTH,
  STRING_SHORT_LENGTH,
  TYPE_FALSE,
  TYPE_FLOAT,
  TYPE_INTEGER,
  TYPE_LONG_STRING,
  TYPE_MASK,
  TYPE_NIL,
  TYPE_NONE,
  TYPE_SHORT_STRING,
  TYPE_TABLE,
  TYPE_TRUE,
  TYPE_USERDATA,
} from "./luaLayout.js";
import { LvmError } from "./lvmError.js";
import {
  BIGNUM_MIN,
  TAG_ARRAY,
  TAG_BIGNUM,
  TAG_FALSE,
  TAG_INTEGER,
  TAG_MAP,
  TAG_NIL,
  TAG_STRING,
  TAG_TRUE,
  ValueWriter,
} from "./lvmValue.js";

/** The first word of every userdata says what it is; contracts can't make userdata themselves. */
export const OBJECT_BIGNUM = 1;
export const OBJECT_ERROR = 2;
export const OBJECT_STATE_VALUE = 3;
export const OBJECT_STATE_MAP = 4;
export const OBJECT_STATE_ARRAY = 5;

const TYPE_NAMES: Record<number, string> = {
  [TYPE_NONE]: "nothing",
  [TYPE_NIL]: "nil",
  [TYPE_FALSE]: "boolean",
  [TYPE_TRUE]: "boolean",
  [TYPE_INTEGER]: "integer",
  [TYPE_FLOAT]: "float",
  [TYPE_SHORT_STRING]: "string",
  [TYPE_LONG_STRING]: "string",
  [TYPE_TABLE]: "table",
  [TYPE_USERDATA]: "object",
};

/** See the file's head. */
export class LuaStack {
  /** Registry slots of the metatables, by object kind. */
  readonly metatables: number[] = [];
  private readonly writer = new ValueWriter();
  private keyBuffer = Buffer.alloc(0) as Buffer & ByteStringBuffer;

  constructor(
    readonly lua: LuaInstance,
    private readonly prices: GasSchedule,
  ) {}

  /** How many arguments the running host function got, or values lie above its frame. */
  get count(): number {
    const { words, state } = this.lua;
    const frame = words[words[(state + STATE_CALL_INFO) >> 2] >> 2];
    return (words[(state + STATE_TOP) >> 2] - frame) / SLOT_BYTES - 1;
  }

  /** Address of a position's slot. */
  private slot(position: number): number {
    const { words, state } = this.lua;
    return words[words[(state + STATE_CALL_INFO) >> 2] >> 2] + position * SLOT_BYTES;
  }

  /** One of the TYPE_ constants. */
  typeAt(position: number): number {
    const slot = this.slot(position);
    if (slot >= this.lua.words[(this.lua.state + STATE_TOP) >> 2]) {
      return TYPE_NONE;
    }
    return this.lua.bytes[slot + SLOT_TYPE] & TYPE_MASK;
  }

  typeName(position: number): string {
    return TYPE_NAMES[this.typeAt(position)] ?? "function";
  }

  isNil(position: number): boolean {
    return this.typeAt(position) <= TYPE_NIL;
  }

  isString(position: number): boolean {
    const type = this.typeAt(position);
    return type === TYPE_SHORT_STRING || type === TYPE_LONG_STRING;
  }

  isInteger(position: number): boolean {
    return this.typeAt(position) === TYPE_INTEGER;
  }

  /** Fails with what was expected at `position` and what is there. */
  wrongType(position: number, expected: string): never {
    throw new LvmError(
      "LVM_BAD_ARGUMENT",
      `argument ${position}: expected ${expected}, got ${this.typeName(position)}`,
    );
  }

  integerAt(position: number): bigint {
    if (!this.isInteger(position)) {
      this.wrongType(position, "integer");
    }
    return this.lua.view.getBigInt64(this.slot(position), true);
  }

  booleanAt(position: number): boolean {
    const type = this.typeAt(position);
    return type !== TYPE_FALSE && type > TYPE_NIL;
  }

  /** Address and length of a string's bytes, which stay where they are during the call. */
  private stringRange(slot: number): { start: number; length: number } {
    const { bytes, words } = this.lua;
    const string = words[slot >> 2];
    const isShort = (bytes[slot + SLOT_TYPE] & TYPE_MASK) === TYPE_SHORT_STRING;
    const length = isShort ? bytes[string + STRING_SHORT_LENGTH] : words[(string + STRING_LONG_LENGTH) >> 2];
    return { start: string + STRING_BYTES, length };
  }

  /** A view of the string's bytes, valid until the next call into Lua. */
  bytesAt(position: number): Uint8Array {
    if (!this.isString(position)) {
      this.wrongType(position, "string");
    }
    const { start, length } = this.stringRange(this.slot(position));
    return this.lua.bytes.subarray(start, start + length);
  }

  /** An address: a string of 32 bytes. */
  addressAt(position: number): string {
    const address = this.byteStringAt(position);
    if (address.length !== ADDRESS_BYTES) {
      this.wrongType(position, `an address of ${ADDRESS_BYTES} bytes`);
    }
    return address;
  }

  /** A name: text of 1 to NAME_BYTES_MAX bytes. */
  nameAt(position: number): string {
    const name = this.byteStringAt(position);
    if (name === "" || name.length > NAME_BYTES_MAX) {
      throw new LvmError("LVM_BAD_ARGUMENT", `argument ${position}: expected a name of 1 to ${NAME_BYTES_MAX} bytes`);
    }
    return name;
  }

  /** The string's bytes, one per character. */
  byteStringAt(position: number): string {
    if (!this.isString(position)) {
      this.wrongType(position, "string");
    }
    const { start, length } = this.stringRange(this.slot(position));
    return this.lua.buffer.latin1Slice(start, start + length);
  }

  /** The kind of the object at `position` (OBJECT_), 0 where there is none. */
  objectKindAt(position: number): number {
    return this.typeAt(position) === TYPE_USERDATA ? this.lua.words[this.objectAt(position) >> 2] : 0;
  }

  /** Address of a userdata's contents. */
  objectAt(position: number): number {
    return this.lua.functions.lua_touserdata(this.lua.state, position);
  }

  pushNil(): number {
    this.lua.functions.lua_pushnil(this.lua.state);
    return 1;
  }

  pushBoolean(value: boolean): number {
    this.lua.functions.lua_pushboolean(this.lua.state, value ? 1 : 0);
    return 1;
  }

  pushInteger(value: bigint | number): number {
    this.lua.functions.lua_pushinteger(this.lua.state, BigInt(value));
    return 1;
  }

  pushBytes(bytes: Uint8Array): number {
    this.lua.functions.lua_pushlstring(this.lua.state, this.lua.toScratch(bytes), bytes.length);
    return 1;
  }

  /** Pushes `length` bytes from `start`; a view of a few bytes costs more than copying them. */
  private pushRange(bytes: Uint8Array, start: number, length: number): void {
    if (length > 64) {
      this.pushBytes(bytes.subarray(start, start + length));
      return;
    }
    const memory = this.lua.bytes;
    for (let i = 0; i < length; i++) {
      memory[SCRATCH_START + i] = bytes[start + i];
    }
    this.lua.functions.lua_pushlstring(this.lua.state, SCRATCH_START, length);
  }

  /** Pushes one byte per character. */
  pushByteString(text: string): number {
    const length = this.lua.buffer.latin1Write(text, SCRATCH_START);
    assert(length === text.length, "the scratch area holds any byte string that a limit lets pass");
    this.lua.functions.lua_pushlstring(this.lua.state, SCRATCH_START, length);
    return 1;
  }

  /** Pushes the UTF-8 bytes of `text`. */
  pushText(text: string): number {
    const length = this.lua.buffer.write(text, SCRATCH_START, "utf8");
    this.lua.functions.lua_pushlstring(this.lua.state, SCRATCH_START, length);
    return 1;
  }

  /** Pushes a new object of `kind` with `size` bytes after the kind's word; returns its contents' address. */
  pushObject(kind: number, size: number): number {
    const { lua } = this;
    const address = lua.functions.lua_newuserdatauv(lua.state, 8 + size, 0);
    lua.words[address >> 2] = kind;
    lua.words[(address >> 2) + 1] = 0;
    lua.functions.lua_rawgeti(lua.state, REGISTRY_INDEX, BigInt(this.metatables[kind]));
    lua.functions.lua_setmetatable(lua.state, -2);
    return address;
  }

  pushBignum(value: bigint): number {
    const address = this.pushObject(OBJECT_BIGNUM, 32);
    for (let i = 0; i < 4; i++) {
      this.lua.view.setBigInt64(address + 8 + 8 * i, BigInt.asIntN(64, value >> BigInt(64 * i)), true);
    }
    return 1;
  }

  /** The value of the bignum whose contents lie at `address`. */
  bignumValue(address: number): bigint {
    const { view } = this.lua;
    let value = view.getBigInt64(address + 32, true);
    for (let i = 2; i >= 0; i--) {
      value = (value << 64n) | view.getBigUint64(address + 8 + 8 * i, true);
    }
    return value;
  }

  /**
   * The canonical encoding of the values from position `first` to the last, each by itself or as one array (`asArray`).
   * At most `bytesMax` bytes, else `onOverflow`. Charges gas by size.
   */
  encodeFrom(first: number, asArray: boolean, bytesMax: number, onOverflow: () => never): Uint8Array {
    const writer = this.startEncoding(bytesMax, onOverflow);
    const last = this.count;
    if (asArray) {
      writer.byte(TAG_ARRAY);
      writer.unsigned(Math.max(0, last - first + 1));
    }
    for (let position = first; position <= last; position++) {
      this.write(writer, position, 0);
    }
    return this.endEncoding(writer);
  }

  /** The canonical encoding of one value. */
  encodeAt(position: number, bytesMax: number, onOverflow: () => never): Uint8Array {
    const writer = this.startEncoding(bytesMax, onOverflow);
    this.write(writer, position, 0);
    return this.endEncoding(writer);
  }

  /** As `encodeAt`, one byte per character. */
  encodeKeyAt(position: number, bytesMax: number, onOverflow: () => never): string {
    const writer = this.startEncoding(bytesMax, onOverflow);
    this.write(writer, position, 0);
    this.lua.charge(Math.ceil(writer.length / this.prices.valueBytesPerGas));
    if (this.keyBuffer.buffer !== writer.bytes.buffer) {
      this.keyBuffer = Buffer.from(writer.bytes.buffer) as Buffer & ByteStringBuffer;
    }
    return this.keyBuffer.latin1Slice(0, writer.length);
  }

  private startEncoding(bytesMax: number, onOverflow: () => never): ValueWriter {
    this.writer.length = 0;
    this.writer.bytesMax = bytesMax;
    this.writer.onOverflow = onOverflow;
    return this.writer;
  }

  private endEncoding(writer: ValueWriter): Uint8Array {
    this.lua.charge(Math.ceil(writer.length / this.prices.valueBytesPerGas));
    return writer.take();
  }

  private write(writer: ValueWriter, position: number, depth: number): void {
    const slot = this.slot(position);
    const type = this.typeAt(position);
    if (type <= TYPE_NIL) {
      writer.byte(TAG_NIL);
    } else if (type === TYPE_INTEGER) {
      writer.integer(this.lua.signed[(slot + 4) >> 2], this.lua.signed[slot >> 2]);
    } else if (type === TYPE_SHORT_STRING || type === TYPE_LONG_STRING) {
      const { start, length } = this.stringRange(slot);
      writer.stringRange(this.lua.bytes, start, length);
    } else if (type === TYPE_FALSE || type === TYPE_TRUE) {
      writer.byte(type === TYPE_TRUE ? TAG_TRUE : TAG_FALSE);
    } else if (type === TYPE_TABLE) {
      this.writeTable(writer, position, depth);
    } else if (this.objectKindAt(position) === OBJECT_BIGNUM) {
      writer.bignum(this.bignumValue(this.objectAt(position)));
    } else {
      throw new LvmError("LVM_BAD_VALUE", `a ${this.typeName(position)} cannot be stored or passed on`);
    }
  }

  private writeTable(writer: ValueWriter, position: number, depth: number): void {
    const { functions, state } = this.lua;
    if (depth >= VALUE_DEPTH_MAX) {
      throw new LvmError("LVM_BAD_VALUE", `expected at most ${VALUE_DEPTH_MAX} tables inside one another`);
    }
    functions.luaL_checkstack(state, 4, 0);
    let pairs = 0;
    functions.lua_pushnil(state);
    while (functions.lua_next(state, position) !== 0) {
      functions.lua_settop(state, -2);
      pairs++;
    }
    const start = writer.length;
    const isArray =
      functions.lua_rawlen(state, position) === BigInt(pairs) && this.writeArray(writer, position, pairs, depth);
    if (!isArray) {
      writer.length = start;
      this.writeMap(writer, position, pairs, depth);
    }
  }

  /** False where an element is missing: then the table is a map. */
  private writeArray(writer: ValueWriter, position: number, length: number, depth: number): boolean {
    const { functions, state } = this.lua;
    writer.byte(TAG_ARRAY);
    writer.unsigned(length);
    for (let i = 1; i <= length; i++) {
      functions.lua_rawgeti(state, position, BigInt(i));
      const element = this.count;
      if (this.isNil(element)) {
        functions.lua_settop(state, -2);
        return false;
      }
      this.write(writer, element, depth + 1);
      functions.lua_settop(state, -2);
    }
    return true;
  }

  private writeMap(writer: ValueWriter, position: number, size: number, depth: number): void {
    const { functions, state } = this.lua;
    writer.byte(TAG_MAP);
    writer.unsigned(size);
    const pairs: { start: number; keyEnd: number; end: number }[] = [];
    functions.lua_pushnil(state);
    while (functions.lua_next(state, position) !== 0) {
      const value = this.count;
      const key = this.typeAt(value - 1);
      const start = writer.length;
      if (key === TYPE_TABLE || key === TYPE_USERDATA) {
        throw new LvmError("LVM_BAD_VALUE", "a table's key is neither boolean, integer nor string");
      }
      this.write(writer, value - 1, depth + 1);
      const keyEnd = writer.length;
      this.write(writer, value, depth + 1);
      pairs.push({ start, keyEnd, end: writer.length });
      functions.lua_settop(state, -2);
    }
    // Sorting compares whole keys: charged by bytes, a few times over.
    const first = pairs.length === 0 ? writer.length : pairs[0].start;
    const rounds = 32 - Math.clz32(pairs.length);
    this.lua.charge(pairs.length * rounds + Math.ceil((writer.length - first) / this.prices.valueBytesPerGas));
    writer.sortPairs(pairs);
  }

  /** Pushes the values that `bytes` encode one after another, canonical and trusted; returns how many. Charges gas. */
  pushEncoded(bytes: Uint8Array, offset = 0): number {
    this.lua.charge(Math.ceil(bytes.length / this.prices.valueBytesPerGas));
    const reader = { bytes, position: offset };
    let count = 0;
    while (reader.position < bytes.length) {
      this.lua.functions.luaL_checkstack(this.lua.state, 4, 0);
      this.push(reader);
      count++;
    }
    return count;
  }

  private push(reader: { bytes: Uint8Array; position: number }): void {
    const { bytes } = reader;
    const { functions, state } = this.lua;
    const tag = bytes[reader.position++];
    switch (tag) {
      case TAG_NIL:
        functions.lua_pushnil(state);
        break;
      case TAG_FALSE:
      case TAG_TRUE:
        functions.lua_pushboolean(state, tag === TAG_TRUE ? 1 : 0);
        break;
      case TAG_INTEGER:
        this.pushIntegerBytes(bytes, reader.position);
        reader.position += 8;
        break;
      case TAG_STRING: {
        const length = readUnsigned(reader);
        this.pushRange(bytes, reader.position, length);
        reader.position += length;
        break;
      }
      case TAG_BIGNUM: {
        let value = 0n;
        for (let i = 0; i < 32; i++) {
          value = (value << 8n) | BigInt(bytes[reader.position++]);
        }
        this.pushBignum(value + BIGNUM_MIN);
        break;
      }
      default:
        assert(tag === TAG_ARRAY || tag === TAG_MAP, `the encoding is canonical, tag ${tag}`);
        this.pushTable(reader, tag);
    }
  }

  private pushTable(reader: { bytes: Uint8Array; position: number }, tag: number): void {
    const { functions, state } = this.lua;
    const count = readUnsigned(reader);
    functions.luaL_checkstack(state, 4, 0);
    functions.lua_createtable(state, tag === TAG_ARRAY ? count : 0, tag === TAG_ARRAY ? 0 : count);
    for (let i = 1; i <= count; i++) {
      this.push(reader);
      if (tag === TAG_ARRAY) {
        functions.lua_rawseti(state, -2, BigInt(i));
      } else {
        this.push(reader);
        functions.lua_rawset(state, -3);
      }
    }
  }

  /** Writes an integer's slot straight into memory. */
  private pushIntegerBytes(bytes: Uint8Array, at: number): void {
    const { words, state } = this.lua;
    const top = words[(state + STATE_TOP) >> 2];
    const high = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    words[top >> 2] = (bytes[at + 4] << 24) | (bytes[at + 5] << 16) | (bytes[at + 6] << 8) | bytes[at + 7];
    words[(top + 4) >> 2] = high ^ 0x80000000;
    this.lua.bytes[top + SLOT_TYPE] = TYPE_INTEGER;
    words[(state + STATE_TOP) >> 2] = top + SLOT_BYTES;
  }
}

function readUnsigned(reader: { bytes: Uint8Array; position: number }): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = reader.bytes[reader.position++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) {
      return value;
    }
  }
}
